"""Determinants, and their logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import add, mul
from typing import Any

from ..errors import DomainError, PoleError
from ..scalar.number import is_unknown
from ..scalar.ops import absolute, log, sign
from .arguments import square
from .elimination import (
    Matrix,
    by_minors,
    eliminated,
    number,
    recorded_pivots,
)

__all__ = ["det", "logdet", "slogdet"]

MOST_BY_MINORS = 5  # the size up to which minors take fewer operations than elimination


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
    rows = square(A)
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
    rows = square(A)
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


def _product(factors: Sequence[Any]) -> Any:
    return reduce(mul, factors)


def _sum_of_logarithms(pivots: Sequence[Any]) -> Any:
    return reduce(add, [log(absolute(pivot)) for pivot in pivots])


def _has_unknown(rows: Matrix) -> bool:
    return any(is_unknown(x) for row in rows for x in row)
