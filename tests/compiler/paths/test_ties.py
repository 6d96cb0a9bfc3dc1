"""Comparisons closer than rounding are left to the function itself; exact ones are not."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import compile
from tinygrad_nn.compiler.paths.eager import Eager
from tinygrad_nn.compiler.paths.samples import Samples


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """List the calls, and samples, that went to the function itself."""
    found: list[Any] = []
    once, samples = Eager.__call__, Samples._called

    def eagerly(self: Any, leaves: Any) -> Any:
        found.append(leaves)
        return once(self, leaves)

    def called_on(self: Any, leaves: Any, own: Any) -> Any:
        found.extend(own.tolist())
        return samples(self, leaves, own)

    monkeypatch.setattr(Eager, "__call__", eagerly)
    monkeypatch.setattr(Samples, "_called", called_on)
    return found


def dot(xs: Any) -> Any:
    total = 0.0
    for k, x in enumerate(xs):
        total = total + x * (0.1 + 0.01 * (k - 4.5))
    return 1.0 if total >= 1 else total


def test_sums_that_tie_up_to_rounding() -> None:
    compiled, many = compile(dot), compile(dot, batch="xs")
    chance = random.Random(0)
    rows = [[1.0 + chance.choice((-1, 0, 1)) * 2.0**-52 for _ in range(10)] for _ in range(30)]
    rows += [[chance.uniform(0, 2) for _ in range(10)] for _ in range(30)]
    with pytest.warns(UserWarning, match="hangs on rounding"):
        found = [compiled(row) for row in rows]
    expected = [dot(row) for row in rows]
    assert found == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(many(np.array(rows)), expected, rtol=1e-14)


def countdown(x: Any) -> Any:
    turns = 0
    while x > 0:
        x = x - 1
        turns += 1
    return 2 * x + turns


def gcd(a: Any, b: Any = 12) -> Any:
    while b:
        a, b = b, a % b
    return a


def extreme(x: Any) -> Any:
    best = math.inf
    for k in range(4):
        y = (x - k) * (x - k) + 3
        if y < best:
            best = y
    return best


def halved(x: Any) -> Any:
    low, high = 0.0, 8.0
    while high - low > 1.5:
        middle = (low + high) / 2
        low, high = (middle, high) if middle - 0.25 <= x else (low, middle)
    return low + x


def root(x: Any) -> Any:
    guess = x
    while abs(guess * guess - x) > 1e-12:
        guess = 0.5 * (guess + x / guess)
    return guess


WHOLE = [root, halved, countdown, gcd, extreme, lambda x: [1.0, 2.0, 3.0][int(x * x + x) % 3]]


@pytest.mark.parametrize("function", WHOLE)
def test_whole_numbers_and_what_is_far_apart_stay_in_programs(
    function: Any, called: list[Any]
) -> None:
    compiled, many = compile(function), compile(function, batch=function.__code__.co_varnames[:1])
    points = [3.0, 8.0, 3.0, 1.0, 8.0, 6.0] + [2.25, 0.625] * (function is not gcd)
    for x in points:
        assert compiled(x) == function(x)
    assert many(points) == [function(x) for x in points]
    assert called == []


@pytest.mark.parametrize(
    "function",
    [
        lambda x: int(x * 0.1 * 10),
        lambda x: round(x * 0.1 * 5),
        lambda x: [0.0, 1.0][math.floor(x * 0.1 + 0.7)],
        lambda x: x if (x * 3 - 9.0) * 0.1 > 0 else 2.0,
        lambda x: x if tg.exp(tg.log(x * 3)) == 9 else 2.0,
        lambda x: x if (x * 0.1 * 10) % 1 > 0.5 else 2.0,
        lambda x: x if abs(x * 0.7 - 2.1) else 2.0,
    ],
)
def test_what_jumps_near_is_left_to_the_function(function: Any, called: list[Any]) -> None:
    compiled = compile(function)
    for x in (1.7, 3.0, 2.3, 3.0):
        assert compiled(x) == function(x)
    assert len(called) in (1, 2, 3)
