"""Exponential and elliptic integrals, and the inverse of w exp(w) (https://dlmf.nist.gov/6, 19, 4.13)."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ArgumentError
from ..scalar.operation import INF, Op
from ..scalar.ops import TOO_LARGE, exp
from .rows import Family, derivatives, of_scipy, order_of, scipy_special, special

__all__ = ["ellipe", "ellipk", "exp1", "expi", "lambertw"]

exp1 = special(
    "exp1",
    of_scipy("exp1"),
    lambda x, z: -exp(-x) / x,
    "The exponential integral E1, of exp(-t) / t from x on.",
    latex=r"E_1\left(<x>\right)",
    domain=(0.0, INF),
    sample=(0.2, 4.0),
    special=(1e-9, 1.0, 600.0),
    remedy="exp1 needs x > 0",
    array="special.exp1",
)

_expi = of_scipy("expi", overflows=True)


def _expi_or_pole(x: float) -> float:
    if x == 0.0:
        raise ValueError("math domain error")
    return _expi(x)


expi = special(
    "expi",
    _expi_or_pole,
    lambda x, z: exp(x) / x,
    "The exponential integral Ei, of exp(t) / t up to x.",
    latex=r"\operatorname{Ei}\left(<x>\right)",
    sample=(0.2, 3.0),
    special=(1e-9, 0.3725074107813666, -1.0, -600.0),
    remedy=f"Ei has a pole at 0, and above 716 {TOO_LARGE}",
    beyond=lambda x: _expi.raw(x),
    array="special.expi",
)


# ---- Lambert's W -------------------------------------------------------------------------------

BRANCH = -math.exp(-1.0)
BEYOND_BRANCH = -1.2428753672788363e-17  # 1 / e less the float next to it
# Of W in powers of p, with p^2 = 2 (e x + 1), DLMF 4.13.6
POWERS = (-1.0, 1.0, -1 / 3, 11 / 72, -43 / 540, 769 / 17280, -221 / 8505, 680863 / 43545600)


def _lambertw(k: int, x: float) -> float:
    """Compute a branch of W: by its series near the end of the domain, where SciPy loses digits."""
    if not math.isfinite(x) and x != -INF:
        return x
    if x < BRANCH or (k == -1 and x >= 0.0):
        raise ValueError("math domain error")
    p = math.sqrt(2.0 * math.e * max(0.0, (x - BRANCH) + BEYOND_BRANCH))
    if p > 0.01:
        return float(scipy_special().lambertw(x, k).real)
    p = -p if k else p
    total = 0.0
    for coefficient in reversed(POWERS):
        total = total * p + coefficient
    return total


def _make_lambertw(name: str, table: dict[str, Op], k: int) -> Op:
    return special(
        name,
        lambda x: _lambertw(k, x),
        lambda x, z: exp(-z) / (1.0 + z),
        f"The {'greater' if k == 0 else 'lesser'} real w with w exp(w) = x, branch {k} of Lambert's W.",
        latex=rf"W_{{{k}}}\left(<x>\right)",
        domain=(BRANCH, 0.0 if k else INF),
        sample=(-0.3, -0.05) if k else (-0.2, 3.0),
        special=(-0.1, -0.36, -1e-9),
        remedy="a real w needs x >= -1 / e, and x < 0 on the branch -1",
        beyond=lambda x: -INF if k and x == 0.0 else math.nan,
        table=table,
    )


def _branch(k: Any) -> int:
    number = order_of(k, "branch k of lambertw")
    if number not in (0.0, -1.0):
        raise ArgumentError(f"branch k of lambertw must be 0 or -1, the real ones, got {k!r}")
    return int(number)


_branches = Family("lambertw", _make_lambertw, _branch)
_branches.named(0, "lambertw")
_branches.listed(-1)


def lambertw(x: Any, k: int = 0) -> Any:
    """Lambert's W: the real w with w exp(w) = x.

    Parameters
    ----------
    x : float or Value
        At least -1 / e; negative on the branch -1.
    k : int
        The branch: 0 for w >= -1, or -1 for w <= -1.

    Raises
    ------
    DomainError
        Where there is no real w.
    ArgumentError
        When `k` is neither 0 nor -1.

    Examples
    --------
    >>> round(lambertw(1.0), 12)
    0.56714329041
    >>> round(lambertw(-0.1, -1), 12)
    -3.577152063957
    """
    return _branches[_branch(k)](x)


# ---- elliptic integrals ------------------------------------------------------------------------

NEAR = 0.5  # up to here the series converges fast


def _elliptic(n: int, m: float) -> tuple[list[float], list[float]]:
    """Compute K(m) and E(m) with their first n derivatives.

    By the power series (DLMF 19.5.1) near 0, where all else cancels; by the differential equation
    m (1 - m) K'' + (1 - 2 m) K' = K / 4, and 2 m E' = E - K, elsewhere.
    """
    functions = scipy_special()
    k, e = [float(functions.ellipk(m))], [float(functions.ellipe(m))]
    if n == 0:
        return k, e
    if abs(m) <= NEAR:
        for order in range(1, n + 1):
            found = _elliptic_series(order, m)
            k.append(found[0])
            e.append(found[1])
        return k, e
    rest = 1.0 - m
    k.append((e[0] / rest - k[0]) / (2.0 * m))
    for j in range(n - 1):
        k.append(((j + 0.5) ** 2 * k[j] - (j + 1.0) * (1.0 - 2.0 * m) * k[j + 1]) / m / rest)
    for j in range(n):
        e.append(((1.0 - 2.0 * j) * e[j] - k[j]) / (2.0 * m))
    return k, e


def _elliptic_series(n: int, m: float) -> tuple[float, float]:
    term = 0.5 * math.pi
    for j in range(1, n + 1):
        term *= (j - 0.5) ** 2 / j
    first = second = 0.0
    j = n
    while True:
        first += term
        second += term / (1.0 - 2.0 * j)
        j += 1
        term *= m * (j - 0.5) ** 2 / (j * (j - n))
        if abs(term) <= 1e-17 * abs(first):
            return first, second


def _ellipk(n: int, m: float) -> float:
    if m >= 1.0:
        raise ValueError("math domain error")
    return 0.0 if math.isinf(m) else _elliptic(n, m)[0][n]


def _ellipe(n: int, m: float) -> float:
    if m > 1.0 or (m == 1.0 and n):
        raise ValueError("math domain error")
    if m == 1.0:
        return 1.0
    if math.isinf(m):
        return 0.0 if n else INF
    return _elliptic(n, m)[1][n]


ellipk: Any = derivatives(
    "ellipk",
    _ellipk,
    "The complete elliptic integral of the first kind, of the parameter m = k ** 2.",
    "K",
    domain=(-INF, 1.0),
    sample=(-0.9, 0.9),
    special=(0.0, 1e-9, 0.5, -0.5, 0.999, -1e6),
    remedy="ellipk needs m < 1",
    beyond=lambda x: INF if x == 1.0 else math.nan,
    array="special.ellipk",
)
ellipe: Any = derivatives(
    "ellipe",
    _ellipe,
    "The complete elliptic integral of the second kind, of the parameter m = k ** 2.",
    "E",
    domain=(-INF, 1.0),
    sample=(-0.9, 0.9),
    special=(0.0, 1e-9, 0.5, -0.5, 0.999, -1e6),
    remedy="ellipe needs m <= 1",
    array="special.ellipe",
)
