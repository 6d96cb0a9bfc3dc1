"""Functions whose derivatives are mostly zero, as optimisers are tried on; from the literature."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

__all__ = ["broyden", "minimal_surface", "rosenbrock", "wood"]


def rosenbrock(x: Any) -> Any:
    """H. H. Rosenbrock, Comput. J. 3 (1960), chained."""
    total = 0.0
    for a, b in pairwise(x):
        total = total + 100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2
    return total


def wood(x: Any) -> Any:
    """Chained Wood function: Ph. L. Toint, Math. Comp. 32 (1978), 839-851."""
    total = 0.0
    for i in range(0, len(x) - 3, 2):
        a, b, c, d = x[i], x[i + 1], x[i + 2], x[i + 3]
        total = total + 100.0 * (a * a - b) ** 2 + (a - 1.0) ** 2 + 90.0 * (c * c - d) ** 2
        total = total + (1.0 - c) ** 2 + 10.0 * (b + d - 2.0) ** 2 + 0.1 * (b - d) ** 2
    return total


def broyden(x: Any) -> Any:
    """Broyden's tridiagonal equations: C. G. Broyden, Math. Comp. 19 (1965), 577-593."""
    n = len(x)
    first = (3.0 - 2.0 * x[0]) * x[0] - 2.0 * x[1] + 1.0
    last = (3.0 - 2.0 * x[n - 1]) * x[n - 1] - x[n - 2] + 1.0
    inner = [(3.0 - 2.0 * x[i]) * x[i] - x[i - 1] - 2.0 * x[i + 1] + 1.0 for i in range(1, n - 1)]
    return [first, *inner, last]


def minimal_surface(z: Any) -> Any:
    """The area over a square of (n - 1)**2 cells: A. Griewank, Ph. L. Toint, Numer. Math. 39 (1982)."""
    n = len(z)
    total = 0.0
    for i in range(n - 1):
        for j in range(n - 1):
            p = (z[i][j] - z[i + 1][j + 1]) * (n - 1)
            q = (z[i + 1][j] - z[i][j + 1]) * (n - 1)
            total = total + (1.0 + 0.5 * (p * p + q * q)) ** 0.5
    return total * (1.0 / (n - 1) ** 2)
