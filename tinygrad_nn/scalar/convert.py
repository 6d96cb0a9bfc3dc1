"""Plain numbers: which objects are one, and how they become a float."""

from __future__ import annotations

import math
import sys
from numbers import Rational, Real
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError

__all__ = ["is_decimal", "is_number", "to_number"]


def is_number(value: object) -> bool:
    """Tell whether `value` is an int, a float, a Fraction, a Decimal, or a real NumPy scalar."""
    kind = type(value)
    if kind is float or kind is int:
        return True
    if issubclass(kind, Real):  # a symbol may say that it is a number; and to ask an ABC is slow
        return True
    numpy = sys.modules.get("numpy")  # a NumPy scalar exists only where NumPy was imported
    if numpy is not None and issubclass(kind, numpy.bool_):
        return True
    return is_decimal(value)


def is_decimal(value: object) -> bool:
    """Tell whether `value` is a Decimal: it does not mix with floats, and so becomes one."""
    decimal = sys.modules.get("decimal")
    return decimal is not None and issubclass(type(value), decimal.Decimal)


def to_number(value: object, argument: str) -> float:
    """Convert an int, a float or a NumPy scalar to a float; refuse all else, by its name."""
    if type(value) is float:
        return value
    if not is_number(value):
        raise ArgumentTypeError(
            f"{argument} must be a number (int, float or a NumPy scalar), "
            f"got {value!r} ({type(value).__name__}): {_conversion(value)}"
        )
    try:
        number = float(value)  # type: ignore[arg-type]  # is_number has checked it
    except OverflowError:
        number = math.inf
    except ValueError:
        raise ArgumentError(f"{argument} is {value!r}, which is no number: give one") from None
    if math.isinf(number) and not is_infinite(value):
        raise ArgumentError(
            f"{argument} must lie within the range of floats (about 1.8e308), got {_size(value)}: "
            "scale it, or give its logarithm"
        )
    return number


def is_infinite(value: Any) -> bool:
    """Tell whether a number that is infinite as a float is so by itself."""
    return not isinstance(value, Rational) and (not is_decimal(value) or bool(value.is_infinite()))


def _size(value: object) -> str:
    return f"an integer of {len(str(value))} digits" if isinstance(value, int) else f"{value!r:.60}"


def _conversion(value: object) -> str:
    if isinstance(value, str | bytes):
        return "convert it with float(...)"
    if isinstance(value, complex):
        return "make it a tinygrad_nn.cmath.Complex, or take .real and .imag as two numbers"
    if value is None:
        return "give a number, 0.0 if you mean nothing"
    if hasattr(value, "backward") and hasattr(value, "data"):
        return "it is a node already: use it as it is, or its number .data"
    if getattr(value, "shape", None) == ():
        return "take its number with .item()"
    if hasattr(value, "to_numpy"):
        return "take its numbers as an array with .to_numpy()"
    if hasattr(value, "shape") or isinstance(value, list | tuple):
        return "take its elements one at a time, as [Value(x) for x in array.tolist()]"
    return "give one real number"
