"""Loops of user's code, found again in the graph that they left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tinygrad_nn import Value, tanh
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.viewing.turns import loop_scopes


def loops(result: Value) -> dict[str, int]:
    """How many operations are in each loop."""
    made = {
        node: path for node, path in loop_scopes(ancestors(result)).items() if node.args and path
    }
    return dict(Counter(path[0] for path in made.values()))


def chain(turns: int) -> Value:
    x, w = Value(0.5), Value(0.7)
    for _ in range(turns):
        x = tanh(x * w) - x
    return x


def error(turns: int) -> Value:
    w, b, cost = Value(0.5), Value(0.7), Value(0.0)
    for k in range(turns):
        cost = cost + (w * float(k) + b - 2.0 * k) ** 2
    return cost / turns


@pytest.mark.parametrize(("function", "length"), [(chain, 3), (error, 5)])
@pytest.mark.parametrize("turns", [5, 12, 100])
def test_turns_are_counted(function: Callable[[int], Value], length: int, turns: int) -> None:
    assert loops(function(turns)) == {f"loop × {turns}": length * turns}


def test_few_turns_and_few_operations_are_left_alone() -> None:
    assert loops(chain(3)) == {}
    assert loops(error(2)) == {}


def test_two_loops_are_two() -> None:
    x = chain(8)
    for _ in range(6):
        x = x * x * x + 1.0
    assert loops(x) == {"loop 1 × 8": 24, "loop 2 × 6": 18}


def test_an_outer_loop_goes_before_the_one_inside() -> None:
    x, w = Value(0.5), Value(0.7)
    for _ in range(6):
        for _ in range(5):
            x = x * w
        x = tanh(x)
    assert loops(x) == {"loop × 6": 36}


def test_what_turns_share_stays_outside() -> None:
    w, s = Value(0.7), Value(0.1)
    result = s
    for _ in range(9):
        result = result * w + 1.0
    found = loop_scopes(ancestors(result))
    assert found[w] == ()
    assert s not in found  # it goes where it is used
