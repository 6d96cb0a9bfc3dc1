"""Arithmetic of the fields on arrays: the first axis is that of the fields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ...scalar.graph import ALIAS
from ...scalar.operation import Op
from ...scalar.ops import (
    above,
    add,
    div,
    maximum,
    minimum,
    mul,
    neg,
    power,
    sign,
    stop_gradient,
    sub,
    where,
)
from .element import Element, elements
from .field import MIX, MIX_MORE, MOST_FACTORS, POWER, ROOTS, SPREAD, WORD, P, Q, keys_of, unions
from .plain import MOST_WHOLE, plain

__all__ = [
    "Numbers",
    "apply",
    "constant",
    "constants",
    "drawn",
    "elements_of",
    "joined",
    "packed",
    "primes",
    "reduced",
    "reduced_runs",
    "residues",
]

Numbers: TypeAlias = npt.NDArray[np.uint64]

_CHUNK = 8192  # numbers that are made at once, and lie in the same memory again
_MANY = 4096  # numbers that are divided in less time than their remainders are found
_PRIMES = np.array([P, Q], dtype=np.uint64)
_WORD = np.uint64(WORD)


def primes(axes: int) -> Numbers:
    """Give the primes, with as many axes."""
    return _PRIMES.reshape(2, *[1] * (axes - 1))


def residues(numbers: Numbers) -> Numbers:
    """Reduce numbers to residues, where they are: many take a fraction of what a remainder takes."""
    modulo = primes(numbers.ndim)
    if numbers.size < _MANY:
        numbers %= modulo
        return numbers
    whole = numbers // modulo
    whole *= modulo
    numbers -= whole
    return numbers


def constant(number: float, axes: int) -> Numbers:
    """Give a plain number, with as many axes."""
    return np.array(plain.pair(number), dtype=np.uint64).reshape(2, *[1] * (axes - 1))


def constants(numbers: npt.NDArray[np.floating[Any]]) -> Numbers:
    """Give plain numbers, along the last axis."""
    if (np.rint(numbers) == numbers).all() and np.abs(numbers).max(initial=0.0) <= MOST_WHOLE:
        return (numbers.astype(np.int64) % _PRIMES.astype(np.int64)[:, None]).astype(np.uint64)
    found, where_ = np.unique(numbers, return_inverse=True)
    table = np.array([plain.pair(one) for one in found.tolist()], dtype=np.uint64)
    along: Numbers = table.reshape(-1, 2)[where_.reshape(-1)].T
    return along


def drawn(first: int, columns: int, size: int) -> Numbers:
    """Draw random numbers of places from `first` on, of shape (fields, columns, size)."""
    found = np.empty((2, columns * size), dtype=np.uint64)
    for begin in range(0, found.shape[1], _CHUNK):
        own = found[:, begin : begin + _CHUNK]
        number = np.arange(first + begin, first + begin + own.shape[1], dtype=np.uint64)
        number *= np.uint64(SPREAD)
        number += np.uint64(MIX)
        number &= _WORD
        for shift, factor in ((30, MIX), (27, MIX_MORE)):
            number ^= number >> np.uint64(shift)
            number *= np.uint64(factor)
            number &= _WORD
        number ^= number >> np.uint64(31)
        np.bitwise_and(number, np.uint64(P), out=own[0])
        np.right_shift(number, np.uint64(31), out=own[1])
        np.minimum(own, own - primes(2), out=own)  # below 0, it is a great number
    return found.reshape(2, columns, size)


def elements_of(numbers: Numbers, column: int, slopes: Numbers | None = None) -> list[Element]:
    """Make elements of the numbers of a sample, and of their slopes if there are any."""
    found: list[Element] = []
    for begin in range(0, numbers.shape[2], _CHUNK):
        own = slice(begin, begin + _CHUNK)
        moved = None if slopes is None else packed(slopes[:, column, own])
        found += elements(packed(numbers[:, column, own]), moved)
    return found


def packed(numbers: Numbers) -> list[int]:
    """List numbers with both fields in one."""
    found: list[int] = (numbers[0] | numbers[1] << np.uint64(31)).tolist()
    return found


def reduced(op: Op, numbers: Numbers, last: int = 1) -> Numbers:
    """Join numbers along some last axes by a sum, or by the greatest or the least of them."""
    flat = numbers.reshape(*numbers.shape[: numbers.ndim - last], -1)
    if op is not add and unions.kept:
        return _union(op, flat)
    return _summed(op, flat, lambda x: x.sum(axis=-1))


def reduced_runs(op: Op, numbers: Numbers, ends: npt.NDArray[np.int64]) -> Numbers:
    """Join runs along the last axis, each of which ends where the next one begins."""
    if op is not add and unions.kept:
        parts = np.split(numbers, ends[:-1], axis=-1)
        return np.stack([_union(op, part) for part in parts], axis=-1)
    zero = np.uint64(0)
    return _summed(op, numbers, lambda x: np.diff(x.cumsum(axis=-1)[..., ends - 1], prepend=zero))


def joined(op: Op, x: Numbers, y: Numbers) -> Numbers:
    """Join two by a sum, or by the greater or the lesser of them."""
    if op is add:
        return residues(x + y)
    return reduced(op, np.stack(np.broadcast_arrays(x, y), axis=-1))


def _summed(op: Op, numbers: Numbers, summed: Callable[[Numbers], Numbers]) -> Numbers:
    """Sum numbers, or the powers that make the greatest or the least of them."""
    unions.met |= op is not add
    found = residues(summed(numbers if op is add else _raised(op, numbers)))
    return found if op is add else _brought_back(op, found)


def _union(op: Op, numbers: Numbers) -> Numbers:
    """Join numbers along the last axis, one by one."""
    table = np.moveaxis(numbers, 0, -1)
    shape = table.shape[:-2]
    joins = [
        unions.join(op, [(p, q) for p, q in group])
        for group in table.reshape(-1, *table.shape[-2:]).tolist()
    ]
    return np.moveaxis(np.array(joins, dtype=np.uint64).reshape(*shape, 2), -1, 0)


def _raised(op: Op, x: Numbers) -> Numbers:
    return _power(residues(x + _shift(op, x.ndim)), [POWER, POWER])


def _brought_back(op: Op, x: Numbers) -> Numbers:
    return residues(_power(x, ROOTS) + primes(x.ndim) - _shift(op, x.ndim))


def _shift(op: Op, axes: int) -> Numbers:
    keys = [own[0] for own in keys_of(op)]
    return np.array(keys, dtype=np.uint64).reshape(2, *[1] * (axes - 1))


def _power(x: Numbers, exponents: Sequence[int]) -> Numbers:
    """Raise each field's numbers to a power of its own."""
    found = np.ones_like(x)
    for bit in reversed(range(max(exponents).bit_length())):
        found = residues(found * found)
        for field, exponent in enumerate(exponents):
            if exponent >> bit & 1:
                found[field] = found[field] * x[field] % _PRIMES[field]
    return found


def _inverse(x: Numbers) -> Numbers:
    """Give 1 over each number, and 0 for 0."""
    return _power(x, [P - 2, Q - 2])


def _mixed(op: Op, operands: Sequence[Numbers]) -> Numbers:
    """Apply an operation as a random function."""
    axes = max(x.ndim for x in operands)
    start, *others = [
        np.array(pair, dtype=np.uint64).reshape(2, *[1] * (axes - 1))
        for pair in zip(*keys_of(op), strict=True)
    ]
    rounds, keys = others[: -len(operands)], others[-len(operands) :]
    found = start
    for key, x in zip(keys, operands, strict=True):
        found = residues(found + key * x)
    for key in rounds:
        found = residues(residues(found * found) * found + key)
    return found


def _divided(x: Numbers, y: Numbers) -> Numbers:
    return residues(x * _inverse(y))


def _chosen(c: Numbers, x: Numbers, y: Numbers) -> Numbers:
    """Give y + c (x - y): with c an unknown, it is as true as with 1 and 0."""
    modulo = primes(max(c.ndim, x.ndim, y.ndim))
    return residues(y + residues(x + modulo - y) * c)


def _negative(x: Numbers) -> Numbers:
    return residues(primes(x.ndim) - x)


def _less(x: Numbers, y: Numbers) -> Numbers:
    modulo = primes(max(x.ndim, y.ndim))
    return residues(x + modulo - y)


def _same(x: Numbers) -> Numbers:
    return x


_LAWS: dict[Op, Callable[..., Numbers]] = {
    add: lambda x, y: joined(add, x, y),
    mul: lambda x, y: residues(x * y),
    neg: _negative,
    sub: _less,
    div: _divided,
    where: _chosen,
    stop_gradient: _same,
    ALIAS: _same,
    maximum: lambda x, y: joined(maximum, x, y),
    minimum: lambda x, y: joined(minimum, x, y),
}


def apply(op: Op, operands: Sequence[float | Numbers]) -> Numbers:
    """Apply an operation to arrays with as many axes, and to plain numbers."""
    axes = max([1, *[x.ndim for x in operands if isinstance(x, np.ndarray)]])
    given = [x if isinstance(x, np.ndarray) else constant(x, axes) for x in operands]
    if op in _LAWS:
        return _LAWS[op](*given)
    bound: Any = operands[-1]
    if (
        op is power
        and isinstance(bound, float)
        and bound.is_integer()
        and abs(bound) <= MOST_FACTORS
    ):
        found = _power(given[0], [int(abs(bound))] * 2)
        return _inverse(found) if bound < 0.0 else found
    if op is above and isinstance(bound, float) and bound == 0.0:
        # As a tape has it: the slope of relu is the sign of what relu gives.
        return apply(sign, [joined(maximum, constant(0.0, axes), given[0])])
    return _mixed(op, given)
