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

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ...scalar.ops import eq
from ..program.statements import Choice, Factor, Operand, Statement, Term
from ..program.strides import spread, strides_of
from .flatten import OPERATION
from .shapes import Floats, Ints

__all__ = ["OneHots"]

NOWHERE = -1


class _OneHot(NamedTuple):
    """A family of comparisons: for each place what is compared, and with which number."""

    families: Ints
    places: Ints
    numbers: Floats


class _Axis(NamedTuple):
    """An axis of a term: its size, and its strides; `out` is None where it is summed over."""

    size: int
    out: int | None
    one_hot: int
    other: int

    def every(self, count: int) -> _Axis:
        """Every `count`-th element of it."""
        out = None if self.out is None else self.out * count
        return _Axis(self.size // count, out, self.one_hot * count, self.other * count)


class OneHots:
    """The comparisons of a program with 0, 1, 2 ...

    Parameters
    ----------
    constants : mapping of int to array of float
        The numbers of each family of constants.
    """

    def __init__(self, constants: Mapping[int, Floats]) -> None:
        self._constants = constants
        self._known: dict[int, _OneHot] = {}

    def note(self, statement: Statement, size: int) -> None:
        """Remember a statement if it compares numbers with constants.

        Parameters
        ----------
        statement : Statement
        size : int
            Of its family, of which it may be a part.
        """
        if statement.kind != OPERATION or statement.row is not eq:
            return
        for index, other in (statement.operands, statement.operands[::-1]):
            numbers = self._numbers(statement, other)
            if numbers is not None and index.factor is not None:
                break
        else:
            return
        found = self._known.get(statement.family)
        if found is None:
            families, places = np.full((2, size), NOWHERE, dtype=np.int64)
            found = _OneHot(families, places, np.full(size, np.nan))
            self._known[statement.family] = found
        where = statement.scatter
        if where is None:
            where = spread(statement.start, statement.axes)
        found.families[where] = index.factor.family
        found.places[where] = _places(statement, index)
        found.numbers[where] = numbers

    def _numbers(self, statement: Statement, operand: Operand) -> Floats | None:
        if operand.factor is None:
            return np.full(statement.size, operand.number)
        if operand.factor.family not in self._constants:
            return None
        numbers: Floats = self._constants[operand.factor.family][_places(statement, operand)]
        return numbers

    def chosen(self, term: Term) -> Term:
        """Write a product with ones and zeros as a choice, where it is one."""
        if term.offsets is not None:
            return term
        pairs = [(term.left, term.right, False), (term.right, term.left, True)]
        for factor, other, swapped in pairs:
            if factor is None or factor.scale is not None or factor.family not in self._known:
                continue
            known = self._known[factor.family]
            if factor.table is not None:
                known = _OneHot(*[of_each[factor.table] for of_each in known])
            axes = [_Axis(n, out, *_swapped(a, b, swapped)) for n, out, a, b in term.axes]
            axes += [_Axis(n, None, *_swapped(a, b, swapped)) for n, a, b in term.reduced]
            found = self._choice(term, known, factor.start, other, axes)
            if found is not None:
                return found
        return term

    def _choice(
        self, term: Term, known: _OneHot, start: int, other: Factor | None, axes: Sequence[_Axis]
    ) -> Term | None:
        along = _along_numbers(known, start, axes)
        if along is None:
            return None
        one, rest = along
        index = _index(known, start, one, rest)
        source, target = one.other, one.out or 0
        if index is None or not (source or target) or (source and other is None):
            return None
        if target and term.select is not None:
            return None  # what is selected from would have to be all there
        choice = Choice(*index, one.size, source, target)
        kept = [(a.size, a.out, a.other, 0) for a in rest if a.out is not None]
        reduced = [(a.size, a.other, 0) for a in rest if a.out is None]
        return Term(term.coef, other, None, kept, reduced, term.start, term.select, None, choice)


def _swapped(left: int, right: int, swapped: bool) -> tuple[int, int]:
    return (right, left) if swapped else (left, right)


def _along_numbers(
    known: _OneHot, start: int, axes: Sequence[_Axis]
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


def _index(
    known: _OneHot, start: int, one: _Axis, rest: Sequence[_Axis]
) -> tuple[Factor, list[int]] | None:
    """Find where the numbers lie that choose, with their stride along each axis.

    None if they are not compared with 0, 1, 2 ... all along.
    """
    varying = [axis for axis in rest if axis.one_hot]
    first = spread(start, [(axis.size, axis.one_hot) for axis in varying])
    table = first[:, None] + one.one_hot * np.arange(one.size)
    places, families = known.places[table], known.families[table]
    if (known.numbers[table] != np.arange(one.size)).any() or (places != places[:, :1]).any():
        return None
    family = int(families[0, 0])
    if (families != family).any():
        return None
    index = places[:, 0]
    begin, runs = int(index[0]), strides_of([axis.size for axis in varying])
    factor = Factor(family, begin)
    strides = [int(index[run]) - begin if run < len(index) else 0 for run in runs]
    sizes = [axis.size for axis in varying]
    if not np.array_equal(spread(begin, zip(sizes, strides, strict=True)), index):
        factor, strides = Factor(family, 0, index), runs
    found = iter(strides)
    return factor, [next(found) if axis.one_hot else 0 for axis in rest]


def _places(statement: Statement, operand: Operand) -> Ints:
    """List where an operand is read for each result."""
    assert operand.factor is not None
    sizes = [n for n, _ in statement.axes]
    places = spread(operand.factor.start, list(zip(sizes, operand.strides, strict=True)))
    return places if operand.factor.table is None else operand.factor.table[places]
