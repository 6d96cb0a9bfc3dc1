"""NumPy's functions that put numbers in order, in which NaN comes last as for floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError
from ..scalar.number import is_unknown
from ..scalar.operation import TABLE
from .functions import objects, stands_for

__all__: list[str] = []

_WHERE = np.frompyfunc(TABLE["where"], 3, 1)
_ISNAN = np.frompyfunc(TABLE["isnan"], 1, 1)


class _Last:
    """A number in an order where NaN comes after all others."""

    __slots__ = ("is_nan", "number")

    def __init__(self, number: Any) -> None:
        self.number = number
        self.is_nan = bool(TABLE["isnan"](number))

    def __lt__(self, other: _Last) -> bool:
        if self.is_nan or other.is_nan:
            return other.is_nan and not self.is_nan
        return bool(self.number < other.number)

    def __gt__(self, other: _Last) -> bool:
        return other < self


class _First(_Last):
    """A number in an order where NaN comes before all others."""

    __slots__ = ()

    def __lt__(self, other: _Last) -> bool:
        if self.is_nan or other.is_nan:
            return self.is_nan and not other.is_nan
        return bool(self.number < other.number)


_LAST = np.frompyfunc(_Last, 1, 1)
_FIRST = np.frompyfunc(_First, 1, 1)
_NUMBER = np.frompyfunc(lambda key: key.number, 1, 1)


def has_nan(array: Any) -> bool:
    """Tell whether NaN may be there; of numbers that are unknown, one question is asked for all."""
    unknown = [x for x in array.flat if is_unknown(x)]
    if any(x != x for x in array.flat if not is_unknown(x)):
        return True
    return bool(unknown) and bool(TABLE["isnan"](sum(unknown[1:], unknown[0])))


def _in_order(function: Callable[..., Any], keys: Any, a: Any, options: Any) -> Any:
    array = objects(a)
    return function(keys(array) if has_nan(array) else array, **options)


@stands_for(np.sort)
def sort(a: Any, axis: Any = -1, **options: Any) -> Any:
    """Sort along an axis."""
    array = objects(a)
    if not has_nan(array):
        return np.sort(array, axis=axis, **options)
    return _NUMBER(np.sort(_LAST(array), axis=axis, **options))


@stands_for(np.partition)
def partition(a: Any, kth: Any, axis: Any = -1, **options: Any) -> Any:
    """Put those below the k-th before it, and the others after it."""
    array = objects(a)
    if not has_nan(array):
        return np.partition(array, kth, axis=axis, **options)
    return _NUMBER(np.partition(_LAST(array), kth, axis=axis, **options))


@stands_for(np.argsort)
def argsort(a: Any, axis: Any = -1, **options: Any) -> Any:
    """Tell which order sorts the numbers."""
    return _in_order(np.argsort, _LAST, a, {"axis": axis, **options})


@stands_for(np.argpartition)
def argpartition(a: Any, kth: Any, axis: Any = -1, **options: Any) -> Any:
    """Tell which order partitions the numbers."""
    return _in_order(np.argpartition, _LAST, a, {"kth": kth, "axis": axis, **options})


@stands_for(np.argmax)
def argmax(a: Any, axis: Any = None, **options: Any) -> Any:
    """Tell where the greatest number is, or the first NaN."""
    return _in_order(np.argmax, _LAST, a, {"axis": axis, **options})


@stands_for(np.argmin)
def argmin(a: Any, axis: Any = None, **options: Any) -> Any:
    """Tell where the least number is, or the first NaN."""
    return _in_order(np.argmin, _FIRST, a, {"axis": axis, **options})


def _sorted(a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Sort along axes, which come last as one; with the shape of which those axes are left."""
    array = objects(a)
    axes = range(array.ndim) if axis is None else np.atleast_1d(axis).tolist()
    if any(not -array.ndim <= k < array.ndim for k in axes):
        raise ShapeError(f"axis={axis!r} is not one of an array of shape {array.shape}")
    gone = sorted({int(k) % max(array.ndim, 1) for k in axes})
    kept = tuple(1 if k in gone else n for k, n in enumerate(array.shape))
    array = np.moveaxis(array, gone, range(-len(gone), 0)) if gone else array
    rest = array.shape[: array.ndim - len(gone)]
    count = int(np.prod(array.shape[len(rest) :], dtype=int))
    return sort(array.reshape(*rest, count)), kept


@stands_for(np.quantile)
def quantile(a: Any, q: Any, axis: Any = None, **options: Any) -> Any:
    """Interpolate between the two elements next to a quantile, as NumPy does by itself."""
    keepdims = options.pop("keepdims", False)
    options.pop("overwrite_input", None)
    if set(options) - {"method"} or options.get("method", "linear") != "linear":
        raise ArgumentError(
            f"np.quantile with {', '.join(options)} is not known for Values: only method='linear' is"
        )
    ordered, kept = _sorted(a, axis)
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
        found = low + (high - low) * (place - below)
        if ordered.size and has_nan(ordered):
            found = _WHERE(_ISNAN(ordered[..., -1]), math.nan, found)
        return objects(found).reshape(kept) if keepdims else found

    fractions = np.asarray(q, dtype=float)
    if fractions.ndim == 0:
        return one(float(fractions))
    found = np.empty((*fractions.shape, *(kept if keepdims else ordered.shape[:-1])), dtype=object)
    for place, fraction in np.ndenumerate(fractions):
        found[place] = one(float(fraction))
    return found


@stands_for(np.percentile)
def percentile(a: Any, q: Any, axis: Any = None, **options: Any) -> Any:
    """The quantile at so many hundredths."""
    return quantile(a, np.asarray(q, dtype=float) / 100.0, axis, **options)


@stands_for(np.median)
def median(a: Any, axis: Any = None, **options: Any) -> Any:
    """The element in the middle, or the mean of the two there."""
    return quantile(a, 0.5, axis, **options)
