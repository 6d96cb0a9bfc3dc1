"""Nests that are no products of matrices, as machine code: elements, what is chosen, runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...program.strides import row_major
from ..forms import SERIES
from ..loops import Nest, operations_of, reads_of
from .body import ALONE, ALONG_SAMPLES, Body, Place, step_of
from .builder import Builder, Carried, Index
from .operations import joined
from .spans import along, nested, samples

__all__ = ["FIRST", "write_at", "write_nests"]

FIRST = {"add": -0.0, "max": -math.inf, "min": math.inf}  # what joining begins with


def write_nests(builder: Builder, nests: Sequence[Nest]) -> None:
    """Write nests along the same axes, all that is done at one place after the other."""
    first = nests[0]

    def write(place: Place) -> None:
        body = Body(builder, place)
        for nest in nests:
            write_at(body, nest)

    axis = _axis_of_lanes(nests, builder.width)
    sizes = {n: size for n, size in enumerate(first.sizes) if n != axis}
    indices: list[Index] = [("", 0)] * len(first.sizes)
    with nested(builder, sizes, indices):
        if axis == ALONG_SAMPLES:

            def of_samples(sample: Index, width: int, mask: int | str) -> None:
                write(Place(tuple(indices), sample, axis, width, mask))

            ops = (op for nest in nests for op in operations_of(nest.value))
            samples(builder, of_samples, any(op in SERIES for op in ops))
        elif first.target.rows:
            loop = builder.loop_to("%n")
            write(Place(tuple(indices), (loop.variable, 0)))
            builder.end()
        elif axis == ALONE:
            write(Place(tuple(indices)))
        else:
            along(
                builder,
                first.sizes[axis],
                lambda index, width, mask: write(
                    Place(tuple(indices), ("", 0), axis, width, mask).at(axis, index)
                ),
            )


def _axis_of_lanes(nests: Sequence[Nest], width: int) -> int:
    """Choose the axis of lanes: that of the samples, or the one along which most are neighbours."""
    refs = [ref for nest in nests for ref in [nest.target, *reads_of(nest)]]
    choosers = [ref.chosen.by for ref in refs if ref.chosen is not None]
    first = nests[0]
    if first.target.rows:
        return ALONE if any(by.rows for by in choosers) else ALONG_SAMPLES
    if width == 1 or first.over_samples or first.ends >= 0:
        return ALONE

    def score(axis: int) -> tuple[int, int]:
        steps = [step_of(ref, axis) for ref in refs]
        stored = [step_of(nest.target, axis) for nest in nests]
        good = sum(1 if step is not None else -1 for step in steps)
        return (good - 2 * stored.count(None)) * min(first.sizes[axis], width), axis

    fit = [
        axis
        for axis, size in enumerate(first.sizes)
        if size > 1
        and not any(by.strides[axis] for by in choosers)
        and (first.target.chosen is None or first.target.strides[axis] == 1)
    ]
    return max(fit, key=score, default=ALONE)


def write_at(body: Body, nest: Nest) -> None:
    """Write what a nest does at one place."""
    if nest.target.chosen is not None:
        _add_to_chosen(body, nest)
        return
    lanes = body.lanes
    if not nest.over and not nest.over_samples:
        found = body.value(nest.value)
        if nest.onto:
            found = joined(lanes, nest.join, body.read(nest.target), found)
    else:
        found = _joined_over(body, nest)
    if nest.coef == -1.0:
        found = lanes.neg(found)
    elif nest.coef != 1.0:
        found = lanes.mul(found, lanes.number(nest.coef))
    body.write(nest.target, found, nest.stored)


def _add_to_chosen(body: Body, nest: Nest) -> None:
    """Join to a place that is chosen, if there is such."""
    builder, place = body.builder, body.place
    if nest.over_samples:
        loop = builder.loop_to("%n")
        place = Place(place.indices, (loop.variable, 0), place.axis, place.width, place.mask)
        body = Body(builder, place)
    found = body.value(nest.value)
    chosen, is_one = body.chosen(nest.target)
    branch = builder.begin_if(is_one)
    address = body.address(nest.target, chosen)
    mask = body.mask
    before = body.lanes.load(address, mask)
    body.lanes.store(joined(body.lanes, nest.join, before, found), address, mask)
    builder.end_if(branch, [], [], [])
    if nest.over_samples:
        builder.end()


def _joined_over(body: Body, nest: Nest) -> str:
    """Join the values at all inner indices, one after the other."""
    builder, place = body.builder, body.place
    carried: list[Carried] = [(place.width, body.lanes.number(FIRST[nest.join]))]
    indices = list(place.indices)
    opened = 0

    def opening(loop_names: list[str]) -> None:
        nonlocal carried, opened
        carried = [(place.width, loop_names[0])]
        opened += 1

    if nest.ends >= 0:
        member = builder.linear(
            [(index[0], step) for index, step in zip(indices, row_major(nest.sizes), strict=True)]
        )
        ends = builder.pointers[nest.ends]
        terms = [(member, 1)] if member else []
        begin, end = (builder.entry(ends, at, terms) for at in (0, 1))
        loop = builder.loop_to(end, 1, begin, carried)
        indices = [(loop.variable, 0)]
        opening(loop.names)
    else:
        for size in nest.over:
            loop = builder.loop(size, 1, carried)
            indices.append((loop.variable, 0))
            opening(loop.names)
    sample = place.sample
    if nest.over_samples:
        loop = builder.loop_to("%n", 1, "0", carried)
        sample = (loop.variable, 0)
        opening(loop.names)
    inner = Body(
        builder,
        Place(tuple(indices), sample, place.axis, place.width, place.mask),
    )
    found = joined(inner.lanes, nest.join, carried[0][1], inner.value(nest.value))
    for _ in range(opened):
        (found,) = builder.end([found])
    return found
