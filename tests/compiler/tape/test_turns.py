"""Recordings with fewer turns: what the function would have recorded in a shorter loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import Value, grad, jacobian, lt, max, value_and_grad, where
from tinygrad_nn.compiler.tape.recording import Recording
from tinygrad_nn.compiler.tape.turns import Turns, turns_of
from tinygrad_nn.compiler.tape.verify import verify_recording
from tinygrad_nn.compiler.trace.recorder import Argument
from tinygrad_nn.compiler.trace.structure import describe
from tinygrad_nn.compiler.trace.tracing import record, reduced

Function = Callable[..., Any]


def recording_of(function: Function, *args: Any) -> Recording:
    arguments = [Argument(f"x{n}", describe(arg, [], ""), False) for n, arg in enumerate(args)]

    def call(nested: list[Any]) -> Any:
        return function(*nested)

    return reduced(record("function", arguments, call), None, call).recording


def logistic(turns: int) -> Function:
    def last(r: Any, x: Any) -> Any:
        for _ in range(turns):
            x = r * x * (1.0 - x)
        return x

    return value_and_grad(last)


def newton(turns: int) -> Function:
    def root(a: Any) -> Any:
        x = a
        for _ in range(turns):
            x = x - (x * x - a) / (2.0 * x)
        return x

    return grad(root)


def euler(turns: int) -> Function:
    """Two numbers, of whose last ones there are two passes back."""

    def path(p: Any) -> Any:
        x, y = 1.0, 0.5
        for _ in range(turns):
            x, y = x + 0.01 * (p[0] * x - p[1] * x * y), y + 0.01 * (p[2] * x * y - y)
        return [x, y]

    return jacobian(path)


def choosing(turns: int) -> Function:
    """An operation of three operands, and one that nothing passes through."""

    def tent(r: Any) -> Any:
        x = r * 0.3
        for _ in range(turns):
            x = where(lt(x, 0.5), r * x, r - r * x)
        return max(x, r)

    return value_and_grad(tent)


def twice(turns: int) -> Function:
    """Two loops, one after the other, of which one goes on for longer."""

    def both(a: Any) -> Any:
        x = a
        for _ in range(turns):
            x = a * x + 1.0
        for _ in range(turns + 50):
            x = x * x - a
        return x

    return value_and_grad(both)


CASES: list[tuple[Callable[[int], Function], tuple[Any, ...]]] = [
    (logistic, (3.7, 0.3)),
    (newton, (2.0,)),
    (euler, ([1.0, 1.1, 0.9],)),
    (choosing, (1.7,)),
    (twice, (0.3,)),
]


@pytest.mark.parametrize(("make", "args"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_shorter_recording_is_that_of_a_shorter_loop(
    make: Callable[[int], Function], args: tuple[Any, ...]
) -> None:
    turns = turns_of(recording_of(make(90), *args))
    assert turns is not None
    for fewer in (0, 1, 37, 60):
        found = turns.shortened(turns.count - fewer)
        wanted = recording_of(make(90 - fewer), *args)
        verify_recording(found)
        one, other = found.tape, wanted.tape
        assert one.rows == other.rows
        assert (one.args.first, one.args.second) == (other.args.first, other.args.second)
        assert one.args.rest == other.args.rest
        assert (one.number, one.varies, one.joined) == (other.number, other.varies, other.joined)
        assert (found.results, found.blocks) == (wanted.results, wanted.blocks)
        assert found.outputs == wanted.outputs


def by_turn(rates: Any) -> Any:
    x = 0.3
    for rate in rates:
        x = rate * x * (1.0 - x)
    return x


def series(x: Any) -> Any:
    term, total = 1.0, 0.0
    for k in range(1, 90):
        term = term * x / k
        total = total + term
    return total


def trajectory(r: Any) -> Any:
    x, found = 0.3 * r, []
    for _ in range(90):
        x = r * x * (1.0 - x)
        found.append(x)
    return found


def from_the_midst(r: Any) -> Any:
    found = trajectory(r)
    return found[-1] + found[45]


def odd_in_the_midst(r: Any) -> Any:
    x = 0.3 * r
    for turn in range(180):
        x = r * x * ((2.0 if turn == 90 else 1.0) - x)
    return x


@pytest.mark.parametrize(
    ("function", "argument"),
    [(by_turn, [3.7] * 90), (series, 0.5), (trajectory, 3.7), (from_the_midst, 3.7)],
)
def test_where_turns_differ_nothing_is_left_out(function: Function, argument: Any) -> None:
    assert turns_of(recording_of(function, argument)) is None


def test_a_turn_that_is_odd_parts_the_stretch() -> None:
    turns = Turns(recording_of(odd_in_the_midst, 3.7))
    turns.find()
    assert [stretch.count >= 85 for stretch in turns.stretches] == [True, True]


def test_numbers_of_another_order_have_no_turns() -> None:
    assert (
        turns_of(recording_of(value_and_grad(lambda x: sum(a * a for a in x)), [1.0] * 90)) is None
    )
    assert turns_of(recording_of(lambda a: a * Value(2.0), 1.0)) is None
