"""Random programs on whole numbers near 2**52, whose differences are small.

Small whole numbers are added up exactly in any order, so every result is that of plain Python to
the last bit; where a difference is taken apart, it is not.
"""

from __future__ import annotations

import itertools
import operator
import random
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Trainer, Value, compile, dot, grad, jacfwd, nn, value_and_grad
from tinygrad_nn.compiler.roll import written
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.tree import flatten

NEAR = 2.0**52
Vector = list[Any]

# Each makes small numbers of two vectors and a number that are near each other.
DIFFERENCES: list[Callable[[Vector, Vector, Any], Vector]] = [
    lambda a, b, c: [u - v for u, v in zip(a, b, strict=True)],
    lambda a, b, c: [u - c for u in a],
    lambda a, b, c: [v - u for u, v in itertools.pairwise(a)] + [a[0] - a[-1]],
    lambda a, b, c: [-(u - v) for u, v in zip(a, b, strict=True)],
    lambda a, b, c: [3 * (u - v) for u, v in zip(b, a, strict=True)],
    lambda a, b, c: [u + (-v) for u, v in zip(b, a, strict=True)],
    lambda a, b, c: [(u - v) - (v - c) for u, v in zip(a, b, strict=True)],
    lambda a, b, c: [(u - b[0]) + (v - c) for u, v in zip(a, b, strict=True)],
    lambda a, b, c: [a[max(i - 1, 0)] - a[i] for i in range(len(a))],
]


def triples(p: Vector, q: Vector, r: Vector) -> Any:
    return zip(p, q, r, strict=True)


# Each makes small numbers of small ones.
STEPS: list[Callable[[Vector, Vector, Vector], Vector]] = [
    lambda p, q, r: [u - v + w for u, v, w in triples(p, q, r)],
    lambda p, q, r: [u - (v + w) for u, v, w in triples(p, q, r)],
    lambda p, q, r: [u * v for u, v in zip(p, q, strict=True)],
    lambda p, q, r: [sum(p) - u for u in q],
    lambda p, q, r: [p[i - 1] - 2 * p[i] + p[(i + 1) % len(p)] for i in range(len(p))],
    lambda p, q, r: [reduce(operator.add, p) + u * v for u, v in zip(q, r, strict=True)],
    lambda p, q, r: [dot(p, q) + (u - v) for u, v in zip(q, r, strict=True)],
    lambda p, q, r: [u + (dot(p[: k + 1], q[: k + 1]) - u) for k, u in enumerate(r)],
    lambda p, q, r: [u + 2 * (v - w) for u, v, w in triples(p, q, r)],
    lambda p, q, r: list(itertools.accumulate(p)),
    lambda p, q, r: [-(u + v) - (w - u) for u, v, w in triples(p, q, r)],
]
ENDS: list[Callable[[Vector, Vector], Any]] = [
    lambda p, q: sum(p),
    dot,
    lambda p, q: p[0] + sum((u - v) * (u - v) for u, v in zip(p, q, strict=True)),
    lambda p, q: reduce(operator.sub, p),
    lambda p, q: sum(p) - sum(q),
    lambda p, q: 0.5 * sum(p) + 2 * sum(q),
]


def program(rng: random.Random) -> Callable[..., Any]:
    begin = rng.choices(DIFFERENCES, k=2)
    steps = [(rng.choice(STEPS), rng.choices(range(9), k=3)) for _ in range(rng.randrange(2, 5))]
    end = rng.choice(ENDS)

    def function(a: Vector, b: Vector, c: Any) -> Any:
        pool = [make(a, b, c) for make in begin]
        for step, chosen in steps:
            pool.append(step(*[pool[i % len(pool)] for i in chosen]))
        return end(pool[-1], pool[-2])

    return function


def flat(nesting: Any) -> list[float]:
    return [float(number) for number in flatten(nesting)[0]]


def numbers(rng: random.Random, count: int) -> list[float]:
    return [NEAR + rng.randrange(4) for _ in range(count)]


@pytest.mark.parametrize("few", [written.FEW, 0])
def test_programs_are_exact(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether chains have an order or not: parentheses stand."""
    monkeypatch.setattr(written, "FEW", few)
    for seed in range(12):
        rng = random.Random(seed + 100 * few)
        function, n = program(rng), rng.choice([2, 3, 6])
        a, b, (c,) = numbers(rng, n), numbers(rng, n), numbers(rng, 1)
        whole = value_and_grad(function, (0, 1, 2))
        assert flat(compile(whole)(a, b, c)) == flat(whole(a, b, c)), seed
        slopes = jacfwd(function)
        assert flat(compile(slopes)(a, b, c)) == flat(slopes(a, b, c)), seed
        second = grad(lambda b, f=function, a=a, c=c: sum(u * u for u in grad(f, 1)(a, b, c)))
        assert flat(compile(second)(b)) == flat(second(b)), seed


@pytest.mark.parametrize("how", ["sum", "mean"])
def test_batches_are_exact(how: str) -> None:
    for seed in range(8):
        rng = random.Random(seed)
        function, n = program(rng), rng.choice([2, 3, 6])
        whole = value_and_grad(function, 1)
        rows, b, c = [numbers(rng, n) for _ in range(4)], numbers(rng, n), numbers(rng, 4)
        found = compile(whole, batch=("a", "c"), reduce=how)(np.array(rows), b, np.array(c))
        each = [flat(whole(a, b, one)) for a, one in zip(rows, c, strict=True)]
        share = len(rows) if how == "mean" else 1
        assert flat(found) == [sum(column) / share for column in zip(*each, strict=True)], seed


class Residual(nn.Module):
    """A parameter near the data, so that their differences are exact."""

    def __init__(self) -> None:
        self.w = Value(NEAR)

    def __call__(self, x: Any) -> Any:
        return (x[0] - self.w) - (self.w - x[1])


def test_both_engines_train_alike() -> None:
    x = [[NEAR + i, NEAR + 2 * i] for i in range(8)]
    y = [float(i) for i in range(8)]
    costs = []
    for engine in ("eager", "compiled"):
        model = Residual()
        optimiser = GradientDescent(model.parameters(), 1.0)
        trainer = Trainer(model, nn.squared_error, optimiser, engine=engine)
        costs.append([trainer.step(x, y), trainer.step(x, y), model.w.data])
    assert costs[0] == costs[1]
