"""Sequences of places, and nested axes along which several of them have constant strides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from .program import Ints

__all__ = ["Nest", "Steps", "joint_axes", "nest_of"]

Nest = tuple[int, ...]  # the sizes of nested axes, outermost first

MOST_AXES = 6


class Steps:
    """Where members are, one after the other."""

    __slots__ = ("cuts", "places")

    def __init__(self, places: Ints) -> None:
        self.places = places
        self.cuts = _cuts(places)  # where its nested runs end; None if it has too many

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, member: int) -> int:
        return int(self.places[member])

    def strides(self, nest: Nest) -> tuple[int, ...]:
        """Give the stride along each axis of a nest that cuts it wherever a run ends."""
        strides = []
        inside = 1
        for size in reversed(nest):
            strides.append(self[inside] - self[0])
            inside *= size
        return tuple(reversed(strides))


def _cuts(places: Ints) -> list[int] | None:
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


def nest_of(sequences: Iterable[Steps]) -> Nest | None:
    """Find the fewest nested axes along which all of some sequences have constant strides."""
    ends = {1}
    for sequence in sequences:
        if sequence.cuts is None:
            return None
        ends.update(sequence.cuts)
    if len(ends) == 1:
        return ()
    chain = sorted(ends)
    if any(outer % inner for inner, outer in pairwise(chain)):
        return None
    return tuple([outer // inner for inner, outer in pairwise(chain)][::-1])


def joint_axes(sequences: Sequence[Ints]) -> list[tuple[int, ...]] | None:
    """List the size of each of such axes, outermost first, and the stride of each sequence."""
    steps = [Steps(sequence) for sequence in sequences]
    nest = nest_of(steps)
    if nest is None:
        return None
    return list(zip(nest, *[one.strides(nest) for one in steps], strict=True))
