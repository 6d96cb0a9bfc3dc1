"""A recording computed in the fields, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...scalar import ops
from ...scalar.graph import CONSTANT, LEAF, Node
from ...scalar.value import constant
from ..tape.tape import BATCH_SUM, Tape
from .element import apply_row, elements, number_of_node
from .field import P, Q

if TYPE_CHECKING:
    from mypy_extensions import i64  # a number of the processor, where this is compiled

__all__ = ["BITS", "numbers_of"]

_ADD: Final = ops.add
_SUB: Final = ops.sub
_MUL: Final = ops.mul
BITS: Final = 31  # of the first field, in a number that has both


def numbers_of(tape: Tape, arrays: list[list[list[int]]], count: int) -> list[list[int]]:
    """Compute everything on a tape for some samples; in each number are both fields.

    `arrays` has the numbers of each array of the tape, for each sample or for all.
    """
    found: list[list[int]] = [[] for _ in range(count)]
    given = [[rows[n if len(rows) > 1 else 0] for rows in arrays] for n in range(count)]
    begin, rows = 0, tape.rows
    sums = [entry for entry, row in enumerate(rows) if row is BATCH_SUM]
    for end in (*sums, len(rows)):  # sums over samples are all that they have in common
        for numbers, own in zip(found, given, strict=True):
            _compute(tape, own, numbers, begin, end)
        if end < len(rows):
            total = _sum([numbers[tape.args.first[end]] for numbers in found])
            for numbers in found:
                numbers.append(total)
        begin = end + 1
    return found


def _compute(tape: Tape, given: list[list[int]], numbers: list[int], begin: int, end: int) -> None:
    """Compute some entries for one sample."""
    rows, first, second = tape.rows, tape.args.first, tape.args.second
    for entry in range(begin, end):
        row = rows[entry]
        x: int = first[entry]
        y: int = second[entry]
        if row is _MUL or row is _ADD or row is _SUB:
            a: i64 = numbers[x]
            b: i64 = numbers[y]
            v: i64 = a & P
            w: i64 = a >> BITS
            p: i64 = b & P
            q: i64 = b >> BITS
            if row is _MUL:
                v, w = v * p % P, w * q % Q
            elif row is _ADD:
                v, w = (v + p) % P, (w + q) % Q
            else:
                v, w = (v - p) % P, (w - q) % Q
            numbers.append(v | w << BITS)
        elif row is LEAF:
            numbers.append(given[x][y])
        else:
            if row is CONSTANT:
                found = number_of_node(constant(tape.number[entry]))
            else:
                found = apply_row(row, [_operand(tape, numbers, one) for one in tape.args[entry]])
            numbers.append(found.v | found.w << BITS)


def _operand(tape: Tape, numbers: list[int], entry: int) -> Node:
    """Give an operand as a node: what an operation makes of it may depend on its being plain."""
    if tape.rows[entry] is CONSTANT:
        return constant(tape.number[entry])
    return elements([numbers[entry]])[0]


def _sum(numbers: list[int]) -> int:
    v: i64 = 0
    w: i64 = 0
    for number in numbers:
        v = (v + (number & P)) % P
        w = (w + (number >> BITS)) % Q
    return v | w << BITS
