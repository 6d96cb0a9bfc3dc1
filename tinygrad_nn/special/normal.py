"""Error functions, their inverses, and the normal distribution (https://dlmf.nist.gov/7)."""

from __future__ import annotations

import math
from typing import Any

from ..scalar.operation import INF
from ..scalar.ops import TOO_LARGE, exp
from .rows import derivatives, of_scipy, special

__all__ = ["dawsn", "erfcinv", "erfcx", "erfinv", "log_ndtr", "ndtr", "ndtri"]

ROOT_PI = math.sqrt(math.pi)
ROOT_TWO_PI = math.sqrt(2.0 * math.pi)
ROOT_HALF = math.sqrt(0.5)

erfinv = special(
    "erfinv",
    of_scipy("erfinv"),
    lambda x, z: (0.5 * ROOT_PI) * exp(z * z),
    "The inverse of the error function.",
    latex=r"\operatorname{erf}^{-1}\left(<x>\right)",
    domain=(-1.0, 1.0),
    sample=(-0.9, 0.9),
    special=(0.0, 1e-300, 0.999),
    remedy="erfinv needs -1 < x < 1",
    array="special.erfinv",
)
erfcinv = special(
    "erfcinv",
    of_scipy("erfcinv"),
    lambda x, z: (-0.5 * ROOT_PI) * exp(z * z),
    "The inverse of the complementary error function.",
    latex=r"\operatorname{erfc}^{-1}\left(<x>\right)",
    domain=(0.0, 2.0),
    sample=(0.1, 1.9),
    special=(1.0, 1e-300, 1.999),
    remedy="erfcinv needs 0 < x < 2",
    array="special.erfcinv",
)
ndtr = special(
    "ndtr",
    of_scipy("ndtr"),
    lambda x, z: exp(-0.5 * x * x) / ROOT_TWO_PI,
    "The distribution function of the standard normal distribution.",
    latex=r"\Phi\left(<x>\right)",
    special=(0.0, -8.0, 3.0),
    array="special.ndtr",
)
ndtri = special(
    "ndtri",
    of_scipy("ndtri"),
    lambda x, z: ROOT_TWO_PI * exp(0.5 * z * z),
    "The inverse of the normal distribution function.",
    latex=r"\Phi^{-1}\left(<x>\right)",
    domain=(0.0, 1.0),
    sample=(0.05, 0.95),
    special=(0.5, 1e-300, 0.999),
    remedy="ndtri needs 0 < x < 1",
    array="special.ndtri",
)


# ---- erfcx -------------------------------------------------------------------------------------

_erfcx = of_scipy("erfcx", overflows=True)


def _erfcx_slope(n: int, x: float) -> float:
    return _erfcx_slopes(n, x)[n]


def _erfcx_slopes(n: int, x: float) -> list[float]:
    """Compute erfcx and its first n derivatives y_k, by y_k = 2 x y_(k-1) + 2 (k - 1) y_(k-2).

    They are repeated integrals of erfc (DLMF 7.18.9): above 0 the smallest solution, so that the
    recurrence is used from above, for ratios of neighbours.
    """
    found = [_erfcx(x)]
    if math.isinf(x) or x != x:
        return found + [0.0 * found[0]] * n
    if x < 0.5:
        for k in range(1, n + 1):
            before = -2.0 / ROOT_PI if k == 1 else 2.0 * (k - 1) * found[k - 2]
            found.append(2.0 * x * found[k - 1] + before)
        return found
    last = n + 10 + int(min(150.0, 150.0 / x) / x)
    ratio = math.sqrt(x * x + 2.0 * last) - x
    ratios = []
    for k in range(last, 0, -1):
        ratios.append(ratio)
        ratio = 2.0 * (k - 1.0) / (ratio + 2.0 * x)
    for k in range(n):
        found.append(-ratios[-1 - k] * found[-1])
    return found


erfcx: Any = derivatives(
    "erfcx",
    _erfcx_slope,
    "exp(x ** 2) erfc(x), for large x too.",
    r"\operatorname{erfcx}",
    special=(0.0, 1e-9, 0.5, 30.0, 1e6, -5.0),
    remedy=TOO_LARGE,
    beyond=lambda x: INF,
    array="special.erfcx",
)


# ---- log_ndtr ----------------------------------------------------------------------------------

_log_ndtr = of_scipy("log_ndtr", overflows=True)


def _log_ndtr_slope(n: int, x: float) -> float:
    """Compute a derivative of the logarithm of the normal distribution function.

    Above 0 by that of the first, r' = -r (x + r); below by the logarithm of erfcx, of which
    nothing cancels as x grows.
    """
    if n == 0 or x != x:
        return _log_ndtr(x)
    if math.isinf(x):
        return 0.0 if x > 0.0 or n > 2 else INF if n == 1 else -1.0
    if x > 0.0:
        density = math.exp(-0.5 * x * x) / ROOT_TWO_PI
        found = [density / (0.5 * math.erfc(-x * ROOT_HALF))]
        for k in range(n - 1):
            total = 0.0
            for j in range(k + 1):
                rest = x + found[0] if j == k else found[k - j] + (1.0 if k - j == 1 else 0.0)
                total += math.comb(k, j) * found[j] * rest
            found.append(-total)
        return found[n - 1]
    slopes = _erfcx_slopes(n, -x * ROOT_HALF)
    logs = log_slopes(slopes)
    own = logs[n] * (-ROOT_HALF) ** n
    return own - x if n == 1 else own - 1.0 if n == 2 else own


def log_slopes(slopes: list[float]) -> list[float]:
    """Give the derivatives of the logarithm of a function from its own, from order 1."""
    found = [0.0]
    for n in range(1, len(slopes)):
        total = slopes[n] / slopes[0]
        for j in range(1, n):
            total -= math.comb(n - 1, j - 1) * found[j] * (slopes[n - j] / slopes[0])
        found.append(total)
    return found


log_ndtr: Any = derivatives(
    "log_ndtr",
    _log_ndtr_slope,
    "The logarithm of the normal distribution function, for small x too.",
    r"\ln\Phi",
    special=(0.0, -1e-9, -10.0, -1e6, 9.0),
    array="special.log_ndtr",
)


# ---- Dawson's integral -------------------------------------------------------------------------

_dawsn = of_scipy("dawsn")
FAR = 6.5


def _dawsn_slope(n: int, x: float) -> float:
    """Compute a derivative of Dawson's integral: by its series far out, else by recurrence."""
    if n == 0 or x != x:
        return _dawsn(x)
    if abs(x) > FAR:
        return _far_dawsn_slope(n, x)
    before, found = _dawsn(x), 1.0 - 2.0 * x * _dawsn(x)
    for k in range(1, n):
        before, found = found, -2.0 * (x * found + k * before)
    return found


def _far_dawsn_slope(n: int, x: float) -> float:
    """Differentiate the sum of (2 m - 1)!! / (2^(m + 1) x^(2 m + 1)), DLMF 7.12.1, term by term."""
    inverse = 1.0 / x
    power = 0.5 * (-1.0) ** n * math.factorial(n) * inverse ** (n + 1)
    total, m = 0.0, 0
    while True:
        total += power
        factor = 0.5 * (2.0 * m + 1.0) * inverse * inverse
        factor *= (2.0 * m + n + 2.0) * (2.0 * m + n + 1.0) / ((2.0 * m + 2.0) * (2.0 * m + 1.0))
        if not (1e-17 * abs(total) < abs(power * factor) < abs(power)):
            return total
        power *= factor
        m += 1


dawsn: Any = derivatives(
    "dawsn",
    _dawsn_slope,
    "Dawson's integral, exp(-x ** 2) times the integral of exp(t ** 2) from 0 to x.",
    "F",
    special=(0.0, 0.9241388730045916, 7.0, -1e6),
    array="special.dawsn",
)
