"""Finding the first number that is not finite, by computing everything again, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ...scalar.diagnosis import refuse_non_finite
from ...scalar.graph import CONSTANT, LEAF
from ...scalar.ops import where
from ...scalar.user_line import describe_place
from ...scalar.value import constant
from .interpreter import compute
from .tape import BATCH_SUM, Tape

__all__ = ["find_fault"]


def find_fault(
    tape: Tape, wanted: Iterable[int], arrays: Sequence[Sequence[Sequence[float]]]
) -> None:
    """Raise what the eager engine would at the first result that is not finite, if there is one.

    Only what is `wanted` counts, and what that is made from: of a choice what is chosen.
    """
    values = compute(
        tape, arrays, float, lambda entry, _, operands: tape.rows[entry].quiet(*operands)
    )
    for entry, counts in enumerate(_counting(tape, wanted, values)):
        if tape.rows[entry] in (CONSTANT, LEAF, BATCH_SUM):
            continue
        for sample, number in enumerate(values[entry]):
            if counts[sample] and not math.isfinite(number):
                operands = [_of(values[arg], sample) for arg in tape.args[entry]]
                if all(map(math.isfinite, operands)):
                    _refuse(tape, entry, sample, number, operands)


def _counting(
    tape: Tape, wanted: Iterable[int], values: Sequence[Sequence[float]]
) -> list[bytearray]:
    """Tell for each number of each entry whether a number that is wanted is made from it."""
    counts = [bytearray(len(numbers)) for numbers in values]
    for entry in wanted:
        counts[entry] = bytearray(b"\1" * len(counts[entry]))
    for entry in range(len(tape) - 1, -1, -1):
        if tape.rows[entry] is CONSTANT or tape.rows[entry] is LEAF or not any(counts[entry]):
            continue
        args = tape.args[entry]
        for sample, counted in enumerate(counts[entry]):
            if not counted:
                continue
            left_out = -1
            if tape.rows[entry] is where:
                left_out = 2 if _of(values[args[0]], sample) else 1
            for position, arg in enumerate(args):
                if tape.varies[arg] > tape.varies[entry]:  # a sum over the samples
                    counts[arg] = bytearray(b"\1" * len(counts[arg]))
                elif position != left_out:
                    counts[arg][sample if tape.varies[arg] else 0] = 1
    return counts


def _of(numbers: Sequence[float], sample: int) -> float:
    return numbers[sample] if len(numbers) > sample else numbers[0]


def _refuse(tape: Tape, entry: int, sample: int, number: float, operands: list[float]) -> None:
    row, node = tape.rows[entry], tape.nodes[entry]
    which = f"sample {sample}: " if tape.varies[entry] else ""
    place = describe_place(None if node is None or node.info is None else node.info.place)
    try:
        row.compute(*operands)
    except (ValueError, ArithmeticError) as error:
        failure = row.failure(error, operands)
        shown = str(failure).partition("\n")[0]
        raise type(failure)(which + shown + (f"\n  at {place}" if place else "")) from None
    refuse_non_finite(row, number, [constant(operand) for operand in operands], node)
