"""NumPy's functions that are computed here: NumPy's own would ask Values to be floats."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..functions import lookup
from ..linalg import cholesky, det, inverse, slogdet, solve
from ..scalar.number import is_unknown
from ..scalar.operation import TABLE
from .array import NumberArray
from .handled import HANDLED
from .least_squares import least_squares

__all__: list[str] = []

F = TypeVar("F", bound=Callable[..., Any])
_WHERE = np.frompyfunc(TABLE["where"], 3, 1)
_MAX = np.frompyfunc(TABLE["max"], 2, 1)
_MIN = np.frompyfunc(TABLE["min"], 2, 1)
_SQRT = np.frompyfunc(TABLE["sqrt"], 1, 1)
_ABS = np.frompyfunc(TABLE["abs"], 1, 1)


def _stands_for(*functions: Any) -> Callable[[F], F]:
    def register(function: F) -> F:
        HANDLED.update(dict.fromkeys(functions, function))
        return function

    return register


def _objects(x: Any) -> Any:
    """Give a plain array of objects."""
    return np.asarray(x, dtype=object).view(np.ndarray)


def _plainly(function: Any, *args: Any, **options: Any) -> Any:
    """Call NumPy's own function on plain arrays."""
    given = [x.view(np.ndarray) if isinstance(x, NumberArray) else x for x in args]
    return function(*given, **options)


# ---- choosing --------------------------------------------------------------------------------


@_stands_for(np.where)
def where(condition: Any, *choices: Any) -> Any:
    """Choose element by element."""
    if not choices:
        return _plainly(np.where, np.asarray(condition).astype(bool))
    return _WHERE(_objects(condition), *map(_objects, choices))


@_stands_for(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    """Choose by the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ShapeError(
            f"np.select was given {len(condlist)} conditions and {len(choicelist)} choices: one for each"
        )
    found = _objects(default)
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        found = _WHERE(_objects(condition), _objects(choice), found)
    return found


@_stands_for(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    """Limit from below, and then from above."""
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    if options:
        raise ArgumentTypeError(
            f"np.clip with {', '.join(options)} has no meaning for Values: leave it out"
        )
    found = _objects(a)
    found = found if low is None else _MAX(found, _objects(low))
    return found if high is None else _MIN(found, _objects(high))


@_stands_for(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Interpolate between points; beyond them the ends count, whose slope is 0."""
    if period is not None:
        raise ArgumentError(
            "np.interp with period is not known for Values: take x modulo the period"
        )
    points, values = list(_objects(xp).ravel()), list(_objects(fp).ravel())
    if len(points) != len(values) or not points:
        raise ShapeError(
            f"np.interp was given {len(points)} points and {len(values)} values: as many of both, "
            "and at least one"
        )
    slopes = [
        (b - a) / (q - p)
        for a, b, p, q in zip(values, values[1:], points, points[1:], strict=False)
    ]
    first = values[0] if left is None else left
    last = values[-1] if right is None else right

    def at(number: Any) -> Any:
        if is_unknown(number):
            choose = TABLE["where"]
            found = last
            inner = values[-1]
            if slopes:
                interval: Any = sum(TABLE["ge"](number, point) for point in points[1:-1])
                start, value, slope = (
                    (part[0] if len(slopes) == 1 else lookup(part, interval))
                    for part in (points[:-1], values[:-1], slopes)
                )
                inner = slope * (number - start) + value
            found = choose(TABLE["gt"](number, points[-1]), last, inner)
            return choose(TABLE["lt"](number, points[0]), first, found)
        if number < points[0]:
            return first
        if number > points[-1]:
            return last
        k = min(bisect_right(points, number), len(points) - 1) - 1
        return slopes[k] * (number - points[k]) + values[k] if slopes else values[0]

    return np.frompyfunc(at, 1, 1)(_objects(x))


@_stands_for(np.isposinf)
def isposinf(x: Any) -> Any:
    """Tell which are infinite and positive."""
    return np.asarray(_objects(x) == np.inf)


@_stands_for(np.isneginf)
def isneginf(x: Any) -> Any:
    """Tell which are infinite and negative."""
    return np.asarray(_objects(x) == -np.inf)


# ---- order -----------------------------------------------------------------------------------


def _sorted(a: Any, axis: Any) -> Any:
    """Sort along one axis, which comes last; all of it, if there is none."""
    array = _objects(a)
    array = array.ravel() if axis is None else np.moveaxis(array, axis, -1)
    return np.sort(array, axis=-1)


@_stands_for(np.quantile)
def quantile(a: Any, q: Any, axis: Any = None, **options: Any) -> Any:
    """Interpolate between the two elements next to a quantile, as NumPy does by itself."""
    if set(options) - {"method"} or options.get("method", "linear") != "linear":
        raise ArgumentError(
            f"np.quantile with {', '.join(options)} is not known for Values: only method='linear' is"
        )
    ordered = _sorted(a, axis)
    count = ordered.shape[-1]
    if not count:
        raise ShapeError("np.quantile was given no numbers: at least one has to be there")

    def one(fraction: float) -> Any:
        if not 0.0 <= fraction <= 1.0:
            raise ArgumentError(f"the quantile {fraction!r} must lie between 0 and 1")
        place = fraction * (count - 1)
        below = min(int(place), count - 1)
        above = min(below + 1, count - 1)
        low, high = ordered[..., below], ordered[..., above]
        return low + (high - low) * (place - below)

    fractions = np.asarray(q, dtype=float)
    if fractions.ndim == 0:
        return one(float(fractions))
    found = np.empty((*fractions.shape, *ordered.shape[:-1]), dtype=object)
    for place, fraction in np.ndenumerate(fractions):
        found[place] = one(float(fraction))
    return found


@_stands_for(np.percentile)
def percentile(a: Any, q: Any, axis: Any = None, **options: Any) -> Any:
    """The quantile at so many hundredths."""
    return quantile(a, np.asarray(q, dtype=float) / 100.0, axis, **options)


@_stands_for(np.median)
def median(a: Any, axis: Any = None, **options: Any) -> Any:
    """The element in the middle, or the mean of the two there."""
    return quantile(a, 0.5, axis, **options)


@_stands_for(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights of equal whole numbers, which are plain."""
    places = np.asarray(x)
    if weights is None or places.dtype == object:
        raise ArgumentTypeError(
            "np.bincount counts plain whole numbers, and was given Values: only its weights may be Values"
        )
    numbers = _objects(weights)
    if numbers.shape != places.shape:
        raise ShapeError(
            f"np.bincount was given {places.shape} places and {numbers.shape} weights: expected one each"
        )
    found = np.zeros(max(int(places.max(initial=-1)) + 1, minlength), dtype=object)
    np.add.at(found, places, numbers)
    return found


@_stands_for(np.sinc)
def sinc(x: Any) -> Any:
    """The sine of pi x over pi x."""
    from ..special import sinc as ours  # which needs SciPy

    return np.frompyfunc(ours, 1, 1)(_objects(x))


@_stands_for(np.std)
def std(a: Any, axis: Any = None, ddof: int = 0, **options: Any) -> Any:
    """The root of the variance."""
    return _SQRT(_objects(np.var(_objects(a), axis=axis, ddof=ddof, **options)))


@_stands_for(np.cov)
def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, **options: Any
) -> Any:
    """The covariances of variables, one a row."""
    if options:
        raise ArgumentError(
            f"np.cov with {', '.join(options)} is not known for Values: leave it out"
        )
    rows = _variables(m, rowvar)
    if y is not None:
        rows = np.concatenate([rows, _variables(y, rowvar)])
    count = rows.shape[1]
    less = (0 if bias else 1) if ddof is None else ddof
    centred = rows - np.sum(rows, axis=1, keepdims=True) / count
    found = (centred @ centred.T) / (count - less)
    return found[0, 0] if found.shape == (1, 1) else found


@_stands_for(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """The correlations of variables, one a row."""
    found = cov(x, y, rowvar)
    if not isinstance(found, np.ndarray):
        return found / found
    spread = _SQRT(np.diag(found))
    return found / np.outer(spread, spread)


def _variables(x: Any, rowvar: bool) -> Any:
    array = np.atleast_2d(_objects(x))
    return array if rowvar or array.shape[0] == 1 else array.T


@_stands_for(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Differences of second order inside, and of first order at the ends."""
    array = _objects(f)
    axes = range(array.ndim) if axis is None else np.atleast_1d(axis).tolist()
    steps = list(varargs) or [1.0]
    steps = steps * len(axes) if len(steps) == 1 else steps
    if edge_order != 1 or len(steps) != len(axes):
        raise ArgumentError(
            f"np.gradient of Values takes edge_order=1 and a spacing for each axis, got edge_order="
            f"{edge_order!r} and {len(steps)} spacings"
        )
    found = [_along(array, step, k) for step, k in zip(steps, axes, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _along(array: Any, step: Any, axis: int) -> Any:
    values = np.moveaxis(array, axis, 0)
    count = len(values)
    if count < 2:
        raise ShapeError(f"np.gradient takes at least 2 numbers along an axis, got {count}")
    places = _objects(step)
    if places.ndim == 0:
        places = np.arange(count) * places
    between = np.diff(places).reshape(-1, *[1] * (values.ndim - 1))
    slopes = np.diff(values, axis=0) / between
    before, after = between[:-1], between[1:]
    inner = (slopes[:-1] * after + slopes[1:] * before) / (before + after)
    return np.moveaxis(np.concatenate([slopes[:1], inner, slopes[-1:]]), 0, axis)


# ---- linear algebra --------------------------------------------------------------------------


def _matrix(a: Any, name: str) -> list[list[Any]]:
    array = _objects(a)
    if array.ndim != 2:
        raise ShapeError(
            f"np.linalg.{name} takes one matrix of Values, got an array of shape {array.shape}"
        )
    return [list(row) for row in array]


def _array(nesting: Any) -> Any:
    return np.array(nesting, dtype=object)


@_stands_for(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    right = _objects(b)
    if right.ndim > 2:
        raise ShapeError(f"np.linalg.solve takes one right side of Values, got shape {right.shape}")
    return _array(solve(_matrix(a, "solve"), right.tolist()))


@_stands_for(np.linalg.inv)
def _inv(a: Any) -> Any:
    return _array(inverse(_matrix(a, "inv")))


@_stands_for(np.linalg.det)
def _det(a: Any) -> Any:
    return det(_matrix(a, "det"))


@_stands_for(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    sign, logarithm = slogdet(_matrix(a, "slogdet"))
    return sign, logarithm


@_stands_for(np.linalg.cholesky)
def _cholesky(a: Any) -> Any:
    return _array(cholesky(_matrix(a, "cholesky")))


@_stands_for(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    right = _objects(b)
    columns = [list(right)] if right.ndim == 1 else [list(column) for column in right.T]
    rows = _matrix(a, "lstsq")
    found = [least_squares(rows, column) for column in columns]
    x = _array([solution for solution, _ in found]).T
    residuals = _array([residual for _, residual in found])
    return (x.ravel() if right.ndim == 1 else x), residuals, len(rows[0]), None


@_stands_for(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    array = _objects(x)
    vector = axis is not None or array.ndim == 1
    if (ord is None and axis is None) or (vector and ord in (None, 2)) or ord == "fro":
        place = axis if ord != "fro" or axis is not None else None
        return _SQRT(_objects(np.sum(array * array, axis=place, keepdims=keepdims)))
    if vector and not isinstance(axis, tuple) and ord in (1, np.inf, -np.inf):
        sizes = _ABS(array)
        if ord == 1:
            return np.sum(sizes, axis=axis, keepdims=keepdims)
        return (_MAX if ord > 0 else _MIN).reduce(sizes, axis=axis or 0, keepdims=keepdims)
    if vector and not isinstance(axis, tuple) and isinstance(ord, int | float) and ord > 1:
        total = np.sum(_ABS(array) ** ord, axis=axis, keepdims=keepdims)
        return total ** (1.0 / ord)
    raise ArgumentError(
        f"np.linalg.norm of shape {array.shape} with ord={ord!r} is not known for Values: of vectors 1, 2, "
        "inf, -inf and powers above 1 are, of matrices 'fro'"
    )


@_stands_for(np.linalg.multi_dot)
def _multi_dot(arrays: Any, **options: Any) -> Any:
    return reduce(np.matmul, arrays)
