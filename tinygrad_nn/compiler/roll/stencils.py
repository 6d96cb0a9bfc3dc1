"""Stencils: sums of neighbours, of which members at the edges have fewer.

Terms that lie equally far from where they go are one slice of the members; no edge gathers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..program.nests import Steps, nest_of
from ..program.program import Ints
from .shapes import TermClass
from .terms import Factor, Pattern, Source

__all__ = ["Slice", "slices_of"]

MOST_SLICES = 9


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
    for keys in _keys(one, here):
        coefs = np.ascontiguousarray(one.coefs).view(np.int64)
        _, first, number = np.unique(
            np.stack([coefs, *keys]), axis=1, return_index=True, return_inverse=True
        )
        if len(first) > MOST_SLICES:
            continue
        found = [
            _slice(one, owner, np.flatnonzero(number.reshape(-1) == n), places)
            for n in range(len(first))
        ]
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
    if len(np.unique(members)) < len(members) or nest_of([Steps(places[members]), *rows]) is None:
        return None
    factors = [Factor(*each) for each in zip(sources, rows, strict=False)]
    return Slice(members, Pattern(float(one.coefs[terms[0]]), factors))


def _are_enough(slices: list[Slice], count: int) -> bool:
    return len(slices[0].members) == count and 2 * len(slices[-1].members) >= count
