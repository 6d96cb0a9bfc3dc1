"""Recurrences of many turns: compiled with few of them, written for all, and proved.

What a loop of any other count would have recorded is known from its turns, so that the count is a
length as any other; nothing is recorded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...errors import ProofError, SizeError
from ..program.program import Program, Role
from ..program.split import split
from ..proof.prove import prove_recording
from ..roll.roll import compile_tape
from ..tape.recording import Recording
from ..tape.turns import Turns, turns_of
from .infer import infer
from .recordings import Sample
from .terms import apart, together

__all__ = ["compile_recording"]

LONG_TAPE = 500_000  # entries: fewer are compiled as they are
MOST_TURNS = 800  # turns that take no longer to compile than to find a rule for them
FEWEST = 14  # turns that are compiled, before those that are counted


def compile_recording(recording: Recording) -> Program:
    """Compile a recording; if it has many turns, from what few of them give."""
    if len(recording.tape) >= LONG_TAPE:
        turns = turns_of(recording)
        if turns is not None and turns.count > MOST_TURNS:
            try:
                program = _of_turns(turns)
                prove_recording(split(program), recording)
            except (SizeError, ProofError):
                pass  # it is another program with other counts, or nobody can tell
            else:
                return program
    return compile_tape(recording)


class _Source:
    """A recording, with fewer turns."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.length = turns.count - FEWEST

    def numbers(self, sizes: Mapping[int, int]) -> int:
        """Count the turns."""
        return sizes.get(self.length, self.length)

    def sample(self, sizes: Mapping[int, int]) -> Sample:
        """Compile it with fewer turns."""
        recording = self._turns.shortened(sizes[self.length] + FEWEST)
        return Sample(apart(compile_tape(recording), 0), len(recording.tape))


def _of_turns(turns: Turns) -> Program:
    """Find the rules of a program in the count of its turns, and write it for all of them."""
    source = _Source(turns)
    rules = infer(source, [source.length], patient=True)
    recording = turns.recording
    given = recording.tape.arrays
    keys = [0] * len([array for array in given if array.role is Role.INPUT])
    program, _ = together(rules.at((source.length,)), keys)
    arrays = [*given, *program.arrays[len(given) :]]  # with the names of their parts
    return replace(program, arrays=arrays, pieces=list(recording.pieces))
