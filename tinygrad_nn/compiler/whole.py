"""Whole numbers among arguments: those that are no floats are refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Rational
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..scalar.convert import to_number
from .trace.recorder import Argument

__all__ = ["LARGEST", "may_be_large", "refuse_large", "refuse_large_in"]

LARGEST = 2**53  # up to which each integer is a float


def refuse_large(arguments: Sequence[Argument], leaves: Sequence[list[Any]]) -> None:
    """Refuse integers that are no floats: a program would compute with others."""
    for argument, numbers in zip(arguments, leaves, strict=True):
        for row in numbers if argument.per_sample else (numbers,):
            refuse_large_in(argument.name, (row,) if isinstance(row, np.ndarray) else row)


def refuse_large_in(name: str, numbers: Iterable[Any]) -> None:
    """Refuse them among the numbers and arrays of one argument."""
    for number in numbers:
        if type(number) is float:
            continue
        if isinstance(number, Rational):  # a Fraction too may lie beyond all floats
            to_number(number, name)
        if _is_large(number):
            raise ArgumentError(
                f"{name} has the integer {number!r}, and a program computes with floats, which "
                "are integers up to 2**53: give a float, which may be rounded, or name the argument in "
                "static"
            )


def may_be_large(table: Any) -> bool:
    """Tell whether one of some numbers may have been an integer that is refused."""
    return bool(((table >= LARGEST) | (table <= -LARGEST)).any())


def _is_large(number: Any) -> bool:
    if isinstance(number, np.ndarray):
        few = number.dtype.kind not in "iu" or number.dtype.itemsize < 8 or not number.size
        return not few and max(int(number.max()), -int(number.min())) > LARGEST
    return isinstance(number, int | np.integer) and abs(int(number)) > LARGEST
