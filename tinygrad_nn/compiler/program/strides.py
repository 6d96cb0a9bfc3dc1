"""Strides: how places follow from indices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .program import Ints

__all__ = ["merged", "row_major", "spread"]


def row_major(sizes: Sequence[int]) -> tuple[int, ...]:
    """Give the strides of axes whose elements follow each other, the last axis fastest."""
    strides = []
    step = 1
    for size in reversed(sizes):
        strides.append(step)
        step *= size
    return tuple(reversed(strides))


def spread(start: int, sizes: Sequence[int], strides: Sequence[int]) -> Ints:
    """Give the place of each element along nested axes, one axis of the array for each."""
    places: Ints = np.array(start, dtype=np.int64)
    for size, stride in zip(sizes, strides, strict=True):
        places = places[..., None] + stride * np.arange(size, dtype=np.int64)
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
