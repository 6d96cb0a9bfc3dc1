"""The functions of vectors in machine code: how far from the truth, at many points.

    python -m tests.sweeps.vector_functions --count 1000000

The truth has 64 bits where NumPy has such floats, and the worst point is looked at with 160; the error
functions are compared with mpmath, at a hundredth of the points. An error beyond what is
promised makes the exit status 1.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import numpy as np

from tests.support.vectors import FUNCTIONS, SHORT, errors, function
from tinygrad_nn.compiler.backends.llvm.engine import Target, target

LONG = np.longdouble
FEWER = 100


def rough(name: str, points: Any, found: Any) -> Any:
    """How far numbers are from the truth, as long floats tell."""
    x = points.astype(LONG)
    with np.errstate(all="ignore"):
        if name == "sigmoid":
            decay = np.exp(-np.abs(x))
            true = np.where(points >= 0, 1, decay) / (1 + decay)
        else:
            true = getattr(np, name)(x)
        unit = np.spacing(np.abs(true.astype(float)))
        return (np.abs(found.astype(LONG) - true) / unit).astype(float)


def worst(name: str, low: float, high: float, count: int, processor: Target) -> tuple[float, float]:
    """The worst point of a range, and its error."""
    few = name in ("erf", "erfc")
    points = np.random.default_rng(1).uniform(low, high, count // FEWER if few else count)
    found = function(name, processor)(points)
    if few:
        every = errors(name, points, found)
        place = int(np.argmax(every))
        return float(points[place]), float(every[place])
    place = int(np.argmax(rough(name, points, found)))
    return float(points[place]), float(errors(name, points[[place]], found[[place]])[0])


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="points (1000000)")
    count = parser.parse_args().count
    wrong = 0
    for processor in (target(), *SHORT):
        print(f"{processor.cpu}, {processor.width} numbers at once")
        for name, ranges in FUNCTIONS.items():
            for low, high, most in ranges:
                place, error = worst(name, low, high, count, processor)
                mark = "" if error <= most else "   MORE THAN PROMISED"
                wrong += error > most
                print(f"  {name:8} {low:9g} to {high:7g}  {error:5.2f} at {place!r}{mark}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
