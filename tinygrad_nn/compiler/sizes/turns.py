"""Recurrences of many turns: compiled with few of them, written for all, and proved.

What a loop of any other count would have recorded is known from its turns: nothing is recorded
again. Integers of the program that are not the same with one turn more grow as much each turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...errors import ProofError, SizeError
from ...scalar.contexts import collector_paused
from ..program.program import Program, Role
from ..program.split import split
from ..program.verify import verify
from ..proof.prove import prove_recording
from ..roll.roll import compile_tape
from ..tape.depths import depths_of
from ..tape.recording import Recording
from ..tape.tape import Tape
from ..tape.turns import Turns, turns_of
from ..tape.verify import verify_recording
from .loops import Entry, rolled, unrolled
from .terms import Sections, apart, together

__all__ = ["TURNS", "compile_recording", "of_few"]

LONG_TAPE = 20_000  # entries: fewer are compiled as they are, but for chains
LONG_CHAIN = 600  # entries, of which one of so many comes after another:
FEW_BESIDE = 10
TURNS = 9  # that are compiled, and one more


def compile_recording(recording: Recording, check: bool = False) -> Program:
    """Compile a recording; if it has many turns, from what few of them give; `check` verifies it."""
    with collector_paused():
        program = _compiled(recording)
    if check:
        verify_recording(recording)
        verify(program)
    return program


def _compiled(recording: Recording) -> Program:
    if _is_long(recording.tape):
        turns = turns_of(recording)
        if turns is not None:
            try:
                program = _of_turns(turns)
                prove_recording(split(program), recording)
            except (SizeError, ProofError):
                pass  # it is another program with other counts, or nobody can tell
            else:
                return program
    return compile_tape(recording)


def _is_long(tape: Tape) -> bool:
    """Tell whether it may pay to look for turns: what is a chain takes longest to compile."""
    size = len(tape)
    return size >= LONG_TAPE or (size >= LONG_CHAIN and max(depths_of(tape)) * FEW_BESIDE >= size)


def _of_turns(turns: Turns) -> Program:
    """Write the program of all turns, from those of few."""
    recordings = [turns.shortened(count) for count in (TURNS, TURNS + 1)]
    return of_few(recordings, turns.recording, turns.count)


def of_few(recordings: Sequence[Recording], recording: Recording, turns: int) -> Program:
    """Write a program of some turns from recordings with `TURNS` of them, and with one more.

    Arrays, and the names of results, are as in one of all, or as there.
    """
    few, more = [apart(compile_tape(one), 0) for one in recordings]
    if list(map(len, few)) != list(map(len, more)):  # there are statements of each turn
        few, more = [[rolled(part) for part in parts] for parts in (few, more)]
    given = recording.tape.arrays
    keys = [0] * len([array for array in given if array.role is Role.INPUT])
    try:
        program, _ = together(_grown(few, more, turns - TURNS), keys)
    except (LookupError, ValueError) as error:
        raise SizeError(f"what it would be with so many turns means nothing: {error}") from None
    arrays = [*given, *program.arrays[len(given) :]]  # with the names of their parts
    return replace(program, arrays=arrays, pieces=list(recording.pieces))


def _grown(few: Sections, more: Sections, turns: int) -> Sections:
    """Let all integers go on growing by what they grow in a turn."""
    found = []
    for part, other in zip(few, more, strict=True):
        if [(x.shape, x.floats) for x in part] != [(x.shape, x.floats) for x in other]:
            raise SizeError("it is another program with one turn more")
        found.append(
            unrolled(
                Entry(
                    x.shape,
                    tuple([a + turns * (b - a) for a, b in zip(x.ints, y.ints, strict=True)]),
                    x.floats,
                )
                for x, y in zip(part, other, strict=True)
            )
        )
    return found
