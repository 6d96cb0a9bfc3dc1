"""Statements written as calls of NumPy: operations, places in tables, all kinds at random."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from any_statement import programs
from hypothesis import given, settings
from written import Making, at, calls, check, computed

from tinygrad_nn.compiler.backends.numpy.writer import takes_out
from tinygrad_nn.compiler.program.program import Run
from tinygrad_nn.compiler.program.statements import Map, Reduce, Term
from tinygrad_nn.scalar.custom import custom
from tinygrad_nn.scalar.ops import TABLE, add, mul, sub, tanh

RNG = np.random.default_rng(1)


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_operations(op: Any) -> None:
    making = Making()
    operands = [at(making.input(5, n % 2 == 0), 1) for n in range(op.arity)]
    making.add(Map(at(making.inner(5, True), 1), (5,), op, tuple(operands)))
    check(making.program(), counts=(0, 1, 3))


def test_an_operation_of_the_users() -> None:
    op = custom(lambda x, y: 2.0 * x + y, [None, None])
    making = Making()
    x = making.input(5, True)
    making.add(Map(at(making.inner(5, True), 1), (5,), op, (at(x, 1), 1.5)))
    numbers = RNG.normal(size=(5, 3))
    found = computed(making.program(), {x: numbers}, 3)
    np.testing.assert_allclose(found, 2.0 * numbers + 1.5)


@pytest.mark.parametrize("number", [0.0, -0.0, math.inf, math.nan, 2.5])
def test_numbers_as_operands(number: float) -> None:
    making = Making()
    x = making.input(5, True)
    making.add(
        Map(at(making.inner(5, True), 1), (5,), mul, (at(x, 1), number)),
        Map(at(making.inner(5, True), 1), (5,), sub, (number, at(x, 1))),
    )
    check(making.program(), counts=(3,))


def test_operands_that_run_backwards_lie_apart_or_stay() -> None:
    making = Making()
    x, y = making.input(24, True), making.input(24)
    making.add(
        Map(
            at(making.inner(24, True), 6, 2, start=1),
            (4, 3),
            sub,
            (at(x, -3, 1, start=9), at(y, 0, -4, start=20)),
        )
    )
    making.results = [Run(12, at(2, 2, start=1))]
    check(making.program())


def test_operands_and_results_through_tables() -> None:
    making = Making()
    x, y = making.input(9, True), making.input(9)
    some, back = making.table([8, 1, 1, 4, 0, 7]), making.table([5, 3, 1, 0, 2, 4])
    target = making.inner(6, True)
    making.add(
        Map(
            at(target, 3, 1, table=back),
            (2, 3),
            sub,
            (at(x, 3, -1, start=2, table=some), at(y, 0, 2, table=some)),
        ),
        Reduce(
            at(target, -1, start=5, table=back),
            (6,),
            add,
            (Term(2.0, (at(x, 1),)), Term(1.0, (at(x, 1, start=3),))),
            onto=True,
        ),
    )
    program = making.program()
    check(program)
    numbers, others = RNG.normal(size=(9, 3)), RNG.normal(size=(9, 1))
    places = np.array([8, 1, 1, 4, 0, 7])
    left = numbers[places.reshape(2, 3)[:, ::-1]].reshape(6, 3)
    right = np.tile(others[places[[0, 2, 4]]], (2, 1))
    expected = np.zeros((6, 3))
    expected[[5, 3, 1, 0, 2, 4]] = left - right
    expected[[4, 2, 0, 1, 3, 5]] += 2.0 * numbers[:6] + numbers[3:]
    np.testing.assert_allclose(computed(program, {x: numbers, y: others}, 3), expected)


def test_rows_of_one_array_written_one_after_the_other() -> None:
    """Places that lie between those that are read, in the same memory."""
    making = Making()
    x, h = making.input(3, True), making.inner(12, True)
    making.add(Map(at(h, 4), (3,), tanh, (at(x, 1),)))
    for n in range(3):
        terms = Term(0.5, (at(h, 4, start=n), at(h, 4, start=n))), Term(1.0, (at(x, 1),))
        making.add(Reduce(at(h, 4, start=n + 1), (3,), add, (*terms, Term(-1.0, (at(h, 4),)))))
    check(making.program())


def test_an_operation_takes_one_call_whatever_its_axes() -> None:
    making = Making()
    x, y = making.input(24, True), making.input(24, True)
    making.add(
        Map(at(making.inner(24, True), 12, 4, 1), (2, 3, 4), mul, (at(x, 12, 4, 1),) * 2),
        Map(at(making.inner(24, True), 12, 4, 1), (2, 3, 4), mul, (at(x, 4, 8, 1), at(y, 1, 2, 6))),
    )
    program = making.program()
    check(program)
    assert calls(program) == 2


@settings(max_examples=150)
@given(programs())
def test_any_statement(program: Any) -> None:
    check(program, counts=(1, 3))


def test_a_function_of_arrays_may_tell_no_signature() -> None:
    assert takes_out(lambda np, x, out: None)
    assert not takes_out(lambda np, x: x)
    assert not takes_out(max)  # as the lambdas of the core, where that is compiled
