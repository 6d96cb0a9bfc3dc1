r"""Linear algebra on small matrices of Values: loops of scalar arithmetic, differentiable.

NumPy's own ``np.linalg`` refuses arrays of objects; these functions take them, and
nested lists and tuples as well. Numbers in, floats out; Values in, Values out. Pivots are
chosen by magnitude, from the numbers of the elements. Every function raises a `ShapeError`
for a matrix that is not square, and an `ArgumentError` for an element that is not finite.

They compile: what chooses the pivots is then a part of the program. It finds no number that
is not right while it is recorded; compile(f, check=True) finds what comes of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import add, mul
from typing import Any

from ..errors import ArgumentError, DomainError, PoleError, ShapeError
from ..scalar.convert import to_number
from ..scalar.graph import Node
from ..scalar.ops import absolute, log, sign, sqrt
from ..tree import flatten, is_array
from .elimination import (
    Matrix,
    by_minors,
    eliminated,
    is_unknown,
    less_products,
    number,
    recorded_pivots,
    solved,
)

__all__ = ["cholesky", "det", "inverse", "logdet", "slogdet", "solve"]

MOST_BY_MINORS = 5  # the size up to which minors take fewer operations than elimination


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
    rows = _square(A)
    if not _is_sequence(b):
        raise ShapeError(f"b must be a vector or a matrix, got {b!r}: give a list")
    is_matrix = any(_is_sequence(row) for row in b)
    sides = _rows(b, "b") if is_matrix else [[x] for x in _numbers(b, "b")]
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
    rows = _square(A)
    size = range(len(rows))
    identity = [[float(i == j) for j in size] for i in size]
    solution = solved(rows, identity, "inverse")
    return flatten(A)[1]([x for row in solution for x in row])


def det(A: Any) -> Any:
    r"""Compute the determinant of a matrix.

    Parameters
    ----------
    A : nested sequence or array, n by n
        The matrix; it may be singular, and has all derivatives there too.

    Returns
    -------
    float or Value
        The determinant.

    Notes
    -----
    The derivative by A is the matrix of cofactors, det(A) A^-T where there is an inverse.
    Compiled, a singular matrix of more than 5 rows may give NaN.

    Examples
    --------
    >>> det([[1.0, 2.0], [3.0, 4.0]])
    -2.0
    >>> from tinygrad_nn import grad
    >>> grad(det)([[1.0, 2.0], [2.0, 4.0]])
    [[4.0, -2.0], [-2.0, 1.0]]
    """
    rows = _square(A)
    if _has_unknown(rows):
        few = len(rows) <= MOST_BY_MINORS
        return by_minors(rows) if few else _product(recorded_pivots(rows))
    pivots, rest, parity = eliminated(rows)
    result = _product([by_minors(rest) if rest else pivots.pop(), *pivots])
    return result if parity > 0 else -result


def slogdet(A: Any) -> tuple[float, Any]:
    r"""Compute the sign of the determinant, and the logarithm of its magnitude.

    Nothing overflows that the logarithm can hold.

    Parameters
    ----------
    A : nested sequence or array, n by n
        The matrix.

    Returns
    -------
    tuple of float and (float or Value)
        1, -1 or 0, and ln |det(A)|; minus infinity where the sign is 0.

    Notes
    -----
    The derivative of the logarithm by A is A^-T.

    Examples
    --------
    >>> slogdet([[1e200, 0.0], [0.0, -1e200]])
    (-1.0, 921.0340371976183)
    """
    rows = _square(A)
    if _has_unknown(rows):
        pivots = recorded_pivots(rows)
        return _product([sign(pivot) for pivot in pivots]), _sum_of_logarithms(pivots)
    pivots, rest, parity = eliminated(rows)
    if rest:
        return 0.0, -math.inf
    for pivot in pivots:
        parity = -parity if number(pivot) < 0.0 else parity
    return float(parity), _sum_of_logarithms(pivots)


def logdet(A: Any) -> Any:
    r"""Compute the logarithm of a positive determinant.

    Parameters
    ----------
    A : nested sequence or array, n by n
        The matrix, as a covariance.

    Returns
    -------
    float or Value
        ln det(A).

    Raises
    ------
    DomainError
        When the determinant is 0 or negative.

    Notes
    -----
    The derivative by A is A^-T.

    Examples
    --------
    >>> logdet([[1.0, 0.0], [0.0, 1.0]])
    0.0
    """
    orientation, logarithm = slogdet(A)
    if is_unknown(orientation):
        return logarithm + log(orientation)  # which has no result if it is negative
    if orientation == 0.0:
        raise PoleError(
            "logdet needs a determinant that is not 0, but A is singular: "
            "its rows depend on one another"
        )
    if orientation < 0.0:
        raise DomainError(
            "logdet of a matrix with a negative determinant has no real result: use slogdet, "
            "which gives the sign and the logarithm of the magnitude"
        )
    return logarithm


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
    rows = _square(A)
    size = len(rows)
    L: Matrix = [[0.0] * size for _ in rows]
    for i in range(size):
        for j in range(i + 1):
            rest = less_products(rows[i][j], L[i][:j], L[j][:j])
            if i > j:
                L[i][j] = rest / L[j][j]
            elif is_unknown(rest) or number(rest) > 0.0:
                L[i][i] = sqrt(rest)
            else:
                raise DomainError(
                    f"cholesky needs a positive definite matrix, but pivot {i} of A is "
                    f"{number(rest)!r}: add a small number to the diagonal, or use solve"
                )
    return flatten(A)[1]([x for row in L for x in row])


# ---- parts of determinants -----------------------------------------------------------------


def _product(factors: Sequence[Any]) -> Any:
    return reduce(mul, factors)


def _sum_of_logarithms(pivots: Sequence[Any]) -> Any:
    return reduce(add, [log(absolute(pivot)) for pivot in pivots])


def _has_unknown(rows: Matrix) -> bool:
    return any(is_unknown(x) for row in rows for x in row)


# ---- arguments -----------------------------------------------------------------------------


def _square(A: Any) -> Matrix:
    rows = _rows(A, "A")
    if len(rows) != len(rows[0]):
        raise ShapeError(
            f"A must be square, got {len(rows)} by {len(rows[0])}: give as many columns as rows"
        )
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            if not is_unknown(x) and not math.isfinite(number(x)):
                raise ArgumentError(
                    f"A[{i}][{j}] must be finite, got {number(x)!r}: "
                    "look for the operation that made it"
                )
    return rows


def _rows(A: Any, name: str) -> Matrix:
    """Read a matrix: a list for each row, of Values and floats."""
    if not _is_sequence(A) or len(A) == 0 or not all(_is_sequence(row) for row in A):
        raise ShapeError(f"{name} must be a matrix, got {A!r}: give a list of rows")
    lengths = sorted({len(row) for row in A})
    if len(lengths) > 1 or lengths[0] == 0:
        raise ShapeError(f"{name} must have rows of one length, got lengths {lengths}")
    return [_numbers(row, f"{name}[{i}]") for i, row in enumerate(A)]


def _numbers(row: Any, name: str) -> list[Any]:
    return [x if isinstance(x, Node) else to_number(x, f"{name}[{i}]") for i, x in enumerate(row)]


def _is_sequence(thing: Any) -> bool:
    return isinstance(thing, list | tuple) or (is_array(thing) and thing.ndim > 0)
