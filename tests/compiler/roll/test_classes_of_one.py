"""The short way of single small sums: the program is the one of the long way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import compile, grad, relu, tanh
from tinygrad_nn.compiler.roll import groups

Numbers = list[Any]


def _two_products(x: Numbers) -> Any:
    return tanh(x[3] * x[0] - 2.0 * x[1]) + x[1] * x[2]


def _numbers_and_signs(x: Numbers) -> Any:
    return tanh(3.0 - x[0]) * 0.5 - tanh(x[0] * x[0] - x[2] * 4.0)


def _parentheses(x: Numbers) -> Any:
    return (x[0] + x[1]) - ((x[0] + x[1]) - x[1]) - (x[3] - x[2])


def _readme(x: Numbers) -> Any:
    c = x[0] + x[1]
    d = x[0] * x[1] + x[1] ** 3
    c += c + 1
    c += 1 + c + (-x[0])
    d += d * 2 + relu(x[1] + x[0])
    d += 3 * d + relu(x[1] - x[0])
    f = (c - d) ** 2 / 2.0
    return f + 10.0 / f


@pytest.mark.parametrize(
    "f",
    [
        _two_products,
        _numbers_and_signs,
        _parentheses,
        _readme,
        grad(_two_products),
        grad(_readme),
    ],
)
def test_single_sums_are_grouped_as_any_others(
    f: Callable[[Numbers], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    x = [0.5, -1.25, 2.0, 3.5]
    short = compile(f)
    numbers = short(x)
    used: list[Any] = []

    def long_way(*args: Any) -> None:
        used.append(args)

    monkeypatch.setattr(groups, "classes_of_one", long_way)
    long = compile(f)
    assert long(x) == numbers
    assert str(long.program) == str(short.program)
    assert used
