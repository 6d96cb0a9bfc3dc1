"""NumPy's linear algebra that is computed here, also of stacks of matrices."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..linalg import cholesky, det, inverse, slogdet, solve
from ..scalar.operation import TABLE
from .functions import objects, stands_for
from .least_squares import least_squares

__all__: list[str] = []

_MAX = np.frompyfunc(TABLE["max"], 2, 1)
_MIN = np.frompyfunc(TABLE["min"], 2, 1)
_SQRT = np.frompyfunc(TABLE["sqrt"], 1, 1)
_ABS = np.frompyfunc(TABLE["abs"], 1, 1)
_SIGN_AND_LOGARITHM: Any = type(np.linalg.slogdet(np.ones((1, 1))))


def _matrices(a: Any, name: str) -> Any:
    array = objects(a)
    if array.ndim < 2:
        raise ShapeError(
            f"np.linalg.{name} takes matrices of Values, got an array of shape {array.shape}"
        )
    return array


def _array(nesting: Any) -> Any:
    return np.array(nesting, dtype=object)


def _of_each(function: Callable[..., Any], lead: tuple[int, ...], *arrays: Any) -> Any:
    """Compute something of each matrix of stacks, whose leading axes are those given."""
    found = [_array(function(*(x[place].tolist() for x in arrays))) for place in np.ndindex(lead)]
    if not found:
        raise ShapeError(f"there are no matrices in a stack of shape {lead}: give one at least")
    return _array(found).reshape((*lead, *found[0].shape))


@stands_for(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    left, right = _matrices(a, "solve"), objects(b)
    core = right.shape[-2:] if right.ndim > 1 else right.shape
    lead = np.broadcast_shapes(left.shape[:-2], right.shape[:-2] if right.ndim > 1 else ())
    left = np.broadcast_to(left, (*lead, *left.shape[-2:]))
    return _of_each(solve, lead, left, np.broadcast_to(right, (*lead, *core)))


@stands_for(np.linalg.inv)
def _inv(a: Any) -> Any:
    array = _matrices(a, "inv")
    return _of_each(inverse, array.shape[:-2], array)


@stands_for(np.linalg.det)
def _det(a: Any) -> Any:
    array = _matrices(a, "det")
    return _of_each(det, array.shape[:-2], array)


@stands_for(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    array = _matrices(a, "slogdet")
    found = _of_each(slogdet, array.shape[:-2], array)
    pair = found[..., 0], found[..., 1]
    return pair if _SIGN_AND_LOGARITHM is tuple else _SIGN_AND_LOGARITHM(*pair)


@stands_for(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    array = _matrices(a, "cholesky")
    found = _of_each(cholesky, array.shape[:-2], array)
    return np.swapaxes(found, -1, -2) if upper else found


@stands_for(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    left, right = _matrices(a, "lstsq"), objects(b)
    if left.ndim != 2 or right.ndim not in (1, 2):
        raise ShapeError(
            f"np.linalg.lstsq takes one matrix of Values and one right side, got arrays of shape "
            f"{left.shape} and {right.shape}"
        )
    rows = left.tolist()
    columns = [list(right)] if right.ndim == 1 else [list(column) for column in right.T]
    found = [least_squares(rows, column) for column in columns]
    x = _array([solution for solution, _ in found]).T
    beyond = left.shape[0] > left.shape[1]  # else there is nothing left, and NumPy gives none
    residuals = _array([residual for _, residual in found] if beyond else [])
    return (x.ravel() if right.ndim == 1 else x), residuals, len(rows[0]), None


@stands_for(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    array = objects(x)
    axes = tuple(range(array.ndim)) if axis is None else tuple(np.atleast_1d(axis).tolist())
    if (ord is None and (axis is None or len(axes) < 3)) or (ord == 2 and len(axes) == 1):
        return _SQRT(objects(np.sum(array * array, axis=axes, keepdims=keepdims)))
    if ord == "fro" and len(axes) == 2:
        return _SQRT(objects(np.sum(array * array, axis=axes, keepdims=keepdims)))
    if len(axes) == 1 and ord in (np.inf, -np.inf):
        least_or_most = _MAX if ord > 0 else _MIN
        return least_or_most.reduce(_ABS(array), axis=axes[0], keepdims=keepdims)
    if len(axes) == 1 and isinstance(ord, int | float) and ord >= 1:
        sizes = _ABS(array)
        total = np.sum(sizes if ord == 1 else sizes**ord, axis=axes[0], keepdims=keepdims)
        return total if ord == 1 else total ** (1.0 / ord)
    if len(axes) == 2 and ord in (1, -1, np.inf, -np.inf):
        added, other = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(_ABS(array), axis=added, keepdims=True)
        found = (_MAX if ord > 0 else _MIN).reduce(sums, axis=other, keepdims=True)
        return found if keepdims else np.squeeze(found, axis=axes)
    raise ArgumentError(
        f"np.linalg.norm of shape {array.shape} with ord={ord!r} and axis={axis!r} is not known for "
        "Values: of vectors powers from 1, inf and -inf are, of matrices 'fro', 1, -1, inf and -inf"
    )


@stands_for(np.linalg.multi_dot)
def _multi_dot(arrays: Any, **options: Any) -> Any:
    return reduce(np.matmul, arrays)
