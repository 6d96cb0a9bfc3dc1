"""What sums of products are recognised as, and that they are the same products then."""

from __future__ import annotations

import random
from itertools import product as pairs
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.nests import Steps
from tinygrad_nn.compiler.roll.products import Side, product, ragged
from tinygrad_nn.compiler.roll.shapes import TermClass
from tinygrad_nn.compiler.roll.terms import Factor, Pattern, Source

Table = list[list[int]]
LEFT, RIGHT = 4, 9  # the numbers of two arrays


def run(count: int) -> Steps:
    return Steps(np.arange(count))


def side(array: int, table: Any) -> Side:
    return Side(Source(array), np.array(table))


def read(factor: Factor, over: tuple[int, ...]) -> Any:
    """List where a factor is read: a row for each of its members."""
    places = factor.rows.places[:, None]
    for size, stride in zip(over, factor.columns, strict=True):
        places = (places[..., None] + stride * np.arange(size)).reshape(len(places), -1)
    return places if factor.source.table is None else factor.source.table[places]


def products_of(pattern: Pattern) -> list[list[tuple[int, ...]]]:
    """List the places of the factors of each product of each member."""
    tables = [read(factor, pattern.over) for factor in pattern.factors]
    if pattern.select is not None:
        tables = [table[pattern.select] for table in tables]
    return [
        sorted(zip(*rows, strict=True)) for rows in zip(*[t.tolist() for t in tables], strict=True)
    ]


def expected(*tables: Table) -> list[list[tuple[int, ...]]]:
    return [sorted(zip(*rows, strict=True)) for rows in zip(*tables, strict=True)]


def matrix(rows: int, columns: int, start: int = 0) -> Table:
    return [[start + i * columns + j for j in range(columns)] for i in range(rows)]


def recognised(left: Table, right: Table, arrays: tuple[int, int] = (LEFT, RIGHT)) -> Pattern:
    sides = [side(arrays[0], left), side(arrays[1], right)]
    return product(run(len(left)), 0.5, sides)


def tables(pattern: Pattern) -> list[int]:
    """Count what is gathered of each factor."""
    return [0 if f.source.table is None else len(f.source.table) for f in pattern.factors]


def test_a_matrix_times_a_vector_is_strided() -> None:
    W = matrix(3, 5, 2)
    found = recognised(W, [list(range(5))] * 3)
    assert products_of(found) == expected(W, [list(range(5))] * 3)
    assert (found.coef, found.over, found.select) == (0.5, (5,), None)
    left, right = found.factors
    assert (left.source.array, left.rows.strides((3,)), left.columns) == (LEFT, (5,), (1,))
    assert (right.source.array, right.rows.strides((3,)), right.columns) == (RIGHT, (0,), (1,))
    assert tables(found) == [0, 0]


def test_one_factor_alone() -> None:
    columns = [[j, 3 + j, 6 + j] for j in range(3)]
    found = product(run(3), 1.0, [side(LEFT, columns)])
    assert products_of(found) == expected(columns)
    (factor,) = found.factors
    assert (factor.rows.strides((3,)), factor.columns, tables(found)) == ((1,), (3,), [0])


def test_windows_are_strided_along_two_axes() -> None:
    """A convolution: rows of 4, a window of 2 by 3."""
    where = [r * 4 + c for r in range(3) for c in range(2)]
    image = [[w + k * 4 + m for k in range(2) for m in range(3)] for w in where]
    found = recognised(image, [list(range(6))] * 6)
    assert products_of(found) == expected(image, [list(range(6))] * 6)
    assert (found.over, tables(found)) == ((2, 3), [0, 0])
    assert found.factors[0].rows.strides((3, 2)) == (4, 1)


def shuffled(rows: list[Any], seed: int = 0) -> list[Any]:
    return random.Random(seed).sample(rows, len(rows))


def test_all_pairs_of_rows_in_any_order_are_a_grid() -> None:
    A, B = matrix(3, 2), matrix(4, 2, 50)
    every = shuffled(list(pairs(A, B)))
    left, right = [a for a, _ in every], [b for _, b in every]
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert tables(found) == [0, 0]
    assert found.select is not None
    assert sorted(found.select.tolist()) == list(range(12))


def test_rows_that_are_no_view_are_gathered_once() -> None:
    A, B = [[1, 7], [3, 8], [5, 0]], matrix(4, 2)
    every = list(pairs(A, B))
    left, right = [a for a, _ in every], [b for _, b in every]
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert (tables(found), found.select) == ([6, 8], None)


def test_some_pairs_that_are_missing_are_computed_all_the_same() -> None:
    A, B = matrix(3, 2), matrix(4, 2)
    some = list(pairs(A, B))[:-1]
    left, right = [a for a, _ in some], [b for _, b in some]
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert (found.work, tables(found)) == (24, [0, 0])
    assert found.select is not None
    assert found.select.tolist() == list(range(11))


def test_many_pairs_that_are_missing_are_not_computed() -> None:
    A, B = matrix(4, 3), matrix(4, 3)
    some = [(A[i], B[j]) for i, j in [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 3), (3, 3)]]
    left, right = [a for a, _ in some], [b for _, b in some]
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert found.select is None
    assert found.work == 7 * 3


def test_a_product_of_each_batch() -> None:
    """Three products of a 2 x 2 with a 2 x 2 matrix."""
    left, right = [], []
    for batch in range(3):
        for a, b in pairs(matrix(2, 2, 4 * batch), matrix(2, 2, 4 * (2 - batch))):
            left.append(a)
            right.append(b)
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert tables(found) == [0, 0]
    assert found.factors[0].rows.strides((3, 2, 2)) == (4, 2, 0)
    assert found.factors[1].rows.strides((3, 2, 2)) == (-4, 0, 2)


def test_queries_and_keys_may_lie_in_one_array() -> None:
    Q, K = [[0, 1], [8, 9], [4, 5]], [[2, 3], [6, 7], [10, 11]]
    every = [(q, k) if q < k else (k, q) for q, k in pairs(Q, K)]
    left, right = [list(a) for a, _ in every], [list(b) for _, b in every]
    found = recognised(left, right, (LEFT, LEFT))
    both = expected([a + b for a, b in zip(left, right, strict=True)])
    of_each = [sorted([(p,) for pair in member for p in pair]) for member in products_of(found)]
    assert of_each == [sorted(member) for member in both]
    assert found.factors[0].source.array == found.factors[1].source.array == LEFT
    assert max(tables(found)) <= 6  # three rows of two


def test_rows_of_two_arrays_are_not_taken_for_those_of_one() -> None:
    """What stands on the left stays there, though its places are those of rows on the right."""
    Q, K = [[0, 1], [8, 9], [4, 5]], [[2, 3], [6, 7], [10, 11]]
    every = [(q, k) if q < k else (k, q) for q, k in pairs(Q, K)]
    left, right = [list(a) for a, _ in every], [list(b) for _, b in every]
    found = recognised(left, right)
    assert [factor.source.array for factor in found.factors] == [LEFT, RIGHT]
    assert products_of(found) == expected(left, right)


def test_what_has_no_order_is_gathered() -> None:
    left, right = [[5, 1], [0, 3], [2, 2]], [[4, 0], [9, 1], [3, 8]]
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert tables(found) == [6, 6]
    left = [[0, 1], [2, 3], [4, 5]]
    found = recognised(left, right)
    assert products_of(found) == expected(left, right)
    assert tables(found) == [0, 6]  # what is a view is read as it is


def test_coefficients_follow_what_they_scale_through_tables() -> None:
    places = np.array([7, 3, 9, 1, 0, 2])
    scale = np.array([1.0, -2.0, 3.0, -4.0, 5.0, -6.0])
    sides = [Side(Source(LEFT, places, scale), run(6).places.reshape(3, 2))]
    sides.append(side(RIGHT, [[0, 1], [5, 2], [0, 1]]))
    found = product(run(3), 1.0, sides)
    left, right = found.factors
    rows, others = read(left, found.over), read(right, found.over)
    assert products_of(found) == expected(places.reshape(3, 2).tolist(), [[0, 1], [5, 2], [0, 1]])
    assert left.source.scale is not None
    at = {int(p): float(s) for p, s in zip(left.source.table, left.source.scale, strict=True)}
    assert [at[p] for p in places.tolist()] == scale.tolist()
    assert rows.shape == others.shape == (3, 2)


def test_members_that_differ_in_length_are_runs() -> None:
    nowhere = np.array([4, 0, 1, 2, 3, 3])
    one = TermClass(LEFT, 0, np.array([1, 3, 2]), nowhere, nowhere + 1, np.ones(6))
    found = ragged(one, 3.0, None)
    assert found.ends is not None
    assert (found.coef, found.over, found.ends.tolist()) == (3.0, (6,), [1, 4, 6])
    left, right = found.factors
    assert read(left, found.over).tolist() == [nowhere.tolist()]
    assert read(right, found.over).tolist() == [(nowhere + 1).tolist()]


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[Table, Table]:
    """Rows out of few, so that grids, parts of them and broadcasts are common."""
    length = draw(st.integers(1, 3))
    row = st.lists(st.integers(0, 6), min_size=length, max_size=length)
    known = draw(st.lists(row, min_size=1, max_size=4)), draw(st.lists(row, min_size=1, max_size=4))
    every = list(pairs(*known))
    some = draw(st.lists(st.sampled_from(every), min_size=1, max_size=10))
    chosen = draw(st.sampled_from([some, every, sorted(every), every[1:] or every]))
    return [list(a) for a, _ in chosen], [list(b) for _, b in chosen]


@given(two_tables())
def test_whatever_it_is_recognised_as_the_products_are_the_same(both: tuple[Table, Table]) -> None:
    assert products_of(recognised(*both)) == expected(*both)


@pytest.mark.parametrize("members", [run(4), Steps(np.array([0, 1, 10, 11]))])
def test_a_grid_is_written_along_axes_that_its_members_have(members: Steps) -> None:
    A, B = matrix(1, 2), matrix(4, 2)
    found = product(members, 1.0, [side(LEFT, A * 4), side(RIGHT, B)])
    assert products_of(found) == expected(A * 4, B)
    assert (tables(found), found.select) == ([0, 0], None)
