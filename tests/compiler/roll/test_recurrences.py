"""Functions that keep a state from step to step: as many lines whatever the number of steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest

from tinygrad_nn import compile, sigmoid, tanh, value_and_grad
from tinygrad_nn.compiler.program.statements import Loop
from tinygrad_nn.compiler.roll import roll
from tinygrad_nn.tree import flatten

Numbers = Any
SIZE = 2


def dot(a: Numbers, b: Numbers) -> Any:
    return sum(x * y for x, y in zip(a, b, strict=True))


def numbers(*shape: int) -> Any:
    return (0.3 * np.random.default_rng(shape).normal(size=shape)).tolist()


def lstm(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    def loss(w: Any, u: Any, v: Any, xs: Any) -> Any:
        h = c = [0.0] * SIZE
        total, gates = 0.0, list(zip(w, u, strict=True))
        for x in xs:
            rows = [[dot(a, x) + dot(b, h) for a, b in zip(*one, strict=True)] for one in gates]
            into, kept, out = [[sigmoid(z) for z in row] for row in rows[:3]]
            fresh = map(tanh, rows[3])
            c = [f * old + i * new for f, old, i, new in zip(kept, c, into, fresh, strict=True)]
            h = [o * tanh(state) for o, state in zip(out, c, strict=True)]
            total = total + dot(v, h) ** 2
        return total

    args = numbers(4, SIZE, 3), numbers(4, SIZE, SIZE), numbers(SIZE), numbers(steps, 3)
    return value_and_grad(loss, (0, 1, 2)), args


def runge_kutta(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    def end(a: Any, x: Any) -> Any:
        def slope(x: Any) -> Any:
            return [tanh(dot(row, x)) for row in a]

        def ahead(x: Any, k: Any, h: float) -> Any:
            return [b + h * c for b, c in zip(x, k, strict=True)]

        for _ in range(steps):
            k1 = slope(x)
            k2 = slope(ahead(x, k1, 0.05))
            k3 = slope(ahead(x, k2, 0.05))
            k4 = slope(ahead(x, k3, 0.1))
            sums = zip(x, k1, k2, k3, k4, strict=True)
            x = [b + 0.1 / 6 * (c + 2 * d + 2 * e + f) for b, c, d, e, f in sums]
        return dot(x, x)

    return value_and_grad(end, (0, 1)), (numbers(SIZE, SIZE), numbers(SIZE))


def leapfrog(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    def energy(q: Any, p: Any, k: Any) -> Any:
        for _ in range(steps):
            p = [a - 0.05 * dot(row, q) for a, row in zip(p, k, strict=True)]
            q = [a + 0.1 * b for a, b in zip(q, p, strict=True)]
            p = [a - 0.05 * dot(row, q) for a, row in zip(p, k, strict=True)]
        return dot(p, p) + dot(q, q)

    return value_and_grad(energy, (0, 1)), (numbers(SIZE), numbers(SIZE), numbers(SIZE, SIZE))


def states(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """All states are results."""

    def scan(a: Any, h: Any, xs: Any) -> Any:
        found = []
        for x in xs:
            h = [tanh(b * c + d) for b, c, d in zip(a, h, x, strict=True)]
            found.append(h)
        return found

    return scan, (numbers(SIZE), numbers(SIZE), numbers(steps, SIZE))


def momentum(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    def end(w: Any, a: Any) -> Any:
        m = [0.0] * len(w)
        for _ in range(steps):
            m = [0.9 * b + dot(row, w) for b, row in zip(m, a, strict=True)]
            w = [b - 0.05 * c for b, c in zip(w, m, strict=True)]
        return dot(w, w)

    return value_and_grad(end, (0, 1)), (numbers(SIZE), numbers(SIZE, SIZE))


def logistic(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    def end(r: Any, x: Any) -> Any:
        for _ in range(steps):
            x = r * x * (1.0 - x)
        return x

    return value_and_grad(end, (0, 1)), (3.3, 0.4)


def forced(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Numbers that follow from the time, as a force and a step that is halved."""

    def end(x: Any, a: Any) -> Any:
        for t in range(steps):
            slope = [math.sin(t) - dot(row, x) for row in a]
            x = [b + 0.1 * 0.5**t * tanh(c) for b, c in zip(x, slope, strict=True)]
        return x

    return end, (numbers(SIZE), numbers(SIZE, SIZE))


def shifting(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """Each state is made from the three before it."""

    def end(w: Any, xs: Any) -> Any:
        a, b, c, error = 0.1, 0.2, 0.3, 0.0
        for x in xs:
            y = w[0] * a + w[1] * b + w[2] * c
            error += (y - x) ** 2
            a, b, c = b, c, y
        return error

    return value_and_grad(end, (0, 1)), (numbers(3), numbers(steps))


def product(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The gradient takes products from both ends."""

    def end(xs: Any) -> Any:
        found = 1.0
        for x in xs:
            found = found * x
        return found

    return value_and_grad(end), ([1.0 + x for x in numbers(steps)],)


def both_ways(steps: int) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """A state runs forward, and one backward."""

    def scan(a: Any, b: Any, xs: Any) -> Any:
        one = other = 0.5
        for x, y in zip(xs, reversed(xs), strict=True):
            one, other = tanh(a * one + x), tanh(b * other + y)
        return one * other

    return scan, (0.7, 0.4, numbers(steps))


RECURRENCES = [
    forced,
    lstm,
    runge_kutta,
    leapfrog,
    states,
    momentum,
    logistic,
    shifting,
    product,
    both_ways,
]


@pytest.mark.parametrize("recurrence", RECURRENCES, ids=lambda one: one.__name__)
def test_as_many_lines_for_more_steps(recurrence: Any) -> None:
    sizes = []
    for steps in (16, 18) if recurrence is shifting else (13, 15):
        function, args = recurrence(steps)
        compiled = compile(function)
        found = flatten(compiled(*args))[0]
        sizes.append(len(str(compiled.program).splitlines()))
        assert any(isinstance(one, Loop) for one in compiled.program.statements)
    assert sizes[0] == sizes[1]
    expected = flatten(function(*args))[0]
    np.testing.assert_allclose(np.array(found, float), np.array(expected, float), rtol=1e-10)
    with patch.object(roll, "roll_loops", lambda program: program):
        without = compile(function)
        same = flatten(without(*args))[0]
    assert not any(isinstance(one, Loop) for one in without.program.statements)
    assert np.array(found, float).tobytes() == np.array(same, float).tobytes()
