"""Numbers as places of tables: which they are, and whether there are such."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....errors import ArgumentError

__all__ = ["Lookup", "Places", "lookups_of"]

Array = Any  # an array of float64


class Places:
    """Turns numbers into places.

    Parameters
    ----------
    shape : tuple of int
        Of the numbers.
    size : int
        How many places there are.

    Attributes
    ----------
    chosen : array of int
        The places.
    back : array of float
        The numbers that would have been right.
    """

    def __init__(self, shape: tuple[int, ...], size: int) -> None:
        self._all = np.arange(float(size))
        self.chosen: Any = np.zeros(shape, np.intp)
        self.back: Array = np.zeros(shape)

    def follow(self, numbers: Array) -> bool:
        """Find the places; tell whether all are there. -0.0 is one, and told to be none."""
        self.chosen[...] = numbers
        self._all.take(self.chosen, 0, self.back, "clip")
        return bool(self.back.tobytes() == numbers.tobytes())


class Lookup:
    """Numbers of an argument that `lookup` takes as places of a table.

    Parameters
    ----------
    name : str
        What errors call the argument.
    numbers : array of float, shape (size,) or (size, samples)
        The argument, in the memory of a program.
    places : list of int
        Which of its numbers choose.
    size : int
        How many entries the table has.
    """

    def __init__(self, name: str, numbers: Array, places: list[int], size: int) -> None:
        self._name = name
        self._size = size
        together = places == list(range(places[0], places[-1] + 1))
        self._places = slice(places[0], places[-1] + 1) if together else np.array(places)
        self._numbers = numbers
        self._found = Places(numbers[self._places].shape, size)

    def check(self) -> None:
        """Refuse numbers that are no places.

        Raises
        ------
        ArgumentError
            As `lookup` itself does.
        """
        numbers = self._numbers[self._places]
        if self._found.follow(numbers):
            return
        wrong = numbers[self._found.back != numbers]
        if wrong.size:
            raise ArgumentError(
                f"{self._name} has {wrong[0]:g} as an index, and the table has {self._size} "
                f"entries: expected a whole number from 0 to {self._size - 1}"
            )


def lookups_of(
    lookups: frozenset[tuple[int, int, int]], names: list[str], inputs: list[Array]
) -> list[Lookup]:
    """Group what is looked up: the array, the place in it, and the size of the table of each."""
    grouped: dict[tuple[int, int], list[int]] = {}
    for array, place, size in sorted(lookups):
        grouped.setdefault((array, size), []).append(place)
    return [
        Lookup(names[array], inputs[array], places, size)
        for (array, size), places in grouped.items()
    ]
