"""tinygrad_nn, compiled: a function of numbers, the same of one sample, and training by Trainer.

Arrays go in and come out; what is compiled is recorded before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from tinygrad_nn import nn
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer
from tinygrad_nn.tree import flatten

from .. import cases
from ..cases import Case
from ..functions import Function, cross_entropy, margin
from ..job import Engine, Job
from ..problems import Document, Network, Options, Repeated, Rosenbrock, in_order
from . import scalar
from .scalar import once

BACKENDS = {"": "numpy"}  # by what is said of it in a table
if find_spec("llvmlite") is not None:
    BACKENDS[", machine code"] = "machine"


def numbers(result: Any) -> list[float]:
    """List all numbers of a result."""
    return [float(number) for number in flatten(result)[0]]


def expression(backend: str, problem: Repeated) -> Job:
    case = cases.expression(problem)
    function = case.compiled(backend)

    def evaluate() -> Any:
        for _ in range(problem.units):
            result = function(*case.args)
        return result

    return Job(once(evaluate), numbers)


def call(backend: str, case: Case, read: Callable[[Any], list[float]] = numbers) -> Job:
    function = case.compiled(backend)
    return Job(once(lambda: function(*case.args)), read)


def rosenbrock(backend: str, problem: Rosenbrock) -> Job:
    return call(backend, cases.rosenbrock(problem))


def options(backend: str, problem: Options) -> Job:
    return call(backend, cases.options(problem), lambda result: result.T.ravel().tolist())


def whole_step(loss: Function, backend: str, problem: Network) -> Job:
    """A program for the whole batch, the update included."""
    case = cases.unrolled(loss, problem)
    function = case.compiled(backend)
    layers, *samples = case.args

    def step() -> Any:
        nonlocal layers
        cost, slopes, layers = function(layers, *samples)
        return cost, slopes

    return Job(once(step), lambda result: [result[0], *in_order(result[1])])


def per_sample(loss: Function, backend: str, problem: Network) -> Job:
    """A program for any number of samples; NumPy moves the weights."""
    case = cases.per_sample(loss, problem)
    function = case.compiled(backend)
    layers, *samples = case.args

    def step() -> Any:
        cost, slopes = function(layers, *samples)
        for layer, slope in zip(layers, slopes, strict=True):
            for p, s in zip(layer, slope, strict=True):
                p -= problem.learning_rate * s
        return cost, slopes

    return Job(once(step), lambda result: [result[0], *in_order(result[1])])


def trainer(loss: Function, backend: str, problem: Network) -> Job:
    """A step of `Trainer`, which keeps the numbers of the model in arrays."""
    model = scalar.network(nn, problem)
    optimizer = GradientDescent(model.parameters(), lr=problem.learning_rate)
    training = Trainer(model, loss, optimizer, l2=problem.decay, engine="compiled", backend=backend)
    inputs, targets = np.array(problem.inputs), np.array(problem.targets)
    return Job(
        once(lambda: training.step(inputs, targets)),
        lambda cost: [cost, *(p.grad for p in model.parameters())],
    )


def gpt(backend: str, problem: Document) -> Job:
    case = cases.gpt(problem)
    function = case.compiled(backend)
    *state, tokens, steps = case.args

    def step() -> Any:
        nonlocal state, steps
        loss, slopes, *state = function(*state, tokens, steps)
        steps += 1.0
        return loss, slopes

    return Job(once(step), numbers)


def engines(said: str, backend: str) -> list[Engine]:
    """Give what runs on a backend, with what is said of it."""
    return [
        Engine(
            f"tinygrad_nn compiled{said}",
            {
                "expression": partial(expression, backend),
                "rosenbrock": partial(rosenbrock, backend),
                "moons": partial(whole_step, margin, backend),
                "digits": partial(whole_step, cross_entropy, backend),
                "gpt": partial(gpt, backend),
            },
        ),
        Engine(
            f"tinygrad_nn compiled, batch={said}",
            {
                "moons": partial(per_sample, margin, backend),
                "digits": partial(per_sample, cross_entropy, backend),
                "pictures": partial(per_sample, cross_entropy, backend),
                "options": partial(options, backend),
            },
        ),
        Engine(
            f"tinygrad_nn Trainer{said}",
            {
                "moons": partial(trainer, nn.hinge, backend),
                "digits": partial(trainer, nn.cross_entropy, backend),
                "pictures": partial(trainer, nn.cross_entropy, backend),
            },
        ),
    ]


ENGINES = [engine for said, backend in BACKENDS.items() for engine in engines(said, backend)]
