"""What is looked at when a program has run: results, and numbers that choose from tables."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..program.program import Ints, Program, Run, indices_of
from ..program.statements import Access
from .loops import OUTSIDE, SAMPLES, SHARED
from .memory import Layout

__all__ = ["NOT_FINITE", "NO_PLACE", "Looks", "looks_of"]

NOT_FINITE = 1  # what is told of a run: a result is infinite or no number,
NO_PLACE = 2  # and a number is none of the places of the table that it chooses from


@dataclass(frozen=True, slots=True)
class Looks:
    """Neighbours in memory, each time (arena, first, last + 1, size of the table they choose from).

    Results choose from none; of `rows`, first and last are rows of samples.
    """

    results: tuple[Ints, Ints]  # what samples share, and rows
    places: tuple[Ints, Ints]
    told: int  # what is known without looking: of results that are constants

    @property
    def spans(self) -> Ints:
        """All of them, one kind after the other."""
        return np.concatenate([*self.results, *self.places])


def looks_of(layout: Layout, outside: Sequence[int]) -> Looks:
    """List what to look at; the arrays `outside` are arenas of their own, in this order."""
    program = layout.program
    arenas = {array: OUTSIDE + place for place, array in enumerate(outside)}
    results = [run for run in program.results if isinstance(run.where, Access)]
    numbers = [run.where for run in program.results if not isinstance(run.where, Access)]
    return Looks(
        _spans(layout, arenas, [(run, 0) for run in results]),
        _spans(layout, arenas, [(one.places, one.size) for one in program.lookups]),
        0 if all(map(math.isfinite, numbers)) else NOT_FINITE,
    )


def _spans(
    layout: Layout, arenas: dict[int, int], runs: Sequence[tuple[Run, int]]
) -> tuple[Ints, Ints]:
    """Join neighbours: what samples share, and rows of them."""
    arrays = layout.program.arrays
    met: dict[tuple[bool, int, int], list[Ints]] = defaultdict(list)
    for run, size in runs:
        assert isinstance(run.where, Access)
        number = run.where.array
        rows = arrays[number].per_sample
        arena = arenas.get(number, SAMPLES if rows else SHARED)
        start = 0 if number in arenas else layout.start[number]
        met[rows, arena, size].append(start + _indices(layout.program, run))
    found: tuple[list[tuple[int, ...]], ...] = ([], [])
    for (rows, arena, size), some in met.items():
        places = np.sort(np.concatenate(some))  # `np.unique` would load 7 ms of modules
        ends = np.flatnonzero(np.diff(places) > 1)
        first = places[np.append(0, ends + 1)] if len(places) else places
        last = places[np.append(ends, -1)] if len(places) else places
        found[rows].extend(
            (arena, low, high + 1, size) for low, high in zip(first, last, strict=True)
        )
    shared, own = (np.array(some, np.int64).reshape(-1, 4) for some in found)
    return shared, own


def _indices(program: Program, run: Run) -> Ints:
    found = indices_of(program, run)
    return np.arange(found.start, found.stop) if isinstance(found, slice) else found
