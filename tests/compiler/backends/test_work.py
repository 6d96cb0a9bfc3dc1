"""Estimates of times: they follow the sizes of programs, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from written import Making, at

from tinygrad_nn.compiler.backends import work
from tinygrad_nn.compiler.backends.work import (
    ALONE,
    CALL,
    MAKING,
    NUMBER,
    PRODUCT,
    STATEMENT,
    time_to_make,
    time_to_run,
)
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Term
from tinygrad_nn.scalar.ops import add, exp


def program() -> Program:
    """Exponentials that samples share; products of matrices, and exponentials, of each sample."""
    making = Making()
    w, x = making.input(6), making.input(3, True)
    v, z, y = making.inner(6), making.inner(2, True), making.inner(2, True)
    making.add(
        Map(at(v, 1), (6,), exp, (at(w, 1),)),
        Reduce(at(z, 1), (2,), add, (Term(1.0, (at(v, 3, 1), at(x, 0, 1)), (3,)),)),
        Map(at(y, 1), (2,), exp, (at(z, 1),)),
    )
    return making.program()


def test_what_is_computed_is_counted() -> None:
    once, each = time_to_run(program())
    assert once == pytest.approx(CALL + 6 * ALONE + 2 * STATEMENT + 6 * NUMBER)
    assert each == pytest.approx(6 * PRODUCT + 2 * NUMBER)


def test_few_numbers_take_less_than_an_array() -> None:
    making = Making()
    x, y = making.input(100), making.inner(100)
    for size, time in ((1, ALONE), (2, 2 * ALONE), (100, STATEMENT)):
        one = Map(at(y, 1), (size,), exp, (at(x, 1),))
        program = replace(making.program(), statements=[one])
        assert time_to_run(program)[0] == pytest.approx(CALL + time + size * NUMBER)


def test_what_is_summed_over_samples_takes_longer_with_more_of_them() -> None:
    making = Making()
    x, total = making.input(5, True), making.inner(5)
    making.add(Reduce(at(total, 1), (5,), add, (Term(1.0, (at(x, 1),), (), True),)))
    assert time_to_run(making.program()) == pytest.approx((CALL + STATEMENT, 5 * PRODUCT))


def test_steps_are_run_often_and_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "LOADING", 7.0)  # all tests have it infinite
    one = program()
    inside = [replace(s, target=replace(s.target)) for s in one.statements]
    loop = replace(one, statements=[Loop(10, tuple(inside))])
    (once, each), (once_2, each_2) = time_to_run(one), time_to_run(loop)
    assert once_2 - CALL == pytest.approx(10 * (once - CALL))
    assert each_2 == pytest.approx(10 * each)
    assert time_to_make(one) == time_to_make(loop)
    assert time_to_make(one) == pytest.approx(7.0 + 3 * MAKING)
