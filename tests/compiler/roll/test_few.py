"""The short way of few sums: the program is the one that arrays give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import compile, exp, grad, jacobian, max, tanh
from tinygrad_nn.compiler.roll import groups

Numbers = list[Any]


def _steps(x: Numbers) -> Any:
    a, b = x[0], x[1]
    for _ in range(4):
        a, b = a + 0.1 * (x[2] * a - x[3] * a * b), b - 0.1 * (b - a * b) / 3.0
    return [a, b, a - b - x[0]]


def _layer(x: Numbers) -> Any:
    z = [
        tanh(sum((row + 1) * v * w for v, w in zip(x, x[::-1], strict=True)) + row)
        for row in range(3)
    ]
    shares = [exp(one - max(*z)) for one in z]
    return sum(shares[:2]) / sum(shares) - sum(v * v for v in x) + (x[0] - 1.0) + (2.0 - x[3])


def _numbers(x: Numbers) -> Any:
    return [tanh(v * w + (1.0 if v is x[0] else 0.0) - v) for v in x for w in x]


@pytest.mark.parametrize("f", [_steps, _layer, _numbers, jacobian(_steps), grad(_layer)])
def test_few_sums_are_grouped_as_many(
    f: Callable[[Numbers], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = [0.5, -1.25, 2.0, 3.5]
    short = compile(f)
    numbers = short(x)
    monkeypatch.setattr(groups, "FEW", 0)
    long = compile(f)
    assert long(x) == numbers
    assert str(long.program) == str(short.program)
