"""What is timed. Every workload is the same code for each engine, and gives a number to compare."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from micrograd import engine
from micrograd import nn as micrograd_nn

from tinygrad_nn import Value, nn

OURS = "tinygrad_nn"
ENGINES = {
    OURS: SimpleNamespace(Value=Value, MLP=nn.MLP),
    "micrograd": SimpleNamespace(Value=engine.Value, MLP=micrograd_nn.MLP),
}
PRODUCTS = 100_000


def moons(samples: int = 100) -> tuple[list[list[float]], list[int]]:
    """Two half circles with noise, labels -1 and 1."""
    rng = random.Random(1337)
    rows, labels = [], []
    for i in range(samples):
        angle = math.pi * rng.random()
        upper = i % 2 == 0
        x = math.cos(angle) if upper else 1 - math.cos(angle)
        y = math.sin(angle) if upper else 0.5 - math.sin(angle)
        rows.append([x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)])
        labels.append(1 if upper else -1)
    return rows, labels


def training_step(kind: Any) -> Callable[[], float]:
    """One step of micrograd's demo: 2-16-16-1, relu, max-margin loss and L2, 100 samples."""
    random.seed(1337)
    model = kind.MLP(2, [16, 16, 1])
    rng = random.Random(7)
    for p in model.parameters():
        p.data = rng.uniform(-1, 1)
    rows, labels = moons()

    def step() -> float:
        inputs = [[kind.Value(x) for x in row] for row in rows]
        scores = [model(x) for x in inputs]
        losses = [(1 + -y * score).relu() for y, score in zip(labels, scores, strict=True)]
        cost = sum(losses) * (1.0 / len(losses))
        cost = cost + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        cost.backward()
        for p in model.parameters():
            p.data -= 0.05 * p.grad
        return float(cost.data)

    return step


def products(kind: Any) -> Callable[[], float]:
    """`a * b`, many times over; the loop is part of the time, the same for all."""
    a, b = kind.Value(2.0), kind.Value(3.0)

    def multiply() -> float:
        for _ in range(PRODUCTS):
            product = a * b
        return float(product.data)

    return multiply


WORKLOADS: dict[str, Callable[[Any], Callable[[], float]]] = {
    "training step 2-16-16-1, 100 samples": training_step,
    f"{PRODUCTS:,} times a * b": products,
}
