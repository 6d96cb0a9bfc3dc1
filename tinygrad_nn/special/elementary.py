"""Logarithms and circular functions that are exact where their parts cancel."""

from __future__ import annotations

import math
from typing import Any

from ..scalar.operation import INF, Interval
from ..scalar.ops import LOGARITHM, TRIG, eq, exp, expm1, log, log1p, sin
from .rows import derivatives, special, special2

__all__ = ["cosm1", "log1mexp", "logit", "sinc", "xlog1py", "xlogy"]

LN2 = math.log(2.0)
ALL: Interval = (-INF, INF)


def _xlogy(x: float, y: float) -> float:
    return 0.0 if x == 0.0 and y == y else x * math.log(y)


def _xlog1py(x: float, y: float) -> float:
    return 0.0 if x == 0.0 and y == y else x * math.log1p(y)


# The slope in y at x = y = 0 is 0, as the function is 0 for every y there.
xlogy = special2(
    "xlogy",
    _xlogy,
    (lambda x, y, z: log(y), lambda x, y, z: x / (y + eq(x, 0.0) * eq(y, 0.0))),
    "x log(y), and 0 where x is 0.",
    latex=r"<x> \ln\left(<y>\right)",
    binds=2,
    domain=(ALL, (0.0, INF)),
    sample=((-3.0, 3.0), (0.2, 5.0)),
    special=((0.0, 1.0), (1.0, 1.0), (0.0, 2.0)),
    remedy=LOGARITHM,
    beyond=lambda x, y: -x * INF if y == 0.0 else math.nan,
)
xlog1py = special2(
    "xlog1py",
    _xlog1py,
    (lambda x, y, z: log1p(y), lambda x, y, z: x / (1.0 + y + eq(x, 0.0) * eq(y, -1.0))),
    "x log(1 + y), exact for small y, and 0 where x is 0.",
    latex=r"<x> \ln\left(1 + <y>\right)",
    binds=2,
    domain=(ALL, (-1.0, INF)),
    sample=((-3.0, 3.0), (-0.7, 3.0)),
    special=((0.0, 1.0), (1.0, 0.0), (2.0, 1e-18)),
    remedy="xlog1py needs y > -1",
    beyond=lambda x, y: -x * INF if y == -1.0 else math.nan,
)


def _logit(x: float) -> float:
    if 0.3 < x < 0.7:
        moved = 2.0 * (x - 0.5)
        return math.log1p(moved) - math.log1p(-moved)
    return math.log(x) - math.log1p(-x) if x < 0.5 else math.log(x / (1.0 - x))


logit = special(
    "logit",
    _logit,
    lambda x, z: 1.0 / (x * (1.0 - x)),
    "log(x / (1 - x)), the inverse of the logistic function.",
    latex=r"\operatorname{logit}\left(<x>\right)",
    domain=(0.0, 1.0),
    sample=(0.05, 0.95),
    special=(0.5, 1e-300, 0.999),
    remedy="logit needs 0 < x < 1; work with the argument of sigmoid instead",
    beyond=lambda x: -INF if x == 0.0 else INF if x == 1.0 else math.nan,
    array="special.logit",
)


def _log1mexp(x: float) -> float:
    return math.log(-math.expm1(x)) if x > -LN2 else math.log1p(-math.exp(x))


log1mexp = special(
    "log1mexp",
    _log1mexp,
    lambda x, z: exp(x) / expm1(x),
    "log(1 - exp(x)) of a negative number.",
    latex=r"\ln\left(1 - e^{<x>}\right)",
    domain=(-INF, 0.0),
    sample=(-3.0, -0.2),
    special=(-1e-300, -LN2, -40.0, -745.0),
    remedy="log1mexp needs x < 0",
    beyond=lambda x: -INF if x == 0.0 else math.nan,
)


def _cosm1(x: float) -> float:
    half = math.sin(0.5 * x)
    return -2.0 * half * half


cosm1 = special(
    "cosm1",
    _cosm1,
    lambda x, z: -sin(x),
    "cos(x) - 1, exact for small x.",
    latex=r"\cos\left(<x>\right) - 1",
    binds=1,
    special=(0.0, 1e-9, 2.0),
    remedy=TRIG,
)


# ---- sinc --------------------------------------------------------------------------------------


def _turned(n: int, x: float) -> float:
    """Compute sin(pi x + n pi / 2)."""
    x = math.fmod(x, 2.0)
    turns = round(2.0 * x)
    rest, turns = math.pi * (x - 0.5 * turns), (turns + n) % 4
    found = math.cos(rest) if turns % 2 else math.sin(rest)
    return -found if turns > 1 else found


def _sinc_slope(n: int, x: float) -> float:
    """Compute a derivative of s(u) = sin(u) / u at u = pi x, times pi^n.

    With u s_k + k s_(k-1) = sin(u + k pi / 2): upward where n is at most u, else downward.
    """
    if not math.isfinite(x):
        return x if x != x else 0.0
    u = math.pi * abs(x)
    if n <= u or n == 0:
        found = _turned(0, abs(x)) / u if u else 1.0
        for k in range(1, n + 1):
            found = (_turned(k, abs(x)) - k * found) / u
    else:
        found = 0.0
        for k in range(3 * n + 60, n, -1):
            found = (_turned(k, abs(x)) - u * found) / k
    return math.pi**n * (-found if n % 2 and x < 0.0 else found)


sinc: Any = derivatives(
    "sinc",
    _sinc_slope,
    "sin(pi x) / (pi x), and 1 at 0.",
    r"\operatorname{sinc}",
    special=(0.0, 1e-9, 1.0, 0.5, -2.0),
)
