"""NumPy's functions that are computed here: NumPy's own would ask Values to be floats."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..functions import lookup
from ..scalar.number import is_unknown
from ..scalar.operation import TABLE
from .array import NumberArray
from .handled import HANDLED

__all__ = ["objects", "stands_for"]

F = TypeVar("F", bound=Callable[..., Any])
_WHERE = np.frompyfunc(TABLE["where"], 3, 1)
_MAX = np.frompyfunc(TABLE["max"], 2, 1)
_MIN = np.frompyfunc(TABLE["min"], 2, 1)
_ISNAN = np.frompyfunc(TABLE["isnan"], 1, 1)
_GT = np.frompyfunc(TABLE["gt"], 2, 1)
_LT = np.frompyfunc(TABLE["lt"], 2, 1)
_SQRT = np.frompyfunc(TABLE["sqrt"], 1, 1)


def stands_for(*functions: Any) -> Callable[[F], F]:
    """Register what is computed in place of functions of NumPy's."""

    def register(function: F) -> F:
        HANDLED.update(dict.fromkeys(functions, function))
        return function

    return register


def objects(x: Any) -> Any:
    """Give a plain array of objects."""
    return np.asarray(x, dtype=object).view(np.ndarray)


def _plainly(function: Any, *args: Any, **options: Any) -> Any:
    """Call NumPy's own function on plain arrays."""
    given = [x.view(np.ndarray) if isinstance(x, NumberArray) else x for x in args]
    return function(*given, **options)


# ---- choosing --------------------------------------------------------------------------------


@stands_for(np.where)
def where(condition: Any, *choices: Any) -> Any:
    """Choose element by element."""
    if not choices:
        return _plainly(np.where, np.asarray(condition).astype(bool))
    return _WHERE(objects(condition), *map(objects, choices))


@stands_for(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0.0) -> Any:
    """Choose by the first condition that holds."""
    if len(condlist) != len(choicelist):
        raise ShapeError(
            f"np.select was given {len(condlist)} conditions and {len(choicelist)} choices: one for each"
        )
    found = objects(default)
    for condition, choice in zip(condlist[::-1], choicelist[::-1], strict=True):
        found = _WHERE(objects(condition), objects(choice), found)
    return found


@stands_for(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    """Limit from below, and then from above."""
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    if options:
        raise ArgumentTypeError(
            f"np.clip with {', '.join(options)} has no meaning for Values: leave it out"
        )
    found = objects(a)
    found = found if low is None else _MAX(found, objects(low))
    return found if high is None else _MIN(found, objects(high))


@stands_for(np.interp)
def interp(
    x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
) -> Any:
    """Interpolate between points; beyond them the ends count, whose slope is 0."""
    if period is not None:
        raise ArgumentError(
            "np.interp with period is not known for Values: take x modulo the period"
        )
    points, values = list(objects(xp).ravel()), list(objects(fp).ravel())
    if len(points) != len(values) or not points:
        raise ShapeError(
            f"np.interp was given {len(points)} points and {len(values)} values: as many of both, "
            "and at least one"
        )
    if any(not is_unknown(p) and not is_unknown(q) and q < p for p, q in pairwise(points)):
        raise ArgumentError(
            "np.interp was given points that do not increase, between which NumPy's own results are "
            "arbitrary: sort the points, and the values with them"
        )
    slopes = [
        0.0 if not is_unknown(q - p) and q == p else (b - a) / (q - p)
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
        if number == points[-1] and len(points) > 1 and points[-2] == points[-1]:
            return values[-1]
        k = min(bisect_right(points, number), len(points) - 1) - 1
        return slopes[k] * (number - points[k]) + values[k] if slopes else values[0]

    return np.frompyfunc(at, 1, 1)(objects(x))


@stands_for(np.nan_to_num)
def nan_to_num(
    x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None
) -> Any:
    """Put numbers in the place of NaN and of the infinite."""
    most = float(np.finfo(float).max)
    above, below = most if posinf is None else posinf, -most if neginf is None else neginf
    array = objects(x)
    found = _WHERE(_ISNAN(array), nan, array)
    found = _WHERE(_GT(array, most), above, _WHERE(_LT(array, -most), below, found))
    if not copy and isinstance(x, np.ndarray):
        x[...] = found
    return found


@stands_for(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    **options: Any,
) -> Any:
    """Numbers at one distance from each other."""
    axis = options.pop("axis", 0)
    if options.pop("dtype", None) not in (None, float) or options:
        raise ArgumentError(
            "np.linspace with dtype or device has no meaning for Values: leave it out"
        )
    first, last = np.broadcast_arrays(objects(start), objects(stop))
    intervals = num - 1 if endpoint else num
    step = objects((last - first) / max(intervals, 1))
    found = objects(np.arange(num).reshape(-1, *[1] * first.ndim) * step + first)
    if endpoint and num > 1:
        found[-1] = last[()]
    found = np.moveaxis(found, 0, axis)
    return (found, step) if retstep else found


@stands_for(np.isposinf)
def isposinf(x: Any) -> Any:
    """Tell which are infinite and positive."""
    return np.asarray(objects(x) == np.inf)


@stands_for(np.isneginf)
def isneginf(x: Any) -> Any:
    """Tell which are infinite and negative."""
    return np.asarray(objects(x) == -np.inf)


# ---- sums and statistics --------------------------------------------------------------------


@stands_for(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights of equal whole numbers, which are plain."""
    places = np.asarray(x)
    if weights is None or places.dtype == object:
        raise ArgumentTypeError(
            "np.bincount counts plain whole numbers, and was given Values: only its weights may be Values"
        )
    numbers = objects(weights)
    if numbers.shape != places.shape:
        raise ShapeError(
            f"np.bincount was given {places.shape} places and {numbers.shape} weights: expected one each"
        )
    found = np.zeros(max(int(places.max(initial=-1)) + 1, minlength), dtype=object)
    np.add.at(found, places, numbers)
    return found


@stands_for(np.sinc)
def sinc(x: Any) -> Any:
    """The sine of pi x over pi x."""
    from ..special import sinc as ours  # which needs SciPy

    return np.frompyfunc(ours, 1, 1)(objects(x))


@stands_for(np.std)
def std(a: Any, axis: Any = None, ddof: int = 0, **options: Any) -> Any:
    """The root of the variance, in which a mask may leave some out."""
    return _SQRT(objects(np.var(objects(a).view(NumberArray), axis=axis, ddof=ddof, **options)))


@stands_for(np.cov)
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


@stands_for(np.corrcoef)
def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """The correlations of variables, one a row."""
    found = cov(x, y, rowvar)
    if not isinstance(found, np.ndarray):
        return found / found
    spread = _SQRT(np.diag(found))
    return found / np.outer(spread, spread)


def _variables(x: Any, rowvar: bool) -> Any:
    array = np.atleast_2d(objects(x))
    return array if rowvar or array.shape[0] == 1 else array.T


@stands_for(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Differences of second order inside, and of first order at the ends."""
    array = objects(f)
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
    places = objects(step)
    if places.ndim == 0:
        places = np.arange(count) * places
    between = np.diff(places).reshape(-1, *[1] * (values.ndim - 1))
    slopes = np.diff(values, axis=0) / between
    before, after = between[:-1], between[1:]
    inner = (slopes[:-1] * after + slopes[1:] * before) / (before + after)
    return np.moveaxis(np.concatenate([slopes[:1], inner, slopes[-1:]]), 0, axis)
