"""Unrolled batches whose constants coincide here and there, as blank pixels do."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tinygrad_nn import compile, dot, nn, relu, value_and_grad
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.tree import flatten

INPUTS, HIDDEN, CLASSES = 12, 5, 3


def parameters() -> list[Any]:
    rng = random.Random(3)
    sizes = [(INPUTS, HIDDEN), (HIDDEN, CLASSES)]
    return [
        [[[rng.gauss(0.0, 0.5) for _ in range(n)] for _ in range(m)], [0.1] * m] for n, m in sizes
    ]


def pictures(count: int) -> list[list[float]]:
    """Half of the pixels are blank."""
    rng = random.Random(count)
    return [
        [rng.random() if rng.random() < 0.5 else 0.0 for _ in range(INPUTS)] for _ in range(count)
    ]


def step(rows: list[list[float]], bias_first: bool) -> tuple[Any, Compiled]:
    """The cost of a batch that is constant, with its gradient."""

    def unit(w: Any, x: Any, b: Any) -> Any:
        total = b if bias_first else dot(w, x)
        if bias_first:
            for weight, number in zip(w, x, strict=True):
                total = total + weight * number
            return total
        return total + b

    def cost(layers: Any, targets: Any) -> Any:
        losses = []
        for x, target in zip(rows, targets, strict=True):
            hidden = [relu(unit(w, x, b)) for w, b in zip(*layers[0], strict=True)]
            logits = [dot(w, hidden) + b for w, b in zip(*layers[1], strict=True)]
            losses.append(nn.cross_entropy(logits, target))
        return sum(losses) / len(losses)

    f = value_and_grad(cost)
    compiled = compile(f)
    targets = [float(i % CLASSES) for i in range(len(rows))]
    compiled(parameters(), targets)
    return f, compiled


@pytest.mark.parametrize("bias_first", [False, True])
def test_a_batch_has_as_many_statements_whatever_its_size(bias_first: bool) -> None:
    counts = []
    for count in (16, 64):
        f, compiled = step(pictures(count), bias_first)
        targets = [float((i // 2) % CLASSES) for i in range(count)]
        found, expected = (flatten(g(parameters(), targets))[0] for g in (compiled, f))
        assert list(map(float, found)) == pytest.approx(list(map(float, expected)), rel=1e-11)
        counts.append(compiled.program.stats.statements)
    assert counts[0] == counts[1] <= 20


def test_a_sum_that_most_share_is_kept() -> None:
    """Half of its consumers' work would be done again and again."""

    def f(x: Any) -> Any:
        total = 2.0 * x[0] + 3.0 * x[1]
        return [total + x[i] for i in range(2, 8)]

    compiled = compile(f)
    compiled([float(i) for i in range(8)])
    assert len(compiled.program.statements) == 2


def test_what_is_shared_by_coincidence_says_nothing_of_sums_of_other_numbers() -> None:
    """One sum is shared by all lanes of x; two of twenty lanes of y agree in their constants."""
    scales = [float(i) for i in range(3, 22)] + [21.0]

    def f(x: Any, y: Any) -> Any:
        total = 2.0 * x[0] + 3.0 * x[1]
        shared = [total + x[i] for i in range(2, 8)]
        return [shared, [c * y[0] + 0.5 * c * y[1] + y[i] for i, c in enumerate(scales, 2)]]

    compiled = compile(f)
    x, y = [float(i) for i in range(8)], [0.5 * i for i in range(22)]
    assert flatten(compiled(x, y))[0] == pytest.approx(flatten(f(x, y))[0], rel=1e-12)
    assert "= z1 + x[2:8]" in str(compiled)
    assert len(compiled.program.statements) == 3
