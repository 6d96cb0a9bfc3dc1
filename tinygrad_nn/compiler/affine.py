"""Index patterns: sequences of places as strides over nested axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["Axis", "joint_axes", "row_ids", "separate"]

Ints = Any  # an array of int64

Axis = tuple[int, ...]  # a size, and the stride of each sequence along it

MOST_AXES = 6


def _inner_sizes(places: Ints) -> list[int] | None:
    """Find the sizes of the nested runs of a sequence, as products from the inside."""
    sizes: list[int] = []
    inside = 1
    while len(places) > 1:
        step = places[1] - places[0]
        breaks = np.flatnonzero(np.diff(places) != step)
        run = int(breaks[0]) + 1 if len(breaks) else len(places)
        if len(places) % run or len(sizes) == MOST_AXES:
            return None
        if run < len(places):
            table = places.reshape(-1, run)
            if (table - table[:, :1] != np.arange(run) * step).any():
                return None
        inside *= run
        sizes.append(inside)
        places = places[::run]
    return sizes


def joint_axes(sequences: Sequence[Ints]) -> list[Axis] | None:
    """Find nested axes along which every one of several sequences has a constant stride.

    Parameters
    ----------
    sequences : sequence of array of int
        All of one length.

    Returns
    -------
    list of tuple of int, or None
        For each axis, outermost first, its size and the stride of each sequence; None
        if there are no such axes.

    Examples
    --------
    >>> joint_axes([np.array([0, 1, 2, 3]), np.array([5, 6, 15, 16])])
    [(2, 2, 10), (2, 1, 1)]
    """
    length = len(sequences[0])
    breaks: set[int] = set()
    for sequence in sequences:
        sizes = _inner_sizes(sequence)
        if sizes is None:
            return None
        breaks.update(sizes)
    axes: list[Axis] = []
    inside = 1
    for outside in sorted(breaks):
        if outside % inside:
            return None
        strides = [int(sequence[inside] - sequence[0]) for sequence in sequences]
        axes.append((outside // inside, *strides))
        inside = outside
    if inside != length:
        return None
    return axes[::-1]


def separate(table: Ints) -> tuple[Ints, Ints] | None:
    """Write a table of places as the sum of one number for its row and one for its column."""
    rows = table[:, 0]
    columns = table[0] - table[0, 0]
    return (rows, columns) if np.array_equal(table, rows[:, None] + columns) else None


def row_ids(table: Ints) -> tuple[Ints, Ints]:
    """Number the distinct rows of a table.

    Returns
    -------
    array of int
        The number of every row; numbers follow the order of the rows' first elements.
    array of int
        Which row is the first with each number.
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
