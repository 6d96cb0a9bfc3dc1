"""Recognition: what each group is in terms of views, products and reductions."""

from __future__ import annotations

import numpy as np

from ...scalar.ops import add
from ..program.nests import Steps, nest_of
from ..program.program import Floats, Ints
from .choices import OneHots
from .flatten import OPERATION, SUM
from .products import Side, product, ragged
from .shapes import NUMBER, Group, TermClass
from .stencils import Slice, parts_of, pieces_of, shifts_of, slices_of
from .terms import Factor, Joined, Mapped, Pattern, Recognised, Source

__all__ = ["Recogniser"]


class Recogniser:
    """Finds where the members of each group read and write.

    The constants that they need get the numbers of arrays behind those that there are.
    """

    def __init__(self, arrays: int) -> None:
        self.constants: dict[int, Floats] = {}
        self._arrays = arrays
        self._known: dict[bytes, int] = {}
        self._one_hots = OneHots()

    def recognised(self, group: Group) -> list[Recognised]:
        """Recognise a group: in one, and what is added to some of its members afterwards."""
        found = self._whole(group)
        if group.kind == SUM and not group.reduces and any(map(_gathers, found)):
            parts = parts_of(group)
            if len(parts) > 1:
                return [one for part in parts for one in self._whole(part)]
        return found

    def _whole(self, group: Group) -> list[Recognised]:
        target = _target(group)
        if group.kind == OPERATION:
            self._one_hots.note(group)
            assert group.row is not None
            added = self._added(group, target.rows)
            if added is not None:
                return [Joined(target, add, [added], False, group.size)]
            return [Mapped(target, group.row, self._operands(group, target.rows))]
        stencils = _stencils(group)
        shifted = None if any(stencils) else _shifted(group)
        if shifted is not None:
            return shifted
        edges: list[Joined] = []
        patterns = [
            _stencil(slices, group, target, edges) or self._pattern(one, target.rows)
            for slices, one in zip(stencils, group.classes, strict=True)
        ]
        if group.kind == SUM:
            patterns = [
                self._chosen(one, pattern, target.rows)
                for one, pattern in zip(group.classes, patterns, strict=True)
            ]
        if group.written:
            patterns = _as_written(patterns, [one.rank for one in group.classes])
        else:  # the costliest writes the results, the others are added to them
            patterns.sort(key=_cheapness)
        nodes = sum(len(one.a) for one in group.classes) - sum(one.nodes for one in edges)
        whole = Joined(target, group.row or add, patterns, group.reduces, nodes, group.written)
        return [whole, *edges]

    # ---- operations -------------------------------------------------------------------------

    def _operands(self, group: Group, members: Steps) -> list[float | Factor]:
        operands: list[float | Factor] = []
        for array, places in group.operands:
            if array == NUMBER and _is_one_number(places):
                operands.append(float(places[0]))
                continue
            if array == NUMBER:
                array, places = self._constant_places(places)
            operands.append(Factor(Source(array), Steps(places)))
        factors = [one for one in operands if isinstance(one, Factor)]
        if nest_of([members, *[factor.rows for factor in factors]]) is not None:
            return operands
        gathered = _gather_worst(members, factors)
        return [gathered[id(one)] if isinstance(one, Factor) else one for one in operands]

    # ---- choices ----------------------------------------------------------------------------

    def _chosen(self, one: TermClass, pattern: Pattern, members: Steps) -> Pattern:
        """Write terms with ones and zeros, or what these choose, as a choice, where it is one."""
        terms = self._one_hots.terms_of(one)
        if terms is None:
            return self._one_hots.chosen(pattern, members)
        product = self._pattern(terms, members)
        found = self._one_hots.chosen(product, members)
        return pattern if found is product else found

    def _added(self, group: Group, members: Steps) -> Pattern | None:
        """Write what ones and zeros choose as added to what is chosen, where it is that."""
        terms = self._one_hots.added(group)
        if terms is None:
            return None
        found = self._one_hots.chosen(self._pattern(terms, members), members)
        return None if found.onto is None else found

    # ---- sums -------------------------------------------------------------------------------

    def _pattern(self, one: TermClass, members: Steps) -> Pattern:
        first = float(one.coefs[0])
        uniform = first == first if len(one.coefs) == 1 else bool((one.coefs == first).all())
        coef = first if uniform else 1.0
        length = one.length
        if one.left < 0:
            return self._numbers(one, members)
        if length < 0:
            return ragged(one, coef, None if uniform else one.coefs)
        sides = [Side(Source(one.left), one.a.reshape(-1, length))]
        if one.right >= 0:
            sides.append(Side(Source(one.right), one.b.reshape(-1, length)))
        if not uniform and len(sides) == 2:
            run = np.arange(len(one.a), dtype=np.int64).reshape(-1, length)
            sides[0] = Side(Source(one.left, one.a, one.coefs), run)
        elif not uniform:
            array, rows = self._constant_rows(one.coefs.reshape(-1, length))
            sides.append(Side(Source(array), rows))
        return product(members, coef, sides)

    def _numbers(self, one: TermClass, members: Steps) -> Pattern:
        """Plain numbers: of a sum each member has one, of an extreme it may have several."""
        if (one.coefs == one.coefs[0]).all():
            return Pattern(float(one.coefs[0]))
        array, places = self._constant_places(one.coefs)
        if one.length >= 0:
            return product(members, 1.0, [Side(Source(array), places.reshape(-1, one.length))])
        return ragged(TermClass(array, -1, one.counts, places, places, one.coefs), 1.0, None)

    # ---- constants --------------------------------------------------------------------------

    def _constant_places(self, numbers: Floats) -> tuple[int, Ints]:
        if _is_one_number(numbers):
            return self._constant(numbers[:1]), np.zeros(len(numbers), dtype=np.int64)
        return self._constant(numbers), np.arange(len(numbers), dtype=np.int64)

    def _constant_rows(self, table: Floats) -> tuple[int, Ints]:
        """Keep the distinct rows of a table of coefficients."""
        keys = np.ascontiguousarray(table).view(np.int64)
        _, first, ids = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        by_first = np.argsort(first)
        rank = np.empty(len(first), dtype=np.int64)
        rank[by_first] = np.arange(len(first))
        array = self._constant(table[first[by_first]].ravel())
        length = table.shape[1]
        return array, rank[ids.reshape(-1)][:, None] * length + np.arange(length)

    def _constant(self, numbers: Floats) -> int:
        """Give the array of some numbers; those that are the same are one."""
        key = np.ascontiguousarray(numbers).tobytes()
        array = self._known.setdefault(key, self._arrays + len(self._known))
        self.constants.setdefault(array, numbers)
        return array


# ---- stencils -----------------------------------------------------------------------------------


def _stencils(group: Group) -> list[list[Slice] | None]:
    """Write each class of terms as slices, where it is a stencil, and there is no order of terms."""
    if group.kind != SUM or group.reduces or group.written * len(group.classes) > 1:
        return [None] * len(group.classes)
    return [
        slices_of(one, group.places) if one.left >= 0 and one.length < 0 else None
        for one in group.classes
    ]


def _stencil(
    slices: list[Slice] | None, group: Group, target: Factor, edges: list[Joined]
) -> Pattern | None:
    """Give the slice that all members have; the others are added to some of the members."""
    if slices is None or target.source.table is not None:
        return None
    for members, pattern in slices[1:]:
        rows = Steps(group.places[members])
        some = Factor(target.source, rows)
        edges.append(Joined(some, add, [pattern], False, len(members), accumulates=True))
    return slices[0].pattern


def _shifted(group: Group) -> list[Recognised] | None:
    """Write sums of several lengths as what moves, added to what it moves to.

    All begin with -0.0, to which each number is added as it is.
    """
    if group.kind != SUM or group.reduces or group.written:
        return None
    if not any(one.length < 0 for one in group.classes):
        return None
    moved, pieces = shifts_of(group), pieces_of(group.places)
    if moved is None or pieces is None:
        return None
    assert group.family is not None
    source = Source(group.family.number)
    found: list[Recognised] = [
        Joined(Factor(source, Steps(places)), add, [Pattern(-0.0)], False, 0) for places in pieces
    ]
    for members, pattern in moved:
        rows = Steps(group.places[members])
        one = Joined(Factor(source, rows), add, [pattern], False, len(members))
        one.accumulates = True
        found.append(one)
    return found


# ---- places and orders ---------------------------------------------------------------------------


def _gathers(one: Recognised) -> bool:
    """Tell whether sums read what is no slice, or differ in length."""
    return isinstance(one, Joined) and any(
        pattern.ends is not None
        or pattern.select is not None
        or any(factor.source.table is not None for factor in pattern.factors)
        for pattern in one.patterns
    )


def _target(group: Group) -> Factor:
    """Say where the members go: along a nest, or through a table."""
    assert group.family is not None
    rows = Steps(group.places)
    if rows.cuts is not None:
        return Factor(Source(group.family.number), rows)
    run = Steps(np.arange(group.size, dtype=np.int64))
    return Factor(Source(group.family.number, group.places), run)


def _as_written(patterns: list[Pattern], ranks: list[int]) -> list[Pattern]:
    """Order patterns by their ranks; of the first two the costlier writes the results."""
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    found = sorted([patterns[place] for place in order], key=lambda one: one.onto is not None)
    return sorted(found[:2], key=lambda one: _cheapness(one)[:-1]) + found[2:]


def _cheapness(pattern: Pattern) -> tuple[bool, bool, bool, int]:
    count = len(pattern.factors)
    return pattern.onto is not None, count < 2, count < 1, -pattern.work


def _is_one_number(numbers: Floats) -> bool:
    """Tell whether numbers are all the same, bit by bit: 0.0 and -0.0 are not."""
    if len(numbers) == 1:
        return True
    bits = np.ascontiguousarray(numbers).view(np.int64)
    return bool((bits == bits[0]).all())


def _gather_worst(members: Steps, factors: list[Factor]) -> dict[int, Factor]:
    """Gather operands, one after the other, until what is left has common axes.

    Those that have none with the members come first.
    """
    found = {id(factor): factor for factor in factors}
    order = sorted(factors, key=lambda factor: nest_of([members, factor.rows]) is None)
    run = Steps(np.arange(len(members), dtype=np.int64))
    for factor in reversed(order):
        if nest_of([members, *[one.rows for one in found.values()]]) is not None:
            break
        found[id(factor)] = Factor(factor.source.gathered(factor.rows.places), run)
    return found
