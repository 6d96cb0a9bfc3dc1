"""Random networks, compiled from small ones and in full: python -m tests.sweeps.models --count 200.

The program of the gradient has the same statements, arrays and names both ways, and gives the same bits.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import numpy as np

from tests.support.thresholds import forced
from tests.sweeps.options import asked
from tinygrad_nn import nn
from tinygrad_nn.compiler.backends.numpy.code import NUMPY
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.nn.compiled.symbolic import parameter_argument
from tinygrad_nn.train.engines.gradient import record_gradient
from tinygrad_nn.train.engines.recording import SampleSizes, gradient_recording

LOW = {
    "nn.compiled.any_size.LARGE": 0,
    "nn.compiled.any_size.QUICK": 0,
    "compiler.sizes.recordings.SMALL": 0,
    "compiler.sizes.recordings.SHARE": 1e-9,
}
ACTIVATIONS = ("tanh", "relu", "sigmoid", "leaky_relu", "identity")


def several(y_hat: Any, y: Any) -> Any:
    """Add the errors of several outputs up."""
    errors = map(nn.absolute_error, y_hat, y)
    return sum((place + 1) * error for place, error in enumerate(errors)) / len(y)


LOSSES = {  # and whether a target is a list, and how many outputs there may be
    nn.cross_entropy: (False, (2, 20)),
    nn.huber: (False, (1, 1)),
    several: (True, (2, 30)),
}


def is_found(rng: random.Random) -> bool:
    """Compare the programs of a random network; tell whether any length was free."""
    equal = rng.random() < 0.3
    width = rng.randint(9, 40)
    sizes = [width if equal else rng.randint(9, 40) for _ in range(rng.randint(1, 4))]
    loss, (listed, between) = rng.choice(list(LOSSES.items()))
    outputs = rng.choice([rng.randint(*between), sizes[0] if listed else rng.randint(*between)])
    model = nn.MLP(sizes[0], [*sizes[1:], outputs], rng.choice(ACTIVATIONS), seed=0)
    given = *parameter_argument(model), SampleSizes(sizes[0], outputs if listed else 0)
    with forced(LOW):
        found, _ = record_gradient(model, loss, *given, NUMPY)
    full = Batched(gradient_recording(model, loss, *given)[0])
    assert found.data.statements == full.data.statements, model
    assert found.data.arrays == full.data.arrays, model
    assert found.data.pieces == full.data.pieces, model
    draw = np.random.default_rng(rng.randrange(1000))
    y = draw.integers(outputs, size=(outputs if listed else 1, 5)).astype(float)
    numbers = {0: draw.normal(size=len(given[0]))}, {1: draw.normal(size=(sizes[0], 5)), 2: y}
    for one, other in zip(found.run(*numbers), full.run(*numbers), strict=True):
        assert np.array_equal(one, other), model
    return bool(found.program.sizes.free)


def main() -> None:
    """Compare as many as are asked for."""
    given = asked(__doc__, 200, "networks", seed=1)
    found = Counter(is_found(random.Random(given.seed + n)) for n in range(given.count))
    print(f"{given.count} networks are the same, {found[True]} of them found at small sizes")


if __name__ == "__main__":
    main()
