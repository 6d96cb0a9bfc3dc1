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
from .field import MOST_FACTORS, POWER, ROOTS, P, Q, keys_of, unions
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
]

Numbers: TypeAlias = npt.NDArray[np.uint64]

_CHUNK = 4096  # numbers that are made at once, and lie in the same memory again
_PRIMES = np.array([P, Q], dtype=np.uint64)


def primes(axes: int) -> Numbers:
    """Give the primes, with as many axes."""
    return _PRIMES.reshape(2, *[1] * (axes - 1))


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


def drawn(rng: np.random.Generator, columns: int, size: int) -> Numbers:
    """Draw random numbers, of shape (fields, columns, size)."""
    found = rng.integers(0, 1 << 32, (2, columns, size), dtype=np.uint32).astype(np.uint64)
    found %= primes(3)
    return found


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
        return (x + y) % primes(max(x.ndim, y.ndim))
    return reduced(op, np.stack(np.broadcast_arrays(x, y), axis=-1))


def _summed(op: Op, numbers: Numbers, summed: Callable[[Numbers], Numbers]) -> Numbers:
    """Sum numbers, or the powers that make the greatest or the least of them."""
    unions.met |= op is not add
    found = summed(numbers if op is add else _raised(op, numbers))
    found %= primes(found.ndim)
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
    return _power((x + _shift(op, x.ndim)) % primes(x.ndim), [POWER, POWER])


def _brought_back(op: Op, x: Numbers) -> Numbers:
    modulo = primes(x.ndim)
    return (_power(x, ROOTS) + modulo - _shift(op, x.ndim)) % modulo


def _shift(op: Op, axes: int) -> Numbers:
    keys = [own[0] for own in keys_of(op)]
    return np.array(keys, dtype=np.uint64).reshape(2, *[1] * (axes - 1))


def _power(x: Numbers, exponents: Sequence[int]) -> Numbers:
    """Raise each field's numbers to a power of its own."""
    modulo = primes(x.ndim)
    found = np.ones_like(x)
    for bit in reversed(range(max(exponents).bit_length())):
        found = found * found % modulo
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
    modulo = primes(axes)
    start, *others = [
        np.array(pair, dtype=np.uint64).reshape(2, *[1] * (axes - 1))
        for pair in zip(*keys_of(op), strict=True)
    ]
    rounds, keys = others[: -len(operands)], others[-len(operands) :]
    found = start
    for key, x in zip(keys, operands, strict=True):
        found = (found + key * x) % modulo
    for key in rounds:
        found = (found * found % modulo * found + key) % modulo
    return found


def _divided(x: Numbers, y: Numbers) -> Numbers:
    return x * _inverse(y) % primes(max(x.ndim, y.ndim))


def _chosen(c: Numbers, x: Numbers, y: Numbers) -> Numbers:
    """Give y + c (x - y): with c an unknown, it is as true as with 1 and 0."""
    modulo = primes(max(c.ndim, x.ndim, y.ndim))
    return (y + (x + modulo - y) % modulo * c) % modulo


def _negative(x: Numbers) -> Numbers:
    return (primes(x.ndim) - x) % primes(x.ndim)


def _less(x: Numbers, y: Numbers) -> Numbers:
    modulo = primes(max(x.ndim, y.ndim))
    return (x + modulo - y) % modulo


def _same(x: Numbers) -> Numbers:
    return x


_LAWS: dict[Op, Callable[..., Numbers]] = {
    add: lambda x, y: joined(add, x, y),
    mul: lambda x, y: x * y % primes(max(x.ndim, y.ndim)),
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
