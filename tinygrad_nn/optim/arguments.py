"""Arguments of optimisers and schedules, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.convert import to_number
from ..scalar.value import Value

__all__ = ["factor", "leaves", "not_negative", "pair"]


def leaves(parameters: Iterable[Value]) -> list[Value]:
    """Check what an optimiser is to move, and list it, each once."""
    if not isinstance(parameters, Iterable):
        raise ArgumentTypeError(
            f"parameters is {parameters!r}, of type {type(parameters).__name__}: expected the "
            "Values to move; give model.parameters()"
        )
    given = list(parameters)
    for position, leaf in enumerate(given):
        if not isinstance(leaf, Value) or not leaf.is_leaf:
            raise ArgumentTypeError(
                f"parameters[{position}] is {leaf!r}: expected a Value that no operation made; "
                "give model.parameters()"
            )
    if not given:
        raise ArgumentError("parameters is empty: expected a Value at least; what is to move?")
    return list(dict.fromkeys(given))


def factor(value: object, name: str) -> float:
    """Check how much of something is kept, from 0 to below 1."""
    number = to_number(value, name)
    if not 0.0 <= number < 1.0:
        raise ArgumentError(f"{name} is {number!r}: expected a number from 0 to below 1, as 0.9")
    return number


def pair(value: object, name: str) -> tuple[object, object]:
    """Check that something is two things."""
    if not isinstance(value, Sequence) or len(value) != 2:
        raise ArgumentTypeError(f"{name} is {value!r}: expected two numbers, as (0.9, 0.999)")
    return value[0], value[1]


def not_negative(value: object, name: str) -> float:
    """Check a finite number that may be 0."""
    number = to_number(value, name)
    if not 0.0 <= number < math.inf:
        raise ArgumentError(f"{name} is {number!r}: expected a finite number, 0 or more, as 0.1")
    return number
