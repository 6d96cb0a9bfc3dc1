"""Nests with their axes in a normal order: as memory lies, forward, none of one step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise, product

from ..program.program import Ints
from ..program.strides import row_major
from .loops import Apply, Nest, Ref, mapped, moved, reads_of, refs_of

__all__ = ["common_axes", "joined_axes", "normal", "parted", "written_out"]


def normal(nest: Nest, loops: int) -> Nest:
    """Sort the axes by the strides of the target, which run forward, and drop those of one step.

    `loops` is how many indices come before the axes of a nest. Runs keep their order.
    """
    if nest.ends >= 0:
        return nest
    own = len(nest.sizes)
    strides = nest.target.strides[loops:]
    if nest.target.table < 0 and nest.target.chosen is None:
        back = [n for n, stride in enumerate(strides) if stride < 0]
        nest = _turned(nest, loops, back)
        strides = nest.target.strides[loops:]
        kept = sorted(range(own), key=lambda n: -strides[n])
    else:
        kept = list(range(own))
    kept = [n for n in kept if nest.sizes[n] != 1]
    over = [own + n for n, size in enumerate(nest.over) if size != 1]
    return _chosen(nest, loops, [(n,) for n in kept], [(n,) for n in over])


def common_axes(sizes: Sequence[int], others: Sequence[int]) -> tuple[int, ...]:
    """Give the axes that both may be parted into, of as many numbers; () if there are no such."""
    steps = sorted({*row_major(sizes), *row_major(others), math.prod(sizes)})
    if any(more % step for step, more in pairwise(steps)):
        return ()
    return tuple([more // step for step, more in pairwise(steps)][::-1])


def parted(nest: Nest, loops: int, sizes: Sequence[int]) -> Nest:
    """Part the axes of a nest that joins nothing into finer ones."""
    steps = row_major(sizes)
    outer = [(size, step) for size, step in zip(nest.sizes, row_major(nest.sizes), strict=True)]

    def changed(ref: Ref) -> Ref:
        strides = ref.strides[loops:]
        found = [
            stride * (step // coarse)
            for step in steps
            for stride, (size, coarse) in zip(strides, outer, strict=True)
            if coarse <= step < coarse * size
        ]
        fine = *ref.strides[:loops], *found
        return Ref(ref.arena, ref.start, fine, ref.rows, ref.table, ref.at, ref.chosen, ref.array)

    return replace(
        nest,
        target=moved(nest.target, changed),
        value=mapped(nest.value, changed),
        sizes=tuple(sizes),
    )


def written_out(nest: Nest, loops: int, most: int, tables: Sequence[Ints]) -> list[Nest]:
    """Give a nest for each number, if there are few of them, and few that each is joined of.

    What the tables have where no loop moves along them is said there.
    """
    sizes = (*nest.sizes, *nest.over)
    refs = (nest.target, *refs_of(nest.value))
    is_simple = nest.ends < 0 and not nest.over_samples
    is_simple = is_simple and all(_is_known(ref, loops, tables) for ref in refs)
    if not sizes or not is_simple or math.prod(sizes) > most:
        return [nest]
    found = []
    for own in product(*map(range, nest.sizes)):
        parts = [
            mapped(nest.value, partial(_at, loops=loops, indices=(*own, *inner), tables=tables))
            for inner in product(*map(range, nest.over))
        ]
        value = parts[0] if len(parts) == 1 else Apply(nest.join, tuple(parts))
        if nest.coef == -1.0:
            value = Apply("neg", (value,))
        elif nest.coef != 1.0:
            value = Apply("mul", (value, nest.coef))
        target = _at(nest.target, loops, own, tables)
        found.append(Nest(target, (), value, nest.join, onto=nest.onto))
    return found


def _is_known(ref: Ref, loops: int, tables: Sequence[Ints]) -> bool:
    """Tell whether it is known where each number lies, but for the steps of loops."""
    if ref.chosen is not None:
        return False
    return ref.table < 0 or (ref.table < len(tables) and not any(ref.strides[:loops]))


def _at(ref: Ref, loops: int, indices: Sequence[int], tables: Sequence[Ints]) -> Ref:
    """Give a number at some indices, but for the steps of loops."""
    steps, strides = ref.strides[:loops], ref.strides[loops:]
    moved = sum(n * stride for n, stride in zip(indices, strides, strict=False))
    if ref.table >= 0:
        moved = int(tables[ref.table][ref.at + moved])
    return Ref(ref.arena, ref.start + moved, steps, ref.rows, array=ref.array)


def joined_axes(nests: Sequence[Nest], loops: int) -> list[Nest]:
    """Merge neighbouring axes that all numbers of some nests with the same axes run through."""
    first = nests[0]
    if first.ends >= 0:
        return list(nests)
    sizes = (*first.sizes, *first.over)
    refs = [ref for nest in nests for ref in _all_refs(nest)]

    def merged(axes: Sequence[int]) -> list[tuple[int, ...]]:
        groups: list[tuple[int, ...]] = []
        for n in axes:
            if groups:
                (*_, before) = groups[-1]
                if all(_runs_on(ref.strides[loops:], before, n, sizes[n]) for ref in refs):
                    groups[-1] = (*groups[-1], n)
                    continue
            groups.append((n,))
        return groups

    own = len(first.sizes)
    kept, over = merged(range(own)), merged(range(own, len(sizes)))
    return [_chosen(nest, loops, kept, over if nest.over else ()) for nest in nests]


def _all_refs(nest: Nest) -> list[Ref]:
    return [nest.target, *reads_of(nest), *refs_of(nest.value)]


def _runs_on(strides: Sequence[int], outer: int, inner: int, size: int) -> bool:
    """Tell whether two axes are one for a number; the target has none of those joined over."""
    return inner >= len(strides) or strides[outer] == strides[inner] * size


def _turned(nest: Nest, loops: int, back: Sequence[int]) -> Nest:
    """Run along some axes the other way round."""
    if not back:
        return nest

    def turned(ref: Ref) -> Ref:
        strides = list(ref.strides)
        shift = 0
        for n in back:
            stride = strides[loops + n]
            shift += (nest.sizes[n] - 1) * stride
            strides[loops + n] = -stride
        if ref.table < 0:
            return replace(ref, strides=tuple(strides), start=ref.start + shift)
        return replace(ref, strides=tuple(strides), at=ref.at + shift)

    return replace(nest, target=moved(nest.target, turned), value=mapped(nest.value, turned))


def _chosen(
    nest: Nest, loops: int, kept: Sequence[tuple[int, ...]], over: Sequence[tuple[int, ...]]
) -> Nest:
    """Give a nest along some of its axes, each one axis or neighbours that are one."""
    own = len(nest.sizes)
    sizes = (*nest.sizes, *nest.over)
    if [*kept, *over] == [(n,) for n in range(len(sizes))]:
        return nest
    insides = [group[-1] for group in (*kept, *over)]

    def changed(ref: Ref) -> Ref:
        strides = ref.strides[loops:]
        found = *ref.strides[:loops], *[strides[n] for n in insides if n < len(strides)]
        return Ref(ref.arena, ref.start, found, ref.rows, ref.table, ref.at, ref.chosen, ref.array)

    return replace(
        nest,
        target=moved(nest.target, changed),
        value=mapped(nest.value, changed),
        sizes=tuple([_product(sizes, group) for group in kept]),
        over=tuple([_product([*sizes[:own], *nest.over], group) for group in over]),
    )


def _product(sizes: Sequence[int], group: Sequence[int]) -> int:
    found = 1
    for n in group:
        found *= sizes[n]
    return found
