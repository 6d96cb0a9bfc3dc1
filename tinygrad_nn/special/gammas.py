"""The gamma function and what is made of it (https://dlmf.nist.gov/5)."""

from __future__ import annotations

import math
from typing import Any

from ..scalar.operation import INF, Interval, Op
from ..scalar.ops import TOO_LARGE
from .rows import Family, checked, of_scipy, scipy_special, special, special2, whole_order

__all__ = [
    "BOTH_POSITIVE",
    "POSITIVE",
    "SHIFTED",
    "beta_beyond",
    "betaln",
    "digamma",
    "digamma_difference",
    "gamma",
    "lgamma",
    "log_binom",
    "polygamma",
    "polygamma_difference",
    "stirling",
]

POLES = "the gamma function has a pole at 0 and at each negative whole number"
EULER = 0.57721566490153286061
SHIFTED = 15.0  # from here on Stirling's series gives all digits
# B_2k / (2k (2k - 1)), DLMF 5.11.1
STIRLING = (
    1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400,
)  # fmt: skip
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
POSITIVE: Interval = (0.0, INF)


# ---- one argument ------------------------------------------------------------------------------


def _lgamma(x: float) -> float:
    return x if x == -INF else math.lgamma(x)  # where SciPy has it otherwise than math


def _gamma_beyond(x: float) -> float:
    if x == 0.0:
        return math.copysign(INF, x)
    return INF if x > 0.0 else math.nan


def _polygamma(n: int, x: float) -> float:
    """Compute the n-th derivative of digamma, n > 0: by DLMF 5.15, and reflection below 0."""
    if x > 0.0 or x != x:
        zeta = float(scipy_special().zeta(n + 1.0, x))
        sign = -1.0 if n % 2 == 0 else 1.0
        return checked(sign * float(math.factorial(n)) * zeta, (x,), overflows=True)
    if x == math.floor(x):
        raise ValueError("math domain error")
    return (-1.0) ** n * _polygamma(n, 1.0 - x) - math.pi * _cotangent_slope(n, x)


def _polygamma_beyond(n: int, x: float) -> float:
    if n % 2:
        return INF
    return -math.copysign(INF, x) if x == 0.0 else math.nan


_COTANGENT = [[0.0, 1.0]]  # polynomials of the cotangent that its derivatives are


def _cotangent_slope(n: int, x: float) -> float:
    """Compute the n-th derivative of cot(pi x)."""
    while len(_COTANGENT) <= n:
        slope = [*[k * c for k, c in enumerate(_COTANGENT[-1])][1:], 0.0, 0.0]
        _COTANGENT.append(
            [-math.pi * (c + (slope[k - 2] if k > 1 else 0.0)) for k, c in enumerate(slope)]
        )
    rest = math.pi * (x - round(x))
    cotangent = math.cos(rest) / math.sin(rest)
    total = 0.0
    for coefficient in reversed(_COTANGENT[n]):
        total = total * cotangent + coefficient
    return total


def _make_polygamma(name: str, table: dict[str, Op], n: int) -> Op:
    if n == 0:
        return special(
            name,
            of_scipy("digamma"),
            lambda x, z: polygamma[1](x),
            "The derivative of the logarithm of the gamma function.",
            latex=r"\psi\left(<x>\right)",
            sample=(0.5, 5.0),
            special=(1.0, 0.5, -0.5, 1e5),
            remedy=POLES,
            array="special.digamma",
            table=table,
        )
    return special(
        name,
        lambda x: _polygamma(n, x),
        lambda x, z: polygamma[n + 1](x),
        f"The derivative of order {n} of digamma.",
        latex=rf"\psi^{{({n})}}\left(<x>\right)",
        sample=(0.5, 5.0),
        special=(1.0, 0.5, -0.5, 1e5),
        remedy=POLES,
        beyond=lambda x: _polygamma_beyond(n, x),
        table=table,
    )


lgamma = special(
    "lgamma",
    _lgamma,
    lambda x, z: digamma(x),
    "The logarithm of the absolute value of the gamma function.",
    latex=r"\ln\left|\Gamma\left(<x>\right)\right|",
    sample=(2.5, 6.0),
    special=(0.5, 1.0, 2.0, -0.5, 100.0),
    remedy=POLES,
    beyond=lambda x: INF,
    array="special.gammaln",
)
gamma = special(
    "gamma",
    math.gamma,
    lambda x, z: z * digamma(x),
    "The gamma function, (x - 1)! of whole numbers.",
    latex=r"\Gamma\left(<x>\right)",
    sample=(0.5, 5.0),
    special=(0.5, 1.0, 2.0, -0.5, 100.0),
    remedy=f"{POLES}, and above 171.6 {TOO_LARGE}",
    beyond=_gamma_beyond,
    array="special.gamma",
)
polygamma = Family("polygamma", _make_polygamma, whole_order("polygamma", 0))
digamma: Any = polygamma.named(0, "digamma")
polygamma.listed(1)


# ---- differences that do not cancel ----------------------------------------------------------------


def stirling(x: float) -> float:
    """Sum what is left of the logarithm of the gamma function, for large x."""
    total, power = 0.0, 1.0 / x
    for coefficient in STIRLING:
        total += coefficient * power
        power /= x * x
    return total


def _log_ratio(x: float, y: float) -> float:
    """Compute ln((x + y) / x)."""
    return math.log1p(y / x) if abs(y) < 0.5 * x else math.log((x + y) / x)


def _lgamma_difference(x: float, y: float) -> float:
    """Compute lgamma(x + y) - lgamma(x) for positive x and x + y."""
    total = 0.0
    while x < SHIFTED or x + y < SHIFTED:
        total -= _log_ratio(x, y)
        x += 1.0
    ratio = _log_ratio(x, y)
    for k, coefficient in enumerate(STIRLING):
        total += coefficient * x ** (-2 * k - 1) * math.expm1(-(2.0 * k + 1.0) * ratio)
    return total + ((x + y - 0.5) * ratio + y * (math.log(x) - 1.0))


def _lgamma_beside_one(x: float) -> float:
    """Compute lgamma(1 + x), with all digits near 0 (DLMF 5.7.3)."""
    if abs(x) > 0.5:
        return math.lgamma(1.0 + x)
    total = 0.0
    for k in range(len(_ZETA) + 1, 1, -1):
        total = (total + _ZETA[k - 2] / k) * -x
    return -math.log1p(x) + x * (1.0 - EULER - total)


# zeta(k) - 1 for k = 2, 3 ...
_ZETA = [
    math.fsum([j**-k for j in range(2, 12)])
    + 11.5 ** (1.0 - k) / (k - 1.0)
    - k * 11.5 ** (-1.0 - k) / 24.0
    + 7.0 * k * (k + 1.0) * (k + 2.0) * 11.5 ** (-3.0 - k) / 5760.0
    - 31.0 * k * (k + 1.0) * (k + 2.0) * (k + 3.0) * (k + 4.0) * 11.5 ** (-5.0 - k) / 967680.0
    for k in map(float, range(2, 42))
]


def _polygamma_difference(n: int, x: float, y: float) -> float:
    """Compute the n-th derivative of digamma at x + y less that at x, both positive.

    The recurrence up to large numbers (DLMF 5.15.5) and the series there (5.15.8), term by term.
    """
    if not (x > 0.0 and x + y > 0.0):
        if x != x or y != y:
            return math.nan
        raise ValueError("math domain error")
    if math.isinf(x) or math.isinf(y):
        return 0.0 if math.isinf(x) else float(polygamma[n].quiet(x + y) - polygamma[n].quiet(x))
    factor = float(math.factorial(n))
    sign = -1.0 if n % 2 == 0 else 1.0
    total = 0.0
    while x < SHIFTED or x + y < SHIFTED:
        total += sign * factor * x ** (-n - 1) * math.expm1(-(n + 1.0) * _log_ratio(x, y))
        x += 1.0
    ratio = _log_ratio(x, y)

    def term(coefficient: float, power: int) -> float:
        return sign * coefficient * x**-power * math.expm1(-power * ratio)

    rest = ratio if n == 0 else term(factor / n, n)
    rest += term(0.5 * factor, n + 1)
    rising = factor * (n + 1.0) / 2.0  # (2k + n - 1)! / (2k)!
    for k, number in enumerate(BERNOULLI, 1):
        rest += term(number * rising, 2 * k + n)
        rising *= (2 * k + n) * (2 * k + n + 1.0) / ((2 * k + 1.0) * (2 * k + 2.0))
    return total + rest


def _difference_beyond(n: int, x: float, y: float) -> float:
    if not (x > 0.0 and x + y > 0.0):
        return math.nan
    return INF if (n % 2 == 0) == (y > 0.0) else -INF


def _make_difference(name: str, table: dict[str, Op], n: int) -> Op:
    psi = r"\psi" if n == 0 else rf"\psi^{{({n})}}"
    return special2(
        name,
        lambda x, y: _polygamma_difference(n, x, y),
        (
            lambda x, y, z: polygamma_difference[n + 1](x, y),
            lambda x, y, z: polygamma[n + 1](x + y),
        ),
        f"The derivative of order {n} of digamma at x + y less that at x.",
        latex=rf"\left({psi}\left(<x> + <y>\right) - {psi}\left(<x>\right)\right)",
        domain=(POSITIVE, (-INF, INF)),
        sample=((0.5, 3.0), (0.5, 3.0)),
        special=((1.0, 1.0), (1e8, 1.0), (1.0, 0.0)),
        remedy="x and x + y must be positive",
        beyond=lambda x, y: _difference_beyond(n, x, y),
        table=table,
    )


polygamma_difference = Family(
    "polygamma_difference", _make_difference, whole_order("polygamma_difference", 0)
)
digamma_difference: Any = polygamma_difference.named(0, "digamma_difference")


# ---- two arguments -----------------------------------------------------------------------------


def _betaln(x: float, y: float) -> float:
    if x != x or y != y:
        return math.nan
    x, y = min(x, y), max(x, y)
    if not x > 0.0:
        raise ValueError("math domain error")
    if math.isinf(y):
        return -INF
    if y < SHIFTED:
        return math.lgamma(x) + math.lgamma(y) - math.lgamma(x + y)
    if x < SHIFTED:
        return math.lgamma(x) - _lgamma_difference(y, x)
    return (
        0.5 * math.log(2.0 * math.pi)
        - 0.5 * math.log(y)
        + (x - 0.5) * math.log(x / (x + y))
        - y * math.log1p(x / y)
        + (stirling(x) + stirling(y) - stirling(x + y))
    )


def _log_binom(n: float, k: float) -> float:
    """Compute ln(n over k), by what is small beside the other of k and n - k."""
    if n != n or k != k:
        return math.nan
    k, rest = min(k, n - k), max(k, n - k)
    if not k > -1.0:
        raise ValueError("math domain error")
    if abs(k) < 0.5 and abs(n) < 0.5 and abs(rest) < 0.5:
        return _small_log_binom(k, rest)
    if math.isinf(rest):
        return math.nan if k == 0.0 or math.isinf(n - n) else INF
    return _lgamma_difference(rest + 1.0, k) - _lgamma_beside_one(k)


def _small_log_binom(k: float, rest: float) -> float:
    """Sum the difference of three series of lgamma(1 + x) (DLMF 5.7.3), of which nothing cancels."""
    total, power = 0.0, 0.0
    left, right = k, rest
    for m in range(2, 60):
        power = (k + rest) * power + (rest * left + k * right)  # (k + rest)^m - k^m - rest^m
        zeta = 1.0 + (_ZETA[m - 2] if m - 2 < len(_ZETA) else 0.0)
        total += (zeta if m % 2 == 0 else -zeta) / m * power
        left, right = left * k, right * rest
    return total


def beta_beyond(x: float, y: float) -> float:
    """Give the limit of the beta function, and of its logarithm, where there is one."""
    return INF if (x == 0.0 and y >= 0.0) or (y == 0.0 and x >= 0.0) else math.nan


BOTH_POSITIVE = "both arguments must be positive"
betaln = special2(
    "betaln",
    _betaln,
    (lambda x, y, z: -digamma_difference(x, y), lambda x, y, z: -digamma_difference(y, x)),
    "The logarithm of the beta function of two positive numbers.",
    latex=r"\ln \mathrm{B}\left(<x>, <y>\right)",
    domain=POSITIVE,
    sample=(0.5, 4.0),
    special=((1.0, 1.0), (2.0, 3.0), (1e8, 1.0), (0.5, 1e-8)),
    remedy=BOTH_POSITIVE,
    beyond=beta_beyond,
)
log_binom = special2(
    "log_binom",
    _log_binom,
    (
        lambda n, k, z: digamma_difference(n - k + 1.0, k),
        lambda n, k, z: digamma_difference(k + 1.0, n - 2.0 * k),
    ),
    "The logarithm of the number of ways to choose k of n, of real numbers too.",
    latex=r"\ln \binom{<n>}{<k>}",
    letters="nk",
    sample=((5.0, 9.0), (0.5, 4.0)),
    special=((5.0, 2.0), (4.0, 2.0), (1e8, 1.0), (3.0, 0.0), (3.0, 3.0)),
    remedy="k must be greater than -1 and less than n + 1",
)
