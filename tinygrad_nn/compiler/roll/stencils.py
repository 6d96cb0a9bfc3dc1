"""Stencils: sums of neighbours, of which members at the edges have fewer, or others.

Terms that lie equally far from where they go are one slice of the members; where that does not
go, as around a ring, the members at the edges are sums of their own. No edge gathers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..program.distinct import are_distinct, distinct
from ..program.nests import Steps, nest_of
from ..program.program import Ints
from .ordering import ranges
from .shapes import Group, TermClass
from .terms import Factor, Pattern, Source

__all__ = ["Slice", "ends_of", "parts_of", "pieces_of", "shifts_of", "slices_of"]

MOST_SLICES = 9  # slices
MOST_SHIFTS = 25  # as many as a kernel of 5 by 5 has
LEAST_SHIFTED = 8  # terms that move together
INSIDE = 3  # members that are no edge; of fewer each term is added by itself
MOST_PARTS = 5  # the inside, and two at each edge


class Slice(NamedTuple):
    """A term of some members, one each."""

    members: Ints
    pattern: Pattern


def slices_of(one: TermClass, places: Ints) -> list[Slice] | None:
    """Part the terms of members that differ in length by how far from their places they lie.

    The first slice has all members, the others half of them at least; None if that does not go.
    """
    if one.counts.max() > MOST_SLICES:  # no two terms of a member are in one
        return None
    here = np.repeat(places, one.counts)
    for found in _slices(one, places, _keys(one, here), MOST_SLICES):
        found.sort(key=lambda each: -len(each.members))
        if _are_enough(found, len(places)):
            return found
    return None


def _slices(
    one: TermClass, places: Ints, keys: Iterable[tuple[Ints, ...]], most: int, splits: bool = False
) -> Iterator[list[Slice]]:
    """Part terms by each of some keys, wherever that makes few slices of them all."""
    owner = np.repeat(np.arange(len(places)), one.counts)
    coefs = np.ascontiguousarray(one.coefs).view(np.int64)
    for some in keys:
        order = np.lexsort([coefs, *some])
        fresh = np.zeros(len(order) - 1, dtype=bool)
        for key in (coefs, *some):
            fresh |= np.diff(key[order]) != 0
        if np.count_nonzero(fresh) >= most:
            continue
        parts = np.split(order, np.flatnonzero(fresh) + 1)
        found: list[Slice | None] = []
        for part in parts:
            each = _slice(one, owner, np.sort(part), places)
            if each is None and splits:
                found += _split(one, owner, part, places)
            else:
                found.append(each)
        whole = [each for each in found if each is not None]
        if len(whole) == len(found):
            yield whole


def _keys(one: TermClass, here: Ints) -> Iterator[tuple[Ints, ...]]:
    """List what may be the same along a slice: how far factors are from a member, or where."""
    if one.right < 0:
        yield (one.a - here,)
        return
    yield one.a - here, one.b - here
    yield one.a, one.b - here
    yield one.a - here, one.b


def _slice(one: TermClass, owner: Ints, terms: Ints, places: Ints) -> Slice | None:
    members = owner[terms]
    rows = [Steps(one.a[terms])] + ([Steps(one.b[terms])] if one.right >= 0 else [])
    sources = [Source(one.left), Source(one.right)]
    if not are_distinct(members) or nest_of([Steps(places[members]), *rows]) is None:
        return None
    factors = [Factor(*each) for each in zip(sources, rows, strict=False)]
    return Slice(members, Pattern(float(one.coefs[terms[0]]), factors))


def _are_enough(slices: list[Slice], count: int) -> bool:
    return len(slices[0].members) == count and 2 * len(slices[-1].members) >= count


# ---- what goes several ways -------------------------------------------------------------------


def shifts_of(group: Group) -> list[Slice] | None:
    """Part the terms of sums by where they come from: each part is added to other members.

    None if that does not go, or makes many small parts.
    """
    found: list[Slice] = []
    for one in group.classes:
        if one.left < 0 or one.counts.max() > MOST_SHIFTS:
            return None
        here = np.repeat(group.places, one.counts)
        parts = next(_slices(one, group.places, _origins(one, here), MOST_SHIFTS, True), None)
        if parts is None:
            return None
        found += parts
    return found if _are_even(found, group.size) else None


def _are_even(slices: list[Slice], count: int) -> bool:
    """Tell whether slices are few, and of like sizes: those of a triangle are not."""
    sizes = [len(one.members) for one in slices]
    least = max(LEAST_SHIFTED, max(sizes) / 2, count / 4)
    return len(slices) <= MOST_SHIFTS and min(sizes) >= least


def _split(one: TermClass, owner: Ints, terms: Ints, places: Ints) -> list[Slice | None]:
    """Part terms that lie along a nest by its shortest axis: so two for one member are apart."""
    order = terms[np.argsort(one.a[terms], kind="stable")]
    nest = nest_of([Steps(one.a[order]), Steps(places[owner[order]])])
    if nest is None or len(nest) < 2 or min(nest) > MOST_SLICES:
        return [None]
    axis = nest.index(min(nest))
    index = np.arange(len(order)) // math.prod(nest[axis + 1 :]) % nest[axis]
    return [
        _slice(one, owner, np.sort(order[index == along]), places) for along in range(nest[axis])
    ]


def _origins(one: TermClass, here: Ints) -> Iterator[tuple[Ints, ...]]:
    """List what may be the same in what is added together.

    It is how far it goes, the one of two factors that all share, or the which of the ways of each
    number it is.
    """
    if one.right >= 0:
        yield one.a - here, one.b - here
        yield (one.a,)
        yield (one.b,)
        return
    yield (one.a - here,)
    coefs = np.ascontiguousarray(one.coefs).view(np.int64)
    order = np.lexsort([here, coefs, one.a])
    begins = np.append(True, (np.diff(one.a[order]) != 0) | (np.diff(coefs[order]) != 0))
    starts = np.flatnonzero(begins)
    way = np.empty(len(order), dtype=np.int64)
    way[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    yield (way,)


def pieces_of(places: Ints) -> list[Ints] | None:
    """Part places into few that each lie along strides; None if they are many."""
    if nest_of([Steps(places)]) is not None:
        return [places]
    found = np.split(places, np.flatnonzero(np.diff(places) != 1) + 1)
    return found if len(found) <= MOST_PARTS else None


# ---- edges ------------------------------------------------------------------------------------


def parts_of(group: Group) -> list[Group]:
    """Part a sum whose terms lie along strides but at its edges; else it is the only part."""
    ends = ends_of(group)
    if len(ends) == 2:
        return [group]
    return [_part(group, first, last) for first, last in pairwise(ends)]


def ends_of(group: Group) -> list[int]:
    """Tell where the parts of a sum begin, the inside and its edges, and where the last ends."""
    count = group.size
    breaks = np.zeros(count - 1, dtype=bool)
    for one in group.classes:
        breaks |= np.diff(one.counts) != 0
    for one in group.classes:
        if np.count_nonzero(breaks) >= MOST_PARTS:
            return [0, count]
        breaks |= _breaks(one)
    ends = [0, *(np.flatnonzero(breaks) + 1).tolist(), count]
    inside = int(np.diff(ends).max())
    is_parted = len(ends) <= MOST_PARTS + 1 and inside >= max(INSIDE, count / 2)
    return ends if is_parted else [0, count]


def _breaks(one: TermClass) -> Ints:
    """Tell which members do not go on as most do after the one before them."""
    found: Ints = np.diff(one.counts) != 0
    same = np.flatnonzero(~found)
    for length in distinct(one.counts[same]).tolist():
        chosen = same[one.counts[same] == length]
        here = one.starts[chosen][:, None] + np.arange(length)
        next_ = here + length
        for places in (one.a, one.b):
            moves = places[next_] - places[here]
            usual = [np.unique(column, return_counts=True) for column in moves.T]
            steps = np.array([steps[np.argmax(counts)] for steps, counts in usual])
            found[chosen] |= (moves != steps).any(axis=1)
        found[chosen] |= (one.coefs[next_] != one.coefs[here]).any(axis=1)
    return found


def _part(group: Group, first: int, last: int) -> Group:
    """Give some members, those of an edge with each of their terms apart."""
    members = np.arange(first, last)
    classes: list[TermClass] = []
    for one in group.classes:
        terms = ranges(one.starts[members], one.counts[members])
        counts = one.counts[members]
        each = [terms]
        are_few = last - first < INSIDE and counts[0] <= MOST_SLICES  # a sum of all is no edge
        if are_few and bool((counts == counts[0]).all()):
            each = list(terms.reshape(len(members), -1).T)
        for some in each:
            count = counts if len(each) == 1 else np.ones(len(members), dtype=np.int64)
            classes.append(
                TermClass(
                    one.left, one.right, count, one.a[some], one.b[some], one.coefs[some], one.rank
                )
            )
    return replace(
        group, entries=group.entries[members], places=group.places[members], classes=classes
    )
