"""Constants in a table that code reads: in its text each would take instructions at every use."""

from __future__ import annotations

import struct

import numpy as np

from ...program.program import Ints

__all__ = ["Constants", "bits_of"]


def bits_of(number: float) -> int:
    """Give the bits of a float as an integer."""
    (found,) = struct.unpack("<q", struct.pack("<d", number))
    return int(found)


class Constants:
    """Bits of constants, each as often as a vector has lanes: where they lie, as they are met."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._places: dict[int, int] = {}

    def place(self, bits: int) -> int:
        """Tell where a constant begins."""
        return self._places.setdefault(bits, len(self._places) * self._width)

    @property
    def table(self) -> Ints:
        """All of them; it begins where a line of the cache does."""
        size = len(self._places) * self._width
        room = np.zeros(size + self._width, np.int64)
        first = -room.ctypes.data // room.itemsize % self._width
        table: Ints = room[first : first + size]
        table[:] = np.repeat(np.array(list(self._places), np.int64), self._width)
        return table
