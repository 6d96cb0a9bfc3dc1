"""Numbers as places of tables: which they are, and whether there are such."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import ArgumentError
from ...program.program import Floats, Lookup, Role, indices_of
from ...program.statements import Access
from ..memory import Memory

__all__ = ["LookupCheck", "Places"]


class Places:
    """Turns numbers like these into the `chosen` places; `back` has the numbers that would have been right."""

    def __init__(self, numbers: Floats, size: int) -> None:
        self._all = np.arange(size, dtype=numbers.dtype)
        self.chosen: Any = np.zeros(numbers.shape, np.intp)
        self.back: Floats = np.zeros(numbers.shape, numbers.dtype)

    def follow(self, numbers: Floats) -> bool:
        """Find the places; tell whether all are there. -0.0 is one, and told to be none."""
        self.chosen[...] = numbers
        self._all.take(self.chosen, 0, self.back, "clip")
        return bool(self.back.tobytes() == numbers.tobytes())


class LookupCheck:
    """Looks whether numbers of an array are places of the table they choose from.

    `is_given` says that they are there before the program runs.
    """

    def __init__(self, memory: Memory, lookup: Lookup) -> None:
        where = lookup.places.where
        assert isinstance(where, Access)
        array = memory.program.arrays[where.array]
        self.is_given = array.role is not Role.INNER
        self._name = array.name
        self._size = lookup.size
        self._indices = indices_of(memory.program, lookup.places)
        self._numbers = memory.numbers(where.array)
        self._found = Places(self._numbers[self._indices], lookup.size)

    def __call__(self) -> None:
        """Refuse numbers that are no places, as `lookup` itself does."""
        numbers = self._numbers[self._indices]
        if self._found.follow(numbers):
            return
        wrong = numbers[self._found.back != numbers]
        if wrong.size:
            condition = ", or 1 or 0 as the condition of where" if self._size == 2 else ""
            shown = repr(float(wrong[0])).removesuffix(".0")
            raise ArgumentError(
                f"{self._name or 'what was computed'} has {shown} as an index, and the table "
                f"has {self._size} entries: expected a whole number from 0 to {self._size - 1}"
                f"{condition}"
            )
