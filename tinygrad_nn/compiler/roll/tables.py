"""Tables of places: their distinct rows, and whether they are sums of rows and columns."""

from __future__ import annotations

import numpy as np

from ..program.program import Ints

__all__ = ["row_ids", "separate"]


def separate(table: Ints) -> tuple[Ints, Ints] | None:
    """Write a table of places as the sum of one number for its row and one for its column."""
    rows = table[:, 0]
    columns = table[0] - table[0, 0]
    return (rows, columns) if np.array_equal(table, rows[:, None] + columns) else None


def row_ids(table: Ints) -> tuple[Ints, Ints]:
    """Number the distinct rows of a table, in the order of their first elements.

    Gives the number of each row, and for each number the first row that has it.
    """
    length = table.shape[1]
    if length == 1 or _told_apart(table):
        _, first, ids = np.unique(table[:, 0], return_index=True, return_inverse=True)
    else:
        _, first, ids = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return ids.reshape(-1), first


def _told_apart(table: Ints) -> bool:
    """Tell whether rows with the same first element are the same throughout."""
    _, first, ids = np.unique(table[:, 0], return_index=True, return_inverse=True)
    return bool((table == table[first[ids.reshape(-1)]]).all())
