"""What `math` has for real numbers beside the table: remainders and signs."""

from __future__ import annotations

import math

from ..scalar.operation import flat
from ..scalar.ops import POLE, rint, trunc
from .rows import special2

__all__ = ["copysign", "fmod", "remainder"]


def _copied(x: float, y: float) -> float:
    """Give the slope of copysign: 1 where the signs are the same, else -1."""
    if x != x or y != y:
        return math.nan
    return math.copysign(1.0, x) * math.copysign(1.0, y)


fmod = special2(
    "fmod",
    math.fmod,
    (lambda x, y, z: 1.0, lambda x, y, z: -trunc(x / y)),
    "The remainder x - y trunc(x / y), with the sign of x.",
    latex=r"\operatorname{fmod}\left(<x>, <y>\right)",
    sample=((0.1, 0.9), (1.0, 3.0)),
    special=((-7.5, 2.0), (7.5, -2.0)),
    remedy=POLE,
    array="fmod",
)
remainder = special2(
    "remainder",
    math.remainder,
    (lambda x, y, z: 1.0, lambda x, y, z: -rint(x / y)),
    "The remainder x - y rint(x / y), from the nearest multiple of y.",
    latex=r"\operatorname{remainder}\left(<x>, <y>\right)",
    sample=((0.1, 0.4), (1.0, 3.0)),
    special=((-7.4, 2.0), (7.4, -2.0)),
    remedy=POLE,
)
same_sign = special2(
    "same_sign",
    _copied,
    (flat, flat),
    "1 where x and y have the same sign, else -1: the slope of copysign.",
    latex=r"\operatorname{sgn}\left(<x>\right) \operatorname{sgn}\left(<y>\right)",
    binds=2,
    special=((1.0, -2.0), (-0.0, 3.0)),
)
copysign = special2(
    "copysign",
    math.copysign,
    (lambda x, y, z: same_sign(x, y), flat),
    "x with the sign of y.",
    latex=r"\left|<x>\right| \operatorname{sgn}\left(<y>\right)",
    binds=2,
    special=((1.0, -2.0), (-3.0, 0.0), (2.0, -0.0)),
    array="copysign",
)
