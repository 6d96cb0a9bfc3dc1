"""Where each result of a program lies."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from ..program.program import Program, indices_of
from ..program.statements import Access
from .notation import number_text

__all__ = ["Results"]


class Results:
    """All results, one by one: the array of each, -1 for a plain number, and the place in it."""

    def __init__(self, program: Program) -> None:
        self.arrays: list[int] = []
        self.places: list[int] = []
        self.numbers: list[float] = []
        for run in program.results:
            if isinstance(run.where, Access):
                self.arrays += [run.where.array] * run.size
                places = np.arange(program.arrays[run.where.array].size)
                self.places += places[indices_of(program, run)].tolist()
                self.numbers += [0.0] * run.size
            else:
                self.arrays += [-1] * run.size
                self.places += [0] * run.size
                self.numbers += [run.where] * run.size
        self._first: dict[tuple[int, int], int] = {}
        for position, where in enumerate(zip(self.arrays, self.places, strict=True)):
            self._first.setdefault(where, position)

    def __len__(self) -> int:
        return len(self.arrays)

    def find(self, array: int, start: int, size: int) -> int:
        """Find where a run of an array lies among them, as one run; -1 if nowhere."""
        first = self._first.get((array, start), -1)
        end = first + size
        alike = self.arrays[first:end] == [array] * size
        follow = self.places[first:end] == list(range(start, start + size))
        return first if alike and follow else -1

    def alike(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Part neighbours into those that lie in one array, or are written as one number."""
        kinds = [
            number_text(self.numbers[place]) if self.arrays[place] < 0 else self.arrays[place]
            for place in range(first, end)
        ]
        for _, run in groupby(range(first, end), key=lambda place: kinds[place - first]):
            places = list(run)
            yield places[0], places[-1] + 1
