"""Finding the first number that is not finite, by computing everything again, one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...scalar.diagnosis import refuse_non_finite
from ...scalar.user_line import describe_place
from ...scalar.value import constant
from .interpreter import compute
from .tape import Tape

__all__ = ["find_fault"]


def find_fault(tape: Tape, arrays: Sequence[Sequence[Sequence[float]]]) -> None:
    """Raise what the eager engine would at the first result that is not finite, if there is one."""

    def look(entry: int, sample: int, operands: list[float]) -> float:
        row = tape.rows[entry]
        number = row.quiet(*operands)
        if math.isfinite(number) or not all(map(math.isfinite, operands)):
            return number
        node = tape.nodes[entry]
        where = f"sample {sample}: " if tape.varies[entry] else ""
        place = describe_place(None if node is None or node.info is None else node.info.place)
        try:
            row.compute(*operands)
        except (ValueError, ArithmeticError) as error:
            failure = row.failure(error, operands)
            shown = str(failure).partition("\n")[0]
            raise type(failure)(where + shown + (f"\n  at {place}" if place else "")) from None
        refuse_non_finite(row, number, [constant(operand) for operand in operands], node)
        return number

    compute(tape, arrays, float, look)
