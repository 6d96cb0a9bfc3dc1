"""What is the same in all statements of a block is done once, for the block as a whole.

The gradients of a model lie in one block; weight decay adds a multiple of each
parameter to each gradient, by as many statements as there are arrays. It becomes one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...scalar.ops import add
from ..program.nests import Steps
from .terms import Factor, Joined, Pattern, Recognised, Source

__all__ = ["join_common_terms"]

Key = tuple[int, float, int]  # an array, a coefficient, how far apart source and target lie


def join_common_terms(found: Sequence[Recognised], sizes: Sequence[int]) -> list[Recognised]:
    """Take out terms that all sums of a block share, given the sizes of all arrays.

    Each is added in one statement, after the last of those that had it.
    """
    writers: dict[int, list[int]] = {}
    for place, one in enumerate(found):
        writers.setdefault(one.target.source.array, []).append(place)
    read: dict[int, int] = {}  # which statement reads an array first, once that is asked
    added: dict[int, list[Joined]] = {}
    for array, places in writers.items():
        if len(places) < 2:
            continue
        writing = [found[place] for place in places]
        sums = [one for one in writing if isinstance(one, Joined) and one.row is add]
        whole = sum(len(one.target.rows) for one in sums) == sizes[array]
        if len(sums) < len(places) or not whole:
            continue
        read = read or _first_reads(found)
        if read.get(array, len(found)) <= places[-1]:
            continue  # what is read in between must be complete
        for key in sorted(set.intersection(*[set(_shifted(one)) for one in sums])):
            if all(len(one.patterns) > 1 for one in sums):
                joined = _taken_out(key, sums, sizes[array])
                added.setdefault(places[-1], []).append(joined)
    result: list[Recognised] = []
    for place, one in enumerate(found):
        result.append(one)
        result += added.get(place, [])
    return result


def _first_reads(found: Sequence[Recognised]) -> dict[int, int]:
    first: dict[int, int] = {}
    for place, one in enumerate(found):
        for array in one.reads():
            first.setdefault(array, place)
    return first


def _shifted(one: Joined) -> dict[Key, Pattern]:
    """Find the terms that are a run of another array, place by place.

    In a sum that has an order only the last one can be added later, or either of two.
    """
    found: dict[Key, Pattern] = {}
    if one.target.source.table is not None or one.samples:
        return found
    for pattern in one.patterns[-1:] if one.written and len(one.patterns) > 2 else one.patterns:
        if len(pattern.factors) != 1 or pattern.over or pattern.select is not None:
            continue
        (factor,) = pattern.factors
        if factor.source.table is not None or factor.chosen is not None:
            continue
        shift = factor.rows[0] - one.target.rows[0]
        if np.array_equal(factor.rows.places, one.target.rows.places + shift):
            found[factor.source.array, pattern.coef, shift] = pattern
    return found


def _taken_out(key: Key, sums: Sequence[Joined], size: int) -> Joined:
    """Take a term out of all sums of an array; give the statement that adds it to all."""
    for one in sums:
        taken = _shifted(one)[key]
        one.patterns = [pattern for pattern in one.patterns if pattern is not taken]
        one.nodes -= len(one.target.rows)
    source, coef, shift = key
    run = np.arange(size, dtype=np.int64)
    pattern = Pattern(coef, [Factor(Source(source), Steps(run + shift))])
    target = Factor(sums[0].target.source, Steps(run))
    return Joined(target, add, [pattern], False, size, accumulates=True)
