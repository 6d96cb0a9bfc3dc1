"""Exponentials and logarithms of vectors, in plain operations: errors below 2 units in the last place.

Powers of two are made of bits, and whole numbers by adding 1.5 * 2**52, whose last bits they then
are: processors that know no conversion of integers need none.
"""

from __future__ import annotations

import math

from .lanes import Lanes
from .logarithms import log1p_by, log_by

__all__ = ["cosh", "exp", "expm1", "log", "log1p", "moderate_exp", "sigmoid", "tanh", "whole"]

MAGIC = 6755399441055744.0  # 1.5 * 2**52
MAGIC_BITS = 0x4338000000000000
LN2_HIGH = 6.93147180369123816490e-01  # its last 21 bits are 0
LN2_LOW = 1.90821492927058770002e-10
INVERSES = [1.0 / math.factorial(n) for n in range(14)]
ONE_BITS = 1023 << 52
ROOT_BITS = 0x3FE6A09E00000000  # of sqrt(1/2), nearly
LOG = (  # of log((1 + s) / (1 - s)) - 2 s, in s**2, divided by s: fdlibm's
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
# tanh(x) = x + x**3 P(x**2) / Q(x**2) below 0.625: Cephes'
TANH_P = (-1.61468768441708447952e3, -9.92877231001918586564e1, -9.64399179425052238628e-1)
TANH_Q = (4.84406305325125486048e3, 2.23548839060100448583e3, 1.12811678491632931402e2, 1.0)


def whole(v: Lanes, x: str, factor: float) -> tuple[str, str]:
    """Give x * factor, rounded, as a number and as an integer."""
    sum_ = v.fma(x, v.number(factor), v.number(MAGIC))
    return v.sub(sum_, v.number(MAGIC)), v.integers("sub", v.bits(sum_), MAGIC_BITS)


def _parted(v: Lanes, x: str, low: str = "") -> tuple[str, str, str]:
    """Write x + low as n ln 2 + (r + rest); return r, rest, and n as an integer."""
    n, integer = whole(v, x, 1.0 / math.log(2.0))
    above = v.fma(n, v.number(-LN2_HIGH), x)
    below = v.mul(n, v.number(LN2_LOW))
    r = v.sub(above, below)
    rest = v.sub(v.sub(above, r), below)
    if low:
        whole_r = v.add(r, low)
        rest = v.add(rest, v.add(v.sub(r, whole_r), low))
        r = whole_r
    return r, rest, integer


def _scaled(v: Lanes, x: str, n: str, small: str, power: int = 0) -> str:
    """Give x * 2**(n + power), in two factors; `small` says where n is below -1000."""
    more = v.builder.let(
        f"select {v.bools} {small}, {v.whole} {v.integer(64)}, {v.whole} {v.integer(-3)}"
    )
    exponent = v.integers("add", v.integers("add", n, more), 1023)
    first = v.from_bits(v.integers("shl", exponent, 52))
    rest = v.select(small, v.number(2.0 ** (power - 64)), v.number(2.0 ** (power + 3)))
    return v.mul(v.mul(x, first), rest)


def exp(v: Lanes, x: str, low: str = "", power: int = 0) -> str:
    """Give exp(x + low) * 2**power."""
    bound = v.select(v.compare("lt", x, v.number(-746.0)), v.number(-746.0), x)
    bound = v.select(v.compare("gt", bound, v.number(712.0)), v.number(712.0), bound)
    found, n = _mantissa(v, bound, low)  # which is NaN where x is: no bound is less or greater
    return _scaled(v, found, n, v.compare("lt", bound, v.number(-700.0)), power)


def _mantissa(v: Lanes, x: str, low: str = "") -> tuple[str, str]:
    """Write exp(x + low) as a number times 2**n; n is an integer."""
    r, rest, n = _parted(v, x, low)
    rest = v.fma(v.polynomial(r, INVERSES[2:]), v.mul(r, r), rest)
    one = v.number(1.0)
    most = v.add(one, r)
    return v.add(most, v.add(v.sub(r, v.sub(most, one)), rest)), n


def moderate_exp(v: Lanes, x: str) -> str:
    """Give exp(x) of what lies between -700 and 700."""
    found, n = _mantissa(v, x)
    return v.mul(found, v.from_bits(v.integers("shl", v.integers("add", n, 1023), 52)))


def _expm1(v: Lanes, x: str) -> str:
    """Give exp(x) - 1 where it is neither tiny nor NaN."""
    bound = v.select(v.compare("lt", x, v.number(-50.0)), v.number(-50.0), x)
    bound = v.select(v.compare("gt", bound, v.number(710.0)), v.number(710.0), bound)
    r, rest, n = _parted(v, bound)
    found = v.add(r, v.fma(v.polynomial(r, INVERSES[2:]), v.mul(r, r), rest))
    half = v.from_bits(v.integers("shl", v.integers("add", n, 1022), 52))  # 2**(n - 1)
    found = v.fma(found, half, v.sub(half, v.number(0.5)))
    return v.add(found, found)


def expm1(v: Lanes, x: str) -> str:
    """Give exp(x) - 1."""
    tiny = v.compare("lt", v.intrinsic("fabs", x), v.number(1e-20))
    same = v.either(tiny, v.compare("ne", x, x))
    return v.select(same, x, _expm1(v, x))


def _log(v: Lanes, x: str, rest: str) -> str:
    """Give log(x) + rest for positive x that are normal; rest is far smaller."""
    bits = v.bits(x)
    raised = v.integers("add", bits, ONE_BITS - ROOT_BITS)
    exponent = v.integers("lshr", raised, 52)
    number = v.from_bits(v.integers("or", exponent, 0x4330000000000000))
    e = v.sub(number, v.number(2.0**52 + 1023.0))
    shift = v.integers("sub", v.integers("shl", exponent, 52), ONE_BITS)
    f = v.sub(v.from_bits(v.integers("sub", bits, shift)), v.number(1.0))
    s = v.div(f, v.add(v.number(2.0), f))
    z = v.mul(s, s)
    series = v.mul(v.polynomial(z, LOG), z)
    half = v.mul(v.number(0.5), v.mul(f, f))
    small = v.add(v.mul(e, v.number(LN2_LOW)), rest) if rest else v.mul(e, v.number(LN2_LOW))
    small = v.fma(s, v.add(half, series), small)
    return v.sub(v.mul(e, v.number(LN2_HIGH)), v.sub(v.sub(half, small), f))


def log(v: Lanes, x: str) -> str:
    """Give the natural logarithm."""
    return log_by(_log, v, x, 2.2250738585072014e-308, 54)


def log1p(v: Lanes, x: str) -> str:
    """Give log(1 + x)."""
    return log1p_by(_log, v, x)


def sigmoid(v: Lanes, x: str) -> str:
    """Give 1 / (1 + exp(-x)), with what rounding loses of the sum."""
    one = v.number(1.0)
    decay = exp(v, v.neg(v.intrinsic("fabs", x)))
    is_above = v.compare("ge", x, v.number(0.0))
    below = v.add(one, decay)
    lost = v.sub(decay, v.sub(below, one))
    found = v.div(v.select(is_above, one, decay), below)
    inverse = v.select(is_above, found, v.sub(one, found))  # of `below`
    return v.sub(found, v.mul(found, v.mul(lost, inverse)))


def tanh(v: Lanes, x: str) -> str:
    """Give the hyperbolic tangent: by a series, or as 1 - 2 / (exp(2 |x|) + 1). One division does both."""
    size, one, two = v.intrinsic("fabs", x), v.number(1.0), v.number(2.0)
    is_near = v.compare("lt", size, v.number(0.625))
    z = v.mul(x, x)
    double = v.add(size, size)
    bound = v.select(v.compare("gt", double, v.number(50.0)), v.number(50.0), double)
    grown = v.add(moderate_exp(v, bound), one)
    above = v.select(is_near, v.mul(z, v.horner(z, TANH_P)), two)
    ratio = v.div(above, v.select(is_near, v.horner(z, TANH_Q), grown))
    return v.signed(v.select(is_near, v.fma(ratio, x, x), v.sub(one, ratio)), x)


def cosh(v: Lanes, x: str) -> str:
    """Give the hyperbolic cosine."""
    half = exp(v, v.intrinsic("fabs", x), power=-1)
    return v.add(half, v.div(v.number(0.25), half))
