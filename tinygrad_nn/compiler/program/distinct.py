"""The different ones among numbers: what NumPy has for it loads its masked arrays first."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["among", "are_distinct", "distinct"]

Number = TypeVar("Number", bound=np.generic)


def distinct(numbers: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Give the different ones among numbers, in order."""
    ordered = np.sort(numbers, axis=None)
    first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def are_distinct(numbers: npt.NDArray[Number]) -> bool:
    """Tell whether all are different."""
    ordered = np.sort(numbers, axis=None)
    return not bool((ordered[1:] == ordered[:-1]).any())


def among(numbers: npt.NDArray[Number], ordered: npt.NDArray[Number]) -> npt.NDArray[np.bool_]:
    """Tell which numbers are among others, which are in order."""
    if not len(ordered):
        return np.zeros(len(numbers), dtype=bool)
    places = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    found: npt.NDArray[np.bool_] = ordered[places] == numbers
    return found
