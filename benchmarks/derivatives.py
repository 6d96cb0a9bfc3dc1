"""What the transforms cost in eager code, beside what they stand for, written out."""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_nn import (
    Value,
    derivative,
    dot,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    nn,
    no_grad,
    tanh,
    value_and_grad,
    vjp,
)
from tinygrad_nn.tree import flatten

from . import report
from .engines.scalar import rosenbrock_of
from .functions import Function, cross_entropy
from .job import Job, same
from .problems import digits, rosenbrock
from .timing import Contestant, measure


@dataclass(frozen=True)
class Pair:
    """A transform, and record and passes of the same thing, written out; most it may cost of that."""

    transform: Callable[[], Any]
    by_hand: Callable[[], Any]
    most: float = 2.0


# ---- written out ---------------------------------------------------------------------------------


def values_of(nesting: Any) -> tuple[list[Value], Any]:
    """Make a Value of each number, and nest them alike."""
    if isinstance(nesting, float):
        value = Value(nesting)
        return [value], value
    if isinstance(nesting, list) and not isinstance(nesting[0], list | tuple):
        values = [Value(number) for number in nesting]
        return values, values
    numbers, nest = flatten(nesting)
    values = [Value(number) for number in numbers]
    return values, nest(values)


def backward(function: Function, *args: Any) -> list[float]:
    """Record a function of Values in place of its first argument, and go back once."""
    values, nested = values_of(args[0])
    result = function(nested, *args[1:])
    result.backward()
    return [result.data, *[value.grad for value in values]]


def rows(function: Function, x: Any) -> list[list[float]]:
    """Record once, and go back from every output."""
    values, nested = values_of(x)
    found = []
    for output in function(nested):
        for value in values:
            value.grad = 0.0
        output.backward()
        found.append([value.grad for value in values])
    return found


def twice(function: Function, x: Any, v: Sequence[float]) -> list[float]:
    """Record the gradient, and go back from its product with v."""
    return backward(lambda values: dot(gradients(function(values), values), v), x)[1:]


def rows_of_gradient(function: Function, x: Any) -> list[list[float]]:
    return rows(lambda values: gradients(function(values), values), x)


# ---- the cases -----------------------------------------------------------------------------------


def with_result(function: Function, *args: Any) -> Any:
    return lambda: value_and_grad(function)(*args)


def differentiated(function: Function, *args: Any) -> Pair:
    return Pair(with_result(function, *args), lambda: backward(function, *args))


def mixed(p: Any) -> Any:
    """Of a dict of what is nested in several ways."""
    return dot(p["a"], p["b"][0]) * p["b"][1] + p["c"] ** 2


def square(x: Any) -> Any:
    return dot(x, x)


def bump(x: Any) -> Any:
    return x * tanh(x)


def scaled(x: Any, outputs: int) -> list[Any]:
    """As many outputs, of one number that hangs on all."""
    length = dot(x, x)
    return [tanh(length * k) for k in range(outputs)]


def layer(x: Any, outputs: int) -> list[Any]:
    """As many outputs, each of all numbers."""
    return [tanh(dot(x[k:], x[: len(x) - k])) for k in range(outputs)]


def numbers(count: int) -> list[float]:
    rng = random.Random(0)
    return [rng.uniform(-1.0, 1.0) for _ in range(count)]


def pairs() -> dict[str, Pair]:
    return {**large(), **small(), **found(), **jacobians(), **of_higher_order()}


def large() -> dict[str, Pair]:
    """One number of thousands, nested in several ways."""
    network = digits(1, (784, 128, 10))
    sample = network.inputs[0], network.targets[0]
    x, w = rosenbrock(2500).x, numbers(2500)
    nested = {"a": w[:1000], "b": (w[1000:2000], 0.5), "c": 2.0}

    def of_lists(rows: list[list[Any]]) -> Any:
        return sum(dot(row, row) for row in rows)

    def of_two() -> Any:
        return value_and_grad(dot, (0, 1))(w[:500], w[500:1000])

    def of_two_by_hand() -> Any:
        (a, _), (b, _) = values_of(w[:500]), values_of(w[500:1000])
        result = dot(a, b)
        result.backward()
        return [result.data, *[value.grad for value in (*a, *b)]]

    return {
        "784-128-10, 101,770 parameters in lists": differentiated(
            cross_entropy, network.layers, *sample
        ),
        "Rosenbrock of 2,500 numbers": differentiated(rosenbrock_of, x),
        "Rosenbrock of 2,500 numbers in an array": Pair(
            with_result(rosenbrock_of, np.array(x)), lambda: backward(rosenbrock_of, x)
        ),
        "square of 2,500 numbers": differentiated(square, w),
        "square of 2,500 whole numbers": differentiated(square, list(range(2500))),
        "2,001 numbers in dicts, tuples and lists": differentiated(mixed, nested),
        "250 lists of 10 numbers": differentiated(
            of_lists, [w[start : start + 10] for start in range(0, 2500, 10)]
        ),
        "two arguments of 500 numbers": Pair(of_two, of_two_by_hand),
    }


def small() -> dict[str, Pair]:
    """A few numbers: what a call costs in itself."""
    x = rosenbrock(10).x
    return {
        "3 numbers": differentiated(rosenbrock_of, x[:3]),
        "10 numbers": differentiated(rosenbrock_of, x),
        "gradient alone, of 10 numbers": Pair(
            lambda: grad(rosenbrock_of)(x), lambda: backward(rosenbrock_of, x)[1:]
        ),
        "one number": differentiated(bump, 0.5),
        "derivative of order 1": Pair(
            lambda: derivative(bump)(0.5), lambda: backward(bump, 0.5)[1:]
        ),
    }


def found() -> dict[str, Pair]:
    """What depends on weights that a function finds by itself."""
    model = nn.MLP(20, [40, 1], activation="tanh", seed=0)
    x = numbers(20)

    def function(x: Any) -> Any:
        return model(x)

    def by_hand() -> Any:
        values, nested = values_of(x)
        result = function(nested)
        return [result, *gradients(result, values)]

    return {
        "input of a network of 881 weights": Pair(with_result(function, x), by_hand),
        "input of a network, in no_grad": Pair(
            no_grad()(with_result(function, x)), lambda: backward(function, x)
        ),
    }


def jacobians() -> dict[str, Pair]:
    x = numbers(100)

    def pair(function: Function, x: Any) -> Pair:
        return Pair(lambda: jacobian(function)(x), lambda: rows(function, x))

    return {
        "Jacobian, 10 outputs of 100 numbers": pair(lambda x: layer(x, 10), x),
        "Jacobian, 90 outputs of 100 numbers": pair(lambda x: layer(x, 90), x),
        "Jacobian, 100 outputs of 10 numbers, forward": pair(lambda x: scaled(x, 100), x[:10]),
    }


def of_higher_order() -> dict[str, Pair]:
    """What goes on from a gradient, and what goes along a vector."""
    large, x, v = rosenbrock(2500).x, rosenbrock(30).x, numbers(2500)

    def along() -> Any:
        return jvp(rosenbrock_of, (x,), (v[:30],))

    def along_by_hand() -> Any:
        result, *slopes = backward(rosenbrock_of, x)
        return [result, sum(slope * d for slope, d in zip(slopes, v[:30], strict=True))]

    def product(function: Function, x: Any, most: float) -> Pair:
        return Pair(
            lambda: hvp(function)(x, v[: len(x)]), lambda: twice(function, x, v[: len(x)]), most
        )

    def pulled() -> Any:
        return vjp(lambda x: layer(x, 20), v[:100])[1](v[:20])

    def pulled_by_hand() -> Any:
        return backward(lambda x: dot(v[:20], layer(x, 20)), v[:100])[1:]

    return {
        "Hessian times vector, Rosenbrock of 2,500": product(rosenbrock_of, large, 1.5),
        "Hessian times vector, Rosenbrock of 30": product(rosenbrock_of, x, 1.5),
        "Hessian, Rosenbrock of 30": Pair(
            lambda: hessian(rosenbrock_of)(x), lambda: rows_of_gradient(rosenbrock_of, x)
        ),
        "forward along a vector, Rosenbrock of 30": Pair(along, along_by_hand),
        "product with a vector from the left": Pair(pulled, pulled_by_hand),
    }


# ---- measured ------------------------------------------------------------------------------------


def section(rounds: int) -> str:
    """Time each pair in turn, after both have given the same numbers."""
    table = []
    for name, pair in pairs().items():
        check(name, pair)
        timings = measure(
            {"transform": contestant(pair.transform), "by hand": contestant(pair.by_hand)}, rounds
        )
        ratios = [
            a / b for a, b in zip(timings["transform"].whole, timings["by hand"].whole, strict=True)
        ]
        low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
        table.append(
            [
                name,
                report.duration(timings["by hand"].median),
                report.duration(timings["transform"].median),
                report.digits(statistics.median(ratios)),
                f"{report.digits(low)} – {report.digits(high)}",
                report.digits(pair.most),
            ]
        )
    text = (
        "A transform in eager code, beside making the Values, recording, `backward` and reading "
        "gradients, written out; ratios of turns, each right after the other."
    )
    headings = ["derivatives", "written out", "transform", "ratio", "middle half", "at most"]
    return f"### Derivatives\n\n{text}\n\n{report.table(headings, table)}"


def contestant(run: Callable[[], Any]) -> Contestant:
    return Contestant(Job({"run": lambda _: run()}, lambda result: []))


def check(name: str, pair: Pair) -> None:
    found, expected = (
        [x.data if isinstance(x, Value) else float(x) for x in flatten(run())[0]]
        for run in (pair.transform, pair.by_hand)
    )
    if not same(found, expected):
        sys.exit(f"{name}: the transform does not give what is written out beside it")
