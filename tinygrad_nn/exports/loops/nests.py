"""Groups of nests as loops."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

from ...compiler.backends.axes import joined_axes
from ...compiler.backends.groups import Group, Loop
from ...compiler.backends.loops import Nest, reads_of, refs_of
from .body import FIRST, Body
from .writer import Writer

__all__ = ["is_broad", "write_parts"]


def write_parts(
    writer: Writer, parts: Sequence[Group | Loop[Group]], steps: tuple[str, ...] = ()
) -> None:
    """Write groups, and loops around them."""
    for part in parts:
        if isinstance(part, Loop):
            with writer.loop(str(part.count), len(steps)) as index:
                write_parts(writer, part.body, (*steps, index))
        else:
            write_group(writer, part.nests, steps)


def write_group(writer: Writer, nests: Sequence[Nest], steps: tuple[str, ...]) -> None:
    """Write nests along the same axes, all that is done at one place after the other."""
    nests = joined_axes(nests, len(steps))
    if len(nests) == 1 and is_broad(nests[0]):
        write_broad(writer, nests[0], steps)
        return
    sizes = nests[0].sizes
    single = len(nests) == 1 and not sizes and nests[0].is_plain
    with (
        writer.loops(sizes, steps) as indices,
        nullcontext() if sizes or single else writer.block(),
    ):
        body = Body(writer, indices)
        for place, nest in enumerate(nests):
            later = (ref for other in nests[place + 1 :] for ref in reads_of(other))
            body.nest(nest, len(steps), nest.target in later)


def write_broad(writer: Writer, nest: Nest, steps: tuple[str, ...]) -> None:
    """Write sums of neighbours: to all of them one term after the other."""
    if not nest.onto:
        with writer.loops(nest.sizes, steps) as indices:
            target = Body(writer, indices).place(nest.target)
            writer.line(f"{target} = {writer.language.number(FIRST['add'])};")
    *outer, last = nest.sizes
    with (
        writer.loops(outer, steps) as before,
        writer.loops(nest.over, before) as inner,
        writer.loops([last], inner) as all_of_them,
    ):
        own, over = all_of_them[len(steps) : len(before)], all_of_them[len(before) : -1]
        indices = (*steps, *own, all_of_them[-1], *over)
        body = Body(writer, indices)
        target = body.place(nest.target)
        found = body.times(body.value(nest.value), nest.coef)
        writer.line(f"{target} += {found[0]};")


def is_broad(nest: Nest) -> bool:
    """Tell whether a sum is better written term by term: neighbours are next to each other.

    Along what is summed over they are not, so that nothing is to be gained the other way.
    """
    if nest.join != "add" or not nest.over or not nest.sizes or nest.ends >= 0:
        return False
    refs = list(refs_of(nest.value))
    if any(ref.table >= 0 or ref.chosen for ref in (nest.target, *refs)):
        return False
    kept = len(nest.target.strides) - 1
    if nest.target.strides[kept] != 1 or nest.sizes[-1] < 2:
        return False
    along = [ref.strides[kept] for ref in refs]
    summed = [ref.strides[-1] for ref in refs]
    return set(along) <= {0, 1} and 1 in along and not set(summed) <= {0, 1}
