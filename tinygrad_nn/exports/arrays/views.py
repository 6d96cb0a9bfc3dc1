"""Places of an array, where they form slices: read by what is quick and can be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...compiler.program.program import Ints
from ...compiler.program.strides import row_major
from .form import Concat, Constant, Expr, Index, Item, Number, Permute, Reshape, Take

__all__ = ["expanded", "flat", "grid", "permuted", "shaped", "strides_of", "viewed"]


def grid(start: int, sizes: Sequence[int], strides: Sequence[int]) -> Ints:
    """Give start + strides * indices, for all indices."""
    found = np.array(start, np.int64)
    for size, stride in zip(sizes, strides, strict=True):
        found = found[..., None] + stride * np.arange(size)
    return found


def flat(expr: Expr) -> Expr:
    """Give an array as a vector."""
    size = math.prod(expr.shape)
    if isinstance(expr, Constant):
        return Constant((size,), False, expr.numbers.ravel())
    if isinstance(expr, Number):
        return Constant((size,), False, np.full(size, expr.value))
    return expr if expr.shape == (size,) else shaped(expr, (size,))


def shaped(expr: Expr, shape: tuple[int, ...]) -> Expr:
    """Give the same numbers in another shape: as places of axes of one, if it lacks these."""
    if isinstance(expr, Reshape):
        expr = expr.of
    if expr.shape == shape:
        return expr
    if shape == tuple([size for size in expr.shape if size != 1]):
        items = [0 if size == 1 else (0, size, 1) for size in expr.shape]
        return Index(shape, expr.rows, expr, tuple(items))
    return Reshape(shape, expr.rows, expr)


def viewed(expr: Expr, places: Ints) -> tuple[Expr, tuple[int, ...]]:
    """Read places of an array, counted in its order.

    Gives what is read, and which axis of the places each of its axes is.
    """
    shape, axes = places.shape, tuple(range(places.ndim))
    if isinstance(expr, Constant):
        return Constant(shape, False, expr.numbers.ravel()[places]), axes
    if np.array_equal(places.ravel(), np.arange(math.prod(expr.shape))):
        return shaped(expr, shape), axes
    strides = strides_of(places)
    if strides is not None:
        found = _sliced(expr, int(places.ravel()[0]), shape, strides)
        if found is not None:
            return found
        order = tuple(sorted(axes, key=lambda axis: -strides[axis]))
        inside = tuple([shape[axis] for axis in order])
        if tuple([strides[axis] for axis in order]) == row_major(inside):  # a run of neighbours
            first, size = int(places.ravel()[0]), math.prod(shape)
            run = flat(expr)
            if size < math.prod(expr.shape):
                run = Index((size,), expr.rows, run, ((first, first + size, 1),))
            return shaped(run, inside), order
    return Take(shape, expr.rows, flat(expr), places), axes


def strides_of(places: Ints) -> tuple[int, ...] | None:
    """Find the strides of places; None if they have none."""
    if not places.size:
        return None
    first = int(places.ravel()[0])
    found = []
    for axis, size in enumerate(places.shape):
        one = [0] * places.ndim
        one[axis] = 1
        step = math.prod(places.shape[axis + 1 :])  # of what is one axis anyhow
        found.append(int(places[tuple(one)]) - first if size > 1 else step)
    return tuple(found) if np.array_equal(places, grid(first, places.shape, found)) else None


def _sliced(
    expr: Expr, first: int, sizes: Sequence[int], strides: Sequence[int]
) -> tuple[Expr, tuple[int, ...]] | None:
    """Read places by a slice along each axis; None if they are no such."""
    items: list[Item] = []
    order: list[int] = []
    rest = [axis for axis, size in enumerate(sizes) if size > 1]
    if len(rest) != len(sizes):
        return None
    for length, own in zip(expr.shape, row_major(expr.shape), strict=True):
        at, first = divmod(first, own)
        fits = [
            axis
            for axis in rest
            if strides[axis] > 0
            and strides[axis] % own == 0
            and at + strides[axis] // own * (sizes[axis] - 1) < length
        ]
        # Of two axes that would fit, the one that moves the least is along this one.
        if length > 1 and fits:
            axis = max(fits, key=lambda n: strides[n])
            step = strides[axis] // own
            items.append((at, at + step * (sizes[axis] - 1) + 1, step))
            order.append(axis)
            rest.remove(axis)
        else:
            items.append(at)
    if rest:
        return None
    shape = tuple([sizes[axis] for axis in order])
    found = Index(shape, expr.rows, expr, tuple(items))
    whole = [item == (0, length, 1) for item, length in zip(items, expr.shape, strict=True)]
    return (expr if all(whole) else found), tuple(order)


def permuted(expr: Expr, order: Sequence[int]) -> Expr:
    """Put axes in the order of their numbers."""
    if list(order) == sorted(order):
        return expr
    places = tuple(sorted(range(len(order)), key=lambda n: order[n]))
    return Permute(tuple([expr.shape[n] for n in places]), expr.rows, expr, places)


def expanded(expr: Expr, axes: Sequence[int], rank: int) -> Expr:
    """Let what has some axes of a nest, in their order, meet what has all of them."""
    missing = [axis for axis in range(rank) if axis not in axes]
    if not expr.rows:
        missing = [axis for axis in missing if axes and axis > axes[0]]
    if not missing:
        return expr
    present = iter(range(len(expr.shape)))
    first = 0 if expr.rows else axes[0]
    places = [None if axis in missing else next(present) for axis in range(first, rank)]
    shape = tuple([1 if place is None else expr.shape[place] for place in places])
    if isinstance(expr, Index) and None not in expr.items:
        slices = iter(expr.items)
        items: list[Item] = []
        for place in places:
            if place is None:
                items.append(None)
                continue
            item = next(slices)
            while isinstance(item, int):
                items.append(item)
                item = next(slices)
            items.append(item)
        return replace(expr, shape=shape, items=(*items, *slices))
    whole = [None if p is None else (0, expr.shape[p], 1) for p in places]
    return Index(shape, expr.rows, expr, tuple(whole))


def joined(parts: Sequence[Expr]) -> Expr:
    """Put arrays behind each other, in a vector."""
    if len(parts) == 1:
        return flat(parts[0])
    size = sum(math.prod(part.shape) for part in parts)
    rows = any(part.rows for part in parts)
    return Concat((size,), rows, tuple([flat(part) for part in parts]))
