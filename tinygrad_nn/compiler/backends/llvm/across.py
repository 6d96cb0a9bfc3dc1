"""Sums of the lanes of several vectors, which become the lanes of one."""

from __future__ import annotations

from collections.abc import Sequence

from .lanes import Lanes

__all__ = ["part", "totals"]


def part(lanes: Lanes, x: str, begin: int, end: int) -> str:
    """Give neighbouring lanes: a number if it is one."""
    if end - begin == 1:
        return lanes.lane(x, begin)
    return x if end - begin == lanes.width else lanes.shuffled(x, x, range(begin, end))


def totals(lanes: Lanes, sums: Sequence[str]) -> str:
    """Add up the lanes of each of several vectors, 2, 4, 8 ... of them; give one number each.

    Halves of the lanes of two vectors are added at once, and become the halves of one.
    """
    if len(sums) == 1:
        return lanes.total(sums[0])
    found, width = list(sums), lanes.width
    while len(found) > 1:
        size = width * len(found) // len(sums)  # lanes of each sum in a vector
        pairs = zip(found[::2], found[1::2], strict=True)
        found = [_halved(lanes, x, y, size) for x, y in pairs]
    while lanes.width > len(sums):
        found = [_halved(lanes, found[0], "", lanes.width // len(sums))]
        lanes = Lanes(lanes.builder, lanes.width // 2, lanes.real)
    return found[0]


def _halved(lanes: Lanes, x: str, y: str, size: int) -> str:
    """Add the halves of all runs of some lanes, those of one vector or of two."""
    places = range(lanes.width * (2 if y else 1))
    low = [n for n in places if n % size < size // 2]
    high = [n + size // 2 for n in low]
    left, right = (lanes.shuffled(x, y or x, some) for some in (low, high))
    return Lanes(lanes.builder, len(low), lanes.real).add(left, right)
