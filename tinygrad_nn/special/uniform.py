"""Slopes of modified Bessel functions of large orders, by expansions that hold for all arguments.

Debye's, DLMF 10.41.3 and 10.41.4: with r = sqrt(v^2 + x^2) and p = v / r,
I_v(x) ~ exp(..) / sqrt(2 pi r) S and K_v(x) ~ exp(..) sqrt(pi / (2 r)) S, where S is a sum of
polynomials U_m(p) over v^m. The logarithm is differentiated, in power series of the argument.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

__all__ = ["LEAST_ORDER", "slope_over_value"]

LEAST_ORDER = 20.0  # from here on TERMS give all digits, where x is twice the order or more
TERMS = 12

Powers = list[float]  # the coefficients of a power series, as many as are asked for


def slope_over_value(kind: str, v: float, k: int, x: float) -> float:
    """Compute the k-th derivative of exp(-x) I_v(x), or of exp(x) K_v(x), over its value."""
    size = k + 1
    sign = 1.0 if kind == "i" else -1.0
    at = [x, 1.0, *[0.0] * k][:size]
    square = [v * v + x * x, 2.0 * x, 1.0, *[0.0] * k][:size]
    r = _root(square)
    p = _times([v, *[0.0] * k], _over(r))
    # Of exp(sign (v eta - x)): r / x - 1, without the difference.
    lead = _times([v * v * sign, *[0.0] * k], _over(_times(at, _plus(r, at))))
    fall = _times([-0.5, *[0.0] * k], _times(at, _over(square)))
    s = _composed(_polynomial(v, sign), p)
    rest = _times(_slope(s), _over(s))
    slopes = _plus(_plus(lead, fall), rest)
    found = [1.0]  # derivatives over the value, by those of the logarithm
    for n in range(k):
        parts = zip(slopes[: n + 1], found[::-1], strict=True)
        found.append(sum(math.perm(n, j) * a * b for j, (a, b) in enumerate(parts)))
    return found[k]


def _polynomial(v: float, sign: float) -> Powers:
    """Add up U_m(p) (sign / v)^m, as a polynomial in p."""
    found = [0.0] * (3 * TERMS + 1)
    for m, coefficients in enumerate(_polynomials()):
        for n, c in enumerate(coefficients):
            found[n] += c * (sign / v) ** m
    return found


@cache
def _polynomials() -> list[list[float]]:
    """Make U_m, DLMF 10.41.9: p^2 (1 - p^2) U_m' / 2 + the integral of (1 - 5 t^2) U_m / 8."""
    made = [[Fraction(1)]]
    for _ in range(TERMS):
        now = made[-1]
        later = [Fraction(0)] * (len(now) + 3)
        for n, c in enumerate(now):
            later[n + 1] += c * n / 2 + c / (8 * (n + 1))
            later[n + 3] -= c * n / 2 + 5 * c / (8 * (n + 3))
        made.append(later)
    return [[float(c) for c in one] for one in made]


# ---- power series -------------------------------------------------------------------------------


def _plus(a: Powers, b: Powers) -> Powers:
    return [x + y for x, y in zip(a, b, strict=True)]


def _times(a: Powers, b: Powers) -> Powers:
    return [sum(a[j] * b[n - j] for j in range(n + 1)) for n in range(len(a))]


def _over(a: Powers) -> Powers:
    """Give 1 / a."""
    found: Powers = []
    for n in range(len(a)):
        rest = sum(a[n - j] * found[j] for j in range(n))
        found.append(((1.0 if n == 0 else 0.0) - rest) / a[0])
    return found


def _root(a: Powers) -> Powers:
    found = [math.sqrt(a[0])]
    for n in range(1, len(a)):
        inner = sum(found[j] * found[n - j] for j in range(1, n))
        found.append((a[n] - inner) / (2.0 * found[0]))
    return found


def _slope(a: Powers) -> Powers:
    return [n * a[n] for n in range(1, len(a))] + [0.0]


def _composed(polynomial: Powers, inner: Powers) -> Powers:
    found = [0.0] * len(inner)
    for c in reversed(polynomial):
        found = _times(found, inner)
        found[0] += c
    return found
