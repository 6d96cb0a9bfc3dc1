"""Branches of recorded code: gates are the numbers themselves, and their slopes are chosen."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import tinygrad_nn as tg
from tinygrad_nn import TABLE, Value, compile, exp, grad, gradients, log, no_grad, where
from tinygrad_nn.compiler.trace.symbol import Symbol
from tinygrad_nn.errors import DomainError, RangeError, TraceError
from tinygrad_nn.scalar import contexts
from tinygrad_nn.scalar.branches import BRANCHES, branches_of, is_gate
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.scalar.operation import Op


def names(node: Value) -> list[str]:
    return [one.row.name for one in ancestors(node)]


def test_each_number_enters_a_branch_once() -> None:
    c, x = Symbol("c"), Symbol("x")
    found = branches_of(c, lambda: x * x + x, lambda: 3.0)
    assert found.row is BRANCHES
    assert [name for name in names(found) if name in ("if", "else")] == ["if"]


def test_what_is_inside_enters_no_more() -> None:
    c, x = Symbol("c"), Symbol("x")

    def inner() -> Value:
        y = x * 2
        return branches_of(x, lambda: y + x, y)  # type: ignore[no-any-return]

    found = branches_of(c, 1.0, inner)
    gates = [one for one in ancestors(found) if is_gate(one.row)]
    assert sum(gate.x is x for gate in gates) == 1
    assert {gate.x.row.name for gate in gates} == {"leaf", "mul", "else"}
    assert contexts.state.guards == []


def test_a_slope_is_chosen_where_it_leaves() -> None:
    c, x = Symbol("c"), Symbol("x")
    (slope,) = gradients(branches_of(c, lambda: log(x), lambda: -x), [x])
    chosen = [one.args for one in ancestors(slope) if one.row.name == "where"]
    assert [args[0] for args in chosen] == [c, c]
    assert sorted(args[1].is_constant and args[1].data == 0.0 for args in chosen) == [False, True]


def test_plain_numbers_and_values_choose_as_ever() -> None:
    x = Value(3.0)
    assert where(x > 0, lambda: x, 1.0) is x
    assert where(0.0, lambda: 1 / 0, 2.0) == 2.0
    assert where(Value(0.0), lambda: log(-x), x) is x


def test_a_branch_that_fails_leaves_nothing_behind() -> None:
    def failing(x: Value) -> Value:
        with no_grad():
            return where(x > 0, lambda: x[0], 0.0)  # type: ignore[index, no-any-return]

    with pytest.raises(TypeError):
        compile(failing)(1.0)
    assert (contexts.state.guards, contexts.state.no_grad) == ([], 0)
    assert math.isclose(compile(lambda x: where(x > 0, lambda: log(x), 0.0))(math.e), 1.0)


FAILING: list[Callable[[], Any]] = [
    lambda: log(-1.0),
    lambda: exp(900.0) - exp(900.0),
    lambda: tg.pow(0.0, -1.0) * tg.mod(1.0, 0.0),
    lambda: exp(Value(900.0)),
    lambda: where(True, lambda: log(-1.0), 0.0),
]


@pytest.mark.parametrize("failing", FAILING)
def test_known_numbers_may_fail_in_a_branch_that_is_not_chosen(failing: Callable[[], Any]) -> None:
    def f(x: Value) -> Value:
        return where(x > 0, lambda: x * failing(), lambda: 2.0 * x)  # type: ignore[no-any-return]

    for compiled in (compile(f), compile(f, check=True), compile(grad(f)), grad(compile(f))):
        assert compiled(-1.0) in (-2.0, 2.0)
    assert compile(f, batch="x", reduce="sum")([-1.0, -3.0]) == -8.0
    assert not math.isfinite(compile(f)(1.0))
    with pytest.raises(DomainError):
        f(Value(1.0))


@pytest.mark.parametrize("failing", [lambda: 1.0 / 0.0, lambda: 10.0**400])
def test_a_branch_in_which_python_fails_is_asked_for(failing: Callable[[], Any]) -> None:
    def f(x: Value) -> Value:
        return where(x > 0, lambda: x * failing(), x)  # type: ignore[no-any-return]

    assert f(Value(-1.0)).data == -1.0
    compiled = compile(f)
    assert [compiled(-1.0), compiled(-2.0)] == [-1.0, -2.0]
    with pytest.raises(ArithmeticError):
        compiled(1.0)
    with pytest.raises(TraceError, match=r"Error in a branch of where: .*write div") as caught:
        compile(f, strict=True)(-1.0)
    assert isinstance(caught.value.__cause__, ArithmeticError)


def test_check_names_what_failed_in_the_branch_that_is_chosen() -> None:
    checked = compile(lambda x: where(x > 0, lambda: x * exp(Value(900.0)), x), check=True)
    with pytest.raises(RangeError, match="exp at x = 900"):
        checked(1.0)


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.pull], ids=str)
def test_what_passes_by_a_rule_of_its_own_passes_as_by_the_partial(row: Op) -> None:
    for numbers in row.special:
        for place, rule in enumerate(row.partials):
            assert (rule is None) == (row.pull[place] is None) == (row.push[place] is None)
            if rule is not None:
                expected = 2.5 * rule(*numbers, row.quiet(*numbers))
                assert row.pull[place](2.5, *numbers) == expected  # type: ignore[misc]
                assert row.push[place](2.5, *numbers) == expected  # type: ignore[misc]
