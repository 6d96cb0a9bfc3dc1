"""Which places of an array an access may mean: flags for them are looked at and set, not listed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from .distinct import distinct
from .program import Ints

__all__ = ["Flags", "Listed", "Reach", "Strided"]

Flags: TypeAlias = npt.NDArray[np.bool_]  # of each place of an array


class Reach(Protocol):
    """Places of an array, each counted as often as it is meant."""

    first: int
    last: int
    count: int

    def all(self, flags: Flags) -> bool:
        """Tell whether the flags of all places are set."""

    def any(self, flags: Flags) -> bool:
        """Tell whether the flag of any place is set."""

    def mark(self, flags: Flags) -> None:
        """Set the flags of all places."""

    def is_apart(self) -> bool:
        """Tell whether no place is meant twice."""


class Strided:
    """The places start + strides * indices, each index below its size."""

    def __init__(self, start: int, sizes: Sequence[int], strides: Sequence[int]) -> None:
        axes = [(size, abs(s)) for size, s in zip(sizes, strides, strict=True) if s and size > 1]
        back = sum([s * (n - 1) for n, s in zip(sizes, strides, strict=True) if s < 0])
        self.first = start + back
        self.last = self.first + sum([step * (size - 1) for size, step in axes])
        self.count = math.prod([size for size, _ in axes])
        self._axes = axes

    def of(self, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Give what an array has there; at each place once, if some are meant more than once."""
        if self.count > len(numbers):
            return numbers[self._covered(len(numbers))]
        unit = numbers.itemsize
        return np.ndarray(
            [size for size, _ in self._axes],
            numbers.dtype,
            np.ascontiguousarray(numbers),  # flags are so already
            self.first * unit,
            [step * unit for _, step in self._axes],
        )

    def _covered(self, size: int) -> Flags:
        """Flag all places, where there are too many to be visited one by one."""
        found = np.zeros(size, dtype=np.bool_)
        found[self.first] = True
        for count, step in self._axes:
            done = 1  # so many steps along the axis are covered
            while done < count:
                more = min(done, count - done)
                found[more * step :] |= found[: size - more * step].copy()
                done += more
        return found

    def all(self, flags: Flags) -> bool:
        """Tell whether the flags of all places are set."""
        hull = flags[self.first : self.last + 1]
        return bool(hull.all()) or bool(self.of(flags).all())

    def any(self, flags: Flags) -> bool:
        """Tell whether the flag of any place is set."""
        return bool(self.of(flags).any())

    def mark(self, flags: Flags) -> None:
        """Set the flags of all places."""
        if self.count > len(flags):
            flags |= self._covered(len(flags))
        else:
            self.of(flags)[...] = True

    def is_apart(self) -> bool:
        """Tell whether no place is meant twice."""
        reach = 0
        for size, step in sorted(self._axes, key=lambda axis: axis[1]):
            if step <= reach:
                break
            reach += step * (size - 1)
        else:
            return True
        extent = self.last + 1 - self.first
        if self.count > extent:
            return False
        flags = np.zeros(self.last + 1, dtype=np.bool_)
        self.mark(flags)
        return int(flags.sum()) == self.count


class Listed:
    """Places that are listed: those that a table has."""

    def __init__(self, places: Ints) -> None:
        self.first = int(places.min())
        self.last = int(places.max())
        self.count = places.size
        self._places = places

    def all(self, flags: Flags) -> bool:
        """Tell whether the flags of all places are set."""
        return bool(flags[self._places].all())

    def any(self, flags: Flags) -> bool:
        """Tell whether the flag of any place is set."""
        return bool(flags[self._places].any())

    def mark(self, flags: Flags) -> None:
        """Set the flags of all places."""
        flags[self._places] = True

    def is_apart(self) -> bool:
        """Tell whether no place is meant twice."""
        return len(distinct(self._places)) == self.count
