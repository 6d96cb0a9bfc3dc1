"""Constants in a table that code reads: in its text each would take instructions at every use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...program.program import Ints

__all__ = ["Constants", "table_of"]


class Constants:
    """Bits of constants, which lie in a table as often as a vector has lanes, as they are met."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._places: dict[int, int] = {}

    def place(self, bits: int) -> int:
        """Tell where a constant begins."""
        return self._places.setdefault(bits, len(self._places) * self._width)

    @property
    def bits(self) -> list[int]:
        """All of them, each once."""
        return list(self._places)


def table_of(bits: Sequence[int], width: int) -> Ints:
    """Lay the table of constants; it begins where a line of the cache does."""
    size = len(bits) * width
    room = np.zeros(size + width, np.int64)
    first = -room.ctypes.data // room.itemsize % width
    table: Ints = room[first : first + size]
    table[:] = np.repeat(np.array(bits, np.int64), width)
    return table
