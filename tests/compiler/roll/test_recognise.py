"""What groups are recognised as: targets, operands, constants, and the order of terms."""

from __future__ import annotations

import numpy as np
import pytest
from groups import mapped, plain, terms, total

from tinygrad_nn.compiler.program.nests import nest_of
from tinygrad_nn.compiler.roll.recognise import Recogniser
from tinygrad_nn.compiler.roll.shapes import Family, Group
from tinygrad_nn.compiler.roll.terms import Factor, Joined, Mapped
from tinygrad_nn.scalar.ops import add, exp, maximum, mul, where

FIRST = 5  # the number of the first array of constants
MADE = Family(3, 12, False)


def recognise(group: Group, into: Recogniser | None = None) -> Mapped | Joined:
    (found,) = (into or Recogniser(FIRST)).recognised(group)
    return found


def places_of(operand: float | Factor) -> list[int]:
    assert isinstance(operand, Factor)
    table = operand.source.table
    places = operand.rows.places
    return [int(place) for place in (places if table is None else table[places])]


def test_members_that_have_no_axes_go_through_a_table() -> None:
    strided = recognise(mapped(MADE, [1, 4, 7], exp, (0, [0, 1, 2]))).target
    assert (strided.source.table, places_of(strided)) == (None, [1, 4, 7])
    scattered = recognise(mapped(MADE, [1, 4, 5], exp, (0, [0, 1, 2]))).target
    assert scattered.source.table is not None
    assert (scattered.source.array, places_of(scattered)) == (3, [1, 4, 5])


def test_an_operation_reads_views() -> None:
    found = recognise(mapped(MADE, [0, 1, 2, 3], where, (0, [3, 2, 1, 0]), (1, [5] * 4), [2.0] * 4))
    assert isinstance(found, Mapped)
    reversed_, same, number = found.operands
    assert (places_of(reversed_), places_of(same), number) == ([3, 2, 1, 0], [5] * 4, 2.0)
    assert isinstance(reversed_, Factor)
    assert reversed_.source.table is None
    assert found.reads() == {0, 1}


def test_only_operands_that_do_not_fit_are_gathered() -> None:
    fitting, odd = [0, 2, 4, 6], [0, 1, 3, 7]
    found = recognise(mapped(MADE, [0, 1, 2, 3], mul, (0, odd), (1, fitting)))
    assert isinstance(found, Mapped)
    left, right = found.operands
    assert (places_of(left), places_of(right)) == (odd, fitting)
    assert isinstance(left, Factor)
    assert isinstance(right, Factor)
    assert left.source.table is not None
    assert right.source.table is None


def test_operands_that_fit_the_members_but_not_each_other() -> None:
    halves, thirds = [0, 1, 2, 0, 1, 2], [0, 1, 0, 1, 0, 1]
    found = recognise(mapped(MADE, list(range(6)), mul, (0, halves), (1, thirds)))
    assert isinstance(found, Mapped)
    factors = [operand for operand in found.operands if isinstance(operand, Factor)]
    assert [places_of(factor) for factor in factors] == [halves, thirds]
    assert sum(factor.source.table is not None for factor in factors) == 1
    assert nest_of([found.target.rows, *[factor.rows for factor in factors]]) is not None


def test_constants_are_kept_once_and_bit_by_bit() -> None:
    into = Recogniser(FIRST)
    members = [0, 1, 2]
    for numbers in ([1.0, 2.0, 3.0], [0.0, 0.0, -0.0], [1.0, 2.0, 3.0], [4.0] * 3, [0.0] * 3):
        found = recognise(mapped(MADE, members, mul, (0, members), numbers), into)
        assert isinstance(found, Mapped)
        operand = found.operands[1]
        read = (
            into.constants[operand.source.array][places_of(operand)]
            if isinstance(operand, Factor)
            else np.full(3, operand)
        )
        assert read.tobytes() == np.array(numbers).tobytes()
    assert list(into.constants) == [FIRST, FIRST + 1]


@pytest.mark.parametrize("second", [[[4, 5]] * 2, [[4, 5], [7, 6]]], ids=["same", "other"])
def test_coefficients_of_one_factor_are_another(second: list[list[int]]) -> None:
    into = Recogniser(FIRST)
    coefs = [1.0, -2.0, 1.0, -2.0]
    found = recognise(total(MADE, [0, 1], terms(0, second, coefs=coefs)), into)
    assert isinstance(found, Joined)
    (pattern,) = found.patterns
    left, right = pattern.factors
    assert (pattern.coef, left.source.array, right.source.array) == (1.0, 0, FIRST)
    assert into.constants[FIRST].tolist() == [1.0, -2.0]  # a row, once
    assert right.rows.places.tolist() == [0, 0]


def test_one_coefficient_for_all_is_no_factor() -> None:
    found = recognise(total(MADE, [0, 1], terms(0, [[4, 5], [6, 7]], coefs=[3.0] * 4)))
    assert isinstance(found, Joined)
    (pattern,) = found.patterns
    assert (pattern.coef, len(pattern.factors), found.nodes, found.row) == (3.0, 1, 4, add)


def test_coefficients_of_products_scale_what_is_gathered() -> None:
    one = terms(0, [[4], [6]], 1, [[0], [1]], [3.0, -1.0])
    found = recognise(total(MADE, [0, 1], one))
    assert isinstance(found, Joined)
    left, right = found.patterns[0].factors
    assert left.source.table is not None
    assert left.source.scale is not None
    assert (left.source.table.tolist(), left.source.scale.tolist()) == ([4, 6], [3.0, -1.0])
    assert right.source.table is None


def test_the_costliest_term_comes_first_and_numbers_last() -> None:
    members = [0, 1]
    classes = [
        plain([1.0, 1.0]),
        terms(0, [[0], [1]]),
        terms(0, [[0, 1], [2, 3]], 1, [[0, 1]] * 2),
        terms(2, [[0, 1, 2]] * 2, 1, [[0, 1, 2]] * 2),
        terms(1, [[0, 1], [2, 3]]),
    ]
    found = recognise(total(MADE, members, *classes))
    assert isinstance(found, Joined)
    read = [[factor.source.array for factor in one.factors] for one in found.patterns]
    assert read == [[2, 1], [0, 1], [1], [0], []]


def test_numbers_of_an_extreme_may_differ_in_length() -> None:
    into = Recogniser(FIRST)
    numbers = terms(-1, [[-1, -1], [-1]], coefs=[1.0, 5.0, -3.0])
    found = recognise(total(MADE, [0, 1], numbers, row=maximum), into)
    assert isinstance(found, Joined)
    (pattern,) = found.patterns
    assert pattern.ends is not None
    assert (found.row, pattern.ends.tolist()) == (maximum, [2, 3])
    table = pattern.factors[0].source.table
    assert into.constants[FIRST][table].tolist() == [1.0, 5.0, -3.0]


def test_members_of_a_sum_may_differ_in_length() -> None:
    coefs = [1.0, -1.0, 2.0]
    found = recognise(total(MADE, [0, 1], terms(0, [[4, 5], [6]], coefs=coefs)))
    assert isinstance(found, Joined)
    (pattern,) = found.patterns
    assert pattern.ends is not None
    assert pattern.ends.tolist() == [2, 3]
    (source,) = [factor.source for factor in pattern.factors]
    assert (source.array, source.table.tolist(), source.scale.tolist()) == (0, [4, 5, 6], coefs)
