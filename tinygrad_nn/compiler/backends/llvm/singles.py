"""Functions of vectors of float32, in plain operations.

Errors are below 3 units in the last place, and below 5 in the tail of erfc. They are those of
doubles, in shorter polynomials. What is not here is computed in doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .lanes import Lanes
from .logarithms import log1p_by, log_by

__all__ = ["SINGLES"]

MAGIC = 12582912.0  # 1.5 * 2**23: the last bits of what is added to it are a whole number
MAGIC_BITS = 0x4B400000
LN2_HIGH = 0.693359375  # its last 15 bits are 0
LN2_LOW = -2.12194440e-4
ONE_BITS = 127 << 23
ROOT_BITS = 0x3F3504F3  # of sqrt(1/2)
# (exp(r) - 1 - r) / r**2, to |r| = ln(2) / 2
EXP = (
    0.5,
    0.16666577756404877,
    0.04166685417294502,
    0.008363144472241402,
    0.0013901286292821169,
)
# (log(1 + f) - f + f**2 / 2) / f**3, from sqrt(1/2) - 1 to sqrt(2) - 1: Cephes'
LOG = (
    3.3333331174e-1,
    -2.4999993993e-1,
    2.0000714765e-1,
    -1.6668057665e-1,
    1.4249322787e-1,
    -1.2420140846e-1,
    1.1676998740e-1,
    -1.1514610310e-1,
    7.0376836292e-2,
)
# (tanh(x) / x - 1) / x**2 in x**2, to x = 0.625: Cephes'
TANH = (
    -3.33332819422e-1,
    1.33314422036e-1,
    -5.37397155531e-2,
    2.06390887954e-2,
    -5.70498872745e-3,
)
# erf(x) / x - 1 in x**2, to x = 0.78
ERF = (
    0.1283791671,
    -0.37612608075141907,
    0.11283231526613235,
    -0.02682681754231453,
    0.005097378045320511,
    -0.0006621712236665189,
)
# (1 + 2 x) exp(x**2) erfc(x) in (x - 2) / (x + 2), from x = 0.45 to 10.2
TAIL = (
    1.2769783735275269,
    -0.09276376664638519,
    -0.16603098809719086,
    0.16404908895492554,
    -0.054208654910326004,
    -0.008010245859622955,
    0.008646568283438683,
    0.001167070702649653,
    -0.0012468554778024554,
    -0.00025499542243778706,
)


def _parted(v: Lanes, x: str) -> tuple[str, str]:
    """Write x as n ln 2 + r; return r, and n as an integer."""
    magic = v.number(MAGIC)
    sum_ = v.fma(x, v.number(1.0 / math.log(2.0)), magic)
    n = v.sub(sum_, magic)
    r = v.fma(n, v.number(-LN2_LOW), v.fma(n, v.number(-LN2_HIGH), x))
    return r, v.integers("sub", v.bits(sum_), MAGIC_BITS)


def _bounded(v: Lanes, x: str, low: float, high: float) -> str:
    """Move what lies outside of two bounds to them; NaN stays."""
    x = v.select(v.compare("lt", x, v.number(low)), v.number(low), x)
    return v.select(v.compare("gt", x, v.number(high)), v.number(high), x)


def _power_of_two(v: Lanes, n: str) -> str:
    return v.from_bits(v.integers("shl", v.integers("add", n, 127), 23))


def exp(v: Lanes, x: str, low: str = "", power: int = 0) -> str:
    """Give exp(x + low) * 2**power."""
    r, n = _parted(v, _bounded(v, x, -105.0, 90.0))
    if low:
        r = v.add(r, low)
    found = v.add(v.fma(v.polynomial(r, EXP), v.mul(r, r), r), v.number(1.0))
    if power:
        n = v.integers("add", n, power)
    half = v.integers("ashr", n, 1)  # in two factors: what comes out may be subnormal
    rest = v.integers("sub", n, half)
    return v.mul(v.mul(found, _power_of_two(v, half)), _power_of_two(v, rest))


def expm1(v: Lanes, x: str) -> str:
    """Give exp(x) - 1."""
    r, n = _parted(v, _bounded(v, x, -20.0, 89.0))
    found = v.fma(v.polynomial(r, EXP), v.mul(r, r), r)
    half = _power_of_two(v, v.integers("sub", n, 1))
    found = v.fma(found, half, v.sub(half, v.number(0.5)))
    tiny = v.compare("lt", v.intrinsic("fabs", x), v.number(1e-8))
    return v.select(tiny, x, v.add(found, found))


def _log(v: Lanes, x: str, rest: str) -> str:
    """Give log(x) + rest for positive x that are normal; rest is far smaller."""
    raised = v.integers("add", v.bits(x), ONE_BITS - ROOT_BITS)
    exponent = v.integers("ashr", raised, 23)
    shift = v.integers("sub", v.integers("shl", exponent, 23), ONE_BITS)
    f = v.sub(v.from_bits(v.integers("sub", v.bits(x), shift)), v.number(1.0))
    e = v.to_number(v.integers("sub", exponent, 127))
    z = v.mul(f, f)
    found = v.mul(v.mul(f, z), v.polynomial(f, LOG))
    found = v.fma(e, v.number(LN2_LOW), found)
    if rest:
        found = v.add(found, rest)
    found = v.fma(z, v.number(-0.5), found)
    return v.fma(e, v.number(LN2_HIGH), v.add(f, found))


def log(v: Lanes, x: str) -> str:
    """Give the natural logarithm."""
    return log_by(_log, v, x, 1.1754943508222875e-38, 25)


def log1p(v: Lanes, x: str) -> str:
    """Give log(1 + x)."""
    return log1p_by(_log, v, x)


def tanh(v: Lanes, x: str) -> str:
    """Give the hyperbolic tangent."""
    size = v.intrinsic("fabs", x)
    z = v.mul(x, x)
    near = v.fma(v.mul(v.polynomial(z, TANH), z), size, size)
    grown = v.add(exp(v, v.add(size, size)), v.number(1.0))
    far = v.sub(v.number(1.0), v.div(v.number(2.0), grown))
    found = v.select(v.compare("lt", size, v.number(0.625)), near, far)
    return v.signed(found, x)


def sigmoid(v: Lanes, x: str) -> str:
    """Give 1 / (1 + exp(-x))."""
    one = v.number(1.0)
    decay = exp(v, v.neg(v.intrinsic("fabs", x)))
    above = v.select(v.compare("ge", x, v.number(0.0)), one, decay)
    return v.div(above, v.add(one, decay))


def cosh(v: Lanes, x: str) -> str:
    """Give the hyperbolic cosine."""
    half = exp(v, v.intrinsic("fabs", x), power=-1)
    return v.add(half, v.div(v.number(0.25), half))


def _erf_near(v: Lanes, x: str) -> str:
    return v.fma(x, v.polynomial(v.mul(x, x), ERF), x)


def _erfc_far(v: Lanes, size: str) -> str:
    """Give erfc of what is not small: exp(-x**2), whose square is parted, times a series."""
    size = _bounded(v, size, 0.0, 10.2)
    high = v.from_bits(v.integers("and", v.bits(size), -(1 << 12)))
    low = v.mul(v.sub(high, size), v.add(size, high))
    decay = exp(v, v.neg(v.mul(high, high)), low)
    two = v.number(2.0)
    series = v.polynomial(v.div(v.sub(size, two), v.add(size, two)), TAIL)
    return v.mul(decay, v.div(series, v.fma(size, two, v.number(1.0))))


def erf(v: Lanes, x: str) -> str:
    """Give the error function."""
    size = v.intrinsic("fabs", x)
    far = v.signed(v.sub(v.number(1.0), _erfc_far(v, size)), x)
    found = v.select(v.compare("lt", size, v.number(0.75)), _erf_near(v, x), far)
    return v.select(v.compare("eq", x, x), found, x)


def erfc(v: Lanes, x: str) -> str:
    """Give 1 - erf(x)."""
    size = v.intrinsic("fabs", x)
    far = _erfc_far(v, size)
    far = v.select(v.compare("lt", x, v.number(0.0)), v.sub(v.number(2.0), far), far)
    near = v.sub(v.number(1.0), _erf_near(v, x))
    found = v.select(v.compare("lt", size, v.number(0.5)), near, far)
    return v.select(v.compare("eq", x, x), found, x)


SINGLES: dict[str, Callable[[Lanes, str], str]] = {
    "cosh": cosh,
    "erf": erf,
    "erfc": erfc,
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "sigmoid": sigmoid,
    "tanh": tanh,
}
