"""Functions of complex numbers, of real ones: cmath's names, values and branch cuts.

A sign of a zero says on which side of a cut a number lies, and derivatives are those of this side.
Roots and inverse functions: W. Kahan, Branch Cuts for Complex Elementary Functions, in The State of
the Art in Numerical Analysis (1987), as in Python's own module.
"""

from __future__ import annotations

import math
from typing import Any

from ..scalar import ops
from ..scalar.ops import absolute, atan2, hypot, log1p, sech, where
from ..special.reals import copysign
from .number import Complex, as_complex

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "conj",
    "cos",
    "cosh",
    "exp",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "log",
    "log10",
    "phase",
    "polar",
    "pow",
    "rect",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
]

NEAR_ONE = (0.71, 1.73)  # absolute values whose logarithms would cancel


# ---- polar coordinates, powers, logarithms -----------------------------------------------------


def phase(z: Any) -> Any:
    """Give the angle of a number, from -pi to pi; the cut is along the negative real axis.

    Examples
    --------
    >>> phase(Complex(-1.0, 0.0)), phase(Complex(-1.0, -0.0))
    (3.141592653589793, -3.141592653589793)
    """
    z = as_complex(z)
    return atan2(z.imag, z.real)


def polar(z: Any) -> tuple[Any, Any]:
    """Give the absolute value of a number, and its angle.

    The absolute value has no derivative at 0: there it is NaN, and reported.

    Examples
    --------
    >>> polar(Complex(0.0, 2.0))
    (2.0, 1.5707963267948966)
    """
    return abs(as_complex(z)), phase(z)


def rect(r: Any, phi: Any) -> Complex:
    """Make a number of its absolute value and its angle.

    Examples
    --------
    >>> rect(2.0, 0.0)
    Complex(2.0, 0.0)
    """
    return Complex(r * ops.cos(phi), r * ops.sin(phi))


def conj(z: Any) -> Complex:
    """Give the number with the other sign of the imaginary part.

    Examples
    --------
    >>> conj(Complex(1.0, 2.0))
    Complex(1.0, -2.0)
    """
    return as_complex(z).conjugate()


def pow(z: Any, w: Any) -> Any:
    """Raise a number to a power: exp(w log z).

    Examples
    --------
    >>> pow(Complex(0.0, 1.0), 2)
    Complex(-1.0, 0.0)
    """
    return as_complex(z) ** w


def exp(z: Any) -> Complex:
    """Compute e to the power of a number.

    Examples
    --------
    >>> exp(Complex(0.0, 0.0))
    Complex(1.0, 0.0)
    """
    z = as_complex(z)
    scale = ops.exp(z.real)
    return Complex(scale * ops.cos(z.imag), scale * ops.sin(z.imag))


def log(z: Any, base: Any = None) -> Any:
    """Compute the logarithm, of a base if it is given; the cut is along the negative real axis.

    Examples
    --------
    >>> log(Complex(-1.0, -0.0))
    Complex(0.0, -3.141592653589793)
    """
    z = as_complex(z)
    found = Complex(_log_of_size(z.real, z.imag), phase(z))
    return found if base is None else found / log(base)


def log10(z: Any) -> Any:
    """Compute the logarithm of base 10.

    Examples
    --------
    >>> log10(100.0).real
    2.0
    """
    return log(z) / math.log(10.0)


def _log_of_size(x: Any, y: Any) -> Any:
    """Compute log |z|, near 1 by what |z| squared is more than 1."""
    size = hypot(x, y)
    wide = absolute(x) >= absolute(y)
    long, short = where(wide, x, y), where(wide, y, x)
    low, high = NEAR_ONE
    return where(
        (size >= low) & (size <= high),
        lambda: 0.5 * log1p((long - 1.0) * (long + 1.0) + short * short),
        lambda: ops.log(size),
    )


def sqrt(z: Any) -> Complex:
    """Compute the square root of positive real part; the cut is along the negative real axis.

    Examples
    --------
    >>> sqrt(Complex(-4.0, 0.0)), sqrt(Complex(-4.0, -0.0))
    (Complex(0.0, 2.0), Complex(0.0, -2.0))
    """
    z = as_complex(z)
    x, y = z.real, z.imag
    longer = ops.maximum(absolute(x), absolute(y))
    is_small, is_large = longer < 1e-290, longer > 1e300  # half of it is 0, or its length infinite
    scale = where(is_small, 2.0**300, where(is_large, 2.0**-8, 1.0))
    back = where(is_small, 2.0**-150, where(is_large, 2.0**4, 1.0))
    x, y = x * scale, y * scale
    right = x >= 0.0
    side = copysign(1.0, y)
    size = ops.sqrt(where(right, x, -x) * 0.5 + hypot(x, y) * 0.5)
    rest = where(size > 0.0, lambda: y * 0.5 / size, y)
    size, rest = size * back, rest * back
    return Complex(where(right, size, side * rest), where(right, rest, side * size))


# ---- hyperbolic and trigonometric functions ----------------------------------------------------


def sinh(z: Any) -> Complex:
    """Compute the hyperbolic sine.

    Examples
    --------
    >>> sinh(Complex(0.0, 0.0))
    Complex(0.0, 0.0)
    """
    z = as_complex(z)
    return Complex(
        ops.sinh(z.real) * ops.cos(z.imag),
        ops.cosh(z.real) * ops.sin(z.imag),
    )


def cosh(z: Any) -> Complex:
    """Compute the hyperbolic cosine.

    Examples
    --------
    >>> cosh(Complex(0.0, 0.0))
    Complex(1.0, 0.0)
    """
    z = as_complex(z)
    return Complex(
        ops.cosh(z.real) * ops.cos(z.imag),
        ops.sinh(z.real) * ops.sin(z.imag),
    )


def tanh(z: Any) -> Complex:
    """Compute the hyperbolic tangent.

    Examples
    --------
    >>> tanh(Complex(0.0, 0.0))
    Complex(0.0, 0.0)
    """
    z = as_complex(z)
    across, narrow = ops.tanh(z.real), sech(z.real)
    down = ops.cos(z.imag) * narrow
    size = across * across + down * down  # |cosh z|^2 / cosh^2 x, in which nothing cancels
    return Complex(across / size, ops.sin(z.imag) * narrow * down / size)


def sin(z: Any) -> Complex:
    """Compute the sine.

    Examples
    --------
    >>> sin(Complex(0.0, 1.0)).imag == math.sinh(1.0)
    True
    """
    return _turned_back(sinh(_turned(z)))


def cos(z: Any) -> Complex:
    """Compute the cosine.

    Examples
    --------
    >>> cos(Complex(0.0, 1.0)).real == math.cosh(1.0)
    True
    """
    return cosh(_turned(z))


def tan(z: Any) -> Complex:
    """Compute the tangent.

    Examples
    --------
    >>> round(tan(Complex(0.0, 1.0)).imag - math.tanh(1.0), 15)
    0.0
    """
    return _turned_back(tanh(_turned(z)))


def _turned(z: Any) -> Complex:
    """Multiply a number by i."""
    z = as_complex(z)
    return Complex(-z.imag, z.real)


def _turned_back(z: Complex) -> Complex:
    """Multiply a number by -i."""
    return Complex(z.imag, -z.real)


# ---- their inverses ----------------------------------------------------------------------------


def asinh(z: Any) -> Complex:
    """Compute the inverse of sinh; the cuts are along the imaginary axis, beyond i and -i.

    Examples
    --------
    >>> asinh(0.0)
    Complex(0.0, 0.0)
    """
    z = as_complex(z)
    a = sqrt(Complex(1.0 + z.imag, -z.real))
    b = sqrt(Complex(1.0 - z.imag, z.real))
    return Complex(
        ops.asinh(a.real * b.imag - b.real * a.imag),
        atan2(z.imag, a.real * b.real - a.imag * b.imag),
    )


def acosh(z: Any) -> Complex:
    """Compute the inverse of cosh; the cut is along the real axis, below 1.

    Examples
    --------
    >>> acosh(1.0)
    Complex(0.0, 0.0)
    """
    z = as_complex(z)
    a, b = sqrt(Complex(z.real - 1.0, z.imag)), sqrt(Complex(z.real + 1.0, z.imag))
    return Complex(ops.asinh(a.real * b.real + a.imag * b.imag), 2.0 * atan2(a.imag, b.real))


def atanh(z: Any) -> Complex:
    """Compute the inverse of tanh; the cuts are along the real axis, beyond 1 and -1.

    Examples
    --------
    >>> atanh(Complex(2.0, 0.0)).imag == math.pi / 2
    True
    """
    z = as_complex(z)
    side = copysign(1.0, z.real)
    x, y = side * z.real, side * z.imag
    size = hypot(1.0 - x, y)
    real = where(
        size < 0.5,
        lambda: 0.5 * (ops.log(hypot(1.0 + x, y)) - ops.log(size)),
        lambda: 0.25 * log1p(4.0 * (x / size / size)),
    )
    imag = 0.5 * (atan2(y, 1.0 + x) + atan2(y, 1.0 - x))
    return Complex(side * real, side * imag)


def asin(z: Any) -> Complex:
    """Compute the inverse of sin; the cuts are along the real axis, beyond 1 and -1.

    Examples
    --------
    >>> asin(0.0)
    Complex(0.0, 0.0)
    """
    return _turned_back(asinh(_turned(z)))


def acos(z: Any) -> Complex:
    """Compute the inverse of cos; the cuts are along the real axis, beyond 1 and -1.

    Examples
    --------
    >>> acos(Complex(1.0, 0.0))
    Complex(0.0, -0.0)
    """
    z = as_complex(z)
    a, b = sqrt(Complex(1.0 - z.real, -z.imag)), sqrt(Complex(1.0 + z.real, z.imag))
    return Complex(2.0 * atan2(a.real, b.real), ops.asinh(b.real * a.imag - b.imag * a.real))


def atan(z: Any) -> Complex:
    """Compute the inverse of tan; the cuts are along the imaginary axis, beyond i and -i.

    Examples
    --------
    >>> atan(0.0)
    Complex(0.0, 0.0)
    """
    return _turned_back(atanh(_turned(z)))


# ---- what numbers are --------------------------------------------------------------------------


def isfinite(z: Any) -> Any:
    """Tell whether both parts are finite.

    Examples
    --------
    >>> bool(isfinite(Complex(1.0, math.inf)))
    False
    """
    z = as_complex(z)
    return ops.isfinite(z.real) * ops.isfinite(z.imag)


def isinf(z: Any) -> Any:
    """Tell whether one part at least is infinite.

    Examples
    --------
    >>> bool(isinf(Complex(math.nan, math.inf)))
    True
    """
    z = as_complex(z)
    return ops.maximum(ops.isinf(z.real), ops.isinf(z.imag))


def isnan(z: Any) -> Any:
    """Tell whether one part at least is NaN.

    Examples
    --------
    >>> bool(isnan(Complex(math.nan, math.inf)))
    True
    """
    z = as_complex(z)
    return ops.maximum(ops.isnan(z.real), ops.isnan(z.imag))


def isclose(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> Any:
    """Tell whether two numbers are close to each other.

    Examples
    --------
    >>> isclose(Complex(1.0, 1.0), 1 + 1.0000000001j)
    True
    """
    one, other = as_complex(a), as_complex(b)
    greater = ops.maximum(abs(one), abs(other))
    return abs(one - other) <= ops.maximum(rel_tol * greater, abs_tol)
