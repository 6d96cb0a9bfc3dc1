"""Places as strides along nested axes: of shapes, of sequences of places, and merged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

__all__ = ["joint_axes", "merged", "size_of", "spread", "strides_of"]

Ints = Any  # an array of int64

Axis = tuple[int, ...]  # a size, and the stride of each sequence along it

MOST_AXES = 6


def size_of(shape: Sequence[int]) -> int:
    """Multiply the sizes of all axes."""
    size = 1
    for n in shape:
        size *= n
    return size


def strides_of(shape: Sequence[int]) -> list[int]:
    """List how far neighbours along each axis lie apart.

    Examples
    --------
    >>> strides_of((4, 3, 2))
    [6, 2, 1]
    """
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return strides


def spread(start: int, axes: Iterable[tuple[int, int]]) -> Ints:
    """List the places along nested axes, each a size and a stride, the outermost first."""
    places = np.array([start], dtype=np.int64)
    for size, stride in axes:
        places = (places[:, None] + stride * np.arange(size)).ravel()
    return places


def merged(dims: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Merge neighbouring axes, outermost first, that all strides run through as one."""
    found: list[tuple[int, ...]] = []
    for dim in dims:
        if found and all(
            outer == inner * dim[0] for outer, inner in zip(found[-1][1:], dim[1:], strict=True)
        ):
            found[-1] = (found[-1][0] * dim[0], *dim[1:])
        else:
            found.append(tuple(dim))
    return found


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
