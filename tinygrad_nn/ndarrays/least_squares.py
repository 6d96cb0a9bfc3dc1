"""Least squares of Values, by reflections."""

from __future__ import annotations

from typing import Any

from ..errors import ShapeError
from ..scalar.number import plain
from ..scalar.operation import TABLE

__all__ = ["least_squares"]


def least_squares(A: list[list[Any]], b: list[Any]) -> tuple[list[Any], Any]:
    """Find x with the least |A x - b|, and the square of it.

    A is made triangular by reflections: A. S. Householder, Unitary triangularization of a
    nonsymmetric matrix, J. ACM 5 (1958), 339-342.
    """
    m, n = len(A), len(A[0])
    if m < n or len(b) != m:
        raise ShapeError(
            f"np.linalg.lstsq was given a matrix of {m} rows and {n} columns, and {len(b)} numbers: "
            "expected at least as many rows as columns, and a number for each row"
        )
    rows = [[*row, right] for row, right in zip(A, b, strict=True)]
    for k in range(n):
        _reflect(rows, k, n)
    x: list[Any] = [0.0] * n
    for k in reversed(range(n)):
        rest = sum((rows[k][j] * x[j] for j in range(k + 1, n)), 0.0)
        x[k] = (rows[k][n] - rest) / rows[k][k]
    return x, sum((rows[i][n] * rows[i][n] for i in range(n, m)), 0.0)


def _reflect(rows: list[list[Any]], k: int, n: int) -> None:
    """Reflect the columns from k on, so that the k-th is 0 below its k-th number."""
    column = [row[k] for row in rows[k:]]
    if all(plain(x) == 0.0 for x in column[1:]) and not any(map(_varies, column[1:])):
        return
    length = TABLE["sqrt"](sum((x * x for x in column[1:]), column[0] * column[0]))
    signed = TABLE["where"](TABLE["ge"](column[0], 0.0), length, -length)
    column[0] = column[0] + signed
    scale = 1.0 / (signed * column[0])
    for j in range(k, n + 1):
        factor = scale * sum((v * row[j] for v, row in zip(column, rows[k:], strict=True)), 0.0)
        for v, row in zip(column, rows[k:], strict=True):
            row[j] = row[j] - factor * v


def _varies(x: Any) -> bool:
    return not isinstance(x, float | int)
