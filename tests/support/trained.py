"""What the tests of training share: a line to learn, and a trainer that learns it."""

from __future__ import annotations

from typing import Any

from tinygrad_nn import nn
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import History, Trainer

X = [[0.0], [1.0], [2.0], [3.0]]
Y = [1.0, 3.0, 5.0, 8.0]
SIDES = [0, 0, 1, 1]


def line(**options: Any) -> Trainer:
    """A trainer of y = w x + b from w = 1, b = 0."""
    model = nn.MLP(1, [1], init=lambda nin, nout, rng: 1.0)
    lr = options.pop("lr", 0.1)
    loss = options.pop("loss", nn.squared_error)
    return Trainer(model, loss, GradientDescent(model.parameters(), lr), **options)


def numbers(trainer: Trainer) -> list[float]:
    return [parameter.data for parameter in trainer.model.parameters()]


def quietly(trainer: Trainer, epochs: int, **options: Any) -> History:
    return trainer.fit(options.pop("X", X), options.pop("y", Y), epochs, progress=False, **options)
