"""The table: every primitive operation, defined once, one row each.

A row gives the function on floats, one partial derivative per argument, how it
is drawn and written, where it is defined and where tests must look. The reverse
pass at every order, forward mode, gradient checks, random expressions, edge
labels and the page of operations follow from it. **To add an operation, write
its row.**

A partial is a function of the arguments and the result ``z``. It is written so
that nothing cancels, in it and in its own derivatives: ``sech(x)**2`` and not
``1 - z * z``, which is wrong in every digit at x = 20, nor ``4 * sigmoid(2 * x) *
sigmoid(-2 * x)``, whose slope is a difference of two numbers that are equal near 0.
Where arithmetic cannot do it, the partial is a row too. ``None`` is a derivative
that is zero everywhere, and `flat` one that is zero wherever there is a number. Formulas are those of the NIST Digital Library of Mathematical
Functions (https://dlmf.nist.gov), chapters 4 and 7.
"""

from __future__ import annotations

import math
import operator
import sys
from typing import Any, Final

from .arities import Binary, Opposite, Unary
from .choice import Choice
from .methods import add_methods
from .operation import INF, TABLE, UNLISTED, Interval, Op, flat

__all__ = ["TABLE", "Op"]

LN2 = math.log(2.0)
LN10 = math.log(10.0)
TWO_OVER_ROOT_PI = 2.0 / math.sqrt(math.pi)
POSITIVE: Interval = (0.0, INF)
UNIT: Interval = (-1.0, 1.0)
MOST = sys.float_info.max
POLE = "the divisor must not be 0; add a small number to it, or choose with where(y != 0, ...)"
LOGARITHM = (
    "a logarithm needs a positive argument; use log_sigmoid or logsumexp for the logarithm of a "
    "probability, binary_cross_entropy_with_logits for a loss, or where(x > 0, lambda: ..., 0.0)"
)
TOO_LARGE = (
    "its result exceeds 1.8e308; work with logarithms (logsumexp, log_softmax, softplus, "
    "binary_cross_entropy_with_logits), or clip the argument"
)


# What math does not have, in forms that neither overflow nor cancel.


def _power_beyond(x: float, y: float) -> float:
    if x < 0.0 and y != math.floor(y):
        return math.nan
    negative = math.copysign(1.0, x) < 0.0 and abs(math.fmod(y, 2.0)) == 1.0
    return -INF if negative else INF


def _divide_beyond(x: float, y: float) -> float:
    return math.nan if x == 0.0 or x != x else math.copysign(INF, x) * math.copysign(1.0, y)


def _log_beyond(x: float) -> float:
    return -INF if x == 0.0 else math.nan


def _whole(x: float) -> bool:
    """Tell whether a float has no digits behind the point left, or is not finite."""
    return not abs(x) < 4503599627370496.0


def _floor(x: float) -> float:
    return x if _whole(x) else math.copysign(float(math.floor(x)), x)


def _ceil(x: float) -> float:
    return x if _whole(x) else math.copysign(float(math.ceil(x)), x)


def _trunc(x: float) -> float:
    return x if _whole(x) else math.copysign(float(math.trunc(x)), x)


def _rint(x: float) -> float:
    return x if _whole(x) else math.copysign(float(round(x)), x)


def _sign(x: float) -> float:
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x + 0.0  # of -0.0 it is 0.0


def _step(x: float) -> float:
    return 1.0 if x > 0.0 else 0.0 if x <= 0.0 else x


def _maximum(x: float, y: float) -> float:
    return x if x >= y or x != x else y


def _minimum(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def _above(x: float, y: float) -> float:
    return 1.0 if x > y else 0.0 if x <= y else math.nan


def _above_arrays(np: Any, x: Any, y: Any, out: Any) -> None:
    np.greater(x, y, out=out)
    least = np.minimum(x, y)
    np.copyto(out, np.nan, where=least != least)


def _sech(x: float) -> float:
    e = math.exp(-abs(x))
    return 2.0 * e / (1.0 + e * e)


def _sigmoid(x: float) -> float:
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _sigmoid_slope(x: float) -> float:
    e = math.exp(-abs(x))
    return e / ((1.0 + e) * (1.0 + e))


def _sigmoid_slope_arrays(np: Any, x: Any, out: Any) -> None:
    np.multiply(x, 0.5, out=out)
    np.cosh(out, out=out)
    np.multiply(out, out, out=out)
    np.divide(0.25, out, out=out)


def _softplus(x: float) -> float:
    return _maximum(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _log_sigmoid(x: float) -> float:
    return -(math.log1p(math.exp(-abs(x))) - _minimum(x, 0.0))


def _logaddexp(x: float, y: float) -> float:
    if x == y:  # infinities of one sign would give inf - inf below
        return x + LN2
    return _maximum(x, y) + math.log1p(math.exp(-abs(x - y)))


# Rows that rules above their own line speak of.
above: Binary
direction: Binary
gt: Binary
eq: Binary
floordiv: Binary
hypot: Binary
cos: Unary
cosh: Unary
lorentzian: Unary
one_minus_square: Unary
sech: Unary
sigmoid: Unary
sigmoid_slope: Unary
sign: Unary
tanh: Unary
where: Choice

# fmt: off
# ---- the note's own five -------------------------------------------------------------------

add: Final = Binary("add", operator.add, (lambda x, y, z: 1.0, lambda x, y, z: 1.0), "The sum x + y.",
                    label="+", latex="<x> + <y>", binds=1, special=((0.0, 0.0),),
                    array="add", associative=True)
mul: Final = Binary("mul", operator.mul, (lambda x, y, z: y, lambda x, y, z: x), "The product x y.",
                    label="*", latex=r"<x> \, <y>", binds=2, special=((0.0, 0.0), (0.0, 1.0)),
                    array="multiply", associative=True)
exp = Unary("exp", math.exp, lambda x, z: z, "The exponential function.",
            latex="e^{<x>}", binds=3, special=(0.0, -745.0), remedy=TOO_LARGE,
            beyond=lambda x: INF, array="exp")
log = Unary("log", math.log, lambda x, z: 1.0 / x, "The natural logarithm.",
            latex=r"\ln\left(<x>\right)", domain=POSITIVE, sample=(0.2, 5.0), special=(1.0,),
            remedy=LOGARITHM, beyond=_log_beyond, array="log")
# Of 0.0 and -0.0 Python gives the first, and an array either, as the processor likes it: the
# sign of the zero is left open. (To settle it by np.where takes ten times as long.)
maximum: Final = Binary("max", _maximum, (lambda x, y, z: 1.0 - above(y, x), lambda x, y, z: above(y, x)),
                        "The greater of two numbers; a tie goes to the first.",
                        latex=r"\max\left(<x>, <y>\right)",
                        special=((0.0, 0.0), (0.0, -1.0), (2.0, 2.0)),
                        array="maximum", associative=True)

# ---- arithmetic ----------------------------------------------------------------------------

neg: Final = Unary("neg", operator.neg, lambda x, z: -1.0, "The negative, -x.",
                   label="-", latex="-<x>", binds=2, special=(0.0,), array="negative")
sub: Final = Binary("sub", operator.sub, (lambda x, y, z: 1.0, lambda x, y, z: -1.0),
                    "The difference x - y.", label="-", latex="<x> - <y>", binds=1,
                    special=((1.0, 1.0),),
                    array="subtract")
div: Final = Binary("div", operator.truediv, (lambda x, y, z: 1.0 / y, lambda x, y, z: -z / y),
                    "The quotient x / y.", label="/", latex=r"\frac{<x>}{<y>}", binds=3,
                    sample=((-3.0, 3.0), (0.5, 3.0)),
                    special=((0.0, 1.0), (1.0, -2.0)), remedy=POLE,
                    array="divide", beyond=_divide_beyond)
# The slope in x at x = y = 0 is 0, and so is the slope in y at x = 0 < y: the comparisons keep
# 0 * 0**-1 and 0 * log(0) from being evaluated there, and change nothing elsewhere. (Of the second
# derivatives at x = 0, y = 1, which are infinite, the guard makes one 0.)
power: Final = Binary("pow", math.pow, (lambda x, y, z: y * x ** (y - 1.0 + eq(y, 0.0) * eq(x, 0.0)),
                                        lambda x, y, z: z * log(x + eq(x, 0.0) * gt(y, 0.0))),
                      "The power x ** y.", label="**", latex="<x>^{<y>}", binds=3,
                      domain=(POSITIVE, (-INF, INF)), sample=((0.3, 2.5), (-2.0, 2.0)),
                      special=((-3.0, 2.0), (2.0, 0.0), (0.0, 0.0), (0.0, 2.0), (0.0, 1.0), (-2.0, -3.0)),
                      remedy="a negative base needs a whole exponent, a base of 0 one that is not "
                             "negative, and the result must be below 1.8e308",
                      array="power", beyond=_power_beyond)
mod = Binary("mod", operator.mod, (lambda x, y, z: 1.0, lambda x, y, z: -floordiv(x, y)),
             "The remainder x - y floor(x / y), with the sign of y.", label="%",
             latex=r"<x> \; \mathrm{mod} \; <y>", binds=0, sample=((0.1, 0.9), (1.0, 3.0)),
             special=((-7.5, 2.0), (7.5, -2.0)), remedy=POLE, array="mod")
floordiv = Binary("floordiv", operator.floordiv, (flat, flat), "The quotient, rounded down.",
                  label="//", latex=r"\left\lfloor \frac{<x>}{<y>} \right\rfloor",
                  sample=((0.1, 0.9), (1.0, 3.0)), special=((-7.5, 2.0),), remedy=POLE,
                  array="floor_divide", beyond=_divide_beyond)

# ---- exponentials, logarithms, roots -------------------------------------------------------

exp2 = Unary("exp2", math.exp2, lambda x, z: LN2 * z, "Two to the power x.",
             latex="2^{<x>}", binds=3, special=(0.0,), remedy=TOO_LARGE, beyond=lambda x: INF,
             array="exp2")
expm1 = Unary("expm1", math.expm1, lambda x, z: exp(x), "exp(x) - 1, exact for small x.",
              latex="e^{<x>} - 1", binds=1, special=(0.0, 1e-18, -40.0), remedy=TOO_LARGE,
              beyond=lambda x: INF, array="expm1")
log2 = Unary("log2", math.log2, lambda x, z: 1.0 / (LN2 * x), "The logarithm to base 2.",
             latex=r"\log_2\left(<x>\right)", domain=POSITIVE, sample=(0.2, 5.0), special=(1.0,),
             remedy=LOGARITHM, beyond=_log_beyond, array="log2")
log10 = Unary("log10", math.log10, lambda x, z: 1.0 / (LN10 * x), "The logarithm to base 10.",
              latex=r"\log_{10}\left(<x>\right)", domain=POSITIVE, sample=(0.2, 5.0),
              special=(1.0,), remedy=LOGARITHM, beyond=_log_beyond, array="log10")
log1p = Unary("log1p", math.log1p, lambda x, z: 1.0 / (1.0 + x), "log(1 + x), exact for small x.",
              latex=r"\ln\left(1 + <x>\right)", domain=(-1.0, INF), sample=(-0.7, 3.0),
              special=(0.0, 1e-18), remedy="log1p needs x > -1; use where(x > -1, lambda: ..., 0.0)",
              beyond=lambda x: -INF if x == -1.0 else math.nan, array="log1p")
sqrt = Unary("sqrt", math.sqrt, lambda x, z: 0.5 / z, "The square root.",
             latex=r"\sqrt{<x>}", domain=POSITIVE, sample=(0.2, 5.0), special=(1.0,),
             remedy="a square root needs x >= 0; use sqrt(abs(x)), or where(x > 0, lambda: ..., 0.0)",
             array="sqrt")
cbrt = Unary("cbrt", math.cbrt, lambda x, z: 1.0 / (3.0 * z * z), "The cube root.",
             latex=r"\sqrt[3]{<x>}", sample=(0.2, 5.0), special=(-8.0,), array="cbrt")

# ---- circular functions --------------------------------------------------------------------

TRIG = "the argument must be finite; look for the operation that made it infinite"
sin = Unary("sin", math.sin, lambda x, z: cos(x), "The sine of x in radians.",
            latex=r"\sin\left(<x>\right)", special=(0.0,), remedy=TRIG, array="sin")
cos = Unary("cos", math.cos, lambda x, z: -sin(x), "The cosine of x in radians.",
            latex=r"\cos\left(<x>\right)", special=(0.0,), remedy=TRIG, array="cos")
tan = Unary("tan", math.tan, lambda x, z: 1.0 + z * z, "The tangent of x in radians.",
            latex=r"\tan\left(<x>\right)", sample=(-1.0, 1.0), special=(0.0,), remedy=TRIG,
            array="tan")
asin = Unary("asin", math.asin, lambda x, z: 1.0 / sqrt(one_minus_square(x)),
             "The arc sine, in radians.", latex=r"\arcsin\left(<x>\right)", domain=UNIT,
             sample=(-0.8, 0.8), special=(0.0,), array="arcsin",
             remedy="asin needs -1 <= x <= 1; clip(x, -1, 1) keeps it there")
acos = Unary("acos", math.acos, lambda x, z: -1.0 / sqrt(one_minus_square(x)),
             "The arc cosine, in radians.", latex=r"\arccos\left(<x>\right)", domain=UNIT,
             sample=(-0.8, 0.8), special=(0.0,), array="arccos",
             remedy="acos needs -1 <= x <= 1; clip(x, -1, 1) keeps it there")
atan = Unary("atan", math.atan, lambda x, z: lorentzian(x), "The arc tangent, in radians.",
             latex=r"\arctan\left(<x>\right)", special=(0.0,), array="arctan")
atan2 = Binary("atan2", math.atan2, (lambda x, y, z: y / hypot(x, y) / hypot(x, y),
                                     lambda x, y, z: -x / hypot(x, y) / hypot(x, y)),
               "The angle of the point (y, x): atan2(ordinate, abscissa), in radians.",
               latex=r"\operatorname{atan2}\left(<x>, <y>\right)",
               sample=((-3.0, 3.0), (0.5, 3.0)), special=((1.0, 0.0), (1.0, -1.0)),
               array="arctan2")

# ---- hyperbolic functions ------------------------------------------------------------------

sinh = Unary("sinh", math.sinh, lambda x, z: cosh(x), "The hyperbolic sine.",
             latex=r"\sinh\left(<x>\right)", special=(0.0,), remedy=TOO_LARGE,
             beyond=lambda x: math.copysign(INF, x), array="sinh")
cosh = Unary("cosh", math.cosh, lambda x, z: sinh(x), "The hyperbolic cosine.",
             latex=r"\cosh\left(<x>\right)", special=(0.0,), remedy=TOO_LARGE,
             beyond=lambda x: INF, array="cosh")
tanh = Unary("tanh", math.tanh, lambda x, z: sech(x) ** 2,
             "The hyperbolic tangent.", latex=r"\tanh\left(<x>\right)",
             special=(0.0, 1e-9, 20.0, 300.0), array="tanh")
sech = Unary("sech", _sech, lambda x, z: -z * tanh(x), "The hyperbolic secant, 1 / cosh(x).",
             latex=r"\operatorname{sech}\left(<x>\right)", special=(0.0, 1e-9, 20.0, 300.0),
             array=("cosh", "reciprocal"))
asinh = Unary("asinh", math.asinh, lambda x, z: 1.0 / hypot(1.0, x),
              "The inverse hyperbolic sine.", latex=r"\operatorname{arsinh}\left(<x>\right)",
              special=(0.0,), array="arcsinh")
acosh = Unary("acosh", math.acosh, lambda x, z: 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0)),
              "The inverse hyperbolic cosine.", latex=r"\operatorname{arcosh}\left(<x>\right)",
              domain=(1.0, INF), sample=(1.2, 5.0), special=(2.0,), array="arccosh",
              remedy="acosh needs x >= 1; use where(x > 1, lambda: ..., 0.0)")
atanh = Unary("atanh", math.atanh, lambda x, z: 1.0 / one_minus_square(x),
              "The inverse hyperbolic tangent.", latex=r"\operatorname{artanh}\left(<x>\right)",
              domain=UNIT, sample=(-0.8, 0.8), special=(0.0,), array="arctanh",
              remedy="atanh needs -1 < x < 1; clip x to just inside",
              beyond=lambda x: math.copysign(INF, x) if abs(x) == 1.0 else math.nan)

# ---- what slopes are made of, so that nothing cancels in theirs --------------------------------

one_minus_square = Unary("one_minus_square", lambda x: (1.0 - x) * (1.0 + x), lambda x, z: -2.0 * x,
                         "1 - x ** 2, exact near 1 and -1.", latex="1 - <x>^{2}", binds=1,
                         special=(0.0, 1.0, -1.0), array=lambda np, x: (1.0 - x) * (1.0 + x))
lorentzian = Unary("lorentzian", lambda x: 1.0 / (1.0 + x * x), lambda x, z: -2.0 * (x * z) * z,
                   "1 / (1 + x ** 2), the slope of atan.", latex=r"\frac{1}{1 + <x>^{2}}", binds=3,
                   special=(0.0,), array=lambda np, x: 1.0 / (1.0 + x * x))
direction = Binary("direction", lambda x, y: x / math.hypot(x, y),
                   (lambda x, y, z: direction(y, x) * (direction(y, x) / hypot(x, y)),
                    lambda x, y, z: -z * direction(y, x) / hypot(x, y)),
                   "x / hypot(x, y): the cosine of the angle between (x, y) and the first axis.",
                   latex=r"\frac{<x>}{\sqrt{<x>^2 + <y>^2}}", binds=3,
                   sample=((-3.0, 3.0), (0.5, 3.0)), special=((3.0, 4.0), (0.0, 1.0)),
                   remedy="the vector (0, 0) has no direction; choose with where(...)",
                   array=lambda np, x, y: x / np.hypot(x, y))

# ---- error functions -----------------------------------------------------------------------

erf = Unary("erf", math.erf, lambda x, z: TWO_OVER_ROOT_PI * exp(-x * x), "The error function.",
            latex=r"\operatorname{erf}\left(<x>\right)", special=(0.0,), array="special.erf")
erfc = Unary("erfc", math.erfc, lambda x, z: -TWO_OVER_ROOT_PI * exp(-x * x),
             "1 - erf(x), exact for large x.", latex=r"\operatorname{erfc}\left(<x>\right)",
             special=(0.0,), array="special.erfc")

# ---- pieces: kinks, steps, comparisons -----------------------------------------------------

absolute = Unary("abs", operator.abs, lambda x, z: sign(x), "The absolute value; slope 0 at 0.",
                 latex=r"\left|<x>\right|", special=(0.0,), array="absolute")
sign = Unary("sign", _sign, flat, "1, 0 or -1, as x is positive, 0 or negative.", special=(0.0,),
             array="sign")
floor = Unary("floor", _floor, flat, "The greatest whole number not above x.",
              latex=r"\left\lfloor <x> \right\rfloor", sample=(0.1, 0.9), special=(-0.5, 2.0),
              array="floor")
ceil = Unary("ceil", _ceil, flat, "The least whole number not below x.",
             latex=r"\left\lceil <x> \right\rceil", sample=(0.1, 0.9), special=(-0.5, 2.0),
             array="ceil")
trunc: Final = Unary("trunc", _trunc, flat, "x without its fraction.", sample=(0.1, 0.9),
                     special=(-0.5, 2.0), array="trunc")
rint: Final = Unary("rint", _rint, flat, "The nearest whole number, of two the even one.",
                    sample=(0.1, 0.4), special=(-0.4, 2.5), array="rint")
minimum: Final = Binary("min", _minimum, (lambda x, y, z: 1.0 - above(x, y), lambda x, y, z: above(x, y)),
                        "The lesser of two numbers; a tie goes to the first.",
                        latex=r"\min\left(<x>, <y>\right)",
                        special=((0.0, 0.0), (0.0, 1.0), (2.0, 2.0)),
                        array="minimum", associative=True)
step = Unary("step", _step, flat, "1 where x > 0, else 0: the slope of relu.", special=(0.0,),
             array=lambda np, x: np.heaviside(x, 0.0))
ge = Binary("ge", lambda x, y: 1.0 if x >= y else 0.0, (None, None), "1 where x >= y, else 0.",
            latex=r"\left[<x> \geq <y>\right]", special=((1.0, 1.0),),
            array="greater_equal")
gt = Binary("gt", lambda x, y: 1.0 if x > y else 0.0, (None, None), "1 where x > y, else 0.",
            latex=r"\left[<x> > <y>\right]", special=((1.0, 1.0),),
            array="greater")
le = Binary("le", lambda x, y: 1.0 if x <= y else 0.0, (None, None), "1 where x <= y, else 0.",
            latex=r"\left[<x> \leq <y>\right]", special=((1.0, 1.0),),
            array="less_equal")
lt = Binary("lt", lambda x, y: 1.0 if x < y else 0.0, (None, None), "1 where x < y, else 0.",
            latex=r"\left[<x> < <y>\right]", special=((1.0, 1.0),),
            array="less")
eq = Binary("eq", lambda x, y: 1.0 if x == y else 0.0, (None, None), "1 where x == y, else 0.",
            latex=r"\left[<x> = <y>\right]", special=((1.0, 1.0),),
            array="equal")
logical_not = Opposite("logical_not", lambda x: 1.0 if x == 0.0 else 0.0, None,
                       "1 where x is 0, else 0: the opposite of a condition.",
                       latex=r"\left[<x> = 0\right]", sample=(0.1, 0.9), special=(0.0, 1.0),
                       array=lambda np, x: np.equal(x, 0.0))
above = Binary("above", _above, (None, None),
               "1 where x > y, 0 where x <= y, NaN where one is none: the slopes of max and min.",
               latex=r"\left[<x> > <y>\right]", special=((1.0, 1.0), (0.0, -1.0)),
               array=_above_arrays)
isnan = Unary("isnan", lambda x: 1.0 if x != x else 0.0, None, "1 where x is not a number, else 0.",
              special=(0.0,), array="isnan")
isinf = Unary("isinf", lambda x: 1.0 if abs(x) == INF else 0.0, None,
              "1 where x is infinite, else 0.", special=(0.0,), array="isinf")
isfinite = Unary("isfinite", lambda x: 1.0 if math.isfinite(x) else 0.0, None,
                 "1 where x is neither infinite nor NaN, else 0.", special=(0.0,),
                 array="isfinite")
hypot = Binary("hypot", math.hypot, (lambda x, y, z: direction(x, y), lambda x, y, z: direction(y, x)),
               "The length of the vector (x, y).", latex=r"\sqrt{<x>^2 + <y>^2}",
               sample=((-3.0, 3.0), (0.5, 3.0)), special=((3.0, 4.0), (1e200, 1e200)),
               array="hypot")

# ---- the logistic family -------------------------------------------------------------------

sigmoid = Unary("sigmoid", _sigmoid, lambda x, z: sigmoid_slope(x),
                "The logistic function 1 / (1 + exp(-x)).", label="σ",
                latex=r"\sigma\left(<x>\right)", special=(0.0, -745.0, 40.0, 800.0),
                array="special.expit")
sigmoid_slope = Unary("sigmoid_slope", _sigmoid_slope, lambda x, z: -z * tanh(0.5 * x),
                      "The slope of the logistic function, sigmoid(x) * sigmoid(-x).", label="σ'",
                      latex=r"\frac{\operatorname{sech}\left(\frac{<x>}{2}\right)^{2}}{4}", binds=3,
                      special=(0.0, 1e-9, 40.0, -700.0), array=_sigmoid_slope_arrays)
softplus = Unary("softplus", _softplus, lambda x, z: sigmoid(x), "log(1 + exp(x)).",
                 special=(0.0, 800.0, -800.0), array=lambda np, x: np.logaddexp(0.0, x))
log_sigmoid = Unary("log_sigmoid", _log_sigmoid, lambda x, z: sigmoid(-x),
                    "The logarithm of the logistic function.", label="ln σ",
                    latex=r"\ln \sigma\left(<x>\right)", special=(0.0, 800.0, -800.0),
                    array="special.log_expit")
# The other operand is taken for a float at least: where both are -inf the slopes are 0.
logaddexp = Binary("logaddexp", _logaddexp,
                   (lambda x, y, z: sigmoid(x - maximum(y, -MOST)),
                    lambda x, y, z: sigmoid(y - maximum(x, -MOST))),
                   "log(exp(x) + exp(y)).", latex=r"\ln\left(e^{<x>} + e^{<y>}\right)",
                   special=((0.0, 0.0), (1e4, 1e4), (-1e4, 0.0)),
                   array="logaddexp", associative=True)

# ---- choice --------------------------------------------------------------------------------

CHOSEN = (None, lambda g, c, x, y: where(c, g, 0.0), lambda g, c, x, y: where(c, 0.0, g))
where = Choice("where", lambda c, x, y: x if c else y,
               (None, lambda c, x, y, z: where(c, 1.0, 0.0), lambda c, x, y, z: where(c, 0.0, 1.0)),
               "x where c is 1, y where it is 0; x and y may be functions, of which one is called.",
               latex=r"\begin{cases} <x> & <c> \\ <y> & \text{otherwise} \end{cases}", binds=3,
               sample=((1.0, 1.0), (-3.0, 3.0), (-3.0, 3.0)),
               special=((1.0, 2.0, 3.0), (0.0, 2.0, 3.0)), pull=CHOSEN, push=CHOSEN,
               array=lambda np, c, x, y: np.where(np.not_equal(c, 0.0), x, y))
stop_gradient: Final = Unary("stop_gradient", operator.pos, None, "x itself, with derivative 0.",
                             label="stop", latex=r"\operatorname{stop}\left(<x>\right)",
                             special=(1.0,),
                             array="positive")

# ---- answers to Python, as `round(x, 2)` ------------------------------------------------------

rounded: Final = Binary("round", lambda x, n: round(x, int(n)), (flat, None), "x to n decimals.",
                        listed=False)
UNLISTED.update(round=rounded)

# ---- what has a result for all numbers, infinite ones and NaN too -------------------------------

for _row in (
    neg, add, sub, mul, absolute, sign, floor, ceil, minimum, maximum, step, ge, gt, le, lt, eq,
    logical_not, above, isnan, isinf, isfinite, hypot, sigmoid, sigmoid_slope, softplus, log_sigmoid,
    tanh, sech, asinh, cbrt, atan, atan2, erf, erfc, one_minus_square, lorentzian, where,
    stop_gradient, trunc, rint, rounded,
):
    _row.is_total = True

# ---- NumPy's names, which it calls on the elements of object arrays ----------------------

add_methods(
    maximum=maximum, minimum=minimum, absolute=absolute, fabs=absolute, negative=neg,
    arcsin=asin, arccos=acos, arctan=atan, arctan2=atan2,
    arcsinh=asinh, arccosh=acosh, arctanh=atanh, conjugate=operator.pos,
)
# fmt: on
