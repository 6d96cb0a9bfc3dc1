"""The numbers of a call, as they answer what a function asks while it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...scalar.contexts import state
from ...scalar.value import Value
from ..trace.recorder import Argument
from ..trace.structure import flat

__all__ = ["numbers_of"]


def numbers_of(
    arguments: Sequence[Argument], leaves: Sequence[list[Any]], sample: int = 0
) -> list[list[float]] | None:
    """List the numbers of each argument, of one sample; None if one is not known."""
    found = []
    for argument, numbers in zip(arguments, leaves, strict=True):
        own: Sequence[Any] = numbers
        if argument.per_sample:
            is_array = isinstance(numbers[0], np.ndarray)
            own = numbers[0][sample].ravel().tolist() if is_array else numbers[sample]
        known = [_known(number) for number in flat(list(own))]
        if None in known:
            return None
        found.append(known)
    return found  # type: ignore[return-value]  # none of them is None


def _known(number: Any) -> float | None:
    if not isinstance(number, Value):
        return float(number)
    if not number.is_symbolic:
        return number.data
    return None if state.session is None else float(state.session.number(number))
