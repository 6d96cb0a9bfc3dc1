"""Choices: products with rows of ones and zeros, recognised as looking up.

A number that is known when the program runs only is compared with 0, 1, 2 ...: one of the
results is 1, the others are 0. Summed over these, their products with the elements of a
table are the element that the number says; their products with anything else add it
where the number says. Neither needs the ones and zeros, nor what is not chosen. It is
never dearer: turning the numbers into places (0.8 us, for a few) takes the time of the
comparisons (1.5 us), and a gather (0.3 us) or adding at places (0.9 us) that of a
product with the smallest table (0.9 us).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ...scalar.ops import eq, where
from ..program.distinct import distinct
from ..program.nests import Steps, nest_of
from ..program.program import Floats, Ints
from ..program.strides import row_major, spread
from .shapes import NOTHING, NUMBER, Group, TermClass
from .terms import Choice, Factor, Onto, Pattern, Source

__all__ = ["OneHots"]

NOWHERE = -1

Index = tuple[Source, int, list[int]]  # what chooses: where it begins, a stride for each axis


class _OneHot(NamedTuple):
    """An array of comparisons: for each place what is compared, and with which number."""

    arrays: Ints
    places: Ints
    numbers: Floats

    def gathered(self, places: Ints) -> _OneHot:
        return _OneHot(self.arrays[places], self.places[places], self.numbers[places])


class _Picked(NamedTuple):
    """An array of numbers that comparisons choose, 0 where they do not hold.

    For each place the family and the place of the comparison, and of the number: or the number.
    """

    arrays: Ints
    places: Ints
    others: Ints
    other_places: Ints
    numbers: Floats


class _Axis(NamedTuple):
    """An axis of a pattern: its size, and its strides; `step` is None where it is joined over."""

    size: int
    step: int | None
    one_hot: int
    other: int

    def every(self, count: int) -> _Axis:
        """Every `count`-th element of it."""
        step = None if self.step is None else self.step * count
        return _Axis(self.size // count, step, self.one_hot * count, self.other * count)


class OneHots:
    """The comparisons of a program with 0, 1, 2 ..."""

    def __init__(self) -> None:
        self._known: dict[int, _OneHot] = {}
        self._picked: dict[int, _Picked] = {}

    def note(self, group: Group) -> None:
        """Remember a group if it compares numbers with constants, or chooses by that."""
        if group.row is eq:
            self._note_comparisons(group)
        elif group.row is where and group.operands[0][0] in self._known:
            other, numbers = group.operands[2]
            if other == NUMBER and not numbers.any():
                self._note_picked(group)

    def terms_of(self, one: TermClass) -> TermClass | None:
        """Write numbers that comparisons choose as products with ones and zeros, if they are such.

        They are not the same where a number that is not chosen is infinite or NaN: it is for those
        who read nothing else.
        """
        known = self._picked.get(one.left)
        if known is None or one.right != NOTHING:
            return None
        arrays, others = distinct(known.arrays[one.a]), distinct(known.others[one.a])
        if len(arrays) > 1 or len(others) > 1 or arrays[0] == NOWHERE:
            return None
        (left,), (right,) = arrays.tolist(), others.tolist()
        a, b, coefs = known.places[one.a], known.other_places[one.a], one.coefs
        if right == NUMBER:
            with np.errstate(all="ignore"):
                right, coefs = NOTHING, coefs * known.numbers[one.a]
        elif right < left:
            left, right, a, b = right, left, b, a
        owner = np.repeat(np.arange(len(one.counts)), one.counts)
        order = np.lexsort((b, a, owner))
        return TermClass(left, right, one.counts, a[order], b[order], coefs[order])

    def added(self, group: Group) -> TermClass | None:
        """Give the terms of a group that chooses numbers, 0 and not -0.0 where it does not."""
        if (
            group.row is not where
            or group.family is None
            or group.family.number not in self._picked
        ):
            return None
        if np.signbit(group.operands[2][1]).any():
            return None
        ones = np.ones(group.size)
        counts, none = ones.astype(np.int64), np.full(group.size, NOTHING, dtype=np.int64)
        return self.terms_of(
            TermClass(group.family.number, NOTHING, counts, group.places, none, ones)
        )

    def _note_picked(self, group: Group) -> None:
        assert group.family is not None
        found = self._picked.get(group.family.number)
        if found is None:
            size = group.family.size
            arrays, places, others, other_places = np.full((4, size), NOWHERE, dtype=np.int64)
            found = _Picked(arrays, places, others, other_places, np.zeros(size))
            self._picked[group.family.number] = found
        (array, places), (other, what), _ = group.operands
        found.arrays[group.places] = array
        found.places[group.places] = places
        found.others[group.places] = other
        if other == NUMBER:
            found.numbers[group.places] = what
            found.other_places[group.places] = NOTHING
        else:
            found.other_places[group.places] = what

    def _note_comparisons(self, group: Group) -> None:
        (array, places), (other, numbers) = group.operands
        if array == NUMBER:
            array, places, other, numbers = other, numbers, array, places
        if other != NUMBER or array == NUMBER:
            return
        assert group.family is not None
        found = self._known.get(group.family.number)
        if found is None:
            size = group.family.size  # the group may be a part of it
            arrays, compared = np.full((2, size), NOWHERE, dtype=np.int64)
            found = _OneHot(arrays, compared, np.full(size, np.nan))
            self._known[group.family.number] = found
        found.arrays[group.places] = array
        found.places[group.places] = places
        found.numbers[group.places] = numbers

    def chosen(self, pattern: Pattern, members: Steps) -> Pattern:
        """Write a product with ones and zeros as a choice, where it is one."""
        if pattern.ends is not None:
            return pattern
        for one_hot in pattern.factors:
            source = one_hot.source
            known = self._known.get(source.array)
            if known is None or source.scale is not None:
                continue
            if source.table is not None:
                known = known.gathered(source.table)
            others = [factor for factor in pattern.factors if factor is not one_hot]
            other = others[0] if others else None
            if other is not None and other.source.scale is not None:
                continue  # it is two factors, and one of a term is chosen at most
            found = _choice(pattern, known, one_hot, other, members)
            if found is not None:
                return found
        return pattern


def _choice(
    pattern: Pattern, known: _OneHot, one_hot: Factor, other: Factor | None, members: Steps
) -> Pattern | None:
    along = _along_numbers(known, one_hot.rows[0], _axes(pattern, one_hot, other, members))
    if along is None:
        return None
    one, rest = along
    index = _index(known, one_hot.rows[0], one, rest)
    if index is None or not (one.other or one.step) or (one.other and other is None):
        return None
    if not one.step:
        assert other is not None
        return _read(pattern, other, one, rest, index)
    if pattern.select is not None:
        return None  # what is selected from would have to be all there
    return _added(pattern, other, one, rest, index)


def _read(
    pattern: Pattern, other: Factor, one: _Axis, rest: Sequence[_Axis], index: Index
) -> Pattern:
    """Read what is chosen."""
    source, start, strides = index
    kept = [axis.size for axis in rest if axis.step is not None]
    over = rest[len(kept) :]
    rows = Steps(spread(start, kept, strides[: len(kept)]).ravel())
    by = Factor(source, rows, tuple(strides[len(kept) :]))
    columns = tuple([axis.other for axis in over])
    factor = Factor(other.source, other.rows, columns, Choice(one.other, one.size, by))
    sizes = tuple([axis.size for axis in over])
    return Pattern(pattern.coef, [factor], sizes, pattern.select)


def _added(
    pattern: Pattern, other: Factor | None, one: _Axis, rest: Sequence[_Axis], index: Index
) -> Pattern:
    """Add to what is chosen, and read what is chosen too if that is so."""
    assert one.step is not None
    source, start, strides = index
    by = Factor(source, _one_row(start), tuple(strides))
    factors = []
    if other is not None:
        chosen = Choice(one.other, one.size, by) if one.other else None
        columns = tuple([axis.other for axis in rest])
        factors.append(Factor(other.source, _one_row(other.rows[0]), columns, chosen))
    onto = Onto(tuple([axis.step or 0 for axis in rest]), Choice(one.step, one.size, by))
    return Pattern(pattern.coef, factors, tuple([axis.size for axis in rest]), onto=onto)


def _one_row(start: int) -> Steps:
    return Steps(np.array([start], dtype=np.int64))


def _axes(
    pattern: Pattern, one_hot: Factor, other: Factor | None, members: Steps
) -> Iterator[_Axis]:
    """List the axes along which members and both factors run, and those that are joined over."""
    rows = one_hot.rows
    others = rows if other is None else other.rows
    nest = nest_of([rows, others] if pattern.select is not None else [members, rows, others])
    assert nest is not None  # so it was recognised
    run = row_major(nest)
    for axis in zip(nest, run, rows.strides(nest), others.strides(nest), strict=True):
        yield _Axis(*axis[:3], 0 if other is None else axis[3])
    for position, size in enumerate(pattern.over):
        along = 0 if other is None else other.columns[position]
        yield _Axis(size, None, one_hot.columns[position], along)


def _along_numbers(
    known: _OneHot, start: int, axes: Iterable[_Axis]
) -> tuple[_Axis, list[_Axis]] | None:
    """Part the axes: along one of them, numbers are compared with 0, 1, 2 ..."""
    one: _Axis | None = None
    rest: list[_Axis] = []
    for axis in axes:
        numbers = known.numbers[start + axis.one_hot * np.arange(axis.size)]
        breaks = np.flatnonzero(numbers != np.arange(axis.size))
        count = int(breaks[0]) if len(breaks) else axis.size
        if count < 2:
            rest.append(axis)
            continue
        if one is not None or axis.size % count:
            return None
        one = axis._replace(size=count)
        if count < axis.size:
            rest.append(axis.every(count))
    return None if one is None else (one, rest)


def _index(known: _OneHot, start: int, one: _Axis, rest: Sequence[_Axis]) -> Index | None:
    """Find the numbers that choose; None if they are not compared with 0, 1, 2 ... all along."""
    varying = [axis for axis in rest if axis.one_hot]
    sizes = [axis.size for axis in varying]
    first = spread(start, sizes, [axis.one_hot for axis in varying]).ravel()
    table = first[:, None] + one.one_hot * np.arange(one.size)
    places, arrays = known.places[table], known.arrays[table]
    if (known.numbers[table] != np.arange(one.size)).any() or (places != places[:, :1]).any():
        return None
    array = int(arrays[0, 0])
    if (arrays != array).any():
        return None
    index = places[:, 0]
    begin, runs = int(index[0]), row_major(sizes)
    source = Source(array)
    strides = [int(index[run]) - begin if run < len(index) else 0 for run in runs]
    if not np.array_equal(spread(begin, sizes, strides).ravel(), index):
        source, begin, strides = Source(array, index), 0, list(runs)
    found = iter(strides)
    return source, begin, [next(found) if axis.one_hot else 0 for axis in rest]
