"""One function called in every way there is, each time with the same numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from compiled import flat

from tinygrad_nn import (
    Value,
    compile,
    grad,
    gradients,
    hessian,
    hvp,
    jvp,
    value_and_grad,
)

Function = Callable[[Any, Any], Any]  # of numbers w, which it is differentiated by, and numbers x
Outcome = Any  # numbers in a row, or the class of an error


def assert_ways_agree(
    f: Function,
    points: Sequence[Sequence[float]],
    samples: Sequence[Sequence[float]],
    rel: float = 0.0,
    reduces: Sequence[str | None] = (None, "sum", "mean"),
    alone: Sequence[Sequence[float]] = (),
) -> None:
    """Compare all ways to call f with those of the eager engine: first and second derivatives.

    Each point is some w, and is tried with each sample by itself and with all samples, and with
    each of `alone` by itself. Numbers
    are equal, NaN and infinities too, or differ by `rel` of themselves. A function that raises,
    raises the same in all ways.
    """
    eager, ways, batches = _eager(f), _ways(f), _batches(f, reduces)
    for w in map(list, points):
        each: list[Outcome] = []
        for place, x in enumerate(map(list, [*samples, *alone])):
            expected = {name: outcome(way, w, x) for name, way in eager.items()}
            if place < len(samples):
                each.append(expected["slopes"])
            for name, (wanted, way) in ways.items():
                found = outcome(way, w, x)
                assert same(found, expected[wanted], rel), (
                    f"{name} at {w}, {x}: {found}, expected {expected[wanted]}"
                )
        for (name, reduce), batch in batches.items():
            found = outcome(batch, w, [list(x) for x in samples])
            wanted_numbers = _reduced(each, reduce)
            assert same(found, wanted_numbers, rel), (
                f"{name}, {reduce} at {w}: {found}, expected {wanted_numbers}"
            )


def outcome(function: Callable[..., Any], *arguments: Any) -> Outcome:
    """Give the numbers that a call gives, or the class of the error that it raises."""
    try:
        return flat(function(*arguments))
    except (ValueError, ArithmeticError) as error:
        return type(error)


def same(found: Outcome, expected: Outcome, rel: float = 0.0) -> bool:
    """Tell whether two calls came out the same; 0.0 and -0.0 are."""
    if isinstance(found, type) or isinstance(expected, type):
        return found is expected
    if len(found) != len(expected):
        return False
    return all(
        (a != a and b != b) or math.isclose(a, b, rel_tol=rel, abs_tol=rel)
        for a, b in zip(found, expected, strict=True)
    )


def by_backward(f: Function) -> Callable[[Any, Any], Any]:
    """Make a function that gives the value and what `backward` leaves in the leaves."""

    def call(w: Any, x: Any) -> Any:
        leaves = [Value(number) for number in w]
        result = f(leaves, x)
        if isinstance(result, Value):
            result.backward()
            return result.data, [leaf.grad for leaf in leaves]
        return result, [0.0] * len(w)

    return call


def by_gradients(f: Function) -> Callable[[Any, Any], Any]:
    """Make a function that gives the value and the derivatives by the arguments themselves."""

    def call(w: Any, x: Any) -> Any:
        result = f(w, x)
        return result, gradients(result, w) if isinstance(result, Value) else [0.0] * len(w)

    return call


def ahead(f: Function) -> Callable[[Any, Any], Any]:
    """Make a function that gives the value and the derivative along ones."""
    return lambda w, x: jvp(lambda v: f(v, x), (w,), ([1.0] * len(w),))


def along_ones(f: Function) -> Callable[[Any, Any], Any]:
    """Make a function that gives the Hessian times ones."""
    return lambda w, x: hvp(f)(w, [1.0] * len(w), x)


def _eager(f: Function) -> dict[str, Callable[..., Any]]:
    return {
        "value": f,
        "slopes": value_and_grad(f),
        "forward": ahead(f),
        "second": hessian(f),
        "along": along_ones(f),
    }


def _ways(f: Function) -> dict[str, tuple[str, Callable[..., Any]]]:
    """List ways, each with what it is compared with."""
    both, compiled = value_and_grad(f), compile(f)
    return {
        "backward": ("slopes", by_backward(f)),
        "compile": ("value", compiled),
        "compile(value_and_grad)": ("slopes", compile(both)),
        "compile(gradients)": ("slopes", compile(by_gradients(f))),
        "value_and_grad(compile)": ("slopes", value_and_grad(compiled)),
        "compile of Values, backward": ("slopes", by_backward(compiled)),
        "compile(value, grad(compile))": (
            "slopes",
            compile(lambda w, x: (compiled(w, x), grad(compiled)(w, x))),
        ),
        "compile(jvp)": ("forward", compile(ahead(f))),
        "hessian(compile)": ("second", hessian(compiled)),
        "compile(hessian)": ("second", compile(hessian(f))),
        "compile(hvp)": ("along", compile(along_ones(f))),
    }


def _batches(
    f: Function, reduces: Sequence[str | None]
) -> dict[tuple[str, str | None], Callable[..., Any]]:
    found: dict[tuple[str, str | None], Callable[..., Any]] = {}
    for reduce in reduces:
        found["batch", reduce] = compile(value_and_grad(f), batch="x", reduce=reduce)
        if reduce is not None:
            inner = compile(f, batch="x", reduce=reduce)
            found["through a batch", reduce] = value_and_grad(inner)
    return found


def _reduced(each: Sequence[Outcome], reduce: str | None) -> Outcome:
    for one in each:
        if isinstance(one, type):
            return one
    if reduce is None:
        return [number for one in each for number in one]
    factor = 1.0 / len(each) if reduce == "mean" else 1.0
    return [sum(numbers) * factor for numbers in zip(*each, strict=True)]
