"""Nested loops in a sequence of entries: neighbours that repeat, with integers in equal steps.

After Ketterlin and Clauss, Prediction and trace compression of data access addresses through
nested loop recognition (2008). An entry is what may not change, integers, and numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

__all__ = ["Entry", "Looped", "rolled", "unrolled", "values_at", "width"]

LONGEST = 12  # entries in the body of a loop

Shape: TypeAlias = Any  # compared as a whole


class Entry(NamedTuple):
    """Something of a program: what is the same at all sizes, and what may depend on them."""

    shape: Shape
    ints: tuple[int, ...]
    floats: tuple[float, ...]


class Looped(NamedTuple):
    """The shape of entries that are repeated.

    Its integers are the count, the first ones of the body, their steps, and with order 2 by how
    much these grow.
    """

    order: int
    body: tuple[Shape, ...]
    ints: tuple[int, ...]  # how many integers each entry of the body has
    floats: tuple[int, ...]


def width(entry: Entry) -> tuple[int, int]:
    """Count the integers and the numbers."""
    return len(entry.ints), len(entry.floats)


def rolled(entries: Iterable[Entry], longest: int = LONGEST, order: int = 1) -> list[Entry]:
    """Write repetitions as loops, the innermost first."""
    stack: list[Entry] = []
    for entry in entries:
        stack.append(entry)
        while _extended(stack, longest) or _begun(stack, longest, order):
            pass
    return stack


def _extended(stack: list[Entry], longest: int) -> bool:
    """Take the last entries as one more round of the loop before them, if they are."""
    top = stack[-1].shape
    for length in range(1, min(longest, len(stack) - 1) + 1):
        before = stack[-length - 1]
        shape = before.shape
        if type(shape) is not Looped or len(shape.body) != length or shape.body[-1] != top:
            continue
        body = stack[-length:]
        if shape.body != tuple([one.shape for one in body]):
            continue
        count, *rest = before.ints
        if _ints(body) == values_at(shape.order, rest, count) and _floats(body) == before.floats:
            stack[-length - 1 :] = [Entry(shape, (count + 1, *rest), before.floats)]
            return True
    return False


def _begun(stack: list[Entry], longest: int, order: int) -> bool:
    """Make a loop of the last groups of entries, if they repeat."""
    groups = order + 2
    top = stack[-1].shape
    for length in range(1, min(longest, len(stack) // groups) + 1):
        last = stack[-1 : -1 - groups * length : -length]
        if any(one.shape != top for one in last) or not _is_even([one.ints for one in last]):
            continue
        begin = len(stack) - groups * length
        parts = [stack[begin + n * length : begin + (n + 1) * length] for n in range(groups)]
        first = parts[0]
        if any(
            one.shape != other.shape or one.floats != other.floats
            for part in parts[1:]
            for one, other in zip(first, part, strict=True)
        ):
            continue
        rows = [_ints(part) for part in parts]
        known = list(rows[0])
        for _ in range(order):
            rows = [
                [after - before for before, after in zip(one, two, strict=True)]
                for one, two in pairwise(rows)
            ]
            known += rows[0]
        if rows[0] == rows[1]:
            shape = Looped(
                order,
                tuple([one.shape for one in first]),
                tuple([len(one.ints) for one in first]),
                tuple([len(one.floats) for one in first]),
            )
            stack[begin:] = [Entry(shape, (groups, *known), _floats(first))]
            return True
    return False


def _is_even(rows: list[tuple[int, ...]]) -> bool:
    """Tell whether integers of three rows go in equal steps, or the steps of four do."""
    if len(rows) == 3:
        return all(a - b == b - c for a, b, c in zip(*rows, strict=True))
    return all(a - d == 3 * (b - c) for a, b, c, d in zip(*rows, strict=True))


def _ints(entries: Iterable[Entry]) -> list[int]:
    return [number for one in entries for number in one.ints]


def _floats(entries: Iterable[Entry]) -> tuple[float, ...]:
    return tuple([number for one in entries for number in one.floats])


def values_at(order: int, known: Sequence[Any], turn: Any) -> list[Any]:
    """Give the integers of a loop's body in one of its rounds, or in many as arrays."""
    size = len(known) // (order + 1)
    first, step = known[:size], known[size : 2 * size]
    found = [a + turn * b for a, b in zip(first, step, strict=True)]
    if order == 2:
        pairs = turn * (turn - 1) // 2
        found = [a + pairs * b for a, b in zip(found, known[2 * size :], strict=True)]
    return found


def unrolled(entries: Iterable[Entry]) -> list[Entry]:
    """Write loops out."""
    found: list[Entry] = []
    for entry in entries:
        shape = entry.shape
        if type(shape) is not Looped:
            found.append(entry)
            continue
        count, *known = entry.ints
        for turn in range(count):
            ints = values_at(shape.order, known, turn)
            found += unrolled(_parted(shape, ints, entry.floats))
    return found


def _parted(shape: Looped, ints: Sequence[int], floats: Sequence[float]) -> list[Entry]:
    """Part the integers and numbers of a round among the entries of its body."""
    found = []
    at, place = 0, 0
    for one, size, numbers in zip(shape.body, shape.ints, shape.floats, strict=True):
        end, last = at + size, place + numbers
        found.append(Entry(one, tuple(ints[at:end]), tuple(floats[place:last])))
        at, place = end, last
    return found
