"""Systems of equations, inverses and factors of matrices."""

from __future__ import annotations

from typing import Any

from ..errors import DomainError, ShapeError
from ..scalar.number import is_unknown, plain
from ..scalar.ops import sqrt
from ..tree import flatten
from .arguments import is_sequence, numbers_of, rows_of, square
from .elimination import Matrix, less_products, solved

__all__ = ["cholesky", "inverse", "solve"]


def solve(A: Any, b: Any) -> Any:
    r"""Solve A x = b by elimination with partial pivoting.

    Parameters
    ----------
    A : nested sequence or array, n by n
        The coefficients.
    b : sequence or array, n or n by m
        One right-hand side, or one in each column.

    Returns
    -------
    list, tuple or array
        x, nested like `b`.

    Raises
    ------
    ShapeError
        When `b` has another number of rows.
    DomainError
        When `A` is singular; the message names the pivot that is 0.

    Notes
    -----
    The derivatives are dx = A^-1 (db - dA x).

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> solve([[2.0, 1.0], [1.0, 3.0]], [3.0, 5.0])
    [0.8, 1.4]
    >>> a = Value(2.0)
    >>> (x,) = solve([[a]], [6.0])
    >>> x.backward()
    >>> x.data, a.grad
    (3.0, -1.5)
    """
    rows = square(A)
    if not is_sequence(b):
        raise ShapeError(f"b must be a vector or a matrix, got {b!r}: give a list")
    is_matrix = any(is_sequence(row) for row in b)
    sides = rows_of(b, "b") if is_matrix else [[x] for x in numbers_of(b, "b")]
    if len(sides) != len(rows):
        raise ShapeError(
            f"b must have as many rows as A, {len(rows)}, got {len(sides)}: "
            "each equation has one right-hand side"
        )
    solution = solved(rows, sides, "solve")
    return flatten(b)[1]([x for row in solution for x in row])


def inverse(A: Any) -> Any:
    r"""Invert a matrix.

    Parameters
    ----------
    A : nested sequence or array, n by n
        The matrix. To multiply its inverse by something, `solve` is shorter and more exact.

    Returns
    -------
    list, tuple or array
        A^-1, nested like `A`.

    Raises
    ------
    DomainError
        When `A` is singular.

    Notes
    -----
    The derivative is d(A^-1) = -A^-1 dA A^-1.

    Examples
    --------
    >>> inverse([[2.0, 0.0], [0.0, 4.0]])
    [[0.5, 0.0], [0.0, 0.25]]
    """
    rows = square(A)
    size = range(len(rows))
    identity = [[float(i == j) for j in size] for i in size]
    solution = solved(rows, identity, "inverse")
    return flatten(A)[1]([x for row in solution for x in row])


def cholesky(A: Any) -> Any:
    r"""Factor a symmetric positive definite matrix as L L^T.

    Parameters
    ----------
    A : nested sequence or array, n by n
        The matrix; as NumPy does, only its diagonal and what is below are read.

    Returns
    -------
    list, tuple or array
        L, nested like `A`: zeros above the diagonal, positive numbers on it.

    Raises
    ------
    DomainError
        When `A` is not positive definite; the message names the pivot.

    Examples
    --------
    >>> cholesky([[4.0, 2.0], [2.0, 5.0]])
    [[2.0, 0.0], [1.0, 2.0]]
    """
    rows = square(A)
    size = len(rows)
    L: Matrix = [[0.0] * size for _ in rows]
    for i in range(size):
        for j in range(i + 1):
            rest = less_products(rows[i][j], L[i][:j], L[j][:j])
            if i > j:
                L[i][j] = rest / L[j][j]
            elif is_unknown(rest) or plain(rest) > 0.0:
                L[i][i] = sqrt(rest)
            else:
                raise DomainError(
                    f"cholesky needs a positive definite matrix, but pivot {i} of A is "
                    f"{plain(rest)!r}: add a small number to the diagonal, or use solve"
                )
    return flatten(A)[1]([x for row in L for x in row])
