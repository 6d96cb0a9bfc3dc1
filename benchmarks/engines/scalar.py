"""Workloads in single numbers: the same code for every class of the usual operators."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, TypeAlias

from examples import scalar_gpt

from ..job import Job, Phases
from ..problems import Chain, Document, Network, Products, Repeated, Rosenbrock

Number: TypeAlias = Any  # a Value of whichever class
Make: TypeAlias = Callable[[float], Number]
BOTH = (True, False)  # with the collector on, and off


def once(run: Callable[[], Any]) -> Phases:
    """The phases of what is timed as a whole."""
    return {"run": lambda _: run()}


def products_of(a: Number, b: Number, times: int) -> Number:
    """Compute a b over and over, with a loop that costs next to nothing."""
    for _ in range(times // 5):
        c = a * b
        c = a * b
        c = a * b
        c = a * b
        c = a * b
    return c


def product(value: Make, problem: Repeated) -> Job:
    a, b = value(problem.a), value(problem.b)
    return Job(once(lambda: products_of(a, b, problem.units)), lambda c: [c.data], BOTH)


def expression_of(a: Number, b: Number, relu: Callable[[Number], Number]) -> Number:
    """The first example of micrograd's README."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + relu(b + a)
    d += 3 * d + relu(b - a)
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def expression(value: Make, problem: Repeated) -> Job:
    def evaluate() -> tuple[Number, Number, Number]:
        for _ in range(problem.units):
            a, b = value(problem.a), value(problem.b)
            g = expression_of(a, b, lambda x: x.relu())
            g.backward()
        return g, a, b

    return Job(once(evaluate), lambda r: [r[0].data, r[1].grad, r[2].grad], BOTH)


def chain_of(y: Number, a: Number, b: Number, operations: int) -> Number:
    for _ in range(operations // 2):
        y = a * y + b
    return y


def chain(value: Make, problem: Chain, collectors: tuple[bool, ...] = BOTH) -> Job:
    def build(_: None) -> list[Number]:
        y, a, b = (value(number) for number in (problem.y, problem.a, problem.b))
        return [chain_of(y, a, b, problem.units), y, a, b]

    return Job(building(build), read, collectors)


def products(value: Make, problem: Products, collectors: tuple[bool, ...] = BOTH) -> Job:
    x, w = ([value(number) for number in vector] for vector in (problem.x, problem.w))

    def build(_: None) -> list[Number]:
        total = x[0] * w[0]
        for xi, wi in zip(x[1:], w[1:], strict=True):
            total = total + xi * wi
        return [total, *x, *w]

    return Job(building(build), read, collectors)


def building(build: Callable[[None], list[Number]]) -> Phases:
    """The phases of a graph: made, and differentiated."""
    return {"build": build, "backward": backward}


def backward(result: list[Number]) -> list[Number]:
    """Differentiate the first of a list."""
    result[0].backward()
    return result


def read(result: list[Number]) -> list[float]:
    """List the value of the first and the gradients of the rest."""
    return [result[0].data, *(leaf.grad for leaf in result[1:])]


def rosenbrock_of(x: list[Number]) -> Number:
    total = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    for i in range(1, len(x) - 1):
        total = total + 100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2
    return total


def rosenbrock(value: Make, problem: Rosenbrock) -> Job:
    def evaluate() -> list[Number]:
        x = [value(number) for number in problem.x]
        return backward([rosenbrock_of(x), *x])

    return Job(once(evaluate), read, BOTH)


def price_of(m: Any, S: Number, K: Number, T: Number, r: Number, v: Number) -> Number:
    """A call by Black and Scholes (1973), with log, exp, sqrt and erf of a module."""
    d1 = (m.log(S / K) + (r + v * v / 2) * T) / (v * m.sqrt(T))
    d2 = d1 - v * m.sqrt(T)
    below_d1, below_d2 = (0.5 * (1 + m.erf(d / math.sqrt(2))) for d in (d1, d2))
    return S * below_d1 - K * m.exp(-r * T) * below_d2


def network(module: Any, problem: Network) -> Any:
    """Make a network of the module's class MLP with the problem's weights."""
    model = module.MLP(len(problem.inputs[0]), problem.sizes)
    for parameter, weight in zip(model.parameters(), problem.weights, strict=True):
        parameter.data = weight
    return model


def training(model: Any, problem: Network, cost_of: Callable[[], Number]) -> Job:
    """A step of gradient descent."""
    parameters = model.parameters()

    def step() -> Number:
        model.zero_grad()
        cost = cost_of()
        cost.backward()
        for p in parameters:
            p.data -= problem.learning_rate * p.grad
        return cost

    return Job(once(step), lambda cost: [cost.data, *(p.grad for p in parameters)], BOTH)


def moons(value: Make, module: Any, problem: Network) -> Job:
    """The step of micrograd's demo."""
    model = network(module, problem)

    def cost() -> Number:
        inputs = [[value(x) for x in row] for row in problem.inputs]
        scores = [model(x) for x in inputs]
        losses = [(1 + -y * s).relu() for y, s in zip(problem.targets, scores, strict=True)]
        data_cost = sum(losses) * (1.0 / len(losses))
        return data_cost + problem.decay * sum(p * p for p in model.parameters())

    return training(model, problem, cost)


def gpt(value: Make, problem: Document) -> Job:
    parameters = scalar_gpt.initial_parameters(value, random.Random(problem.seed))
    weights = scalar_gpt.flat(parameters)
    optimizer = scalar_gpt.Adam(weights)

    def forward(_: None) -> list[Number]:
        optimizer.zero_grad()
        return [scalar_gpt.document_loss(parameters, problem.tokens)]

    def update(result: list[Number]) -> list[Number]:
        optimizer.step()
        return result

    phases: Phases = {"forward": forward, "backward": backward, "update": update}
    return Job(phases, lambda result: [result[0].data, *(w.grad for w in weights)], BOTH)
