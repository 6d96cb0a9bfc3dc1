"""Numbers that are differentiated to one side, by rules of their own.

At a kink a function has a slope on each side; where it jumps, none on one of them. What a chain of
kinks does is known from how each number changes when one of the leaves moves a little to one side.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tinygrad_nn as tg

__all__ = ["NEAR", "STEPS", "Dual", "NotTriedError"]

NEAR = 1e-9  # numbers that are so close, but not equal, may be ties but for rounding


class NotTriedError(Exception):
    """The function is not defined at the point, or it is unclear on which side of a kink it is."""


@dataclass(frozen=True)
class Dual:
    """A number and how fast it changes in one direction, to one side; NaN where it jumps."""

    x: float
    t: float

    def map(self, value: float, slope: float) -> Dual:
        return Dual(value, slope * self.t if self.t else 0.0)


def _plus(*terms: float) -> float:
    return sum(term for term in terms if term)


def _sign(x: float, scale: float = 1.0) -> int:
    if x and abs(x) < NEAR * max(1.0, scale):
        raise NotTriedError
    return (x > 0) - (x < 0)


def _of(part: float, other: Dual) -> float:
    """A partial derivative times a change; 0 for what does not change, even at a jump."""
    return part * other.t if part and other.t else 0.0


def _product(a: Dual, b: Dual) -> Dual:
    return Dual(a.x * b.x, _plus(_of(b.x, a), _of(a.x, b)))


def _quotient(a: Dual, b: Dual) -> Dual:
    if abs(b.x) < 0.1:
        raise NotTriedError
    return Dual(a.x / b.x, _plus(_of(1 / b.x, a), _of(-a.x / b.x**2, b)))


def _greatest(a: Dual, b: Dual) -> Dual:
    side = _sign(a.x - b.x, abs(a.x))
    return a if side > 0 else b if side < 0 else Dual(a.x, max(a.t, b.t))


def _length(a: Dual, b: Dual) -> Dual:
    _sign(a.x), _sign(b.x)
    z = math.hypot(a.x, b.x)
    if z == 0.0:
        return Dual(0.0, math.hypot(a.t, b.t))
    return Dual(z, _plus(_of(a.x / z, a), _of(b.x / z, b)))


def _angle(a: Dual, b: Dual) -> Dual:
    square = a.x**2 + b.x**2
    if square < 0.1 or (abs(a.x) < NEAR and b.x < 0):
        raise NotTriedError
    return Dual(math.atan2(a.x, b.x), _plus(_of(b.x / square, a), _of(-a.x / square, b)))


def _power(a: Dual, n: float) -> Dual:
    if n < 0 and abs(a.x) < 0.1:
        raise NotTriedError
    return a.map(a.x**n, n * a.x ** (n - 1) if n else 0.0)


def _above(a: Dual, b: Dual, x: Dual, y: Dual) -> Dual:
    side = _sign(a.x - b.x, abs(a.x))
    if side:
        return x if side > 0 else y
    if math.isnan(a.t) or math.isnan(b.t):
        return Dual(y.x, math.nan)
    if a.t > b.t:
        return Dual(y.x, x.t if x.x == y.x else math.nan)
    return y


def _rounded_down(a: Dual) -> Dual:
    whole = math.floor(a.x)
    if whole != a.x:
        _sign(a.x - round(a.x), abs(a.x))
        return Dual(float(whole), 0.0)
    return Dual(float(whole), 0.0 if a.t >= 0 else math.nan)


def _signed(a: Dual) -> Dual:
    side = _sign(a.x)
    return Dual(float(side), math.nan if not side and a.t else 0.0)


def _absolute(a: Dual) -> Dual:
    side = _sign(a.x)
    return a.map(abs(a.x), side) if side else Dual(0.0, abs(a.t))


def _negative(a: Dual) -> Dual:
    return Dual(-a.x, -a.t)


def _positive(a: Dual) -> Dual:
    if a.x < 0.05:
        raise NotTriedError
    return a


def _bounded(a: Dual) -> Dual:
    if abs(a.x) > 6:
        raise NotTriedError
    return a


# name: (how many operands, by the package, by duals)
STEPS: dict[str, tuple[int, Callable[..., Any], Callable[..., Dual]]] = {
    "add": (2, lambda a, b: a + b, lambda a, b: Dual(a.x + b.x, a.t + b.t)),
    "sub": (2, lambda a, b: a - b, lambda a, b: Dual(a.x - b.x, a.t - b.t)),
    "mul": (2, lambda a, b: a * b, _product),
    "div": (2, lambda a, b: a / b, _quotient),
    "square": (1, lambda a: a**2, lambda a: _power(a, 2)),
    "cube": (1, lambda a: a**3, lambda a: _power(a, 3)),
    "one": (1, lambda a: a**0, lambda a: _power(a, 0)),
    "inverse": (1, lambda a: a**-1, lambda a: _power(a, -1)),
    "none of": (1, lambda a: 0.0 / a, lambda a: _quotient(Dual(0.0, 0.0), a)),
    "sin": (1, tg.sin, lambda a: a.map(math.sin(a.x), math.cos(a.x))),
    "cos": (1, tg.cos, lambda a: a.map(math.cos(a.x), -math.sin(a.x))),
    "tanh": (1, tg.tanh, lambda a: a.map(math.tanh(a.x), 1 / math.cosh(_bounded(a).x) ** 2)),
    "exp": (1, tg.exp, lambda a: a.map(math.exp(_bounded(a).x), math.exp(a.x))),
    "log": (1, tg.log, lambda a: a.map(math.log(_positive(a).x), 1 / a.x)),
    "sqrt": (1, tg.sqrt, lambda a: a.map(math.sqrt(_positive(a).x), 0.5 / math.sqrt(a.x))),
    "hypot": (2, tg.hypot, _length),
    "atan2": (2, tg.atan2, _angle),
    "length": (1, lambda a: tg.hypot(a, 0.0), lambda a: _length(a, Dual(0.0, 0.0))),
    "angle": (1, lambda a: tg.atan2(0.0, a), lambda a: _angle(Dual(0.0, 0.0), a)),
    "abs": (1, abs, _absolute),
    "relu": (1, tg.relu, lambda a: _greatest(Dual(0.0, 0.0), a)),
    "max": (2, tg.max, _greatest),
    "min": (2, tg.min, lambda a, b: _negative(_greatest(_negative(a), _negative(b)))),
    "where": (
        3,
        lambda a, x, y: tg.where(tg.gt(a, 0.0), x, y),
        lambda a, x, y: _above(a, Dual(0.0, 0.0), x, y),
    ),
    "bend": (
        2,
        lambda a, b: tg.where(tg.gt(a, b), a, b),
        lambda a, b: _above(a, b, a, b),
    ),
    "if": (1, lambda a: a if a > 0 else 0.5 * a, lambda a: a if _sign(a.x) > 0 else _half(a)),
    "floor": (1, tg.floor, _rounded_down),
    "sign": (1, tg.sign, _signed),
}


def _half(a: Dual) -> Dual:
    """The branch below 0, and at 0 where it bends."""
    return Dual(0.5 * a.x, 0.5 * a.t if a.x < 0 or a.t < 0 else a.t)
