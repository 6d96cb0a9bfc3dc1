"""Complex numbers as pairs of Values, with the names of Python's own module cmath.

Put ``from tinygrad_nn import cmath`` in place of ``import cmath``, and ``cmath.Complex(x, y)`` in place
of ``complex(x, y)``: what is computed has derivatives by both parts.

Examples
--------
>>> from tinygrad_nn import cmath, compile, grad
>>> def gain(resistance, frequency):
...     impedance = cmath.Complex(resistance, 2.0 * cmath.pi * frequency)
...     return abs(1.0 / impedance)
>>> round(grad(gain)(3.0, 0.5), 6), round(compile(grad(gain))(3.0, 0.5), 6)
(-0.0366, -0.0366)
"""

from __future__ import annotations

from cmath import e, inf, infj, nan, nanj, pi, tau

from .functions import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    conj,
    cos,
    cosh,
    exp,
    isclose,
    isfinite,
    isinf,
    isnan,
    log,
    log10,
    phase,
    polar,
    pow,
    rect,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)
from .number import Complex

__all__ = [
    "Complex",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "conj",
    "cos",
    "cosh",
    "e",
    "exp",
    "inf",
    "infj",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "log",
    "log10",
    "nan",
    "nanj",
    "phase",
    "pi",
    "polar",
    "pow",
    "rect",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "tau",
]
