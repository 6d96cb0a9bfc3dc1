"""Conditions: 1 or 0, joined by &, | and ^, and nothing else."""

from __future__ import annotations

import math
import operator as op
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile, eq, grad, gt, le, logical_not, lookup, lt, max, where
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, TraceError

POINTS = (-2.0, -0.5, 0.0, 0.5, 1.0, 3.0)
JOINED: list[Callable[[Any], Any]] = [
    lambda x: (x > 0) & (x < 1),
    lambda x: (x > 0) | (x < -1),
    lambda x: logical_not(x > 0) & (x != -0.5),
    lambda x: (x >= 0) & (x <= 2) & logical_not(x == 1) | (x < -1),
    lambda x: True & (x > 0) | False,
    lambda x: np.bool_(True) & (x > 0),
    lambda x: logical_not((x > 0) | (x == 0)),
    lambda x: (x > -1) ^ (x > 1),
    lambda x: True ^ (x > 0) | (x < -1) ^ False,
    lambda x: where(x > 0, x < 1, x > -1),
    lambda x: max(gt(x, 0.0), eq(x, -2.0)),
]


@pytest.mark.parametrize("condition", JOINED)
def test_joined_conditions_choose_alike_in_every_mode(condition: Callable[[Any], Any]) -> None:
    def f(x: Any) -> Any:
        return where(condition(x), lambda: x * x, -x)

    compiled, slope = compile(f), compile(grad(f))
    each = compile(f, batch="x")(list(POINTS))
    for x, one in zip(POINTS, each, strict=True):
        assert compiled(x) == one == f(x) == f(Value(x))
        assert slope(x) == grad(f)(x)


def test_rows_of_values_are_joined_too() -> None:
    for x in POINTS:
        v = Value(x)
        assert bool(gt(v, 0.0) & lt(v, 1.0)) == (0 < x < 1)
        assert bool(gt(v, 0.0) | lt(v, -1.0)) == (x > 0 or x < -1)
        assert bool(True & logical_not(gt(v, 0.0))) == (x <= 0)
        assert (
            bool(gt(v, 0.0) ^ gt(v, 0.5)) == bool(True ^ le(v, 0.0) ^ gt(v, 0.5)) == (0 < x <= 0.5)
        )


EXACT = [2**53 + 1, -(2**53) - 1, 2**53, Fraction(1, 10), Fraction(1, 3), Fraction(1, 2), 10**400]
EXACT += [-(10**400), True]


@pytest.mark.parametrize("number", EXACT, ids=range(len(EXACT)))
@pytest.mark.parametrize("compare", [op.lt, op.le, op.gt, op.ge, op.eq, op.ne])
def test_comparisons_are_exact_in_every_mode(compare: Callable[..., Any], number: Any) -> None:
    near = (math.inf if number > 0 else -math.inf) if abs(number) > 1e300 else float(number)
    points = [near, math.nextafter(near, -math.inf), math.nextafter(near, math.inf), math.nan]
    symbol = compile(lambda x: where(compare(x, number), 1.0, 0.0))
    turned = compile(lambda x: where(compare(number, x), 1.0, 0.0))
    outside = Value(0.0)
    captured = compile(lambda x: x * where(compare(outside, number), 1.0, 0.0))
    for x in [*points, 0.0, 1.0, math.inf, -math.inf]:
        outside.data = x
        assert symbol(x) == captured(1.0) == compare(x, number) == compare(Value(x), number), x
        assert turned(x) == compare(number, x), x


@pytest.mark.parametrize("wrong", [-2, -1, 2.0, 0.5, float("nan"), np.float64(3.0), ~True])
@pytest.mark.parametrize("branch", [1.0, lambda: 1.0])
def test_a_condition_that_is_neither_one_nor_zero_is_refused(wrong: Any, branch: Any) -> None:
    for c in (wrong, Value(wrong)):
        with pytest.raises(ArgumentError, match=r"condition of where is .*logical_not\(c\) for ~c"):
            where(c, branch, 0.0)
    f = compile(lambda c: where(c, branch, 0.0))
    assert [f(1.0), f(True), f(0), f(0.0)] == [1.0, 1.0, 0.0, 0.0]
    with pytest.raises(ArgumentError, match="1 or 0 as the condition of where"):
        f(wrong)


def test_a_condition_that_is_nearly_one_is_shown_in_full() -> None:
    with pytest.raises(ArgumentError, match=r"is 1\.0000000000000002: expected 1 or 0"):
        where(1.0000000000000002, 1.0, 0.0)
    f = compile(lambda c: where(c, 1.0, 0.0))
    with pytest.raises(ArgumentError, match=r" 1\.0000000000000002 "):
        f(1.0000000000000002)
    with pytest.raises(ArgumentError, match=r"index is 1\.0000000000000002 and"):
        lookup([1.0, 2.0], 1.0000000000000002)


def test_a_captured_condition_is_looked_at_in_every_run() -> None:
    mask = Value(1.0)
    f = compile(lambda x: where(mask, x, -x))
    assert f(2.0) == 2.0
    mask.data = 0.0
    assert f(2.0) == -2.0
    mask.data = -2.0
    with pytest.raises(ArgumentError, match="condition of where"):
        f(2.0)


def test_what_is_no_condition_is_not_joined() -> None:
    for f in (lambda x: x & (x > 0), lambda x: (x > 0) | x, lambda x: (x > 0) ^ 2):
        with pytest.raises(ArgumentTypeError, match=r"joins conditions.*in parentheses"):
            compile(f)(1.0)
    with pytest.raises(ArgumentTypeError, match=r"& joins conditions"):
        Value(1.0) & Value(1.0)


def test_an_inverted_condition_names_the_row() -> None:
    for f in (lambda x: ~(x > 0), lambda x: ~x):
        with pytest.raises(ArgumentTypeError, match=r"~ of a number.*logical_not\(c\)"):
            compile(f)(1.0)
    with pytest.raises(ArgumentTypeError, match=r"logical_not\(c\)"):
        ~gt(Value(1.0), 0.0)
    assert logical_not(True) is False
    assert logical_not(0.0) == 1.0


@pytest.mark.parametrize("table", [np.arange(3.0), np.eye(3), [1.0, 2.0, 3.0], (1.0, 2.0)])
def test_a_table_indexed_by_a_symbol_names_lookup(table: Any) -> None:
    with pytest.raises(TraceError, match=r"lookup\(table, index\)"):
        compile(lambda i: table[i], strict=True)(1)
    with pytest.raises(IndexError):
        compile(lambda i: table[7])(1)
