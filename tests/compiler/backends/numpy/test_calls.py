"""What takes fewer calls of NumPy, or cheaper ones, computes the same numbers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from programs import numbers

from tinygrad_nn import compile, exp, max, stop_gradient, tanh
from tinygrad_nn.functions import dot

RNG = random.Random(3)


def calls(f: Callable[..., Any], *arguments: Any) -> int:
    compiled = compile(f)
    compiled(*arguments)
    assert compiled.program.calls is not None
    return compiled.program.calls


@pytest.mark.parametrize("rows", [2, 249, 250, 251, 300])
def test_rows_times_rows(rows: int) -> None:
    a, b = numbers(RNG, rows, 5), numbers(RNG, rows, 5)

    def f(a: Any, b: Any) -> Any:
        return [dot(x, y) for x, y in zip(a, b, strict=True)]

    assert compile(f)(a, b) == pytest.approx(np.sum(np.array(a) * b, axis=1))


def test_rows_that_run_backwards_or_apart() -> None:
    a = numbers(RNG, 6, 8)
    table = np.array(a)

    def f(a: Any) -> Any:
        return (
            [dot(x, y) for x, y in zip(a, a[::-1], strict=True)],
            [dot(x[::2], y[::2]) for x, y in pairwise(a)],
            [dot(x[:4], x[:3:-1]) for x in a],
        )

    turned, apart, backwards = compile(f)(a)
    assert turned == pytest.approx(np.sum(table * table[::-1], axis=1))
    assert apart == pytest.approx(np.sum(table[:-1, ::2] * table[1:, ::2], axis=1))
    assert backwards == pytest.approx(np.sum(table[:, :4] * table[:, :3:-1], axis=1))


@pytest.mark.parametrize("odd", [0.5, math.inf, math.nan, 1e308])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("shown", [slice(None), slice(1, -1)])
def test_sums_of_rows_and_columns(odd: float, axis: int, shown: slice) -> None:
    a = numbers(RNG, 7, 9)
    a[1][2] = odd
    table = np.array(a)[shown, shown]
    with np.errstate(all="ignore"):
        expected = np.sum(table, axis=axis)

    def f(a: Any) -> Any:
        rows = [row[shown] for row in a[shown]]
        return [sum(row) for row in (rows if axis else zip(*rows, strict=True))]

    assert compile(f)(a) == pytest.approx(expected, nan_ok=True)


def test_a_shift_is_one_call() -> None:
    def f(a: Any) -> Any:
        tops = [stop_gradient(max(row)) for row in a]
        return [[x - top for x in row] for row, top in zip(a, tops, strict=True)]

    table = np.array(numbers(RNG, 4, 6))
    assert np.array(compile(f)(table.tolist())) == pytest.approx(table - table.max(1)[:, None])
    assert calls(f, table.tolist()) == 2


def test_numbers_are_added_in_one_line() -> None:
    def f(a: Any, b: Any) -> Any:
        return 0.5 * sum(map(tanh, a)) - 2.0 * sum(map(exp, b)) + 3.0 * a[0] - 1.0

    a, b = numbers(RNG, 40), numbers(RNG, 50)
    expected = 0.5 * np.sum(np.tanh(a)) - 2.0 * np.sum(np.exp(b)) + 3.0 * a[0] - 1.0
    assert compile(f)(a, b) == pytest.approx(expected)
    assert calls(f, a, b) == 4  # two functions and two sums; the rest is plain arithmetic
