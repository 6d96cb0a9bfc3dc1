"""The table of constants in memory: away from the text that reads it, which is made without NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...program.program import Ints

__all__ = ["table_of"]


def table_of(bits: Sequence[int], width: int) -> Ints:
    """Lay the table of constants; it begins where a line of the cache does."""
    size = len(bits) * width
    room = np.zeros(size + width, np.int64)
    first = -room.ctypes.data // room.itemsize % width
    table: Ints = room[first : first + size]
    table[:] = np.repeat(np.array(bits, np.int64), width)
    return table
