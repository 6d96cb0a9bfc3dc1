"""Recognition: what each group is in terms of views, products and reductions.

Of a sum of products with N members of T terms, the places of the factors are two
tables of N by T. Where both are sums of a row's and a column's part along common
nested axes, the term is a strided product: which axes are rows, columns, batches or
contracted follows from the strides. Where p distinct rows of factors on the left meet
q on the right in (nearly) all p * q pairs, it is a matrix product of what is gathered
once. What is left is gathered term by term.
"""

from __future__ import annotations

import numpy as np

from ..program.statements import Factor, Operand, Statement, Term
from ..program.strides import joint_axes
from .choices import OneHots
from .flatten import OPERATION, SUM
from .groups import Grouping
from .products import product, ragged
from .shapes import NUMBER, Family, Floats, Group, Ints, TermClass

__all__ = ["Recogniser"]


class Recogniser:
    """Makes a statement of each group; keeps the constant arrays that they need.

    Attributes
    ----------
    constants : dict
        The numbers of each family of constants.
    """

    def __init__(self, grouping: Grouping) -> None:
        self.grouping = grouping
        self.constants: dict[int, Floats] = {}
        self._known: dict[bytes, Family] = {}
        self._one_hots = OneHots(self.constants)

    def statement(self, group: Group) -> Statement:
        """Make the statement of a group."""
        family = group.family
        assert family is not None
        statement = Statement(
            group.kind,
            group.row,
            family.number,
            group.size,
            group.size if group.kind == OPERATION else sum(len(c.a) for c in group.classes),
            family.per_sample,
            group.reduces,
        )
        places = group.places
        if joint_axes([places]) is None:
            statement.scatter = places
            places = np.arange(group.size, dtype=np.int64)
        statement.start = int(places[0])
        statement.axes = [(axis[0], axis[1]) for axis in joint_axes([places]) or []]
        if group.kind == OPERATION:
            self._operation(statement, group, places)
            self._one_hots.note(statement, family.size)
        else:
            terms = [self._term(one, places) for one in group.classes]
            if group.kind == SUM:
                terms = [self._one_hots.chosen(term) for term in terms]
            # The costliest writes the result, the others are added to it.
            statement.terms = sorted(
                terms, key=lambda t: (t.scatters, t.right is None, t.left is None, -t.work)
            )
        return statement

    # ---- operations -------------------------------------------------------------------------

    def _operation(self, statement: Statement, group: Group, places: Ints) -> None:
        sequences: list[Ints] = []
        factors: list[Factor | None] = []
        numbers: list[float] = []
        for family, operand in group.operands:
            if family == NUMBER and _is_one_number(operand):
                factors.append(None)
                numbers.append(float(operand[0]))
                continue
            if family == NUMBER:
                family, operand = self._constant_places(operand)
            factors.append(Factor(family, 0))
            numbers.append(0.0)
            sequences.append(operand)
        axes = joint_axes([places, *sequences])
        if axes is None:
            _gather_worst(places, sequences, [f for f in factors if f is not None])
            axes = joint_axes([places, *sequences])
            assert axes is not None  # all that is left are runs from 0
        statement.axes = [(axis[0], axis[1]) for axis in axes]
        position = 0
        for factor, number in zip(factors, numbers, strict=True):
            if factor is None:
                statement.operands.append(Operand(number))
                continue
            if factor.table is None:
                factor.start = int(sequences[position][0])
            strides = tuple(axis[2 + position] for axis in axes)
            statement.operands.append(Operand(0.0, factor, strides))
            position += 1

    # ---- sums -------------------------------------------------------------------------------

    def _term(self, one: TermClass, places: Ints) -> Term:
        uniform = bool((one.coefs == one.coefs[0]).all())
        coef = float(one.coefs[0]) if uniform else 1.0
        length = one.length
        if one.left < 0:
            return self._number_term(one, places)
        if length < 0:
            return ragged(one, coef, None if uniform else one.coefs)
        left = one.a.reshape(-1, length)
        right = one.b.reshape(-1, length) if one.right >= 0 else None
        family, scale = one.right, None
        if not uniform and right is None:
            family, right = self._constant_rows(one.coefs.reshape(-1, length))
        elif not uniform:
            scale = one.coefs
        if scale is not None:
            table = np.arange(left.size, dtype=np.int64).reshape(left.shape)
            factor = Factor(one.left, 0, one.a, scale)
            return product(places, coef, factor, table, Factor(family, 0), right)
        return product(
            places,
            coef,
            Factor(one.left, 0),
            left,
            None if right is None else Factor(family, 0),
            right,
        )

    def _number_term(self, one: TermClass, places: Ints) -> Term:
        """Plain numbers: of a sum each member has one, of an extreme it may have several."""
        if (one.coefs == one.coefs[0]).all():
            return Term(float(one.coefs[0]), None, None, [], [])
        family, table = self._constant_places(one.coefs)
        factor = Factor(family, 0)
        if one.length >= 0:
            return product(places, 1.0, factor, table.reshape(-1, one.length), None, None)
        return ragged(TermClass(family, -1, one.counts, table, table, one.coefs), 1.0, None)

    # ---- constants --------------------------------------------------------------------------

    def _constant_places(self, numbers: Floats) -> tuple[int, Ints]:
        if _is_one_number(numbers):
            family = self._constant_family(numbers[:1])
            return family.number, np.zeros(len(numbers), dtype=np.int64)
        family = self._constant_family(numbers)
        return family.number, np.arange(len(numbers), dtype=np.int64)

    def _constant_rows(self, table: Floats) -> tuple[int, Ints]:
        """Keep the distinct rows of a table of coefficients."""
        keys = np.ascontiguousarray(table).view(np.int64)
        _, first, ids = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        by_first = np.argsort(first)
        rank = np.empty(len(first), dtype=np.int64)
        rank[by_first] = np.arange(len(first))
        family = self._constant_family(table[first[by_first]].ravel())
        length = table.shape[1]
        return family.number, rank[ids.reshape(-1)][:, None] * length + np.arange(length)

    def _constant_family(self, numbers: Floats) -> Family:
        key = np.ascontiguousarray(numbers).tobytes()
        family = self._known.get(key)
        if family is None:
            family = self.grouping.new_family(len(numbers), False, f"c{len(self._known) + 1}")
            self._known[key] = family
            self.constants[family.number] = numbers
        return family


def _is_one_number(numbers: Floats) -> bool:
    """Tell whether numbers are all the same, bit by bit: 0.0 and -0.0 are not."""
    bits = np.ascontiguousarray(numbers).view(np.int64)
    return bool((bits == bits[0]).all())


def _gather_worst(places: Ints, sequences: list[Ints], factors: list[Factor]) -> None:
    """Gather operands, one after the other, until what is left has common axes."""
    order = sorted(range(len(sequences)), key=lambda i: joint_axes([places, sequences[i]]) is None)
    for position in reversed(order):
        if joint_axes([places, *sequences]) is not None:
            return
        factors[position].table = sequences[position]
        sequences[position] = np.arange(len(places), dtype=np.int64)
