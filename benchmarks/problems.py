"""The numbers of every workload, the same for all engines."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from examples import scalar_gpt

Vector: TypeAlias = list[float]
Matrix: TypeAlias = list[Vector]
LayerWeights: TypeAlias = list[
    tuple[Matrix, Vector]
]  # for each layer (W, b), W of shape (nout, nin)


@dataclass(frozen=True)
class Workload:
    """What is measured: a title, the unit of its times, a sentence, and the numbers."""

    title: str
    unit: str
    text: str
    problem: Callable[[], Any]


@dataclass(frozen=True)
class Repeated:
    """Two numbers, and how many times to compute with them in one run."""

    a: float
    b: float
    units: int


@dataclass(frozen=True)
class Chain:
    """y = a y + b over and over, `units` operations in all."""

    units: int
    y: float = 1.0
    a: float = 0.75
    b: float = 0.5


@dataclass(frozen=True)
class Products:
    """The sum of x[i] w[i]: as many operations as there are numbers."""

    x: Vector
    w: Vector

    @property
    def units(self) -> int:
        return len(self.x) + len(self.w)


@dataclass(frozen=True)
class Rosenbrock:
    """Where to evaluate the sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2."""

    x: Vector
    units: int = 1


@dataclass(frozen=True)
class Network:
    """A batch, what it is to give, and where the weights of a ReLU network begin."""

    inputs: Matrix
    targets: list[int]
    layers: LayerWeights
    learning_rate: float
    decay: float = 0.0
    units: int = 1

    @property
    def sizes(self) -> list[int]:
        return [len(biases) for _, biases in self.layers]

    @property
    def weights(self) -> Vector:
        """All numbers in the order of micrograd's `parameters()`."""
        return in_order(self.layers)


@dataclass(frozen=True)
class Options:
    """European calls: for each what the stock costs, the strike, the years, rate and volatility."""

    S: Vector
    K: Vector
    T: Vector
    r: Vector
    v: Vector

    @property
    def units(self) -> int:
        return len(self.S)

    @property
    def columns(self) -> tuple[Vector, ...]:
        return self.S, self.K, self.T, self.r, self.v


@dataclass(frozen=True)
class Document:
    """The tokens of a document, and the seed of the parameters."""

    tokens: list[int]
    seed: int = 0
    units: int = 1


def in_order(layers: Any) -> Vector:
    """List weights and biases neuron by neuron; matrices and vectors may be arrays too."""
    return [
        float(number)
        for weights, biases in layers
        for row, bias in zip(weights, biases, strict=True)
        for number in (*row, bias)
    ]


def products(units: int) -> Products:
    rng = random.Random(3)
    x, w = ([rng.uniform(-1.0, 1.0) for _ in range(units // 2)] for _ in range(2))
    return Products(x, w)


def rosenbrock(n: int = 1000) -> Rosenbrock:
    rng = random.Random(5)
    return Rosenbrock([rng.uniform(-2.0, 2.0) for _ in range(n)])


def moons(samples: int = 100) -> Network:
    """Two half circles with noise, labels -1 and 1, and a 2-16-16-1 network."""
    rng = random.Random(1337)
    rows, labels = [], []
    for i in range(samples):
        angle = math.pi * rng.random()
        upper = i % 2 == 0
        x = math.cos(angle) if upper else 1 - math.cos(angle)
        y = math.sin(angle) if upper else 0.5 - math.sin(angle)
        rows.append([x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1)])
        labels.append(1 if upper else -1)
    return Network(rows, labels, _layers([2, 16, 16, 1], rng), learning_rate=0.05, decay=1e-4)


def digits(samples: int = 32, sizes: tuple[int, ...] = (64, 32, 10)) -> Network:
    """Random numbers in place of pictures (half of the pixels are 0), and a network."""
    rng = random.Random(11)
    pictures = [
        [max(0, rng.randint(-16, 16)) / 16 for _ in range(sizes[0])] for _ in range(samples)
    ]
    targets = [rng.randrange(sizes[-1]) for _ in range(samples)]
    return Network(pictures, targets, _layers(sizes, rng), learning_rate=0.1)


def options(count: int = 100_000) -> Options:
    rng = random.Random(7)
    ranges = (50.0, 150.0), (50.0, 150.0), (0.1, 2.0), (0.0, 0.05), (0.1, 0.5)
    return Options(*([rng.uniform(*ends) for _ in range(count)] for ends in ranges))


def document(name: str = "barbara") -> Document:
    return Document(scalar_gpt.tokens_of(name))


def _layers(sizes: Sequence[int], rng: random.Random) -> LayerWeights:
    layers = []
    for nin, nout in itertools.pairwise(sizes):
        bound = math.sqrt(3.0 / nin)
        weights = [[rng.uniform(-bound, bound) for _ in range(nin)] for _ in range(nout)]
        layers.append((weights, [rng.uniform(-0.1, 0.1) for _ in range(nout)]))
    return layers


_CHAIN = "y = a y + b, {} operations one upon the other: the deepest graph there is."
_PRODUCTS = "x₁w₁ + x₂w₂ + …, {} operations; arrays are one scalar product."

WORKLOADS: dict[str, Workload] = {
    "product": Workload(
        "a * b",
        "product",
        "One product of two numbers, recorded.",
        lambda: Repeated(2.0, 3.0, 1000),
    ),
    "expression": Workload(
        "An expression",
        "expression",
        "The example in micrograd's README, some 30 operations on two numbers, with its gradient.",
        lambda: Repeated(-4.0, 2.0, 100),
    ),
    "chain": Workload(
        "A chain of 100,000 operations", "node", _CHAIN.format("100,000"), lambda: Chain(100_000)
    ),
    "chain-million": Workload(
        "A chain of 1,000,000 operations",
        "node",
        _CHAIN.format("1,000,000"),
        lambda: Chain(1_000_000),
    ),
    "products": Workload(
        "A sum of 50,000 products", "node", _PRODUCTS.format("100,000"), lambda: products(100_000)
    ),
    "products-million": Workload(
        "A sum of 500,000 products",
        "node",
        _PRODUCTS.format("1,000,000"),
        lambda: products(1_000_000),
    ),
    "rosenbrock": Workload(
        "Rosenbrock's function of 1000 numbers", "evaluation", "Its value and gradient.", rosenbrock
    ),
    "moons": Workload(
        "A step of training: two moons",
        "step",
        "2-16-16-1 with ReLU, 100 samples, max-margin loss and L2: the step of micrograd's demo.",
        moons,
    ),
    "digits": Workload(
        "A step of training: digits",
        "step",
        "64-32-10 with ReLU, a batch of 32, softmax and cross-entropy, gradient descent.",
        digits,
    ),
    "pictures": Workload(
        "A step of training: pictures",
        "step",
        "784-128-10 with ReLU, a batch of 64, softmax and cross-entropy, gradient descent.",
        lambda: digits(64, (784, 128, 10)),
    ),
    "options": Workload(
        "The Greeks of 100,000 options",
        "option",
        "The price of a call by Black and Scholes, delta, vega, theta, rho, and gamma, a second "
        "derivative.",
        options,
    ),
    "gpt": Workload(
        "A step of training: a GPT in scalars",
        "step",
        "examples/scalar_gpt.py, 4192 parameters: one name of 7 letters (8 predictions), and Adam.",
        document,
    ),
}
