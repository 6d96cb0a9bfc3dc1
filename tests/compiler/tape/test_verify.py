"""Each rule for recordings: one that breaks it is refused, naming what is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tinygrad_nn.compiler.program.program import Array, Role
from tinygrad_nn.compiler.tape.recording import Recording, Result
from tinygrad_nn.compiler.tape.tape import Tape
from tinygrad_nn.compiler.tape.verify import verify_recording
from tinygrad_nn.errors import ProgramError
from tinygrad_nn.scalar.ops import mul


def recording() -> Recording:
    """The entries x[0], y[0], 2.0, x[0] * y[0], its sum over samples, and that times 2."""
    tape = Tape([Array(1, True, Role.INPUT, "x"), Array(1, False, Role.INPUT, "y")])
    x, y, two = tape.leaf(0, 0), tape.leaf(1, 0), tape.constant(2.0)
    total, _ = tape.batch_sum(tape.apply(mul, x, y), two, two)
    return Recording(tape, (Result((total,), False),))


TAPE_BREAKS = [
    ("entry 0 .* of an array that there is", "t.args.first[0] = 2"),
    ("entry 0 .* inside its array x", "t.args.second[0] = 1"),
    ("entry 2 .* a number has no operands", "t.args.first[2] = 0"),
    ("entry 3 .* it takes 2 operands", "t.args.second[3] = -1"),
    ("entry 3 .* operands come before their use", "t.args.second[3] = 3"),
    ("entry 3 .* operands come before their use", "t.args.first[3] = -1"),
    ("entry 3 .* it varies if and only if an operand does", "t.varies[3] = 0"),
    ("entry 1 .* it varies if and only if an operand does", "t.varies[1] = 1"),
    ("entry 4 .* a sum over samples is of what they have", "t.args.first[4] = 1"),
]


@pytest.mark.parametrize(("rule", "breaks"), TAPE_BREAKS)
def test_a_broken_tape_is_refused(rule: str, breaks: str) -> None:
    made = recording()
    verify_recording(made)
    exec(breaks, {"t": made.tape})
    with pytest.raises(ProgramError, match=rule):
        verify_recording(made)


@pytest.mark.parametrize("entry", [-1, 6])
def test_what_is_wanted_is_on_the_tape(entry: int) -> None:
    made = recording()
    with pytest.raises(ProgramError, match="outputs: every entry is one of the tape's 6"):
        verify_recording(replace(made, results=(Result((entry,), False),)))
    with pytest.raises(ProgramError, match="a block: every entry is one of the tape's 6"):
        verify_recording(replace(made, blocks=((0, entry),)))
