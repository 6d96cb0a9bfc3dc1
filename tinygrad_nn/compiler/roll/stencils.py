"""Stencils: sums of neighbours, of which members at the edges have fewer, or others.

Terms that lie equally far from where they go are one slice of the members; where that does not
go, as around a ring, the members at the edges are sums of their own. No edge gathers.
"""

from __future__ import annotations

from collections.abc import Iterator
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

__all__ = ["Slice", "ends_of", "parts_of", "slices_of"]

MOST_SLICES = 9  # slices
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
    owner = np.repeat(np.arange(len(places)), one.counts)
    here = places[owner]
    coefs = np.ascontiguousarray(one.coefs).view(np.int64)
    for keys in _keys(one, here):
        order = np.lexsort([coefs, *keys])
        fresh = np.zeros(len(order) - 1, dtype=bool)
        for key in (coefs, *keys):
            fresh |= np.diff(key[order]) != 0
        if np.count_nonzero(fresh) >= MOST_SLICES:
            continue
        parts = np.split(order, np.flatnonzero(fresh) + 1)
        found = [_slice(one, owner, np.sort(part), places) for part in parts]
        whole = [each for each in found if each is not None]
        whole.sort(key=lambda each: -len(each.members))
        if len(whole) == len(found) and _are_enough(whole, len(places)):
            return whole
    return None


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
        if not breaks.all():
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
        if last - first < INSIDE and bool((counts == counts[0]).all()):
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
