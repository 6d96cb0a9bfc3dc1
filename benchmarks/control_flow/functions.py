"""Ordinary control flow, as it is given to `compile`."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import tinygrad_nn
from tinygrad_nn import erf, exp, log, sin, sqrt, where

Number: TypeAlias = Any  # a float, a Value, or a symbol

SCALE = 1.0 / math.sqrt(2.0 * math.pi)
TURNS, CLOSE = 20, 1e-8
PIECES = 8
COEFFICIENTS = [[math.sin(i + j) for j in range(4)] for i in range(PIECES)]


def share_below(x: Number) -> Number:
    return 0.5 * (1.0 + erf(x / math.sqrt(2.0)))


def implied_volatility(price: Number, S: Number, K: Number, T: Number, r: Number) -> Number:
    """Newton's method, until the price is met."""
    v: Number = 0.3
    for _ in range(TURNS):
        d1 = (log(S / K) + (r + 0.5 * v * v) * T) / (v * sqrt(T))
        d2 = d1 - v * sqrt(T)
        error = S * share_below(d1) - K * exp(-r * T) * share_below(d2) - price
        if abs(error) < CLOSE:
            return v
        v = v - error / (S * SCALE * exp(-0.5 * d1 * d1) * sqrt(T))
    return v


def cubic(i: int, x: Number) -> Number:
    d = x - i / PIECES
    a, b, c, e = COEFFICIENTS[i]
    return a + d * (b + d * (c + d * e))


def pieces(x: Number) -> Number:
    """One of eight cubics, found by its place."""
    return cubic(int(PIECES * x), x)


def pieces_by_where(x: Number) -> Number:
    """All eight of them, and a choice."""
    found = cubic(0, x)
    for i in range(1, PIECES):
        found = where(x >= i / PIECES, cubic(i, x), found)
    return found


def american_put(S: Number, K: Number, T: Number, r: Number, v: Number, steps: int = 50) -> Number:
    """The price of a put that may be exercised at any step of a binomial tree."""
    dt = T / steps
    up = exp(v * sqrt(dt))
    p = (exp(r * dt) - 1.0 / up) / (up - 1.0 / up)
    share = exp(-r * dt)
    values = [tinygrad_nn.max(K - S * up ** (2 * i - steps), 0.0) for i in range(steps + 1)]
    for j in reversed(range(steps)):
        held = [share * (p * values[i + 1] + (1.0 - p) * values[i]) for i in range(j + 1)]
        values = [tinygrad_nn.max(h, K - S * up ** (2 * i - j)) for i, h in enumerate(held)]
    return values[0]


def first(x: Number, y: Number) -> Number:
    return exp(-x) * y + x * y


def second(x: Number, y: Number) -> Number:
    return sin(x) * y - x * y * y


def either(x: Number, y: Number) -> Number:
    return first(x, y) if x > 0 else second(x, y)


def bisected(a: Number, turns: int = 16) -> Number:
    """A root by halving: each turn is a question, and each number has a path of its own."""
    low, high = 0.0 * a, 1.0 + a
    for _ in range(turns):
        middle = 0.5 * (low + high)
        if middle * middle > a:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)
