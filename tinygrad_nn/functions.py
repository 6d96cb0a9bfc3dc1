"""Compositions of rows: functions that need no derivative of their own.

Each works on floats (and gives a float) and on Values (and gives a Value), in
forms that neither overflow nor cancel, in the value and in every derivative.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .errors import ArgumentError, ArgumentTypeError, ShapeError
from .scalar.branches import counting
from .scalar.contexts import state
from .scalar.convert import to_number
from .scalar.log_sums import is_infinite, log_of_sum, shift, total_of
from .scalar.methods import add_methods
from .scalar.number import Number, look_at, plain
from .scalar.ops import (
    MOST,
    absolute,
    eq,
    exp,
    gt,
    isfinite,
    le,
    lt,
    maximum,
    minimum,
    sqrt,
    stop_gradient,
    where,
)
from .scalar.value import Value

__all__ = [
    "clip",
    "dist",
    "dot",
    "isclose",
    "leaky_relu",
    "log_softmax",
    "logsumexp",
    "lookup",
    "mean",
    "norm",
    "relu",
    "softmax",
    "square",
]


def relu(x: Any) -> Any:
    """The rectified linear unit, max(0, x); its derivative at 0 is 0.

    Examples
    --------
    >>> relu(-2.0), relu(3.0)
    (0.0, 3.0)
    """
    if type(x) is Value:
        return x._apply(maximum, (0.0, x))  # what the operation would ask for, a little sooner
    return maximum(0.0, x)


def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """The leaky rectified linear unit, max(slope x, x).

    Parameters
    ----------
    x : float or Value
        The argument.
    slope : float
        The derivative at and below 0, between 0 and 1.

    Examples
    --------
    >>> leaky_relu(-2.0, slope=0.1)
    -0.2
    """
    return maximum(slope * x, x)


def square(x: Any) -> Any:
    """The square, x * x.

    Examples
    --------
    >>> square(3.0)
    9.0
    """
    return x * x


def clip(x: Any, low: Any, high: Any) -> Any:
    """Keep x between two bounds; the derivative is 1 inside and at the bounds, 0 outside.

    Examples
    --------
    >>> clip(1.5, -1.0, 1.0)
    1.0
    """
    if plain(low) > plain(high):
        raise ArgumentError(f"low must not exceed high, got {low} and {high}: exchange them")
    return minimum(maximum(x, low), high)


def isclose(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> Any:
    """1 where two numbers are nearly equal, else 0, as math.isclose has it; its slope is 0.

    Parameters
    ----------
    a, b : float or Value
        The numbers; NaN is close to none, and infinity to itself only.
    rel_tol : float
        The greatest difference, relative to the greater absolute value,
    abs_tol : float
        or absolute.

    Examples
    --------
    >>> isclose(1.0, 1.0 + 1e-12), isclose(1e-12, 0.0), isclose(1e-12, 0.0, abs_tol=1e-9)
    (1.0, 0.0, 1.0)
    """
    if rel_tol < 0.0 or abs_tol < 0.0:
        raise ArgumentError(
            f"rel_tol and abs_tol must not be negative, got {rel_tol} and {abs_tol}: "
            "each is the greatest difference that is allowed"
        )
    x, y = stop_gradient(a), stop_gradient(b)
    tolerance = maximum(rel_tol * maximum(absolute(x), absolute(y)), abs_tol)
    near = le(absolute(x - y), tolerance) * isfinite(x) * isfinite(y)
    return maximum(eq(x, y), near)


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """The scalar product, the sum of a[i] b[i]; 0 for empty vectors.

    Raises
    ------
    ShapeError
        When the two have different lengths.

    Examples
    --------
    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    if len(a) != len(b):
        raise ShapeError(
            f"a and b must have the same length, got {len(a)} and {len(b)}: "
            "a scalar product pairs their elements"
        )
    total: Any = a[0] * b[0] if len(a) else 0.0
    for x, y in zip(a[1:], b[1:]):  # noqa: B905  # they are of one length; `strict` is slower
        if type(x) is Value and type(y) is Value and type(total) is Value:
            total = total + x * y  # the same; compiled, it need not ask for the types again
        else:
            total = total + x * y
    return total


def mean(values: Sequence[Any]) -> Any:
    """The arithmetic mean, the sum of n numbers divided by n.

    Examples
    --------
    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    values = _some(values, "mean")
    return total_of(values) / len(values)


def norm(values: Sequence[Any]) -> Any:
    """The Euclidean length, the square root of the sum of squares.

    The numbers are divided by the greatest first, so that it overflows only where the
    result does. Its derivative at the zero vector does not exist and is NaN.

    Examples
    --------
    >>> norm([3.0, 4.0, 12.0])
    13.0
    """
    values = _some(values, "norm")
    size = stop_gradient(maximum([absolute(x) for x in values]))
    usable = gt(size, 0.0) * lt(size, math.inf)
    return where(
        usable,
        lambda: size * sqrt(total_of(square(x / size) for x in values)),
        lambda: sqrt(total_of(square(x) for x in values)),
    )


def dist(p: Sequence[Any], q: Sequence[Any]) -> Any:
    """The Euclidean distance of two points, the `norm` of their difference.

    Raises
    ------
    ShapeError
        When the two have different lengths.

    Examples
    --------
    >>> dist([1.0, 2.0], [4.0, 6.0])
    5.0
    """
    if len(p) != len(q):
        raise ShapeError(
            f"p and q must have the same length, got {len(p)} and {len(q)}: "
            "a distance is of two points in one space"
        )
    return norm([x - y for x, y in zip(p, q, strict=True)])


def softmax(logits: Sequence[Any]) -> list[Any]:
    """Probabilities proportional to exp(logits): exp(x_i) / sum_j exp(x_j).

    The greatest logit is subtracted first, so that nothing overflows.

    Returns
    -------
    list
        As many numbers as `logits`, with sum 1.

    Examples
    --------
    >>> softmax([1000.0, 0.0])
    [1.0, 0.0]
    """
    shifted, _ = shift(_some(logits, "softmax"))
    powers = [exp(x) for x in shifted]
    total = total_of(powers)
    return [power / total for power in powers]


def logsumexp(values: Sequence[Any]) -> Any:
    """The logarithm of a sum of exponentials, ln sum_j exp(x_j).

    Examples
    --------
    >>> logsumexp([-1000.0, -1000.0])
    -999.3068528194401
    >>> logsumexp([0.0, -50.0])
    1.9287498479639178e-22
    """
    shifted, greatest = shift(_some(values, "logsumexp"))
    return where(is_infinite(greatest), greatest, lambda: greatest + log_of_sum(shifted))


def log_softmax(logits: Sequence[Any]) -> list[Any]:
    """The logarithms of `softmax`: x_i - ln sum_j exp(x_j).

    They are exact also where the probability rounds to 0 or to 1.

    Examples
    --------
    >>> log_softmax([1000.0, 0.0])
    [0.0, -1000.0]
    """
    shifted, rest = shifted_logits(logits)
    return [x - rest for x in shifted]


def shifted_logits(logits: Sequence[Any]) -> tuple[list[Any], Any]:
    """The two parts of `log_softmax`: the logits less the greatest, and ln sum_j exp of those.

    Less the greatest float, where one is infinite: then the others have probability 0.
    """
    logits = _some(logits, "log_softmax")
    greatest = stop_gradient(minimum(maximum(logits), MOST))
    shifted = [x - greatest for x in logits]
    return shifted, log_of_sum(shifted)


def lookup(table: Sequence[Any], index: Any) -> Any:
    """The entry of a table at a whole number that may be known at run time only.

    What is not chosen is not read, whatever it is. Recorded for `compile`, the choice is a sum
    of all entries, each where the index is its own, and the program reads what is chosen:
    ``table[index]``, for all indices at once.

    Parameters
    ----------
    table : sequence of numbers, or of sequences of numbers
        The entries, or rows of them.
    index : int or Value
        From 0. There is no derivative by it.

    Returns
    -------
    float or Value, or list of them
        The entry, or the row.

    Raises
    ------
    ArgumentError
        When there is no such entry; in a branch of `where`, when that is chosen.

    Examples
    --------
    >>> lookup([[1.0, 2.0], [3.0, 4.0]], 1)
    [3.0, 4.0]
    """
    if state.derived is not None and isinstance(index, Value) and not index.is_constant:
        state.chosen.append((counting(index), len(table)))
        state.choices += 1
        if not issubclass(type(table[0]), Sequence):  # a symbol may say that it is a number
            return index._chosen_from([[x] for x in table])[0]
        return index._chosen_from(table)
    if isinstance(index, Number):
        look_at(index, "the index of lookup")
    number = to_number(plain(index), "index of lookup")
    if not len(table):
        raise ArgumentError("table of lookup is empty: give at least one entry")
    if not 0 <= number < len(table) or number != int(number):
        shown = repr(number).removesuffix(".0")
        raise ArgumentError(
            f"index is {shown} and the table has {len(table)} entries: expected a whole number "
            f"from 0 to {len(table) - 1}"
        )
    entry = table[int(number)]
    return list(entry) if issubclass(type(entry), Sequence) else entry


def _some(values: Sequence[Any], name: str) -> Sequence[Any]:
    if not hasattr(values, "__iter__"):
        raise ArgumentTypeError(
            f"values of {name} must be a sequence of numbers, got {values!r}: give {name}([a, b])"
        )
    values = list(values)
    if not values:
        raise ArgumentError(f"values of {name} must not be empty: give at least one number")
    return values


add_methods(isclose=isclose, relu=relu, leaky_relu=leaky_relu, square=square, clip=clip)
