"""The shape of what a statement computes, and the slice of an array that it goes to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from ..program.statements import Basic
from ..program.strides import merged, row_major
from .names import Names
from .notation import View, natural
from .reading import Axis, Part
from .steps import moves_of, reach_of

__all__ = ["common_shape", "reach", "target_view"]


def common_shape(statement: Basic, parts: Sequence[Part], names: Names) -> tuple[int, ...]:
    """Find the shape of which the axes of all parts are products, and split those.

    Where there is none, or the results go to places that are no slice, it has one axis.
    """
    size = math.prod(statement.nest)
    axes = _target_axes(statement)
    own = [(n, run) for n, run, _ in axes]
    if target_view(statement, [n for n, _, _ in axes], names) is None:
        chain = [1, size]
    else:
        chain = _chain(parts, own, size) or _chain(parts[:1], own, size) or [1, size]
    for part in parts:
        part.axes = [piece for axis in part.axes for piece in _cut_at(axis, chain)]
    return tuple([outer // inner for inner, outer in pairwise(chain)][::-1])


def _target_axes(statement: Basic) -> list[tuple[int, int, int]]:
    """List the axes of the results as they lie: sizes, steps in their run, and strides."""
    steps = row_major(statement.nest)
    axes = zip(statement.nest, steps, statement.target.strides, strict=True)
    return [(n, run, stride) for n, run, stride in merged(list(axes))]


def target_view(statement: Basic, shape: Sequence[int], names: Names) -> View | None:
    """Find the slice of a named array that results of a shape are written to, if it is one."""
    target = statement.target
    if target.table >= 0:
        return None
    own = _target_axes(statement)
    piece = names.find(target.array, *reach(statement))
    axes = []
    for index, (n, step) in enumerate(zip(shape, row_major(shape), strict=True)):
        for size, run, stride in own:
            if run <= step and step * n <= run * size:
                axes.append((index, n, step // run * stride))
                break
        else:
            return None
    first, moves = target.start - piece.start, moves_of(target)
    view = View(piece.name, piece.shape, first, tuple(axes), False, moves)
    return None if natural(view) is None else view


def reach(statement: Basic) -> tuple[int, int]:
    """Give the first and the last place along the strides of a target."""
    target = statement.target
    axes = [("", n, stride) for n, stride in zip(statement.nest, target.strides, strict=True)]
    down, up = reach_of([*axes, *moves_of(target)])
    return target.start + down, target.start + up


def _chain(parts: Sequence[Part], own: Sequence[tuple[int, int]], size: int) -> list[int] | None:
    """Collect where axes end in the run of results, if they nest."""
    ends = {1, size}
    kept = [(axis.size, axis.step or 0) for part in parts for axis in part.kept()]
    for n, step in [*own, *kept]:
        ends |= {step, step * n}
    chain = sorted(ends)
    return chain if all(outer % inner == 0 for inner, outer in pairwise(chain)) else None


def _cut_at(axis: Axis, chain: Sequence[int]) -> list[Axis]:
    """Split an axis of the result where others end within it."""
    if axis.step is None:
        return [axis]
    ends = [end for end in chain if axis.step <= end <= axis.step * axis.size]
    if ends[:1] != [axis.step] or ends[-1] != axis.step * axis.size:
        return [axis]
    found = [axis.inside(outer // inner, inner // axis.step) for inner, outer in pairwise(ends)]
    return found[::-1]
