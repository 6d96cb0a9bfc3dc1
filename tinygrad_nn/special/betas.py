"""The beta function (https://dlmf.nist.gov/5.12), with slopes that do not cancel near 0."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..scalar.operation import Op
from .bells import bell2, gauss_nodes
from .gammas import (
    BOTH_POSITIVE,
    POSITIVE,
    SHIFTED,
    beta_beyond,
    betaln,
    polygamma,
    polygamma_difference,
)
from .rows import Family, special2, whole_order

__all__ = ["beta", "density_slope", "density_slopes"]

SMALL = 0.1


def _beta(x: float, y: float) -> float:
    if 0.0 < x < SHIFTED and 0.0 < y < SHIFTED:
        return math.gamma(x) / math.gamma(x + y) * math.gamma(y)
    return math.exp(float(betaln.compute(x, y)))


def _beta_slope(i: int, j: int, x: float, y: float) -> float:
    """Compute the derivative by x, i times, and by y, j times.

    Near 0 the beta function is 1 / x and something smooth. Differentiated by both that is left, and
    would be lost beside derivatives of 1 / x; so it is the integral of its slope by x, from 0 on.
    """
    if not (x > 0.0 and y > 0.0):
        if x != x or y != y:
            return math.nan
        raise ValueError("math domain error")
    if x > y:
        return _beta_slope(j, i, y, x)
    if math.isinf(y):
        return 0.0
    if not i or not j or x >= SMALL:
        return _beta(x, y) * float(bell2(i, j, _slopes(x, y)))
    if y >= 1.0:
        return _mean(i, lambda s: _times_x(i + 1, j, s * x, y))
    first = _mean(i, lambda s: _times_both(i + 1, j, s * x, y))
    return first + _mean(j, lambda s: _times_both(i, j + 1, x, s * y))


def _mean(power: int, f: Callable[[float], float]) -> float:
    """Integrate s^power f(s) from 0 to 1."""
    places, weights = gauss_nodes()
    return math.fsum(
        w * s**power * f(s) for s, w in zip(places.tolist(), weights.tolist(), strict=True)
    )


def _slopes(x: float, y: float) -> Callable[[int, int], float]:
    """Give the derivatives of the logarithm of the beta function."""

    def slopes(i: int, j: int) -> float:
        if i and j:
            return -_psi(i + j - 1, x + y)
        return -_step(i - 1, x, y) if i else -_step(j - 1, y, x)

    return slopes


def _times_x(i: int, j: int, x: float, y: float) -> float:
    """Differentiate x times the beta function: gamma(1 + x) gamma(y) / gamma(x + y)."""

    def slopes(p: int, q: int) -> float:
        if p and q:
            return -_psi(p + q - 1, x + y)
        if q:
            return -_step(q - 1, y, x)
        if y > 2.0:  # of which nothing is left of 1 + x in x + y + (1 - y)
            return _psi(p - 1, 1.0 + x) - _psi(p - 1, x + y)
        return _step(p - 1, x + y, 1.0 - y)

    return math.exp(math.log(x) + float(betaln.compute(x, y))) * float(bell2(i, j, slopes))


def _times_both(i: int, j: int, x: float, y: float) -> float:
    """Differentiate gamma(1 + x) gamma(1 + y) / gamma(1 + x + y)."""

    def slopes(p: int, q: int) -> float:
        if p and q:
            return -_psi(p + q - 1, 1.0 + x + y)
        return -_step(p - 1, 1.0 + x, y) if p else -_step(q - 1, 1.0 + y, x)

    value = math.gamma(1.0 + x) * math.gamma(1.0 + y) / math.gamma(1.0 + x + y)
    return value * float(bell2(i, j, slopes))


def _psi(n: int, x: float) -> float:
    return float(polygamma[n].compute(x))


def _step(n: int, x: float, y: float) -> float:
    """Give the n-th derivative of digamma at x + y, less that at x."""
    return float(polygamma_difference[n].compute(x, y))


_options: dict[str, Any] = {
    "domain": POSITIVE, "sample": (0.5, 4.0),
    "special": ((1.0, 1.0), (2.0, 3.0), (1e8, 1.0), (0.5, 1e-8)),
    "remedy": BOTH_POSITIVE, "beyond": beta_beyond,
}  # fmt: skip


def _make_slope(name: str, table: dict[str, Op], i: int, j: int) -> Op:
    latex = (
        rf"\frac{{\partial^{{{i + j}}}}}{{\partial x^{{{i}}} \partial y^{{{j}}}}} "
        r"\mathrm{B}\left(<x>, <y>\right)"
    )
    if i + j == 1:
        by = "<x>" if i else "<y>"
        latex = (
            r"\mathrm{B}\left(<x>, <y>\right) "
            rf"\left(\psi\left({by}\right) - \psi\left(<x> + <y>\right)\right)"
        )
    return special2(
        name,
        lambda x, y: _beta_slope(i, j, x, y),
        (
            lambda x, y, z: beta_slope[i + 1, j](x, y),
            lambda x, y, z: beta_slope[i, j + 1](x, y),
        ),
        f"The derivative of beta by x, {i} times, and by y, {j} times.",
        latex=latex,
        binds=2,
        table=table,
        **_options,
    )


def _two_orders(orders: Any) -> tuple[int, int]:
    check = whole_order("beta_slope", 0)
    i, j = orders
    return check(i), check(j)


beta_slope = Family("beta_slope", _make_slope, _two_orders)
beta = special2(
    "beta",
    _beta,
    (lambda x, y, z: beta_slope[1, 0](x, y), lambda x, y, z: beta_slope[0, 1](x, y)),
    "The beta function of two positive numbers.",
    latex=r"\mathrm{B}\left(<x>, <y>\right)",
    **_options,
)


# ---- the density of which betainc is the integral ---------------------------------------------


def density_slopes(a: Any, b: Any, log_x: Any, log_rest: Any) -> Callable[[int, int], Any]:
    """Give the derivatives by a and b of the logarithm of the density, at a point."""

    def slopes(i: int, j: int) -> Any:
        if i and j:
            return polygamma[i + j - 1](a + b)
        found = polygamma_difference[i - 1](a, b) if i else polygamma_difference[j - 1](b, a)
        return found + (log_x if i else log_rest) if i + j == 1 else found

    return slopes


def density_slope(i: int, j: int, a: float, b: float, log_x: Any, log_rest: Any) -> Any:
    """Compute the derivative of the density by a, i times, and by b, j times, over the density.

    For small shapes it is a b / (a + b), times an exponential without their logarithms, which
    would cancel.
    """
    if min(a, b) >= SMALL or i + j < 2:
        return bell2(i, j, density_slopes(a, b, log_x, log_rest))

    def slopes(p: int, q: int) -> Any:
        if p and q:
            return _psi(p + q - 1, 1.0 + a + b)
        found = _step(p - 1, 1.0 + a, b) if p else _step(q - 1, 1.0 + b, a)
        return found + (log_x if p else log_rest) if p + q == 1 else found

    total: Any = 0.0
    for p in range(i + 1):
        for q in range(j + 1):
            count = math.comb(i, p) * math.comb(j, q) * _harmonic_slope(p, q, a, b)
            total = total + count * bell2(i - p, j - q, slopes)
    return total / _harmonic_slope(0, 0, a, b)


def _harmonic_slope(p: int, q: int, a: float, b: float) -> float:
    """Differentiate a b / (a + b)."""
    n, both = p + q, a + b
    if n < 2:
        return (b / both) ** 2 if p else (a / both) ** 2 if q else a * b / both
    inner = 2.0 * p * q * a * b - q * (q - 1.0) * a * a - p * (p - 1.0) * b * b
    return (-1.0) ** n * math.factorial(n - 2) * inner / both ** (n + 1)
