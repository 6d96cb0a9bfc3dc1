"""autograd (HIPS): NumPy's functions on arrays, and its numbers one at a time."""

from __future__ import annotations

from typing import Any

import autograd.numpy as np
from autograd import value_and_grad
from autograd.differential_operators import make_vjp

from ..job import Engine, Job
from ..problems import Chain, Network, Products, Repeated, Rosenbrock, in_order
from .scalar import chain_of, expression_of, once, products_of

ONE = np.array(1.0)


def differentiated(result: Any) -> Any:
    """Go back: from the value and its rule to the value and its gradients."""
    vjp, value = result
    return value, vjp(ONE)


def numbers(result: Any) -> list[float]:
    value, gradients = result
    return [float(value), *np.concatenate([np.ravel(g) for g in gradients])]


def product(problem: Repeated) -> Job:
    record = make_vjp(lambda a, b: products_of(a, b, problem.units), (0, 1))
    return Job(once(lambda: record(problem.a, problem.b)), lambda result: [float(result[1])])


def expression(problem: Repeated) -> Job:
    function = value_and_grad(
        lambda a, b: expression_of(a, b, lambda x: np.maximum(x, 0.0)), (0, 1)
    )

    def evaluate() -> Any:
        for _ in range(problem.units):
            result = function(problem.a, problem.b)
        return result

    return Job(once(evaluate), numbers)


def chain(problem: Chain) -> Job:
    record = make_vjp(lambda y, a, b: chain_of(y, a, b, problem.units), (0, 1, 2))
    build = lambda _: record(problem.y, problem.a, problem.b)  # noqa: E731
    return Job({"build": build, "backward": differentiated}, numbers)


def products(problem: Products) -> Job:
    x, w = np.array(problem.x), np.array(problem.w)
    record = make_vjp(np.dot, (0, 1))
    return Job({"build": lambda _: record(x, w), "backward": differentiated}, numbers)


def rosenbrock(problem: Rosenbrock) -> Job:
    x = np.array(problem.x)
    function = value_and_grad(
        lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    )
    return Job(once(lambda: function(x)), lambda result: [float(result[0]), *result[1]])


def forward(parameters: Any, x: Any) -> Any:
    *hidden, (W, b) = parameters
    for V, c in hidden:
        x = np.maximum(x @ V.T + c, 0.0)
    return x @ W.T + b


def training(problem: Network, cost: Any) -> Job:
    parameters = [(np.array(W), np.array(b)) for W, b in problem.layers]
    function = value_and_grad(cost)

    def step() -> Any:
        value, gradients = function(parameters)
        for layer, slopes in zip(parameters, gradients, strict=True):
            for p, slope in zip(layer, slopes, strict=True):
                p -= problem.learning_rate * slope
        return value, gradients

    return Job(once(step), lambda result: [float(result[0]), *in_order(result[1])])


def moons(problem: Network) -> Job:
    x, y = np.array(problem.inputs), np.array(problem.targets)

    def cost(parameters: Any) -> Any:
        losses = np.maximum(1 - y * forward(parameters, x)[:, 0], 0.0)
        squares = sum(np.sum(W**2) + np.sum(b**2) for W, b in parameters)
        return np.mean(losses) + problem.decay * squares

    return training(problem, cost)


def digits(problem: Network) -> Job:
    x, y = np.array(problem.inputs), np.array(problem.targets)
    samples = np.arange(len(y))

    def cost(parameters: Any) -> Any:
        logits = forward(parameters, x)
        logits = logits - np.max(logits, axis=1, keepdims=True)
        return np.mean(np.log(np.sum(np.exp(logits), axis=1)) - logits[samples, y])

    return training(problem, cost)


ENGINES = [
    Engine(
        "autograd",
        {
            "products": products,
            "products-million": products,
            "rosenbrock": rosenbrock,
            "moons": moons,
            "digits": digits,
            "pictures": digits,
        },
    ),
    Engine("autograd, scalars", {"product": product, "expression": expression, "chain": chain}),
]
