"""The terms of the sums, or extremes, of one level in classes: what tells sums of one shape."""

from __future__ import annotations

import numpy as np

from ..program.distinct import distinct
from ..program.program import Floats, Ints
from .cancelling import Contents
from .ordering import mixed
from .shapes import NOTHING, TermClass
from .written import ranks, runs_apart, shape_of_ranks

__all__ = ["Classes", "classes_of_one"]

Sides = tuple[Ints, Ints]  # of each term something of the first factor, and of the second


class Classes:
    """Terms with an owner each, ordered by it, by their class, and by where their factors lie.

    `entries`, `families` and `places` are of the factors; `origin` is as in `Flat`. `written`
    tells which owners are sums that have an order; of those that have none, as extremes, plain
    numbers are a class like others.
    """

    def __init__(
        self,
        owner: Ints,
        coefs: Floats,
        entries: Sides,
        families: Sides,
        places: Sides,
        origin: Ints,
        written: Ints,
        are_sums: bool,
        contents: Contents,
    ) -> None:
        (fa, fb), (pa, pb) = families, places
        swap = (fb >= 0) & ((fa > fb) | ((fa == fb) & (pa > pb)))
        if swap.any():
            fa, fb = np.where(swap, fb, fa), np.where(swap, fa, fb)
            pa, pb = np.where(swap, pb, pa), np.where(swap, pa, pb)
        code = (fa + 1) * (int(fb.max()) + 2) + fb + 1
        self.written = written
        self.are_sums = are_sums
        has_order = bool(written.any())
        is_simple = not has_order or _are_simple(owner, code)
        if not is_simple:
            code = runs_apart(code, *entries, origin, owner, written, contents)
        order = np.lexsort((pb, pa, code, owner))
        self.owner, self.coefs, self.code = owner[order], coefs[order], code[order]
        self.fa, self.fb, self.pa, self.pb = fa[order], fb[order], pa[order], pb[order]
        fresh = np.ones(len(owner), dtype=bool)
        fresh[1:] = (self.owner[1:] != self.owner[:-1]) | (self.code[1:] != self.code[:-1])
        heads = np.flatnonzero(fresh)
        self._owners, self._kinds = self.owner[heads], self.code[heads]
        # A sum may have a number or none: it may have 0.
        self._counts = (self._kinds != 0) | (not are_sums)
        rank = np.minimum.reduceat(order, heads) if has_order else np.zeros_like(heads)
        if not is_simple:
            rank = ranks(self._owners, ~self._counts, rank)
            marks = shape_of_ranks(self._owners, rank, written)
            self._kinds, self._counts = self._kinds + marks, self._counts | (marks > 0)
        self.rank = np.repeat(rank, np.diff(np.append(heads, len(owner))))

    def add_shapes(self, shape: Ints) -> None:
        """Add to the key of each owner what tells its classes."""
        np.add.at(shape, self._owners[self._counts], mixed(self._kinds[self._counts]))

    def of(self, members: Ints) -> list[TermClass]:
        """List the classes of owners of one shape; what has an order is that of the first."""
        if len(members) == len(self.written):
            mine, who, what = np.arange(len(self.owner)), self.owner, self.code
        else:
            number = np.full(len(self.written), -1)
            number[members] = np.arange(len(members))
            mine = np.flatnonzero(number[self.owner] >= 0)
            who, what = number[self.owner[mine]], self.code[mine]
        order = self.written[members]
        is_mixed = bool(order.any()) and not bool(order.all())
        found = []
        kinds = distinct(what)
        for one in kinds:
            chosen = what == one
            of, its = mine[chosen], who[chosen]
            first = of[np.argmax(self.written[self.owner[of]]) if is_mixed else 0]
            rank, left, right = int(self.rank[first]), int(self.fa[first]), int(self.fb[first])
            counts = np.bincount(its, minlength=len(members))
            a, b, coefs = self.pa[of], self.pb[of], self.coefs[of]
            if self.are_sums and one == 0:
                coefs = _one_number_each(its, coefs, counts)
                if not coefs.any() and len(kinds) > 1:
                    continue
                counts = np.ones(len(members), dtype=np.int64)
                a = b = np.full(len(members), NOTHING, dtype=np.int64)
            found.append(TermClass(left, right, counts, a, b, coefs, rank))
        return found


def classes_of_one(
    terms: slice, families: Ints, places: Ints, contents: Contents, is_written: bool, are_sums: bool
) -> list[TermClass] | None:
    """List the classes of a single sum, or extreme, of one term, or of two of different kinds.

    None for any other. What small functions are made of goes without arrays, many times as fast.
    """
    found = []
    for rank, (first, second, coef) in enumerate(
        zip(
            contents.first[terms].tolist(),
            contents.second[terms].tolist(),
            contents.coefs[terms].tolist(),
            strict=True,
        )
    ):
        left, right = int(families[first]), int(families[second])
        a, b = int(places[first]), int(places[second])
        if right >= 0 and (left, a) > (right, b):
            left, right, a, b = right, left, b, a
        if are_sums and left == NOTHING == right:
            a = b = NOTHING
        found.append((left, right, a, b, coef, rank if is_written else 0))
    if len(found) > 1 and found[0][:2] == found[1][:2]:
        return None
    if are_sums and len(found) > 1:
        found = [one for one in found if one[4] or one[:2] != (NOTHING, NOTHING)]
    one_each = np.ones(1, dtype=np.int64)
    return [
        TermClass(
            left, right, one_each, np.array([a]), np.array([b]), np.array([coef], dtype=float), rank
        )
        for left, right, a, b, coef, rank in sorted(found)
    ]


def _are_simple(owner: Ints, code: Ints) -> bool:
    """Tell whether there are no sums but of two terms of different kinds."""
    if (owner[2:] == owner[:-2]).any():
        return False
    return not ((owner[1:] == owner[:-1]) & (code[1:] == code[:-1])).any()


def _one_number_each(owner: Ints, numbers: Floats, counts: Ints) -> Floats:
    """Give the sum of the numbers of each owner; -0.0, which changes nothing, for one that has none."""
    found = np.full(len(counts), -0.0)
    if int(counts.max()) > 1:
        np.add.at(found, owner, numbers)
    else:
        found[owner] = numbers
    return found
