"""Memory for what a program computes on its way: arrays that are not needed together share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...compiler.backends.groups import Group, Loop, within
from ...compiler.backends.loops import OUTSIDE, reads_of

__all__ = ["Life", "lives", "placed"]

Life = tuple[int, int]  # the first and the last part that an array is used in
Parts = Sequence[Group | Loop[Group]]


def lives(before: Parts, body: Parts, after: Parts, looked_at: Iterable[int]) -> dict[int, Life]:
    """Say how long arrays are needed, all that is written into memory; `looked_at` after the body.

    What the body uses and others do too lives as long as the body, which is run again and again.
    """
    found: dict[int, Life] = {}
    for at, part in enumerate([*before, *body, *after]):
        for array in _used([part]):
            first, _ = found.get(array, (at, at))
            found[array] = first, at
    begin, end = len(before), len(before) + len(body) - 1
    ends = set(looked_at)
    for array in _used(body):
        first, last = found[array]
        if first < begin or last > end:
            found[array] = min(first, begin), max(last, end)
        elif array in ends:
            found[array] = first, end
    return found


def _used(parts: Parts) -> set[int]:
    """Find the arrays that groups have in memory."""
    found = set()
    for group in within(parts):
        written = set()
        for nest in group.nests:
            found |= {ref.arena - OUTSIDE for ref in reads_of(nest) if ref not in written}
            written.add(nest.target)
            if nest.stored:
                found.add(nest.target.arena - OUTSIDE)
    return found


def placed(lives: Mapping[int, Life], sizes: Mapping[int, int]) -> tuple[dict[int, int], int]:
    """Place arrays, the largest first, each as low as those allow that live at the same time.

    Gives where they start, and how much all of them need.
    """
    starts: dict[int, int] = {}
    for array in sorted(sizes, key=lambda array: (-sizes[array], lives[array])):
        first, last = lives[array]
        taken = sorted(
            (starts[other], starts[other] + sizes[other])
            for other in starts
            if lives[other][0] <= last and first <= lives[other][1]
        )
        low = 0
        for begin, end in taken:
            if begin >= low + sizes[array]:
                break
            low = max(low, end)
        starts[array] = low
    return starts, max([starts[array] + sizes[array] for array in starts], default=0)
