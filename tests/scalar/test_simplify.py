"""What is simplified of the numbers that rules of differentiation bring in, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import Value, custom, gradients
from tinygrad_nn.scalar.contexts import deriving
from tinygrad_nn.scalar.graph import Node, ancestors
from tinygrad_nn.scalar.ops import neg
from tinygrad_nn.scalar.simplify import RULES

# What is written, what is recorded of it, and how many operations that takes.
ROWS: dict[str, tuple[Callable[[Any], Any], Callable[[float], float], int]] = {
    "x + 0": (lambda x: x + 0.0, lambda x: x, 0),
    "0 + x": (lambda x: 0.0 + x, lambda x: x, 0),
    "x - 0": (lambda x: x - 0.0, lambda x: x, 0),
    "0 - x": (lambda x: 0.0 - x, lambda x: -x, 1),
    "x * 1": (lambda x: x * 1.0, lambda x: x, 0),
    "1 * x": (lambda x: 1.0 * x, lambda x: x, 0),
    "x * 0": (lambda x: x * 0.0, lambda x: 0.0, 0),
    "0 * x": (lambda x: 0.0 * x, lambda x: 0.0, 0),
    "x * -1": (lambda x: x * -1.0, lambda x: -x, 1),
    "-1 * x": (lambda x: -1.0 * x, lambda x: -x, 1),
    "x / 1": (lambda x: x / 1.0, lambda x: x, 0),
    "0 / x": (lambda x: 0.0 / x, lambda x: 0.0, 0),
    "x ** 1": (lambda x: x**1.0, lambda x: x, 0),
    "-(-x)": (lambda x: neg(neg(x)), lambda x: x, 0),
}
KEPT: dict[str, Callable[[Any], Any]] = {
    "x + 1": lambda x: x + 1.0,
    "1 - x": lambda x: 1.0 - x,
    "x * 2": lambda x: x * 2.0,
    "1 / x": lambda x: 1.0 / x,
    "x / -1": lambda x: x / -1.0,
    "1 ** x": lambda x: 1.0**x,
    "0 ** x": lambda x: 0.0**x,
    "x ** 0": lambda x: x**0.0,
}


def operations(node: Node) -> list[str]:
    return [each.op for each in ancestors(node) if each.op]


def test_each_row_is_in_the_list() -> None:
    assert len(ROWS) == sum(map(len, RULES.values())) + 1


@pytest.mark.parametrize("written", ROWS)
def test_each_row_by_itself(written: str) -> None:
    make, expected, count = ROWS[written]
    x = Value(3.0)
    with deriving():
        found = make(x)
    assert found.data == expected(3.0)
    assert operations(found) == ["neg"] * count
    assert gradients(found, [x])[0].data == expected(1.0)  # it is made from x, or not at all


@pytest.mark.parametrize("written", KEPT)
def test_all_else_is_recorded(written: str) -> None:
    x = Value(3.0)
    with deriving():
        found = KEPT[written](x)
    assert found.data == KEPT[written](3.0)
    assert len(operations(found)) == 1


@pytest.mark.parametrize("written", [row for row in ROWS if row not in ("x ** 1", "-(-x)")])
def test_numbers_of_the_user_stay(written: str) -> None:
    make, expected, _ = ROWS[written]
    found = make(Value(3.0))
    assert found.data == expected(3.0)
    assert len(operations(found)) == 1


@pytest.mark.parametrize("written", ROWS)
def test_a_rule_of_the_users_may_write_any_of_them(written: str) -> None:
    make, expected, _ = ROWS[written]
    row = custom(lambda x: 7.0, lambda x, z: make(x), name="slanted")
    x = Value(3.0)
    (slope,) = gradients(row(x), [x])
    assert slope.data == expected(3.0)
