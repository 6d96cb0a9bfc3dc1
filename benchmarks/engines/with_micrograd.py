"""micrograd: its recursion needs room, and what it lacks is written in its own way."""

from __future__ import annotations

import math
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from micrograd import nn
from micrograd.engine import Value

from ..job import Engine, Job
from ..problems import Chain, Network, Products, Rosenbrock
from . import scalar

STACK = 1 << 30
RECURSION = 5_000_000
OFF = (False,)  # of a million nodes the collector makes a minute


def deep(phase: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Run a phase where recursion may go as deep as the graph: in a thread with a large stack."""

    def run(state: Any) -> Any:
        recursion, stack = sys.getrecursionlimit(), threading.stack_size(STACK)
        sys.setrecursionlimit(RECURSION)
        try:
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(phase, state).result()
        finally:
            threading.stack_size(stack)
            sys.setrecursionlimit(recursion)

    return run


def deeply(job: Job) -> Job:
    """Let the last phase, which differentiates, recurse as deep as it needs."""
    *_, last = job.phases
    return replace(job, phases={**job.phases, last: deep(job.phases[last])})


def chain(problem: Chain, collectors: tuple[bool, ...] = scalar.BOTH) -> Job:
    return deeply(scalar.chain(Value, problem, collectors))


def products(problem: Products, collectors: tuple[bool, ...] = scalar.BOTH) -> Job:
    return deeply(scalar.products(Value, problem, collectors))


def rosenbrock(problem: Rosenbrock) -> Job:
    return deeply(scalar.rosenbrock(Value, problem))


def exp(x: Value) -> Value:
    out = Value(math.exp(x.data), (x,), "exp")

    def _backward() -> None:
        x.grad += out.data * out.grad

    out._backward = _backward
    return out


def log(x: Value) -> Value:
    out = Value(math.log(x.data), (x,), "log")

    def _backward() -> None:
        x.grad += out.grad / x.data

    out._backward = _backward
    return out


def cross_entropy(logits: list[Value], target: int) -> Value:
    top = max(z.data for z in logits)
    return log(sum(exp(z - top) for z in logits)) - (logits[target] - top)


def digits(problem: Network) -> Job:
    model = scalar.network(nn, problem)

    def cost() -> Value:
        samples = zip(problem.inputs, problem.targets, strict=True)
        losses = [cross_entropy(model(x), y) for x, y in samples]
        return sum(losses) * (1.0 / len(losses))

    return scalar.training(model, problem, cost)


ENGINES = [
    Engine(
        "micrograd",
        {
            "product": partial(scalar.product, Value),
            "expression": partial(scalar.expression, Value),
            "chain": chain,
            "chain-million": partial(chain, collectors=OFF),
            "products": products,
            "products-million": partial(products, collectors=OFF),
            "rosenbrock": rosenbrock,
            "moons": partial(scalar.moons, Value, nn),
            "digits": digits,
        },
    )
]
