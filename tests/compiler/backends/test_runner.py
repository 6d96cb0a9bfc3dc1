"""Programs run on samples: all at once, in blocks, in memory of the caller's."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from written import Making, at, check, computed, random_inputs

from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Lookup, Program, Role, Run
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Map, Reduce, Runs, Term
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.scalar.ops import add, exp, mul

RNG = np.random.default_rng(4)


def mean_of_squares() -> Program:
    """What is before, for, and after the samples; the mean over them."""
    making = Making()
    batch, w, x = making.batch(), making.input(3), making.input(3, True)
    v, z = making.inner(3), making.inner(3, True)
    total, mean = making.inner(1), making.inner(1)
    making.add(
        Map(at(v, 1), (3,), exp, (at(w, 1),)),
        Map(at(z, 1), (3,), mul, (at(v, 1), at(x, 1))),
        Reduce(at(total), (), add, (Term(1.0, (at(z, 1), at(z, 1)), (3,), True),)),
        Map(at(mean), (), mul, (at(total), at(batch, start=1))),
    )
    return making.program()


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_the_batch_is_found_wherever_it_is(order: list[int]) -> None:
    making = Making()
    numbers = {}
    for which in order:
        numbers[which] = [making.batch, lambda: making.input(1), lambda: making.input(1, True)][
            which
        ]()
    batch, w, x = [numbers[which] for which in range(3)]
    factors = at(x), at(w), at(batch, start=1)
    making.add(
        Reduce(at(making.inner(1)), (), add, (Term(1.0, factors, (), True),)),
        Reduce(at(making.inner(1)), (), add, (Term(1.0, (at(batch),)),)),
    )
    program = making.program()
    check(program, counts=(0, 1, 3, 70))
    inputs = {w: np.full((1, 1), 2.0), x: np.arange(4.0)[None]}
    assert computed(program, inputs, 4) == [[2.0 * 1.5], [4.0]]


def test_a_mean_in_blocks() -> None:
    program = mean_of_squares()
    check(program)
    w, x = RNG.normal(size=(3, 1)), RNG.normal(size=(3, 70))
    found = computed(program, {1: w, 2: x}, 70)
    assert found[-1] == pytest.approx(np.mean(np.sum((np.exp(w) * x) ** 2, axis=0)))


def test_the_memory_follows_the_number_of_samples() -> None:
    program = mean_of_squares()
    one = Runner(split(program))
    for count in (3, 5, 3, 70, 0, 3):
        inputs = random_inputs(program, count, count)
        found = computed(program, inputs, count, one)
        np.testing.assert_allclose(found[-1], computed(program, inputs, count)[-1])


def test_sums_in_arrays_that_splitting_makes_are_added_up_too() -> None:
    """Two sums over samples in one statement: each goes to an array of its own."""
    making = Making()
    x, y, b = making.input(6, True), making.input(2, True), making.input(3)
    ends = making.table([1, 3, 6])
    sums, runs, after = making.inner(3), making.inner(3), making.inner(3)
    making.add(
        Reduce(
            at(sums, 1),
            (3,),
            add,
            (
                Term(1.0, (at(x, 2, 1), at(y, 0, 1)), (2,), True),
                Term(-0.5, (at(x, 1, 3),), (2,), True),
                Term(2.0, (at(b, 1),), (), True),
            ),
        ),
        Runs(at(runs, 1), (3,), add, Term(1.0, (at(x, 1),), (6,), True), ends),
        Map(at(after, 1), (3,), mul, (at(sums, 1), at(runs, 1))),
    )
    program = making.program()
    assert not phases_of(split(program)).coupled
    check(program)


def coupled() -> Program:
    """A sample less the sum over all of them."""
    making = Making()
    x, total, z = making.input(2, True), making.inner(2), making.inner(2, True)
    making.add(
        Reduce(at(total, 1), (2,), add, (Term(1.0, (at(x, 1),), (), True),)),
        Reduce(at(z, 1), (2,), add, (Term(1.0, (at(x, 1),)), Term(-1.0, (at(total, 1),)))),
    )
    return making.program()


def test_what_couples_the_samples_is_run_at_once() -> None:
    program = coupled()
    assert phases_of(program).coupled
    check(program)
    with patch.object(runner, "CACHE", 0), patch.object(runner, "LEAST", 4):
        x = RNG.normal(size=(2, 50))
        found = computed(program, {0: x}, 50)
    np.testing.assert_allclose(found[2:], x - x.sum(axis=1, keepdims=True), atol=1e-12)


def test_a_run_writes_nothing_into_the_program() -> None:
    program = mean_of_squares()
    simple = split(program)
    before = repr(simple)
    one = Runner(simple)
    assert one.calls is None
    computed(program, random_inputs(program, 3), 3, one)
    assert repr(simple) == before
    assert one.calls is not None
    assert one.calls > 0


def test_arrays_in_memory_of_the_callers() -> None:
    making = Making()
    w, x, y = making.input(3), making.input(1, True), making.input(3, True)
    z, total = making.inner(1, True), making.inner(3)
    making.add(
        Reduce(at(z), (), add, (Term(1.0, (at(w, 1), at(y, 1)), (3,)), Term(-1.0, (at(x),)))),
        Reduce(at(total, 1), (3,), add, (Term(1.0, (at(z, 0), at(y, 1)), (), True),)),
    )
    program = split(making.program())
    weights, each = RNG.normal(size=3), RNG.normal(size=70)
    errors, gradient = np.zeros(70), np.zeros(3)
    numbers = RNG.normal(size=(3, 70))
    expected = weights @ numbers - each
    for cache in (runner.CACHE, 0):
        with patch.object(runner, "CACHE", cache), patch.object(runner, "LEAST", 16):
            one = Runner(program, {w: weights, x: each, z: errors, total: gradient})
            for _ in range(2):
                errors[...] = gradient[...] = np.nan
                one.run(one.first(70), 70, {y: numbers})
                np.testing.assert_allclose(errors, expected)
                np.testing.assert_allclose(gradient, numbers @ expected)
    weights[...] = 0.0  # what is written there is read in the next run
    one.run(one.first(70), 70, {y: numbers})
    np.testing.assert_allclose(errors, -each)


@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("wrong", [4.0, -1.0, 0.5, np.nan])
def test_lookups_are_checked(table: bool, wrong: float) -> None:
    making = Making()
    x, by = making.input(4), making.input(5, True)
    read = at(x, 0, by=(1, 4, at(by, 1, start=1)))
    making.add(Reduce(at(making.inner(3, True), 1), (3,), add, (Term(1.0, (read,)),)))
    program = making.program()
    where = at(by, 1, table=making.table([1, 2, 3])) if table else at(by, 1, start=1)
    program.lookups.append(Lookup(Run(3, where), 4))
    program.arrays[by] = type(program.arrays[by])(5, True, Role.INPUT, "places")
    numbers = np.array([[9.0, 9.0], [0.0, -0.0], [1.0, 3.0], [2.0, 2.0], [0.5, 0.5]])
    table_of = np.arange(4.0)[:, None]
    found: Any = computed(program, {x: table_of, by: numbers}, 2)
    np.testing.assert_array_equal(found, numbers[1:4])
    numbers[2, 1] = wrong
    with pytest.raises(ArgumentError, match=f"^places has {wrong:g} as an index, .* has 4 entries"):
        computed(program, {x: table_of, by: numbers}, 2)


def test_memory_for_a_few_numbers_of_samples_is_kept() -> None:
    program = mean_of_squares()
    one = Runner(split(program))
    for count in range(1, 30):
        one.first(count)
    assert len(one._lanes[0].bounds) == runner.MOST_SIZES
