"""The ways of calling a program with the numbers of one point."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tests.sweeps import outside
from tests.sweeps.outside import Way
from tests.sweeps.program import Function, Program
from tinygrad_nn import Value
from tinygrad_nn.compiler.backends.numpy.code import NUMPY
from tinygrad_nn.compiler.file import content_of, parsed
from tinygrad_nn.compiler.loaded import LoadedProgram
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError

__all__ = ["COMPILED", "EAGER", "Way", "ways_of"]

EAGER, COMPILED = "f(w, x, k)", "compile(f)(w, x, k)"


def ways_of(program: Program) -> Iterator[Way]:
    """Give all ways of calling at single points; of those that are rarer some, by the seed."""
    f, cost = program.of_package
    compiled, compiled_cost = tg.compile(f), tg.compile(cost)
    both = tg.value_and_grad(cost, argnums=(0, 1))
    compiled_both = tg.compile(both)
    yield EAGER, "results", lambda w, x, k, dw, dx: f(w, x, k)
    yield COMPILED, "results", lambda w, x, k, dw, dx: compiled(w, x, k)
    yield (
        "compile(f)(np.array(w), np.array(x), np.array(k))",
        "results",
        lambda w, x, k, dw, dx: compiled(np.array(w), np.array(x), np.array(k)),
    )
    yield (
        "value_and_grad(cost, argnums=(0, 1))(w, x, k)",
        "both",
        lambda w, x, k, dw, dx: both(w, x, k),
    )
    yield (
        "compile(value_and_grad(cost, argnums=(0, 1)))(w, x, k)",
        "both",
        lambda w, x, k, dw, dx: compiled_both(w, x, k),
    )
    through = tg.value_and_grad(compiled_cost, argnums=(0, 1))
    yield (
        "value_and_grad(compile(cost), argnums=(0, 1))(w, x, k)",
        "both",
        lambda w, x, k, dw, dx: through(w, x, k),
    )
    yield (
        "compile(cost).value_and_grad(w, x, k)",
        "by w",
        lambda w, x, k, dw, dx: compiled_cost.value_and_grad(w, x, k),
    )
    if "copies" not in program.kinds:  # outside of transforms a copy is a graph of its own
        yield "cost(W, X, k).backward()", "both", backward(cost)
    yield "compile(cost)(W, X, k).backward()", "both", backward(compiled_cost)
    yield (
        "jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx))",
        "along",
        lambda w, x, k, dw, dx: tg.jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx)),
    )
    pushed = tg.compile(
        lambda w, x, k, dw, dx: tg.jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx))
    )
    yield (
        "compile(lambda w, x, k, dw, dx: jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx)))"
        "(w, x, k, dw, dx)",
        "along",
        pushed,
    )
    if "copies" not in program.kinds:
        yield from _captured(program)
    if not program.is_long:
        yield from _second(program, compiled_cost)
    others = [*outside.ways(program), *_rarer(program, compiled_cost)]
    yield from random.Random(program.seed).sample(others, min(3, len(others)))


def _captured(program: Program) -> Iterator[Way]:
    cost = program.of_package[1]
    W = [Value(0.0) for _ in program.points[0][0]]

    def both(x: Any, k: Any) -> Any:
        found = cost(W, x, k)
        return found, tg.gradients(found, W) if isinstance(found, Value) else [0.0] * len(W)

    compiled = tg.compile(both)

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        for value, number in zip(W, w, strict=True):
            value.data = number
        return compiled(x, k)

    yield (
        "compile(lambda x, k: (cost(W, x, k), gradients(cost(W, x, k), W)))(x, k)",
        "by w",
        call,
    )


def _second(program: Program, compiled_cost: Function) -> Iterator[Way]:
    cost = program.of_package[1]

    def product(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        return tg.hvp(lambda w: cost(w, x, k))(w, dw)

    compiled = tg.compile(product)
    yield "hvp(lambda w: cost(w, x, k))(w, dw)", "second", product
    yield "compile(hvp(...))(w, x, k, dw)", "second", compiled
    yield (
        "hvp(lambda w: compile(cost)(w, x, k))(w, dw)",
        "second",
        lambda w, x, k, dw, dx: tg.hvp(lambda w: compiled_cost(w, x, k))(w, dw),
    )
    if not re.search("None|np", program.result):
        slopes = tg.compile(tg.jacobian(program.of_package[0]))
        yield (
            "compile(jacobian(f))(w, x, k)",
            "jacobian",
            lambda w, x, k, dw, dx: slopes(w, x, k),
        )


def _rarer(program: Program, compiled_cost: Function) -> Iterator[Way]:
    f, cost = program.of_package
    checked = tg.compile(f, check=True)
    yield "compile(f, check=True)(w, x, k)", "results", lambda w, x, k, dw, dx: checked(w, x, k)
    if "copies" not in program.kinds:
        yield "cost(W, X, k).backward() twice, halved", "both", backward(cost, twice=True)

    yield "load_program(compile(f).program)(w, x, k)", "results", kept(f)
    copied = tg.compile(f)

    def of_copy(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        copied(w, x, k)
        return copy.deepcopy(copied)(w, x, k)

    yield "copy.deepcopy(compile(f))(w, x, k)", "results", of_copy

    def of_result(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        W, X = [Value(n) for n in w], [Value(n) for n in x]
        found = compiled_cost(W, X, k)
        return found, tg.gradients(found, [*W, *X]) if isinstance(found, Value) else [
            0.0 for _ in [*W, *X]
        ]

    yield "gradients(compile(cost)(W, X, k), [*W, *X])", "both", of_result


def kept(f: Function) -> Function:
    """Call what was saved, as a file has it; the function where that is told to be better."""
    compiled = tg.compile(f)

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        found = compiled(w, x, k)
        program = compiled.program
        try:
            content = content_of(program, program.interface, "numpy")
        except (ArgumentError, ArgumentTypeError):  # a class or an operation of the program's own
            return found
        program, interface, _ = parsed(content, "the sweep")
        again = LoadedProgram(program, interface, NUMPY)
        try:
            return again(w, x, k)
        except RuntimeWarning:  # as errors
            return found

    return call


def backward(cost: Function, twice: bool = False) -> Function:
    """Call with Values, and give the value and the gradients."""

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        W, X = [Value(n) for n in w], [Value(n) for n in x]
        found = cost(W, X, k)
        if isinstance(found, Value):
            found.backward()
        if isinstance(found, Value) and twice:
            found.backward()
        return [found, *[value.grad * (0.5 if twice else 1.0) for value in [*W, *X]]]

    return call
