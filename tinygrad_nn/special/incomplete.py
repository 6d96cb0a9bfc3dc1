"""Incomplete gamma and beta functions (https://dlmf.nist.gov/8), by all of their arguments.

Derivatives by the last argument are densities. Those by the shapes are integrals of derivatives of the
density, from x to the nearer end: of a density they add up to 0, so that both sides give the same,
and in the tails nothing cancels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..scalar.operation import INF, Interval, Op
from ..scalar.ops import log, log1p
from .bells import bell, bell2, gauss_nodes
from .betas import density_slope, density_slopes
from .gammas import POSITIVE, digamma, digamma_difference, polygamma, stirling
from .gammas import betaln as log_beta
from .rows import HIDDEN, Family, of_scipy, special2, special3, whole_order

__all__ = ["betainc", "gammainc", "gammaincc"]

GONE = 50.0  # an exponent from which on there is nothing
UNIT: Interval = (0.0, 1.0)


# ---- integrals ---------------------------------------------------------------------------------


def _end(drop: Callable[[float], float], scale: float) -> float:
    """Find about where an exponent has dropped by `GONE`."""
    high = scale
    while drop(high) < GONE:
        high *= 2.0
    low = 0.0
    for _ in range(12):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if drop(middle) > GONE else (middle, high)
    return high


def _integral(f: Callable[[Any], Any], edges: Sequence[float]) -> float:
    """Integrate over intervals one after the other."""
    import numpy as np

    places, weights = gauss_nodes()
    lows, sizes = np.array(edges[:-1]), np.diff(edges)
    s = lows[:, None] + sizes[:, None] * places
    with np.errstate(all="ignore"):  # far out there is nothing
        return float((f(s) * weights * sizes[:, None]).sum())


def _growing(end: float, finest: float) -> list[float]:
    """Part what is before an end into intervals that double, from `finest` on."""
    edges = [end]
    while edges[-1] > max(finest, 1e-300):
        edges.append(0.5 * edges[-1])
    return [*edges, 0.0][::-1]


def _even(end: float) -> list[float]:
    """Part what is before an end into intervals of one size, at most 1."""
    count = max(4, math.ceil(end))
    return [end * k / count for k in range(count + 1)]


# ---- gamma -------------------------------------------------------------------------------------


def _gamma_density(a: float, x: float) -> float:
    """Compute x^(a - 1) exp(-x) / Gamma(a): for large a, beside the greatest value."""
    if not (a > 0.0 and x >= 0.0):
        if a != a or x != x:
            return math.nan
        raise ValueError("math domain error")
    if x == 0.0:
        if a < 1.0:
            raise ValueError("math domain error")
        return 1.0 if a == 1.0 else 0.0
    if math.isinf(x) or math.isinf(a):
        return 0.0
    if a < 15.0:
        return math.exp((a - 1.0) * math.log(x) - x - math.lgamma(a))
    ratio = x / a
    moved = (x - a) / a
    away = moved - math.log1p(moved) if abs(moved) < 0.5 else ratio - 1.0 - math.log(ratio)
    return math.sqrt(a / (2.0 * math.pi)) / x * math.exp(-a * away - stirling(a))


def _gamma_slopes(a: Any, start: Any) -> Callable[[int], Any]:
    """Give the derivatives by a of the logarithm of the density; the first less what is known of it."""
    return lambda n: start if n == 1 else -polygamma[n - 1](a)


def _log_beside(a: float, x: float) -> float:
    """Compute log(x) - digamma(a), for large a too (DLMF 5.11.2)."""
    if a < 1e4:
        return math.log(x) - float(digamma.compute(a))
    inverse = 1.0 / a
    rest = inverse * (0.5 + inverse * (1.0 / 12.0 - inverse * inverse / 120.0))
    moved = (x - a) / a
    return (math.log1p(moved) if abs(moved) < 0.5 else math.log(x / a)) + rest


def _exp_rest(u: Any) -> Any:
    """Compute exp(u) - 1 - u, of an array too, by its series near 0."""
    import numpy as np

    series: Any = 1.0
    for k in range(16, 2, -1):
        series = 1.0 + series * u / k
    if isinstance(u, float):
        return 0.5 * u * u * series if abs(u) < 0.5 else math.expm1(min(u, 700.0)) - u
    return np.where(np.abs(u) < 0.5, 0.5 * u * u * series, np.expm1(u) - u)


def _gammainc_slope(n: int, a: float, x: float) -> float:
    """Compute the n-th derivative of gammainc by a."""
    if not (a > 0.0 and x >= 0.0):
        if a != a or x != x:
            return math.nan
        raise ValueError("math domain error")
    if x == 0.0 or math.isinf(x) or math.isinf(a):
        return 0.0
    density = x * _gamma_density(a, x)
    if density == 0.0:
        return 0.0
    import numpy as np

    start = _log_beside(a, x)
    sign = -1.0 if start <= 0.0 else 1.0  # to 0, or away from it, with t = x exp(sign s)

    def drop(s: Any) -> Any:
        u = sign * s
        return x * _exp_rest(u) + (x - a) * u

    def integrand(s: Any) -> Any:
        return bell(n, _gamma_slopes(a, start + sign * s)) * np.exp(-drop(s))

    end = _end(drop, 1.0 / math.sqrt(x + a))
    edges = _even(end) if sign > 0.0 else _growing(end, min(0.25 * end, 0.5))
    return -sign * density * _integral(integrand, edges)


_gamma_options: dict[str, Any] = {
    "domain": POSITIVE, "sample": ((0.5, 4.0), (0.2, 5.0)), "letters": "ax",
    "special": ((1.0, 1.0), (0.5, 1e-9), (100.0, 90.0), (3.0, 0.5)),
    "remedy": "it needs a > 0 and x >= 0",
}  # fmt: skip
gamma_density = special2(
    "gamma_density",
    _gamma_density,
    (lambda a, x, z: z * (log(x) - digamma(a)), lambda a, x, z: z * ((a - 1.0) / x - 1.0)),
    "The slope of gammainc, x ** (a - 1) exp(-x) / gamma(a).",
    latex=r"\frac{<x>^{<a> - 1} e^{-<x>}}{\Gamma\left(<a>\right)}",
    binds=3,
    table=HIDDEN,
    beyond=lambda a, x: INF if x == 0.0 and 0.0 < a < 1.0 else math.nan,
    **_gamma_options,
)


def _make_gamma_slope(name: str, table: dict[str, Op], n: int) -> Op:
    return special2(
        name,
        lambda a, x: _gammainc_slope(n, a, x),
        (
            lambda a, x, z: gammainc_slope[n + 1](a, x),
            lambda a, x, z: gamma_density(a, x) * bell(n, _gamma_slopes(a, log(x) - digamma(a))),
        ),
        f"The derivative of order {n} of gammainc by a.",
        latex=rf"\frac{{\partial^{{{n}}}}}{{\partial a^{{{n}}}}} P\left(<a>, <x>\right)",
        table=table,
        **_gamma_options,
    )


gammainc_slope = Family("gammainc_slope", _make_gamma_slope, whole_order("gammainc_slope", 1))


class _Shaped(of_scipy):
    """A function of SciPy of positive shapes; at 0 it has limits, of which there is no slope."""

    def __call__(self, *numbers: float) -> float:
        """Compute the result; refuse shapes that are 0."""
        if 0.0 in numbers[:-1]:
            raise ValueError("math domain error")
        return super().__call__(*numbers)


gammainc = special2(
    "gammainc",
    _Shaped("gammainc"),
    (lambda a, x, z: gammainc_slope[1](a, x), lambda a, x, z: gamma_density(a, x)),
    "The regularised lower incomplete gamma function.",
    latex=r"P\left(<a>, <x>\right)",
    array="special.gammainc",
    **_gamma_options,
)
gammaincc = special2(
    "gammaincc",
    _Shaped("gammaincc"),
    (lambda a, x, z: -gammainc_slope[1](a, x), lambda a, x, z: -gamma_density(a, x)),
    "The regularised upper incomplete gamma function.",
    latex=r"Q\left(<a>, <x>\right)",
    array="special.gammaincc",
    **_gamma_options,
)


# ---- beta --------------------------------------------------------------------------------------


def _is_outside(a: float, b: float, x: float) -> bool:
    if a > 0.0 and b > 0.0 and 0.0 <= x <= 1.0:
        return False
    if a != a or b != b or x != x:
        return True
    raise ValueError("math domain error")


def _beta_density(a: float, b: float, x: float) -> float:
    """Compute x^(a - 1) (1 - x)^(b - 1) / B(a, b)."""
    if _is_outside(a, b, x):
        return math.nan
    total = -float(log_beta.compute(a, b))
    for shape, log_of, is_end in ((a, math.log, x == 0.0), (b, _log_rest, x == 1.0)):
        if not is_end:
            total += (shape - 1.0) * log_of(x)
        elif shape < 1.0:
            raise ValueError("math domain error")
        elif shape > 1.0:
            return 0.0
    return math.exp(total)


def _log_rest(x: float) -> float:
    return math.log1p(-x)


def _betainc_slope(i: int, j: int, a: float, b: float, x: float) -> float:
    """Compute the derivative of betainc by a, i times, and by b, j times."""
    if _is_outside(a, b, x):
        return math.nan
    if x == 0.0 or x == 1.0:
        return 0.0
    if x * (a + b) > a:  # from the other end
        return -_lower_slope(j, i, b, a, 1.0 - x, x)
    return _lower_slope(i, j, a, b, x, 1.0 - x)


def _lower_slope(i: int, j: int, a: float, b: float, x: float, rest: float) -> float:
    """Integrate from 0 to x, with t = x exp(-s)."""
    import numpy as np

    log_x = math.log(x) if x < 0.5 else math.log1p(-rest)
    front = math.exp(a * log_x + (b - 1.0) * math.log(rest) - float(log_beta.compute(a, b)))
    if front == 0.0:
        return 0.0
    start = math.log(rest)

    def drop(s: float) -> float:
        return a * s - (b - 1.0) * (math.log(rest - x * math.expm1(-s)) - start)

    def integrand(s: Any) -> Any:
        log_rest = np.log(rest - x * np.expm1(-s))
        kernel = density_slope(i, j, a, b, log_x - s, log_rest)
        return kernel * np.exp((b - 1.0) * (log_rest - start) - a * s)

    end = _end(drop, 1.0 / (a + b))
    return front * _integral(integrand, _growing(end, min(0.25 * end, 0.5, rest)))


_beta_options: dict[str, Any] = {
    "domain": (POSITIVE, POSITIVE, UNIT), "sample": ((0.5, 4.0), (0.5, 4.0), (0.1, 0.9)),
    "special": ((1.0, 1.0, 0.5), (0.5, 2.0, 1e-9), (100.0, 50.0, 0.6), (2.0, 3.0, 0.999)),
    "letters": "abx", "remedy": "it needs a > 0, b > 0 and 0 <= x <= 1",
}  # fmt: skip
beta_density = special3(
    "beta_density",
    _beta_density,
    (
        lambda a, b, x, z: z * (log(x) + digamma_difference(a, b)),
        lambda a, b, x, z: z * (log1p(-x) + digamma_difference(b, a)),
        lambda a, b, x, z: z * ((a - 1.0) / x - (b - 1.0) / (1.0 - x)),
    ),
    "The slope of betainc, x ** (a - 1) (1 - x) ** (b - 1) / beta(a, b).",
    latex=r"\frac{<x>^{<a> - 1} \left(1 - <x>\right)^{<b> - 1}}{\mathrm{B}\left(<a>, <b>\right)}",
    binds=3,
    table=HIDDEN,
    beyond=lambda a, b, x: INF if a > 0.0 and b > 0.0 and x in (0.0, 1.0) else math.nan,
    **_beta_options,
)


def _make_beta_slope(name: str, table: dict[str, Op], i: int, j: int) -> Op:
    return special3(
        name,
        lambda a, b, x: _betainc_slope(i, j, a, b, x),
        (
            lambda a, b, x, z: betainc_slope[i + 1, j](a, b, x),
            lambda a, b, x, z: betainc_slope[i, j + 1](a, b, x),
            lambda a, b, x, z: (
                beta_density(a, b, x) * bell2(i, j, density_slopes(a, b, log(x), log1p(-x)))
            ),
        ),
        f"The derivative of betainc by a, {i} times, and by b, {j} times.",
        latex=(
            rf"\frac{{\partial^{{{i + j}}}}}{{\partial a^{{{i}}} \partial b^{{{j}}}}} "
            r"I_{<x>}\left(<a>, <b>\right)"
        ),
        table=table,
        **_beta_options,
    )


def _two_orders(orders: Any) -> tuple[int, int]:
    check = whole_order("betainc_slope", 0)
    i, j = orders
    return check(i), check(j)


betainc_slope = Family("betainc_slope", _make_beta_slope, _two_orders)
betainc = special3(
    "betainc",
    _Shaped("betainc"),
    (
        lambda a, b, x, z: betainc_slope[1, 0](a, b, x),
        lambda a, b, x, z: betainc_slope[0, 1](a, b, x),
        lambda a, b, x, z: beta_density(a, b, x),
    ),
    "The regularised incomplete beta function.",
    latex=r"I_{<x>}\left(<a>, <b>\right)",
    array="special.betainc",
    **_beta_options,
)
