"""Gaussian elimination on rows of Values and floats, pivots chosen by their numbers.

The numbers of symbols are not known yet: there the choice becomes part of what is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from ..errors import PoleError
from ..scalar.graph import Node
from ..scalar.number import Number, is_unknown, look_at, plain
from ..scalar.ops import absolute, gt, where

__all__ = [
    "Matrix",
    "by_minors",
    "eliminated",
    "less_products",
    "number",
    "recorded_pivots",
    "solved",
]

Matrix: TypeAlias = list[list[Any]]


def solved(A: Matrix, B: Matrix, name: str) -> Matrix:
    """Solve for every column of B: eliminate downward, then substitute upward."""
    size = len(A)
    rows = [[*left, *right] for left, right in zip(A, B, strict=True)]
    recorded = any(is_unknown(x) for row in rows for x in row)
    for k in range(size):
        if recorded and any(isinstance(row[k], Node) for row in rows[k:]):
            _record_choice(rows, k)
        else:
            best = max(range(k, size), key=lambda i: abs(number(rows[i][k])))
            rows[k], rows[best] = rows[best], rows[k]
            if number(rows[k][k]) == 0.0:
                raise PoleError(
                    f"{name} needs a matrix that is not singular, but pivot {k} of A is 0: "
                    "its rows depend on one another"
                )
        _clear_below(rows, k)
    solution: Matrix = [[] for _ in rows]
    for i in reversed(range(size)):
        for column in range(len(B[0])):
            below = [solution[j][column] for j in range(i + 1, size)]
            rest = less_products(rows[i][size + column], rows[i][i + 1 : size], below)
            solution[i].append(rest / rows[i][i])
    return solution


def recorded_pivots(rows: Matrix) -> list[Any]:
    """Eliminate with symbols: the pivots, whose product is the determinant."""
    rows = [list(row) for row in rows]
    for k in range(len(rows)):
        _record_choice(rows, k)
        _clear_below(rows, k)
    return [row[k] for k, row in enumerate(rows)]


def _record_choice(rows: Matrix, k: int) -> None:
    """Bring the greatest element of column k to row k, exchanging two rows where it is greater.

    One of the two changes its sign, so that the determinant stays. Each exchange takes as
    many operations as clearing one row: the work still grows with the cube of the size.
    """
    for i in range(k + 1, len(rows)):
        if not _is_plain_zero(rows[i][k]):
            pairs = list(zip(rows[k][k:], rows[i][k:], strict=True))
            exchange = gt(absolute(rows[i][k]), absolute(rows[k][k]))
            rows[k][k:] = [where(exchange, lower, upper) for upper, lower in pairs]
            rows[i][k:] = [where(exchange, -upper, lower) for upper, lower in pairs]


def _clear_below(rows: Matrix, k: int) -> None:
    """Subtract row k from those below it, so that column k is 0 there; it is not looked at again."""
    for row in rows[k + 1 :]:
        if not _is_plain_zero(row[k]):
            row[k + 1 :] = _less_multiple(row[k + 1 :], row[k] / rows[k][k], rows[k][k + 1 :])


def eliminated(rows: Matrix) -> tuple[list[Any], Matrix, int]:
    """Eliminate with pivots from the whole rest: pivots, a rest that is all zeros, the sign.

    Nothing is divided by 0, so that the determinant (the product of the pivots and of the
    determinant of the rest) has its derivatives also where the matrix is singular.
    """
    pivots = []
    sign = 1
    rest = [list(row) for row in rows]
    while rest:
        places = [(i, j) for i in range(len(rest)) for j in range(len(rest))]
        i, j = max(places, key=lambda place: abs(number(rest[place[0]][place[1]])))
        if number(rest[i][j]) == 0.0:
            break
        sign *= (-1) ** (i + j)
        top = rest.pop(i)
        pivot = top.pop(j)
        pivots.append(pivot)
        rest = [_less_multiple(row, row.pop(j) / pivot, top) for row in rest]
    return pivots, rest, sign


def by_minors(rows: Matrix) -> Any:
    """Expand a determinant row by row: products and sums only, each minor computed once."""
    minors: dict[tuple[int, ...], Any] = {(): 1.0}
    for row in rows:
        larger: dict[tuple[int, ...], Any] = {}
        for columns, minor in minors.items():
            for j, x in enumerate(row):
                if j in columns:
                    continue
                key = tuple(sorted((*columns, j)))
                term = minor * x if (len(key) - key.index(j)) % 2 else -(minor * x)
                larger[key] = larger[key] + term if key in larger else term
        minors = larger
    (determinant,) = minors.values()
    return determinant


def _less_multiple(row: Sequence[Any], factor: Any, other: Sequence[Any]) -> list[Any]:
    return [less_products(x, [factor], [y]) for x, y in zip(row, other, strict=True)]


def less_products(x: Any, a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Subtract from x the products of a and b, but those with a plain 0, as in an identity."""
    for p, q in zip(a, b, strict=True):
        if not _is_plain_zero(p) and not _is_plain_zero(q):
            x = x - p * q
    return x


def _is_plain_zero(x: Any) -> bool:
    return type(x) is float and x == 0.0


def number(x: Any) -> float:
    """Look at the number of an element, of which pivots are chosen."""
    if isinstance(x, Number):
        look_at(x, "a pivot")
    return float(plain(x))
