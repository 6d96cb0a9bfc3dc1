"""Statements of one term that is summed: contractions, reductions, runs."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from written import Making, at, calls, check, computed

from tinygrad_nn.compiler.program.program import Run
from tinygrad_nn.compiler.program.statements import Reduce, Runs, Term
from tinygrad_nn.scalar.ops import add, maximum, minimum

RNG = np.random.default_rng(5)
LAYOUTS = [(4, 1, 0), (1, 3, 0), (-4, -1, 11), (-1, 3, 2)]  # of a matrix 3 x 4


@pytest.mark.parametrize("left", LAYOUTS)
@pytest.mark.parametrize("right", LAYOUTS)
def test_matrices_multiplied(left: Any, right: Any) -> None:
    making = Making()
    a, b = making.input(12), making.input(12)
    target = making.inner(9)
    (row, inner, begin), (column, other, first) = left, right
    factors = at(a, row, 0, inner, start=begin), at(b, 0, column, other, start=first)
    making.add(Reduce(at(target, 3, 1), (3, 3), add, (Term(1.0, factors, (4,)),)))
    program = making.program()
    check(program)
    x, y = RNG.normal(size=(12, 1)), RNG.normal(size=(12, 1))
    indices = np.arange(3)[:, None], np.arange(4)
    one = x[begin + row * indices[0] + inner * indices[1], 0]
    two = y[first + column * indices[0] + other * indices[1], 0]
    found = computed(program, {a: x, b: y}, 1)
    np.testing.assert_allclose(np.array(found).reshape(3, 3), one @ two.T)


@pytest.mark.parametrize("coef", [1.0, -0.5])
@pytest.mark.parametrize("sampled", [(False, True), (True, False), (True, True)])
def test_a_matrix_times_vectors(sampled: Any, coef: float) -> None:
    making = Making()
    a, b = making.input(12, sampled[0]), making.input(4, sampled[1])
    factors = at(a, 4, 1), at(b, 0, 1)
    making.add(Reduce(at(making.inner(3, True), 1), (3,), add, (Term(coef, factors, (4,)),)))
    program = making.program()
    check(program)
    if sampled == (False, True):
        x, y = RNG.normal(size=(12, 1)), RNG.normal(size=(4, 5))
        found = computed(program, {a: x, b: y}, 5)
        np.testing.assert_allclose(found, coef * x.reshape(3, 4) @ y)


@pytest.mark.parametrize("coef", [1.0, 2.0])
@pytest.mark.parametrize("sampled", [*product([False, True], repeat=2)])
def test_outer_products_summed_over_samples(sampled: Any, coef: float) -> None:
    making = Making()
    a, b = [making.input(3, varies) for varies in sampled]
    other = making.input(1, True)
    term = Term(coef, (at(a, 1, 0), at(b, 0, 1)), samples=True)
    making.add(Reduce(at(making.inner(9), 3, 1), (3, 3), add, (term,)))
    making.add(Reduce(at(making.inner(1, True)), (), add, (Term(1.0, (at(other),)),)))
    program = making.program()
    check(program)
    x, y = [RNG.normal(size=(3, 5 if varies else 1)) for varies in sampled]
    found = computed(program, {a: x, b: y, other: np.zeros((1, 5))}, 5)[:9]
    expected = coef * (x[:, None] * y + np.zeros(5)).sum(axis=2)
    np.testing.assert_allclose(np.ravel(found), expected.ravel())


@pytest.mark.parametrize("sizes", [(1, 5), (5, 1), (1, 1), (2, 3)])
@pytest.mark.parametrize("samples", [False, True])
@pytest.mark.parametrize("coef", [1.0, -1.0, math.inf])
def test_one_factor_added_up(sizes: tuple[int, int], samples: bool, coef: float) -> None:
    making = Making()
    members, over = sizes
    x = making.input(members * over, True)
    term = Term(coef, (at(x, 1, members),), (over,), samples)
    making.add(Reduce(at(making.inner(members, not samples), 1), (members,), add, (term,)))
    check(making.program())


def test_a_plain_number_along_axes() -> None:
    making = Making()
    for op in (add, maximum):
        making.add(Reduce(at(making.inner(2), 1), (2,), op, (Term(1.5, (), (3, 2)),)))
    program = making.program()
    check(program)
    assert computed(program, {}, 1) == [[9.0], [9.0], [1.5], [1.5]]


@pytest.mark.parametrize("op", [maximum, minimum])
@pytest.mark.parametrize("coef", [1.0, -2.0])
@pytest.mark.parametrize("factors", [1, 2])
def test_the_largest_and_smallest(op: Any, coef: float, factors: int) -> None:
    making = Making()
    x, y = making.input(12, True), making.input(4)
    read = (at(x, 4, 1), at(y, 0, 1))[:factors]
    making.add(Reduce(at(making.inner(3, True), 1), (3,), op, (Term(coef, read, (4,)),)))
    program = making.program()
    check(program)
    one, two = RNG.normal(size=(12, 3)), RNG.normal(size=(4, 1))
    table = coef * one.reshape(3, 4, 3) * (two if factors == 2 else 1.0)
    expected = (np.max if op is maximum else np.min)(table, axis=1)
    np.testing.assert_allclose(computed(program, {x: one, y: two}, 3), expected)


def test_one_number_is_multiplied_in_python() -> None:
    making = Making()
    x = making.input(20)
    making.add(Reduce(at(making.inner(1)), (), add, (Term(0.5, (at(x, 1), at(x, 1)), (20,)),)))
    program = making.program()
    check(program)
    numbers = RNG.normal(size=(20, 1))
    assert computed(program, {x: numbers}, 1)[0] == pytest.approx(0.5 * (numbers**2).sum())


@pytest.mark.parametrize("coef", [-1.0, math.inf, math.nan])
def test_several_sums_are_added_after_one_another(coef: float) -> None:
    making = Making()
    w, u, b = making.input(12), making.input(6), making.input(3)
    x, h = making.input(4, True), making.input(2, True)
    terms = (
        Term(1.0, (at(w, 4, 1), at(x, 0, 1)), (4,)),
        Term(coef, (at(u, 2, 1), at(h, 0, 1)), (2,)),
        Term(1.0, (at(b, 1),)),
    )
    making.add(Reduce(at(making.inner(3, True), 1), (3,), add, terms))
    program = making.program()
    check(program)
    assert calls(program) == (4 if math.isfinite(coef) else 6)


# ---- runs -------------------------------------------------------------------------------------

ENDS = [2, 3, 7, 9]


@pytest.mark.parametrize("op", [add, maximum, minimum])
@pytest.mark.parametrize("coef", [1.0, -2.0, math.inf])
@pytest.mark.parametrize("sampled", [(), (False,), (True,), (False, True), (True, True, False)])
@pytest.mark.parametrize("per_sample", [False, True])
def test_runs(op: Any, coef: float, sampled: Any, per_sample: bool) -> None:
    if op is not add and any(sampled) and not per_sample:
        return  # only a sum goes over samples
    making = Making()
    ends, places = making.table(ENDS), making.table(RNG.integers(0, 12, 9))
    arrays = [making.input(12, varies) for varies in sampled]
    factors = [
        at(array, 1, table=places) if n == 0 else at(array, -1, start=11)
        for n, array in enumerate(arrays)
    ]
    term = Term(coef, tuple(factors), (9,), not per_sample and any(sampled))
    target = making.inner(8, per_sample)
    making.add(Runs(at(target, -4, 2, start=5), (2, 2), op, term, ends))
    making.results = [Run(4, at(target, 2, start=1))]
    check(making.program())


def test_runs_are_sums_of_parts() -> None:
    making = Making()
    ends, x = making.table(ENDS), making.input(9, True)
    making.add(Runs(at(making.inner(4, True), 1), (4,), add, Term(1.0, (at(x, 1),), (9,)), ends))
    making.add(Runs(at(making.inner(4), 1), (4,), add, Term(2.0, (at(x, 1),), (9,), True), ends))
    program = making.program()
    check(program)
    numbers = RNG.normal(size=(9, 3))
    parts = [part.sum(axis=0) for part in np.split(numbers, ENDS[:-1])]
    found = computed(program, {x: numbers}, 3)
    np.testing.assert_allclose(found[:4], parts)
    np.testing.assert_allclose(np.ravel(found[4:]), 2.0 * np.sum(parts, axis=1))


def test_runs_of_what_samples_share_count_for_each_of_them() -> None:
    making = Making()
    ends, x, y = making.table(ENDS), making.input(9), making.input(1, True)
    making.add(Runs(at(making.inner(4), 1), (4,), add, Term(1.0, (at(x, 1),), (9,), True), ends))
    making.add(Reduce(at(making.inner(1, True)), (), add, (Term(1.0, (at(y),)),)))
    check(making.program(), counts=(1, 3))


def test_runs_to_places_of_a_table() -> None:
    making = Making()
    ends, x, to = making.table(ENDS), making.input(9, True), making.table([3, 0, 1, 2])
    term = Term(1.0, (at(x, 1),), (9,))
    making.add(Runs(at(making.inner(4, True), 1, table=to), (4,), add, term, ends))
    check(making.program())
