"""Places that are chosen when the program runs: read, and added to."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from written import Making, Numbers, at, check, computed, meant

from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Reduce, Term
from tinygrad_nn.scalar.ops import add

RNG = np.random.default_rng(2)
NO_PLACES = [-1.0, 0.5, 5.0, math.nan, math.inf, -math.inf, -0.0, 1e300]


def chosen(size: int, places: int, count: int, odd: bool = False) -> Numbers:
    """Numbers that choose; some are no places."""
    numbers = RNG.integers(0, places, (size, count)).astype(float)
    if odd:
        numbers.flat[: len(NO_PLACES)] = NO_PLACES[: numbers.size]
    return numbers


def checked(program: Program, by: int, places: int, odd: bool) -> None:
    """Check a program with random numbers, of which one array chooses."""
    arrays = program.arrays
    inputs = {
        n: RNG.normal(size=(array.size, 70 if array.per_sample else 1))
        for n, array in enumerate(arrays)
        if array.role.value == "input"
    }
    inputs[by] = chosen(arrays[by].size, places, inputs[by].shape[1], odd)
    check(program, inputs)


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("sampled", [*product([False, True], repeat=2)])
@pytest.mark.parametrize("step", ["row", "column"])
def test_rows_and_columns_of_a_table(sampled: tuple[bool, bool], odd: bool, step: str) -> None:
    making = Making()
    x, by = making.input(20, sampled[0]), making.input(4, sampled[1])
    read = {
        "row": at(x, 0, 1, by=(4, 5, at(by, 1, 0))),
        "column": at(x, 0, 5, by=(1, 5, at(by, 1, 0))),
    }[step]
    making.add(Reduce(at(making.inner(16, any(sampled)), 4, 1), (4, 4), add, (Term(1.0, (read,)),)))
    checked(making.program(), by, 5, odd)


def test_a_row_is_what_numpy_takes() -> None:
    making = Making()
    x, by = making.input(20), making.input(3, True)
    read = at(x, 0, 1, by=(4, 5, at(by, 1, 0)))
    making.add(Reduce(at(making.inner(12, True), 4, 1), (3, 4), add, (Term(2.0, (read,)),)))
    table, numbers = RNG.normal(size=(20, 1)), chosen(3, 5, 6)
    found = np.array(computed(making.program(), {x: table, by: numbers}, 6)).reshape(3, 4, 6)
    expected = 2.0 * table.reshape(5, 4)[numbers.astype(int)]
    np.testing.assert_allclose(found, expected.transpose(0, 2, 1))


@pytest.mark.parametrize(("odd", "coef"), [(False, 1.0), (True, -0.5), (False, math.inf)])
@pytest.mark.parametrize("samples", [False, True])
@pytest.mark.parametrize("weighted", [False, True])
def test_chosen_elements_summed(odd: bool, coef: float, samples: bool, weighted: bool) -> None:
    making = Making()
    x, by, w = making.input(20), making.input(4, True), making.input(12)
    factors = [at(x, 1, 0, start=13, by=(-3, 5, at(by, 0, 1)))]
    if weighted:
        factors.append(at(w, 4, 1))
    term = Term(coef, tuple(factors), (4,), samples)
    making.add(Reduce(at(making.inner(3, not samples), 1), (3,), add, (term,)))
    checked(making.program(), by, 5, odd)


@pytest.mark.parametrize("odd", [False, True])
def test_chosen_elements_beside_others(odd: bool) -> None:
    making = Making()
    x, by, b = making.input(20, True), making.input(4, True), making.input(4)
    target = making.inner(9, True)
    terms = (
        Term(1.0, (at(x, 5, by=(1, 5, at(by, 1))),)),
        Term(-1.0, (at(b, -1, start=3),)),
    )
    making.add(
        Reduce(at(target, 2, start=1), (4,), add, terms),
        Reduce(at(target, 2), (5,), add, (Term(1.0, (at(x, 0, by=(1, 5, at(by, 0))),)),)),
    )
    checked(making.program(), by, 5, odd)


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("coef", [1.0, -1.0, 0.5, -2.0])
@pytest.mark.parametrize("sampled", [*product([False, True], repeat=2), None])
@pytest.mark.parametrize("per_sample", [False, True])
def test_additions(odd: bool, coef: float, sampled: Any, per_sample: bool) -> None:
    making = Making()
    left, chooser = (False, True) if sampled is None else sampled
    x, by = making.input(12, left), making.input(4, chooser)
    other = making.input(1, True)
    sums = making.inner(15, per_sample)
    factors = () if sampled is None else (at(x, 3, 1),)
    samples = not per_sample and (left or chooser)
    making.add(
        Reduce(at(sums, 1), (15,), add, (Term(0.0, (), (), samples),)),
        Reduce(
            at(sums, 0, 1, by=(3, 5, at(by, 1, 0))),
            (4, 3),
            add,
            (Term(coef, factors, (), samples),),
            onto=True,
        ),
        Reduce(at(making.inner(1, True)), (), add, (Term(1.0, (at(other),)),)),
    )
    checked(making.program(), by, 5, odd)


def test_additions_are_what_numpy_adds() -> None:
    making = Making()
    x, by, sums = making.input(3, True), making.input(3, True), making.inner(5)
    making.add(
        Reduce(at(sums, 1), (5,), add, (Term(0.0, (), (), True),)),
        Reduce(
            at(sums, 0, by=(1, 5, at(by, 1))), (3,), add, (Term(1.0, (at(x, 1),), (), True),), True
        ),
    )
    numbers, places = RNG.normal(size=(3, 8)), chosen(3, 5, 8)
    expected = np.zeros(5)
    np.add.at(expected, places.astype(int), numbers)
    found = computed(making.program(), {x: numbers, by: places}, 8)
    np.testing.assert_allclose(np.ravel(found), expected)


@pytest.mark.parametrize("odd", [False, True])
def test_products_and_chosen_elements_added_to_chosen_places(odd: bool) -> None:
    making = Making()
    x, y, by = making.input(20, True), making.input(12), making.input(4, True)
    sums = making.inner(15, True)
    by_row = at(by, 1, 0)
    read = at(x, 0, 1, by=(4, 5, by_row))
    making.add(Reduce(at(sums, 1), (15,), add, (Term(1.0),)))
    for factors in ((at(x, 3, 1), at(y, 3, 1)), (read,), (read, at(y, 1, 4))):
        target = at(sums, 0, -1, start=2, by=(3, 5, by_row))
        making.add(Reduce(target, (4, 3), add, (Term(-1.0, factors),), onto=True))
    checked(making.program(), by, 5, odd)


def test_what_samples_share_is_added_for_each_of_them() -> None:
    making = Making()
    x, by, other = making.input(3), making.input(3), making.input(1, True)
    sums = making.inner(5)
    making.add(
        Reduce(at(sums, 1), (5,), add, (Term(0.0, (), (), True),)),
        Reduce(
            at(sums, 0, by=(1, 5, at(by, 1))), (3,), add, (Term(2.0, (at(x, 1),), (), True),), True
        ),
        Reduce(at(making.inner(1, True)), (), add, (Term(1.0, (at(other),)),)),
    )
    program = making.program()
    inputs = {x: np.ones((3, 1)), by: np.array([[4.0], [4.0], [0.0]]), other: np.zeros((1, 7))}
    check(program, inputs, counts=(1, 3, 7))
    assert np.ravel(computed(program, inputs, 7)[:5]).tolist() == [14.0, 0.0, 0.0, 0.0, 28.0]


def test_where_nothing_is_meant_a_negative_zero_stays() -> None:
    for coef in (1.0, -1.0):
        making = Making()
        x, by, sums = making.input(3), making.input(3), making.inner(2)
        making.add(
            Reduce(at(sums, 1), (2,), add, (Term(-0.0),)),
            Reduce(at(sums, 0, by=(1, 2, at(by, 1))), (3,), add, (Term(coef, (at(x, 1),)),), True),
        )
        inputs = {x: np.ones((3, 1)), by: np.full((3, 1), 7.0)}
        assert np.signbit(computed(making.program(), inputs, 1)).all()


def test_choices_of_numbers_side_by_side() -> None:
    making = Making()
    x, by = making.input(10), making.input(6, True)
    for start, stride, size in ((0, 1, 5), (3, 1, 5), (0, 2, 5), (0, 1, 2), (5, -1, 5)):
        read = at(x, 1, start=1, by=(1, size, at(by, stride, start=start)))
        making.add(Reduce(at(making.inner(3, True), 1), (3,), add, (Term(1.0, (read,)),)))
    checked(making.program(), by, 5, odd=False)


def test_the_same_choice_is_followed_once_in_each_run() -> None:
    making = Making()
    x, by = making.input(5), making.input(3, True)
    for _ in range(3):
        read = at(x, 0, by=(1, 5, at(by, 1)))
        making.add(Reduce(at(making.inner(3, True), 1), (3,), add, (Term(1.0, (read,)),)))
    program = making.program()
    table = RNG.normal(size=(5, 1))
    runner = Runner(split(program))
    for odd in (False, True, False):
        inputs = {x: table, by: chosen(3, 5, 4, odd)}
        found = computed(program, inputs, 4, runner)
        np.testing.assert_array_equal(found, meant(program, inputs, 4))
    assert runner.calls == 2 + 3
