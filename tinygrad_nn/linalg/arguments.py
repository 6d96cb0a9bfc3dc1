"""Matrices as users give them, read row by row."""

from __future__ import annotations

import math
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..scalar.convert import to_number
from ..scalar.graph import Node
from ..scalar.number import is_unknown, plain
from ..tree import is_array
from .elimination import Matrix

__all__ = ["is_sequence", "numbers_of", "rows_of", "square"]


def square(A: Any) -> Matrix:
    """Read a square matrix of finite numbers and Values."""
    rows = rows_of(A, "A")
    if len(rows) != len(rows[0]):
        raise ShapeError(
            f"A must be square, got {len(rows)} by {len(rows[0])}: give as many columns as rows"
        )
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            if not is_unknown(x) and not math.isfinite(plain(x)):
                raise ArgumentError(
                    f"A[{i}][{j}] must be finite, got {plain(x)!r}: "
                    "look for the operation that made it"
                )
    return rows


def rows_of(A: Any, name: str) -> Matrix:
    """Read a matrix: a list for each row, of Values and floats."""
    if not is_sequence(A) or len(A) == 0 or not all(is_sequence(row) for row in A):
        raise ShapeError(f"{name} must be a matrix, got {A!r}: give a list of rows")
    lengths = sorted({len(row) for row in A})
    if len(lengths) > 1 or lengths[0] == 0:
        raise ShapeError(f"{name} must have rows of one length, got lengths {lengths}")
    return [numbers_of(row, f"{name}[{i}]") for i, row in enumerate(A)]


def numbers_of(row: Any, name: str) -> list[Any]:
    """Read a row or a vector, of Values and floats."""
    return [x if isinstance(x, Node) else to_number(x, f"{name}[{i}]") for i, x in enumerate(row)]


def is_sequence(thing: Any) -> bool:
    """Tell whether a thing has entries: a list, a tuple, or an array that is no single number."""
    return isinstance(thing, list | tuple) or (is_array(thing) and thing.ndim > 0)
