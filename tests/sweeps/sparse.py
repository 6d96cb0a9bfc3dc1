"""Sparse derivatives at full size: are they those of differences of the gradient?

    python -m tests.sweeps.sparse --size 10000

Chained Rosenbrock and Wood functions, Broyden's equations and a minimal surface; the matrix times a
random direction is compared with what the compiled gradient says, by differences of two steps.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tests.support.sparse_problems import broyden, minimal_surface, rosenbrock, wood


def along(f: Callable[[Any], Any], x: Any, v: Any, h: float = 1e-4) -> Any:
    """Give how the numbers of f move along v."""

    def difference(step: float) -> Any:
        return (np.ravel(f(x + step * v)) - np.ravel(f(x - step * v))) / (2 * step)

    return (4 * difference(h / 2) - difference(h)) / 3


def main() -> int:
    """Try all problems."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000)
    size = parser.parse_args().size
    side = int(size**0.5)
    rng = np.random.default_rng(1)
    worst = 0.0
    for name, f, shape in (
        ("rosenbrock", rosenbrock, (size,)),
        ("wood", wood, (size,)),
        ("broyden", broyden, (size,)),
        ("surface", minimal_surface, (side, side)),
    ):
        x, v = rng.normal(size=shape), rng.normal(size=shape)
        if f is broyden:
            matrix, moved = tg.sparse_jacobian(f)(x), along(tg.compile(f), x, v)
        else:
            matrix, moved = tg.sparse_hessian(f)(x), along(tg.compile(tg.grad(f)), x, v)
        found = matrix @ v.ravel()
        error = float(np.abs(found - moved).max() / np.abs(moved).max())
        print(f"{name:12} {matrix.shape[0]:>9,} rows {matrix.nnz:>9,} entries   {error:.1e}")
        worst = max(worst, error)
    return int(worst > 1e-6)


if __name__ == "__main__":
    sys.exit(main())
