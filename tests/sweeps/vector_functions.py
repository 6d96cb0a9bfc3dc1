"""The functions of vectors in machine code: how far from the truth, at many points.

    python -m tests.sweeps.vector_functions --count 1000000

The truth has 64 bits where NumPy has such floats, and the worst point is looked at with 160. An error
beyond what is promised makes the exit status 1.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.vectors import FUNCTIONS, SHORT, errors, function
from tests.sweeps.options import asked
from tinygrad_nn.compiler.backends.llvm.engine import Target, target

LONG = np.longdouble
EDGE = 2.0  # where the error functions are no more computed by a series


def erf_series(x: Any) -> Any:
    """The error function near 0, without signs that change (DLMF 7.6.2)."""
    term = total = x * 2 / np.sqrt(np.arccos(LONG(-1)))
    for n in range(1, 60):
        term = term * 2 * x * x / (2 * n + 1)
        total = total + term
    return total * bell(x)


def erfc_fraction(x: Any) -> Any:
    """What is left of it, where it is not near 0 (DLMF 7.9.1), from the far end."""
    rest = x
    for n in range(150, 0, -1):
        rest = x + n / (2 * rest)
    return bell(x) / rest / np.sqrt(np.arccos(LONG(-1)))


def bell(x: Any) -> Any:
    """exp(-x^2), of which the square has two parts: a short one is exact."""
    short = x.astype(np.float32).astype(LONG)
    return np.exp(-short * short) * np.exp(-(x - short) * (x + short))


def erf(x: Any) -> Any:
    size = np.abs(x)
    near = erf_series(np.minimum(size, EDGE))
    return np.copysign(np.where(size < EDGE, near, 1 - erfc_fraction(np.maximum(size, EDGE))), x)


def erfc(x: Any) -> Any:
    size = np.abs(x)
    far = erfc_fraction(np.maximum(size, EDGE))
    return np.where(size < EDGE, 1 - erf(x), np.where(x > 0, far, 2 - far))


def sigmoid(x: Any) -> Any:
    decay = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, decay) / (1 + decay)


ROUGH: dict[str, Callable[[Any], Any]] = {
    "erf": erf,
    "erfc": erfc,
    "log_sigmoid": lambda x: -np.logaddexp(LONG(0), -x),
    "sech": lambda x: 1 / np.cosh(x),
    "sigmoid": sigmoid,
    "softplus": lambda x: np.logaddexp(LONG(0), x),
}


def rough(name: str, points: Any, found: Any) -> Any:
    """How far numbers are from the truth, as long floats tell."""
    with np.errstate(all="ignore"):
        true = (ROUGH.get(name) or getattr(np, name))(points.astype(LONG))
        unit = np.spacing(np.abs(true.astype(float)))
        return (np.abs(found.astype(LONG) - true) / unit).astype(float)


def worst(name: str, low: float, high: float, count: int, processor: Target) -> tuple[float, float]:
    """The worst point of a range, and its error."""
    points = np.random.default_rng(1).uniform(low, high, count)
    found = function(name, processor)(points)
    place = int(np.argmax(rough(name, points, found)))
    return float(points[place]), float(errors(name, points[[place]], found[[place]])[0])


def main() -> int:
    count = asked(__doc__, 1_000_000, "points").count
    wrong = 0
    for processor in (target(), *SHORT):
        print(f"{processor.cpu}, {processor.width} numbers at once")
        for name, ranges in FUNCTIONS.items():
            for low, high, most in ranges:
                place, error = worst(name, low, high, count, processor)
                mark = "" if error <= most else "   MORE THAN PROMISED"
                wrong += error > most
                print(f"  {name:11} {low:9g} to {high:7g}  {error:5.2f} at {place!r}{mark}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
