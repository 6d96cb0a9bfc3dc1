"""Checking recordings for errors of our own: what must hold before anything is made of them."""

from __future__ import annotations

from ...errors import ProgramError
from ...scalar.graph import CONSTANT, LEAF
from .recording import Recording
from .tape import BATCH_SUM

__all__ = ["verify_recording"]


def verify_recording(recording: Recording) -> None:
    """Refuse a recording that breaks a rule, naming the entry."""
    tape = recording.tape
    for entry, row in enumerate(tape.rows):
        args = tape.args[entry]

        def check(holds: bool, rule: str, entry: int = entry) -> None:
            if not holds:
                name = tape.rows[entry].name
                raise ProgramError(f"entry {entry} ({name} of {tape.args[entry]}): {rule}")

        if row is LEAF:
            array, place = args
            check(0 <= array < len(tape.arrays), "an input is of an array that there is")
            known = tape.arrays[array]
            check(0 <= place < known.size, f"an input lies inside its array {known.name}")
            varies = known.per_sample
        elif row is CONSTANT:
            check(args == (), "a number has no operands")
            varies = False
        else:
            check(len(args) == row.arity, f"it takes {row.arity} operands")
            check(all(0 <= arg < entry for arg in args), "operands come before their use")
            varies = any(tape.varies[arg] for arg in args)
        if row is BATCH_SUM:
            check(varies, "a sum over samples is of what they have each for themselves")
            varies = False
        check(bool(tape.varies[entry]) is varies, "it varies if and only if an operand does")
    for name, entries in (
        ("outputs", recording.outputs),
        *[("a block", block) for block in recording.blocks],
    ):
        if not all(0 <= entry < len(tape) for entry in entries):
            raise ProgramError(f"{name}: every entry is one of the tape's {len(tape)}")
