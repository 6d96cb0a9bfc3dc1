"""tinygrad_nn."""

from __future__ import annotations

from functools import partial
from typing import Any

from tinygrad_nn import Value, nn

from ..job import Engine, Job
from ..problems import Network
from . import scalar


def digits(problem: Network) -> Job:
    model = scalar.network(nn, problem)

    def cost() -> Any:
        samples = zip(problem.inputs, problem.targets, strict=True)
        return nn.cost(nn.cross_entropy(model(x), y) for x, y in samples)

    return scalar.training(model, problem, cost)


ENGINES = [
    Engine(
        "tinygrad_nn",
        {
            "product": partial(scalar.product, Value),
            "expression": partial(scalar.expression, Value),
            "chain": partial(scalar.chain, Value),
            "chain-million": partial(scalar.chain, Value),
            "products": partial(scalar.products, Value),
            "products-million": partial(scalar.products, Value),
            "rosenbrock": partial(scalar.rosenbrock, Value),
            "moons": partial(scalar.moons, Value, nn),
            "digits": digits,
            "gpt": partial(scalar.gpt, Value),
        },
    )
]
