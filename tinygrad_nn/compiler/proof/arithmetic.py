"""Arithmetic in the fields, of numbers that have a slope: what is known of the operands of one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...scalar.graph import LEAF, NEVER, NOTHING, place
from ...scalar.operation import Op
from ..trace.symbol import Symbol
from .field import MIX, MIX_MORE, POWER, ROOTS, SPREAD, WORD, P, Q, keys_of, unions

if TYPE_CHECKING:
    from mypy_extensions import i64  # a number of the processor, where this is compiled

__all__ = [
    "Residues",
    "add",
    "choose",
    "divide",
    "drawn_number",
    "extreme",
    "mix",
    "multiply",
    "power",
    "subtract",
]


class Residues(Symbol):
    """A number of the two fields, and its slope along a direction."""

    __slots__ = ("dv", "dw", "v", "w")

    v: i64
    w: i64
    dv: i64
    dw: i64

    def __init__(self, v: i64, w: i64, dv: i64, dw: i64) -> None:
        self.data = math.nan  # were it left out, every node of every graph would note if it has one
        self.grad = 0.0
        self.v = v
        self.w = w
        self.dv = dv
        self.dw = dw
        place(self, LEAF, NOTHING, NOTHING, NEVER)


def add(z: Residues, x: Residues, y: Residues) -> None:
    """Add."""
    v: i64 = x.v + y.v
    w: i64 = x.w + y.w
    dv: i64 = x.dv + y.dv
    dw: i64 = x.dw + y.dw
    z.v = v if v < P else v - P  # half the time of a remainder
    z.w = w if w < Q else w - Q
    z.dv = dv if dv < P else dv - P
    z.dw = dw if dw < Q else dw - Q


def subtract(z: Residues, x: Residues, y: Residues) -> None:
    """Subtract."""
    v: i64 = x.v - y.v
    w: i64 = x.w - y.w
    dv: i64 = x.dv - y.dv
    dw: i64 = x.dw - y.dw
    z.v = v if v >= 0 else v + P
    z.w = w if w >= 0 else w + Q
    z.dv = dv if dv >= 0 else dv + P
    z.dw = dw if dw >= 0 else dw + Q


def multiply(z: Residues, x: Residues, y: Residues) -> None:
    """Multiply: two products of residues are still a number of the processor."""
    z.v = x.v * y.v % P
    z.w = x.w * y.w % Q
    z.dv = (x.dv * y.v + x.v * y.dv) % P
    z.dw = (x.dw * y.w + x.w * y.dw) % Q


def divide(z: Residues, x: Residues, y: Residues) -> None:
    """Divide: the slope of z = x / y is (dx - z dy) / y."""
    v = _inverse(y.v, P)
    w = _inverse(y.w, Q)
    z.v = x.v * v % P
    z.w = x.w * w % Q
    z.dv = (x.dv - z.v * y.dv % P) % P * v % P
    z.dw = (x.dw - z.w * y.dw % Q) % Q * w % Q


def choose(z: Residues, c: Residues, x: Residues, y: Residues) -> None:
    """Give y + c (x - y): with c an unknown, it is as true as with 1 and 0."""
    z.v = (y.v + (x.v - y.v) % P * c.v) % P
    z.w = (y.w + (x.w - y.w) % Q * c.w) % Q
    z.dv = (y.dv + (x.dv - y.dv) % P * c.v) % P
    z.dw = (y.dw + (x.dw - y.dw) % Q * c.w) % Q


def power(x: i64, exponent: i64, prime: i64) -> i64:
    """Give a power in one of the fields."""
    found: i64 = 1
    while exponent > 0:
        if exponent & 1:
            found = found * x % prime
        x = x * x % prime
        exponent >>= 1
    return found


def _inverse(x: i64, prime: i64) -> i64:
    """Find what gives 1 when multiplied, by Euclid; 0 for 0."""
    low: i64 = 1 if x else 0
    high: i64 = 0
    high_rest: i64 = prime
    low_rest: i64 = x
    while low_rest > 1:
        times: i64 = high_rest // low_rest
        high, low = low, high - times * low
        high_rest, low_rest = low_rest, high_rest - times * low_rest
    return low % prime


def mix(z: Residues, row: Op, operands: Sequence[Residues]) -> None:
    """Apply an operation as a random function."""
    p, q = keys_of(row)
    first = len(p) - len(operands)
    v: i64 = p[0]
    w: i64 = q[0]
    for k, x in enumerate(operands):
        key: i64 = p[first + k]
        other: i64 = q[first + k]
        v = (v + key * x.v) % P
        w = (w + other * x.w) % Q
    for k in range(1, first):
        key = p[k]
        other = q[k]
        v = (v * v % P * v + key) % P
        w = (w * w % Q * w + other) % Q
    z.v = v
    z.w = w


def extreme(z: Residues, row: Op, x: Residues, y: Residues) -> None:
    """Give the greater or the lesser of two numbers: a sum of powers, or a union."""
    unions.met = True
    if unions.kept:
        v, w = unions.join(row, [(x.v, x.w), (y.v, y.w)])
        z.v = v
        z.w = w
        return
    p, q = keys_of(row)
    z.v = _greater(x.v, y.v, p[0], P, ROOTS[0])
    z.w = _greater(x.w, y.w, q[0], Q, ROOTS[1])


def _greater(x: i64, y: i64, key: i64, prime: i64, root: i64) -> i64:
    first = power((x + key) % prime, POWER, prime)
    second = power((y + key) % prime, POWER, prime)
    return (power((first + second) % prime, root, prime) - key) % prime


def drawn_number(place: i64) -> i64:
    """Draw the number of a place."""
    number: i64 = place * SPREAD + MIX & WORD
    number = (number ^ (number >> 30)) * MIX & WORD
    number = (number ^ (number >> 27)) * MIX_MORE & WORD
    return number ^ (number >> 31)
