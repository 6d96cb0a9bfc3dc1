"""Recordings with fewer turns: what the function would have recorded in a shorter loop."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import Value, grad, jacobian, lt, max, tanh, value_and_grad, where
from tinygrad_nn.compiler.proof.field import P
from tinygrad_nn.compiler.proof.recorded import numbers_of
from tinygrad_nn.compiler.tape.addresses import Addresses
from tinygrad_nn.compiler.tape.recording import Recording
from tinygrad_nn.compiler.tape.table import table_of
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
        for _ in range(turns + 20):
            x = x * x - a
        return x

    return value_and_grad(both)


def given(turns: int) -> Function:
    """What is read moves along arrays, and back; each turn has a derivative of its own."""

    def path(rates: Any, forces: Any, x: Any) -> Any:
        for rate, force in zip(rates[:turns], forces[:turns], strict=True):
            x = rate * x * (1.0 - x) + force[0] * x - force[1]
        return x

    return value_and_grad(path, argnums=(0, 2))


def listed(turns: int) -> Function:
    """All that the loop goes through is a result."""

    def path(r: Any, x: Any) -> Any:
        found = []
        for _ in range(turns):
            x = r * x * (1.0 - x)
            found += [x, -x]
        return found

    return path


def stencil(turns: int) -> Function:
    """Neighbours are read, so that the order in which all is needed does not repeat at once."""

    def flow(u: Any) -> Any:
        for _ in range(turns):
            inner = [b + 0.1 * (a - 2 * b + c) for a, b, c in zip(u, u[1:], u[2:], strict=False)]
            u = [u[0], *inner, u[-1]]
        return sum(v * v for v in u)

    return value_and_grad(flow)


def series(turns: int) -> Function:
    """Plain numbers that are met one after the other."""

    def total(x: Any) -> Any:
        term, found = 1.0, 0.0
        for k in range(1, turns + 1):
            term = term * x / k
            found = found + term
        return found

    return total


def sums(turns: int) -> Function:
    """Each turn is a long chain, and what it adds to a sum is read again backward."""

    def total(w: Any, x: Any) -> Any:
        h, found = [0.0, 0.0, 0.0], 0.0
        for row in x[:turns]:
            h = [tanh(sum(a * b for a, b in zip(line, h, strict=True)) + row[0]) for line in w]
            found = found + (h[0] - row[1]) ** 2
        return found

    return value_and_grad(total)


CASES: list[tuple[Callable[[int], Function], tuple[Any, ...]]] = [
    (logistic, (3.7, 0.3)),
    (newton, (2.0,)),
    (euler, ([1.0, 1.1, 0.9],)),
    (choosing, (1.7,)),
    (twice, (0.3,)),
    (given, ([3.7] * 90, [[0.1, 0.2]] * 90, 0.3)),
    (listed, (3.7, 0.3)),
    (stencil, ([0.5] * 8,)),
    (series, (0.5,)),
    (sums, ([[0.1, 0.2, 0.3]] * 3, [[1.0, 2.0]] * 90)),
]


@pytest.mark.parametrize(("make", "args"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_shorter_recording_is_that_of_a_shorter_loop(
    make: Callable[[int], Function], args: tuple[Any, ...]
) -> None:
    turns = turns_of(recording_of(make(90), *args))
    assert turns is not None
    for fewer in (0, 1, 37, 60):
        found = turns.shortened(turns.count - fewer)
        wanted = recording_of(make(90 - fewer), *[shorter(arg, 90 - fewer) for arg in args])
        verify_recording(found)
        assert Counter(found.tape.rows) == Counter(wanted.tape.rows)
        assert list(map(len, found.blocks)) == list(map(len, wanted.blocks))
        assert computed(found) == computed(wanted)


def shorter(thing: Any, count: int) -> Any:
    """Give the first of what there is for each turn."""
    return thing[:count] if isinstance(thing, list) and len(thing) >= 60 else thing


def computed(recording: Recording) -> list[list[int]]:
    """Compute what is wanted in the field: it tells all formulas apart."""
    arrays = []
    for number, array in enumerate(recording.tape.arrays):
        rng = random.Random(number)
        arrays.append([[rng.randrange(P) << 31 | rng.randrange(P) for _ in range(array.size)]])
    (numbers,) = numbers_of(recording.tape, arrays, 1)
    return [[numbers[n] for n in recording.wanted()], [len(r.entries) for r in recording.results]]


def trajectory(r: Any) -> Any:
    x, found = 0.3 * r, []
    for _ in range(90):
        x = r * x * (1.0 - x)
        found.append(x)
    return found


def by_halves(x: Any) -> Any:
    while len(x) > 1:
        x = [a * b - a for a, b in zip(x[::2], x[1::2], strict=True)]
    return x[0]


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
    [(from_the_midst, 3.7), (by_halves, [0.5] * 128)],
)
def test_where_turns_differ_nothing_is_left_out(function: Function, argument: Any) -> None:
    assert turns_of(recording_of(function, argument)) is None


def test_a_turn_that_is_odd_parts_the_stretch() -> None:
    recording = recording_of(odd_in_the_midst, 3.7)
    turns = Turns(recording, Addresses(recording, table_of(recording.tape)))
    assert [stretch.count >= 85 for stretch in turns.stretches] == [True, True]


def test_numbers_of_another_order_have_no_turns() -> None:
    order = random.Random(1).sample(range(200), 200)
    assert (
        turns_of(
            recording_of(
                lambda x: sum(x[a] * x[b] for a, b in zip(order, order[7:], strict=False)),
                [1.0] * 200,
            )
        )
        is None
    )
    assert turns_of(recording_of(lambda a: a * Value(2.0), 1.0)) is None
