"""What the tests of compiled training share: samples, optimisers, and a trainer of two layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_nn import Value, nn
from tinygrad_nn.optim import SGD, Adam, GradientDescent, Optimizer, cosine, step_decay, warmup
from tinygrad_nn.train import Trainer

random_numbers = np.random.default_rng(0)
ROWS = random_numbers.normal(size=(11, 3))
LABELS = random_numbers.integers(0, 2, 11)
TARGETS: dict[Any, Any] = {
    nn.binary_cross_entropy: LABELS,
    nn.binary_cross_entropy_with_logits: LABELS,
    nn.cross_entropy: random_numbers.integers(0, 3, 11),
    nn.hinge: 2 * LABELS - 1,
    nn.squared_error: random_numbers.normal(size=11),
    nn.absolute_error: random_numbers.normal(size=11),
    nn.huber: 3.0 * random_numbers.normal(size=11),
}
OPTIMIZERS: dict[str, Callable[[list[Value]], Optimizer]] = {
    "descent": lambda p: GradientDescent(p, warmup(0.1, 5)),
    "momentum": lambda p: SGD(p, 0.05, momentum=0.9, weight_decay=0.01),
    "nesterov": lambda p: SGD(p, cosine(0.05, 40), momentum=0.9, nesterov=True),
    "adam": lambda p: Adam(p, step_decay(0.01, 20, 0.5), weight_decay=0.01),
}
ACTIVATIONS = list(nn.activations.ACTIVATIONS)


def compiled(optimizer: str = "adam", **options: Any) -> Trainer:
    """A trainer of two layers that must compile."""
    model = nn.MLP(3, [4, 1], activation="tanh", seed=1)
    made = OPTIMIZERS[optimizer](model.parameters())
    return Trainer(
        model,
        nn.squared_error,
        made,
        **{"engine": "compiled", "batch_size": 4, "seed": 3, **options},
    )


def stepped(times: int = 3, **options: Any) -> Trainer:
    trainer = compiled(**options)
    for _ in range(times):
        trainer.step(ROWS, TARGETS[nn.squared_error])
    return trainer


def state(trainer: Trainer) -> Any:
    return trainer.model.state_dict()
