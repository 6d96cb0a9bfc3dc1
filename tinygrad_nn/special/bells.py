"""Derivatives of exponentials, by those of their exponents, and a rule for integrals."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["bell", "bell2", "gauss_nodes"]

NODES = 24


def bell(n: int, slopes: Callable[[int], Any]) -> Any:
    """Differentiate exp(f) n times, over exp(f), by the derivatives of f from the first on."""
    found: list[Any] = [1.0]
    for m in range(n):
        total: Any = 0.0
        for k in range(m + 1):
            total = total + (math.comb(m, k) * slopes(k + 1)) * found[m - k]
        found.append(total)
    return found[n]


def bell2(i: int, j: int, slopes: Callable[[int, int], Any]) -> Any:
    """Do the same by two arguments."""
    if i == j == 0:
        return 1.0
    first, left, right = ((1, 0), i - 1, j) if i else ((0, 1), i, j - 1)
    total: Any = 0.0
    for p in range(left + 1):
        for q in range(right + 1):
            count = math.comb(left, p) * math.comb(right, q)
            slope = slopes(first[0] + left - p, first[1] + right - q)
            total = total + (count * slope) * bell2(p, q, slopes)
    return total


@cache
def gauss_nodes() -> Any:
    """Give the nodes and weights of Gauss and Legendre on (0, 1)."""
    import numpy as np

    places, weights = np.polynomial.legendre.leggauss(NODES)
    return 0.5 * (places + 1.0), 0.5 * weights
