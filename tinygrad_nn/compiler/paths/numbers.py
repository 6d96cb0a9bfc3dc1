"""The numbers of a call, as they answer what a function asks while it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ShapeError, TraceError
from ...scalar.value import Value
from ..trace.recorder import Argument
from ..trace.structure import flat
from ..whole import refuse_large

__all__ = ["numbers_of"]


def numbers_of(
    outside: Any, arguments: Sequence[Argument], leaves: Sequence[list[Any]], sample: int = 0
) -> list[list[float]]:
    """List the numbers of each argument, of one sample.

    What is a symbol of a function that is recorded outside has its number in that one's session.
    """
    refuse_large(arguments, leaves)
    found = []
    for argument, numbers in zip(arguments, leaves, strict=True):
        own: Sequence[Any] = numbers
        if argument.per_sample:
            is_array = isinstance(numbers[0], np.ndarray)
            if is_array and not len(numbers[0]):
                raise ShapeError(
                    f"{argument.name} has no samples, and the function looks at their numbers: call "
                    "it with some first"
                )
            own = numbers[0][sample].ravel().tolist() if is_array else numbers[sample]
        found.append([_number(outside, argument.name, number) for number in flat(list(own))])
    return found


def _number(outside: Any, name: str, number: Any) -> float:
    if not isinstance(number, Value):
        return float(number)
    if not number.is_symbolic:
        return number.data
    if outside is None:
        raise TraceError(
            f"a question about {name}, which is an argument of another function that is being "
            "recorded in one program: choose with where(condition, x, y)"
        )
    return float(outside.number(number))
