"""Periods: after how many entries a table goes on as before, found without a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..program.program import Ints

__all__ = ["Stretch", "even_stretches", "period_of"]

SEEN = 3  # turns that a period is seen in
MOST_TRIES = 64  # periods that are looked at in one place
_MIXING = -7046029254386353131, 5871781006564002453, -4265267296055464877  # odd, without pattern

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries that repeat: from `begin`, `length` to each of `count` turns."""

    begin: int
    length: int
    count: int

    @property
    def end(self) -> int:
        """The entry after the last."""
        return self.begin + self.length * self.count

    @property
    def middle(self) -> int:
        """The entry at which turns are left out."""
        return self.begin + self.length * (self.count // 2)


def period_of(kinds: Ints, moving: Sequence[Ints], begin: int) -> int:
    """Find the period of entries from `begin` on; 0 if they have none.

    One period on there is the same kind, and what is `moving`, such as where operands are, has
    moved by as much as the period before. What is near is told by how near it is; of what is
    farther nothing is known at first. Whatever is there is there again: what is rarest says which
    periods there may be.
    """
    longest = len(kinds) // SEEN
    entries = np.arange(begin, begin + len(kinds))
    codes = kinds * _MIXING[0]
    for numbers, factor in zip(moving, (*_MIXING[1:], _MIXING[0]), strict=False):
        distance = entries - numbers
        near = (distance > 0) & (distance < longest)
        codes = (codes ^ np.where(near, distance, -1)) * factor
    ordered = np.sort(codes)
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]]))
    counts = np.diff(starts)
    rarest = int(counts.argmin())
    if counts[rarest] < SEEN:
        return 0
    places = np.flatnonzero(codes == ordered[starts[rarest]]).tolist()
    for turn in range(1, min(len(places), MOST_TRIES + 1)):
        period = places[turn] - places[0]
        if period > longest:
            break
        if places[-1] - places[-1 - turn] != period:  # as the first, so the last
            continue
        if (codes[period:] == codes[:-period]).all() and _even(kinds, moving, period).all():
            return int(period)
    return 0


def even_stretches(
    kinds: Ints, moving: Sequence[Ints], begin: int, period: int, least: int
) -> list[Stretch]:
    """List what has a period in entries from `begin` on, for at least so many turns."""
    even = np.concatenate([[False], _even(kinds, moving, period), [False]])
    edges = np.flatnonzero(even[1:] != even[:-1]).reshape(-1, 2)
    return [
        Stretch(begin + first, period, (last - first) // period + 2)
        for first, last in edges[edges[:, 1] - edges[:, 0] >= period * (least - 2)].tolist()
    ]


def _even(kinds: Ints, moving: Sequence[Ints], period: int) -> Flags:
    """Tell after which entries two periods follow that are alike."""
    alike = kinds[period:] == kinds[:-period]
    even: Flags = alike[period:] & alike[:-period]
    for numbers in moving:
        steps = numbers[period:] - numbers[:-period]
        even &= steps[period:] == steps[:-period]
    return even
