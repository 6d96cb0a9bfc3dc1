"""Statements with few results, as Python floats."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from written import Making, at, calls, check, computed

from tinygrad_nn.compiler.backends.memory import Layout, Memory
from tinygrad_nn.compiler.backends.numpy.few import is_scalar
from tinygrad_nn.compiler.program.statements import Basic, Map, Reduce, Runs, Term
from tinygrad_nn.scalar.ops import add, div, exp, log, maximum, minimum, mul


def is_few(making: Making, statement: Basic) -> bool:
    making.add(statement)
    return is_scalar(Memory(Layout(making.program()), 3), statement)


@pytest.mark.parametrize(
    ("size", "over", "few"), [(3, 1, True), (4, 1, False), (2, 4, True), (2, 5, False)]
)
def test_how_many_are_few(size: int, over: int, few: bool) -> None:
    making = Making()
    x = making.input(20)
    term = Term(1.0, (at(x, 1, 0), at(x, 0, 1)), (over,))
    assert is_few(making, Reduce(at(making.inner(size), 1), (size,), add, (term,))) is few


def test_what_is_in_tables_of_samples_or_chosen_is_none() -> None:
    making = Making()
    x, y, table = making.input(3), making.input(3, True), making.table([0, 1, 2])
    target, sampled = at(making.inner(3), 1), at(making.inner(3, True), 1)
    plain = Term(1.0, (at(x, 1),))
    assert is_few(making, Reduce(target, (3,), add, (plain,)))
    assert not is_few(making, Reduce(sampled, (3,), add, (plain,)))
    assert not is_few(making, Reduce(target, (3,), add, (Term(1.0, (at(y, 1),), (), True),)))
    assert not is_few(making, Reduce(target, (3,), add, (Term(1.0, (at(x, 1, table=table),)),)))
    assert not is_few(making, Reduce(at(2, 1, table=table), (3,), add, (plain,)))
    assert not is_few(making, Reduce(target, (3,), add, (plain,), onto=True))
    read = Term(1.0, (at(x, 0, by=(1, 3, at(x, 1))),))
    assert not is_few(making, Reduce(target, (3,), add, (read,)))
    ends = making.table([1, 3])
    runs = Runs(at(making.inner(2), 1), (2,), add, Term(1.0, (at(x, 1),), (3,)), ends)
    assert not is_few(making, runs)


def test_what_lies_outside_is_none() -> None:
    making = Making()
    x, y = making.input(3), making.inner(3)
    statement = Map(at(y, 1), (3,), exp, (at(x, 1),))
    making.add(statement)
    layout = Layout(making.program())
    assert is_scalar(Memory(layout, 0), statement)
    for array in (x, y):
        assert not is_scalar(Memory(layout, 0, outside={array: np.zeros(3)}), statement)


def test_sums_operations_and_extremes_take_no_calls() -> None:
    making = Making()
    x, w = making.input(3), making.input(6)
    s, t, m, r = making.inner(2), making.inner(2), making.inner(1), making.inner(2)
    making.add(
        Reduce(
            at(s, 1),
            (2,),
            add,
            (
                Term(-1.0, (at(w, 3, 1), at(x, 0, 1)), (3,)),
                Term(-2.5),
                Term(1.0, (at(x, -1, start=2),)),
            ),
        ),
        Map(at(t, -1, start=1), (2,), exp, (at(s, 1),)),
        Reduce(at(m), (), maximum, (Term(1.0, (at(t, 1),), (2,)), Term(-1.0, (at(x, start=1),)))),
        Map(at(r, 1), (2,), mul, (at(t, 1), -3.0)),
    )
    program = making.program()
    check(program)
    assert calls(program) == 0
    W, v = np.arange(6.0).reshape(6, 1) / 7.0, np.array([[0.5], [-1.0], [2.0]])
    found = np.ravel(computed(program, {x: v, w: W}, 1))
    expected = -(W.reshape(2, 3) @ v[:, 0]) - 2.5 + v[[2, 1], 0]
    np.testing.assert_allclose(found[:2], expected)
    np.testing.assert_allclose(found[2:4], np.exp(expected)[::-1])
    assert found[4] == max(*found[2:4], 1.0)


@pytest.mark.parametrize("number", [0.0, -0.0, math.inf, -math.inf, math.nan, 1e308])
def test_numbers_that_are_odd(number: float) -> None:
    making = Making()
    x = making.input(2)
    making.add(
        Reduce(at(making.inner(1)), (), add, (Term(number, (at(x),)), Term(number))),
        Map(at(making.inner(1)), (), mul, (number, at(x, start=1))),
        Map(at(making.inner(1)), (), div, (at(x), number)),
        Map(at(making.inner(1)), (), div, (number, at(x))),
        Reduce(at(making.inner(1)), (), minimum, (Term(1.0, (at(x),)), Term(number))),
    )
    for value in (1.5, 0.0, -0.0, math.inf):
        check(making.program(), {x: np.array([[value], [-2.0]])})


def test_operations_that_raise_give_what_numpy_gives() -> None:
    making = Making()
    x = making.input(1)
    for op in (log, exp):
        making.add(Map(at(making.inner(1)), (), op, (at(x),)))
    with np.errstate(all="ignore"):
        for value in (-1.0, 0.0, 1e4):
            found = computed(making.program(), {x: np.array([[value]])}, 1)
            np.testing.assert_array_equal(np.ravel(found), [np.log(value), np.exp(value)])


@pytest.mark.parametrize("kept", [False, True])
def test_others_find_in_memory_what_they_read(kept: bool) -> None:
    making = Making()
    x, y = making.input(1), making.input(5, True)
    s, t, z = making.inner(1), making.inner(1), making.inner(5, True)
    making.add(
        Map(at(s), (), exp, (at(x),)),
        Map(at(t), (), exp, (at(s),)),  # nobody else reads s
        Map(at(z, 1), (5,), mul, (at(t, 0), at(y, 1))),
    )
    if not kept:
        making.results = [making.program().results[-1]]
    check(making.program())


def test_after_the_samples_numbers_from_before_are_in_memory() -> None:
    making = Making()
    x, y = making.input(1), making.input(5, True)
    s, sums, after = making.inner(1), making.inner(1), making.inner(1)
    making.add(
        Map(at(s), (), exp, (at(x),)),
        Reduce(at(sums), (), add, (Term(1.0, (at(y, 1),), (5,), True),)),
        Map(at(after), (), mul, (at(s), at(sums))),
    )
    making.results = [making.program().results[-1]]
    check(making.program())


def test_what_is_added_to_a_number_is_seen() -> None:
    making = Making()
    x, by = making.input(4), making.input(4)
    s, t = making.inner(2), making.inner(1)
    making.add(
        Reduce(at(s, 1), (2,), add, (Term(0.5),)),
        Reduce(at(s, 0, by=(1, 2, at(by, 1))), (4,), add, (Term(1.0, (at(x, 1),)),), onto=True),
        Reduce(at(t), (), add, (Term(1.0, (at(s),)), Term(2.0, (at(s, start=1),)))),
    )
    inputs = {x: np.array([[1.0], [2.0], [3.0], [4.0]]), by: np.array([[0.0], [1.0], [1.0], [0.0]])}
    program = making.program()
    check(program, inputs)
    assert computed(program, inputs, 1)[-1] == 5.5 + 2.0 * 5.5


def test_a_piece_of_the_next_line_is_written_inside_of_it() -> None:
    making = Making()
    x = making.input(3)
    t, s = making.inner(1), making.inner(1)
    making.add(
        Reduce(at(t), (), add, (Term(1.0, (at(x),)), Term(1.0, (at(x, start=1),)))),
        Reduce(at(s), (), add, (Term(-2.0, (at(t),)), Term(1.0, (at(x, start=2),)))),
    )
    making.results = [making.program().results[-1]]
    program = making.program()
    check(program)
    inputs: dict[int, Any] = {x: np.array([[1.0], [2.0], [4.0]])}
    assert computed(program, inputs, 1) == [[-2.0 * 3.0 + 4.0]]
