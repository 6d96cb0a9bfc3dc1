"""What is compiled: functions with arguments and the options of `compile`."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from examples import scalar_gpt
from tinygrad_nn import compile, hessian, relu, value_and_grad

from . import functions
from .engines.scalar import expression_of, rosenbrock_of
from .functions import Function
from .problems import Document, Network, Options, Repeated, Rosenbrock


@dataclass(frozen=True)
class Case:
    """A function, what to call it with, and how to compile it."""

    function: Function
    args: tuple[Any, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def compiled(self, backend: str = "auto", threads: int = 1) -> Any:
        return compile(self.function, backend=backend, threads=threads, **self.options)


def expression(problem: Repeated) -> Case:
    def function(a: Any, b: Any) -> Any:
        return expression_of(a, b, relu)

    return Case(value_and_grad(function, (0, 1)), (problem.a, problem.b))


def rosenbrock(problem: Rosenbrock) -> Case:
    return Case(value_and_grad(rosenbrock_of), (np.array(problem.x),))


def layers_of(problem: Network) -> Any:
    return [(np.array(W), np.array(b)) for W, b in problem.layers]


def unrolled(loss: Function, problem: Network) -> Case:
    """A whole step, recorded sample by sample: every number of the batch is in the graph."""
    samples = np.array(problem.inputs), np.array(problem.targets)
    return Case(functions.descent(loss, problem), (layers_of(problem), *samples))


def per_sample(loss: Function, problem: Network) -> Case:
    """Cost and gradient, recorded for one sample."""
    samples = np.array(problem.inputs), np.array(problem.targets)
    function = functions.penalised(loss, problem)
    options = {"batch": ("x", "y"), "reduce": "mean"}
    return Case(value_and_grad(function), (layers_of(problem), *samples), options)


def options(problem: Options) -> Case:
    columns = tuple(np.array(column) for column in problem.columns)
    return Case(functions.greeks, columns, {"batch": ("S", "K", "T", "r", "v")})


def gpt(problem: Document) -> Case:
    rng = random.Random(problem.seed)
    parameters = np.array(scalar_gpt.flat(scalar_gpt.initial_parameters(float, rng)))
    zeros = np.zeros_like(parameters)
    return Case(functions.gpt_step, (parameters, zeros, zeros, problem.tokens, 1.0))


# ---- programs that are counted, and not timed ------------------------------------------------------


def attention(positions: int = 12, width: int = 8) -> Case:
    rng = np.random.default_rng(0)
    return Case(
        value_and_grad(functions.attention, (0, 1, 2)),
        tuple(rng.normal(size=(3, positions, width))),
    )


def recurrent(steps: int = 20, inputs: int = 8, width: int = 16) -> Case:
    rng = np.random.default_rng(1)
    shapes = (width, inputs), (width, width), (width,), (steps, inputs), (steps,)
    return Case(
        value_and_grad(functions.recurrent, (0, 1, 2)),
        tuple(0.3 * rng.normal(size=shape) for shape in shapes),
    )


def convolution(size: int = 12, kernels: int = 4) -> Case:
    rng = np.random.default_rng(2)
    args = rng.normal(size=(kernels, 3, 3)), rng.normal(size=(size, size))
    return Case(value_and_grad(functions.convolution, (0, 1)), args)


def gravity(bodies: int = 30) -> Case:
    rng = np.random.default_rng(3)
    return Case(functions.gravity, (rng.normal(size=(bodies, 3)), rng.uniform(1, 2, bodies)))


def heat(places: int = 50, steps: int = 100) -> Case:
    def function(temperatures: Any) -> Any:
        return functions.heat(temperatures, steps)

    return Case(value_and_grad(function), (np.random.default_rng(4).normal(size=places),))


def curvature(n: int = 30) -> Case:
    x = np.random.default_rng(5).uniform(-2, 2, n)
    return Case(hessian(rosenbrock_of), (x,))
