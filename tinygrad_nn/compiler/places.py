"""Numbers that choose from tables: at each run they have to be places there."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ArgumentError

__all__ = ["Places", "places_of"]

Array = Any  # an array of float64


class Places:
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
        shape = numbers[self._places].shape
        self._all = np.arange(float(size))
        self._chosen = np.zeros(shape, np.intp)
        self._back = np.zeros(shape)

    def check(self) -> None:
        """Refuse numbers that are no places.

        Raises
        ------
        ArgumentError
            As `lookup` itself does.
        """
        numbers = self._numbers[self._places]
        self._chosen[...] = numbers
        self._all.take(self._chosen, 0, self._back, "clip")
        if self._back.tobytes() == numbers.tobytes():  # -0.0 differs, and is a place
            return
        wrong = numbers[self._back != numbers]
        if wrong.size:
            raise ArgumentError(
                f"{self._name} has {wrong[0]:g} as an index, and the table has {self._size} "
                f"entries: expected a whole number from 0 to {self._size - 1}"
            )


def places_of(
    lookups: set[tuple[int, int, int]], names: list[str], inputs: list[Array]
) -> list[Places]:
    """Group what is looked up: the array, the place in it, and the size of the table of each."""
    grouped: dict[tuple[int, int], list[int]] = {}
    for array, place, size in sorted(lookups):
        grouped.setdefault((array, size), []).append(place)
    return [
        Places(names[array], inputs[array], places, size)
        for (array, size), places in grouped.items()
    ]
