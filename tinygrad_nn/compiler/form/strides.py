"""Strides: how places follow from indices, and one nest for axes that are cut differently."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .program import Ints

__all__ = ["Axis", "common_nest", "row_major", "spread", "strides_along"]


class Axis(NamedTuple):
    """An axis along which a factor runs, said in terms of the members of a statement.

    Attributes
    ----------
    size : int
    step : int
        How far its neighbours lie apart in the order of the members.
    stride : int
        How far they lie apart in the factor.
    """

    size: int
    step: int
    stride: int


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


def common_nest(axes: Iterable[tuple[int, int]]) -> tuple[int, ...] | None:
    """Cut axes where any of them begins or ends.

    Parameters
    ----------
    axes : iterable of (int, int)
        A size and a step in the order of the members, at least 1, of each.

    Returns
    -------
    tuple of int, or None
        The sizes of the finest axes, outermost first; None if they do not nest.

    Examples
    --------
    >>> common_nest([(6, 1), (2, 3), (12, 1)])
    (2, 2, 3)
    """
    ends = {1}
    for size, step in axes:
        ends |= {step, step * size}
    chain = sorted(ends)
    if any(outer % inner for inner, outer in pairwise(chain)):
        return None
    return tuple([outer // inner for inner, outer in pairwise(chain)][::-1])


def strides_along(nest: Sequence[int], axes: Sequence[Axis]) -> tuple[int, ...]:
    """Give the strides of a factor along a nest that cuts its axes.

    Axes whose steps are negative are to be turned round first.

    Examples
    --------
    >>> strides_along((2, 2, 3), [Axis(4, 3, 10), Axis(3, 1, 1)])
    (20, 10, 1)
    """
    strides = []
    for size, step in zip(nest, row_major(nest), strict=True):
        covering = [a for a in axes if a.step <= step and step * size <= a.step * a.size]
        assert len(covering) == 1, f"{axes} cover each axis of {nest} once"
        strides.append(step // covering[0].step * covering[0].stride)
    assert math.prod(nest) == math.prod(axis.size for axis in axes)
    return tuple(strides)
