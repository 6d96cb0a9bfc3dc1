"""A second engine to compare with: the names of the package, on dual numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from tests.sweeps.duals import (
    RULES,
    STATE,
    Dual,
    add,
    apply,
    div,
    exp,
    extreme,
    greater,
    lesser,
    mul,
    plain,
    power,
    row_of,
    sqrt,
    sub,
)

# ---- compositions ------------------------------------------------------------------------------


def where(c: Any, x: Any, y: Any) -> Any:
    """Take what is chosen, and nothing of the other."""
    chosen = x if plain(c) else y
    return chosen() if callable(chosen) else chosen


def total(values: Sequence[Any]) -> Any:
    found = values[0]
    for x in values[1:]:
        found = add(found, x)
    return found


def _shifted(values: Sequence[Any]) -> tuple[list[Any], float]:
    top = max(map(plain, values))
    return [sub(x, top) for x in values], top


def logsumexp(values: Sequence[Any]) -> Any:
    if math.isinf(max(map(plain, values))):
        return max(map(plain, values))
    shifted, top = _shifted(values)
    return add(top, apply(RULES["log"], total([exp(x) for x in shifted])))


def log_softmax(values: Sequence[Any]) -> list[Any]:
    shifted, _ = _shifted(values)
    rest = apply(RULES["log"], total([exp(x) for x in shifted]))
    return [sub(x, rest) for x in shifted]


def softmax(values: Sequence[Any]) -> list[Any]:
    powers = [exp(x) for x in _shifted(values)[0]]
    return [div(x, total(powers)) for x in powers]


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    return total([mul(x, y) for x, y in zip(a, b, strict=True)]) if len(a) else 0.0


def lookup(table: Sequence[Any], index: Any) -> Any:
    place = round(plain(index)) if STATE.noise else plain(index)  # shaken, it is no whole number
    if place not in range(len(table)):
        raise IndexError("no such entry")
    entry = table[int(place)]
    return list(entry) if isinstance(entry, list | tuple) else entry


@contextmanager
def no_grad() -> Iterator[None]:
    """Give plain numbers inside."""
    before, STATE.no_grad = STATE.no_grad, True
    try:
        yield
    finally:
        STATE.no_grad = before


# ---- nestings ----------------------------------------------------------------------------------


def leaves(nesting: Any) -> list[Any]:
    """List the numbers of a nesting in order."""
    if isinstance(nesting, dict):
        return [x for part in nesting.values() for x in leaves(part)]
    if isinstance(nesting, np.ndarray):
        return [x for part in nesting.ravel() for x in leaves(part)]
    if isinstance(nesting, list | tuple):
        return [x for part in nesting for x in leaves(part)]
    return [] if nesting is None else [nesting]


def rebuilt(nesting: Any, numbers: Iterator[Any]) -> Any:
    """Nest other numbers in the same way."""
    if isinstance(nesting, dict):
        return {key: rebuilt(part, numbers) for key, part in nesting.items()}
    if isinstance(nesting, np.ndarray):
        array = np.empty(nesting.shape, object)
        array.ravel()[:] = [next(numbers) for _ in range(nesting.size)]
        return array
    if isinstance(nesting, list | tuple):
        return type(nesting)([rebuilt(part, numbers) for part in nesting])
    return None if nesting is None else next(numbers)


# ---- transforms --------------------------------------------------------------------------------


def pushed(
    f: Callable[..., Any], args: Any, direction: Sequence[Any | None]
) -> tuple[Any, list[Any]]:
    """Call a function along a direction; give the result, and the slope of each of its numbers.

    A 0 in the direction is a number, None is what does not move.
    """
    before, STATE.no_grad = STATE.no_grad, False
    STATE.level += 1
    level = STATE.level
    try:
        along = [
            x if v is None else Dual(level, x, v)
            for x, v in zip(leaves(args), direction, strict=True)
        ]
        result = f(*rebuilt(args, iter(along)))
    finally:
        STATE.level -= 1
        STATE.no_grad = before
    here = [isinstance(x, Dual) and x.level == level for x in leaves(result)]
    numbers = [x.value if own else x for x, own in zip(leaves(result), here, strict=True)]
    slopes = [x.slope if own else 0.0 for x, own in zip(leaves(result), here, strict=True)]
    if before:
        numbers, slopes = list(map(plain, numbers)), list(map(plain, slopes))
    return rebuilt(result, iter(numbers)), slopes


def jacobian(f: Callable[..., Any]) -> Callable[..., Any]:
    """Differentiate by the first argument."""

    def derivative(x: Any, *rest: Any) -> Any:
        size = len(leaves(x))
        columns = []
        for i in range(size):
            unit = [1.0 if i == k else None for k in range(size)]
            result, slopes = pushed(lambda x: f(x, *rest), (x,), unit)
            columns.append(slopes)
        rows = [rebuilt(x, iter([c[i] for c in columns])) for i in range(len(leaves(result)))]
        return rebuilt(result, iter(rows))

    return derivative


def value_and_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args: (f(*args), jacobian(f)(*args))


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    result, slopes = pushed(f, tuple(primals), leaves(list(tangents)))
    return result, rebuilt(result, iter(slopes))


def hvp(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, v: jvp(jacobian(f), (x,), (v,))[1]


def compiled(f: Callable[..., Any], batch: str = "", reduce: str = "") -> Callable[..., Any]:
    """Give a function itself, or what calls it for samples of its first argument."""

    def each(samples: Sequence[Any], *rest: Any) -> Any:
        found = [f(sample, *rest) for sample in samples]
        return div(total(found), float(len(found))) if reduce else found

    return each if batch else f


def derivative(f: Callable[..., Any], n: int = 1) -> Callable[..., Any]:
    return derivative(jacobian(f), n - 1) if n else f


FUNCTIONS: dict[str, Any] = {
    **{name: row_of(name) for name in RULES},
    "pow": power,
    "max": extreme(greater, lambda x, y: x >= y),
    "min": extreme(lesser, lambda x, y: x <= y),
    "where": where,
    "stop_gradient": plain,
    "relu": lambda x: FUNCTIONS["max"](0.0, x),
    "leaky_relu": lambda x, slope: FUNCTIONS["max"](mul(slope, x), x),
    "square": lambda x: mul(x, x),
    "clip": lambda x, low, high: FUNCTIONS["min"](FUNCTIONS["max"](x, low), high),
    "dot": dot,
    "mean": lambda values: div(total(list(values)), float(len(values))),
    "norm": lambda values: sqrt(total([mul(x, x) for x in values])),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "logsumexp": logsumexp,
    "lookup": lookup,
    "isnan": lambda x: float(math.isnan(plain(x))),
    "isinf": lambda x: float(math.isinf(plain(x))),
    "isfinite": lambda x: float(math.isfinite(plain(x))),
    "logical_not": lambda x: not plain(x),
    "no_grad": no_grad,
    "compile": compiled,
    "grad": jacobian,
    "jacobian": jacobian,
    "jacfwd": jacobian,
    "hessian": lambda f: jacobian(jacobian(f)),
    "value_and_grad": value_and_grad,
    "jvp": jvp,
    "hvp": hvp,
    "derivative": derivative,
}
