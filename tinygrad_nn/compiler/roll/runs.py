"""Runs of numbers that are wanted: places of one array along a stride, or in a table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..program.program import Floats, Ints, Lookup, Run
from ..program.statements import Access
from .writing import Writer

__all__ = ["lookups_of", "runs_of"]


def runs_of(writer: Writer, arrays: Ints, places: Ints, numbers: Floats) -> list[Run]:
    """Join neighbours that are of one array, or the same number bit by bit.

    The array is below 0 for a plain number; the number is 0.0 for what is in an array.
    """
    bits = np.ascontiguousarray(numbers).view(np.int64)
    ends = np.flatnonzero((np.diff(arrays) != 0) | (np.diff(bits) != 0)) + 1
    found = []
    for begin, end in zip([0, *ends.tolist()], [*ends.tolist(), len(arrays)], strict=True):
        if end == begin:  # nothing is wanted
            continue
        array = int(arrays[begin])
        if array < 0:
            found.append(Run(end - begin, float(numbers[begin])))
        else:
            found.append(Run(end - begin, _access(writer, array, places[begin:end])))
    return found


def lookups_of(writer: Writer, lookups: Iterable[tuple[int, int, int]]) -> list[Lookup]:
    """Join inputs, each an array and a place, that choose from as many."""
    grouped: dict[tuple[int, int], list[int]] = {}
    for array, place, size in sorted(lookups):
        grouped.setdefault((array, size), []).append(place)
    return [
        Lookup(Run(len(places), _access(writer, array, np.array(places))), size)
        for (array, size), places in grouped.items()
    ]


def _access(writer: Writer, array: int, places: Ints) -> Access:
    steps = np.diff(places)
    if (steps == steps[:1]).all():
        return Access(array, int(places[0]), (int(steps[0]) if len(steps) else 1,))
    return Access(array, 0, (1,), writer.table(places))
