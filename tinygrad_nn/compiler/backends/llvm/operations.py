"""The operations that loops are made of, as machine code on some lanes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ..forms import SERIES
from . import exponentials, special
from .lanes import COMPARISONS, Lanes
from .reals import DOUBLE
from .singles import SINGLES

__all__ = ["LIBRARY", "PREFIX", "applied", "is_known", "joined"]

PREFIX = "tinygrad_nn_"  # of the names that functions of the library of C are called by
LIBRARY = {  # with how many operands
    "acos": 1,
    "acosh": 1,
    "asin": 1,
    "asinh": 1,
    "atan": 1,
    "atan2": 2,
    "atanh": 1,
    "cbrt": 1,
    "cos": 1,
    "exp2": 1,
    "hypot": 2,
    "log10": 1,
    "log2": 1,
    "pow": 2,
    "sin": 1,
    "sinh": 1,
    "tan": 1,
}

VECTOR: dict[str, Callable[[Lanes, str], str]] = {
    "abs": lambda v, x: v.intrinsic("fabs", x),
    "ceil": lambda v, x: v.intrinsic("ceil", x),
    "cosh": exponentials.cosh,
    "erf": special.erf,
    "erfc": special.erfc,
    "exp": exponentials.exp,
    "expm1": exponentials.expm1,
    "floor": lambda v, x: v.intrinsic("floor", x),
    "log": exponentials.log,
    "log1p": exponentials.log1p,
    "neg": Lanes.neg,
    "rint": lambda v, x: v.intrinsic("rint", x),
    "sigmoid": exponentials.sigmoid,
    "sqrt": lambda v, x: v.intrinsic("sqrt", x),
    "tanh": exponentials.tanh,
    "trunc": lambda v, x: v.intrinsic("trunc", x),
}
REDUCED = {"cos": special.cos, "sin": special.sin}  # by the library where numbers are large
FOLDS = {"add": Lanes.add, "mul": Lanes.mul}
PAIRS = {"div": Lanes.div, "sub": Lanes.sub}
EXTREMES = {"max": "ge", "min": "le"}


def is_known(op: str) -> bool:
    """Tell whether there is machine code for an operation."""
    return (
        op in VECTOR
        or op in LIBRARY
        or op in FOLDS
        or op in PAIRS
        or op in EXTREMES
        or op in COMPARISONS
        or op == "select"
    )


def applied(v: Lanes, op: str, parts: Sequence[str], known: Sequence[float | None]) -> str:
    """Apply an operation; `known` has the operands that are plain numbers."""
    if op in FOLDS:
        found = parts[0]
        for part in parts[1:]:
            found = FOLDS[op](v, found, part)
        return found
    if op in EXTREMES:
        found, number = parts[0], known[0]
        for part in parts[1:]:
            found, number = joined(v, op, found, part, number), None
        return found
    if op == "select":
        condition, x, y = parts
        return v.select(v.holds(condition), x, y)
    if op in COMPARISONS:
        return v.truth(v.compare(op, *parts))
    if op in PAIRS:
        return PAIRS[op](v, *parts)
    if v.real != DOUBLE and op in SINGLES:
        return SINGLES[op](v, *parts)
    if v.real != DOUBLE and op in SERIES:
        found = applied(v.double, op, [v.widened(part) for part in parts], known)
        return v.narrowed(found)
    if op in REDUCED:
        return REDUCED[op](v, parts[0], lambda x: library(v, op, x))
    if op in VECTOR:
        return VECTOR[op](v, *parts)
    return v.each(lambda *numbers: library(v, op, *numbers), *parts)


def joined(v: Lanes, join: str, x: str, y: str, known: float | None = None) -> str:
    """Join two numbers, of which the first may be known."""
    if join == "add":
        return v.add(x, y)
    is_number = known is not None and not math.isnan(known)
    return v.extreme(EXTREMES[join], x, y, is_number)


def library(v: Lanes, name: str, *numbers: str) -> str:
    """Call a function of the library of C on single numbers."""
    function = f"{PREFIX}{name}"
    v.builder.declare(function, "double", *["double"] * len(numbers))
    shown = ", ".join(f"double {number}" for number in numbers)
    return v.builder.let(f"call double @{function}({shown})")
