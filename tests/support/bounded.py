"""What a tape computes in floats, and how far another order of the sums may be from that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tinygrad_nn.compiler.tape.interpreter import compute
from tinygrad_nn.compiler.tape.tape import Tape
from tinygrad_nn.scalar.operation import Op
from tinygrad_nn.scalar.reverse import local_partial


@dataclass(slots=True)
class _Bounded:
    """A float, and the size of what was added up to get it."""

    number: float
    size: float

    def __add__(self, other: _Bounded) -> _Bounded:
        return _Bounded(self.number + other.number, self.size + other.size)


def interpret(
    tape: Tape, arrays: Sequence[Sequence[Sequence[float]]]
) -> tuple[list[list[float]], list[list[float]]]:
    """Compute everything on a tape in floats, and for each the size of what was added up to get it.

    A result computed in another order lies within some units of rounding of this size.
    """

    def apply(entry: int, _: int, operands: list[_Bounded]) -> _Bounded:
        row = tape.rows[entry]
        number = row.quiet(*[operand.number for operand in operands])
        return _Bounded(number, abs(number) + _spread(row, operands, number))

    values = compute(tape, arrays, lambda number: _Bounded(number, abs(number)), apply)
    return (
        [[each.number for each in numbers] for numbers in values],
        [[each.size for each in numbers] for numbers in values],
    )


def _spread(row: Op, operands: Sequence[_Bounded], number: float) -> float:
    """Carry the operands' sizes over to the result, by the derivatives of the operation."""
    numbers = [operand.number for operand in operands]
    total = 0.0
    for position, rule in enumerate(row.partials):
        if rule is not None:
            slope = local_partial(row, position, numbers, number)
            if math.isfinite(slope) and slope != 0.0:
                total += abs(slope) * operands[position].size
    return total
