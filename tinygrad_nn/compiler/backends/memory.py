"""Where the arrays of a program lie, for a number of samples: what every backend asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

import numpy as np

from ..program.program import DOUBLE, Dtype, Floats, Ints, Program, Role
from ..program.statements import Statement, accesses_of, unnested

__all__ = ["Into", "Layout", "Memory", "Place"]

LINE = 64  # bytes in a line of the cache
MOST_PORTS = 16  # each takes a pointer of its own
# Of an array that each sample has its own of, some places, and the table whose rows they become.
Into: TypeAlias = tuple[int, "slice | Ints", Floats]

_NOWHERE: Mapping[int, Floats] = {}


class Layout:
    """Places for all arrays of a program, whatever the number of samples; -1 for an unused one.

    What is shared keeps a place of its own: inputs first, in the order of the arguments. Of
    the samples, an inner array that is no more read gives its place to a later one of the
    same size, so that long batches stay in the cache. A loop is taken as a whole.

    The `ports`, numbers of each sample that come in or go out, share their places with nothing.
    """

    def __init__(self, program: Program, dtype: Dtype = DOUBLE) -> None:
        self.program = program
        self.dtype = dtype  # of all numbers
        self.line = LINE // dtype.itemsize  # so many are in a line of the cache
        self.start = [-1] * len(program.arrays)
        self.shared = 0
        self.samples = 0
        self.ports = _ports_of(program)
        for number, array in enumerate(program.arrays):
            if not array.per_sample or array.role is not Role.INNER or number in self.ports:
                self._extend(number)
        self._place_samples()

    def _extend(self, number: int) -> None:
        array = self.program.arrays[number]
        if array.per_sample:
            self.start[number] = self.samples
            self.samples += array.size
        else:
            self.start[number] = self.shared
            self.shared += array.size

    def _place_samples(self) -> None:
        """Place what statements write for each sample, in the order in which they run."""
        arrays = self.program.arrays
        touched = [_touched(statement) for statement in self.program.statements]
        last = {number: place for place, numbers in enumerate(touched) for number in numbers}
        kept = {access.array for access in self.program.wanted}
        free: dict[int, list[int]] = {}
        for place, numbers in enumerate(touched):
            of_samples = [n for n in numbers if arrays[n].per_sample]
            for number in of_samples:
                if self.start[number] < 0:
                    found = free.get(arrays[number].size)
                    if found:
                        self.start[number] = found.pop()
                    else:
                        self._extend(number)
            for number in of_samples:
                done = last[number] == place and arrays[number].role is Role.INNER
                if done and number not in kept:
                    free.setdefault(arrays[number].size, []).append(self.start[number])


def _ports_of(program: Program) -> tuple[int, ...]:
    """List arrays of one number of each sample that come in or go out; none where they are many."""
    wanted = {access.array for access in program.wanted}
    found = [
        number
        for number, array in enumerate(program.arrays)
        if array.per_sample and array.size == 1 and (array.role is Role.INPUT or number in wanted)
    ]
    return tuple(found) if len(found) <= MOST_PORTS else ()


def _touched(statement: Statement) -> list[int]:
    """List the arrays that a statement reads or writes, each once."""
    numbers = [a.array for one in unnested((statement,)) for a in accesses_of(one)]
    return list(dict.fromkeys(numbers))


class Place(NamedTuple):
    """Where an array lies, and how far apart in its arena its neighbours and its samples are.

    `sample` is 0 if the samples share it.
    """

    arena: Floats
    start: int
    unit: int
    sample: int


class Memory:
    """Numbers for the arrays of a program: what samples share, and a sample in each column.

    `shared` may be that of another memory of the program; each array of `outside` lives
    elsewhere, in one piece. `row` is how far apart the rows of samples lie, at least as many.
    """

    def __init__(
        self,
        layout: Layout,
        count: int,
        shared: Floats | None = None,
        outside: Mapping[int, Floats] = _NOWHERE,
        row: int = 0,
    ) -> None:
        self.program = layout.program
        self.dtype = layout.dtype
        self.start = layout.start
        self.count = count
        self.outside = outside
        if shared is None:
            shared = _zeros(layout, layout.shared)
            for number, numbers in self.program.constants.items():
                first = self.start[number]
                shared[first : first + len(numbers)] = numbers
        self.shared = shared
        self.row = max(row, count)
        samples = _zeros(layout, layout.samples * self.row)
        self.samples = samples.reshape(layout.samples, self.row)

    def place(self, number: int) -> Place:
        """Tell where an array lies."""
        varies = self.program.arrays[number].per_sample
        if number in self.outside:
            return Place(self.outside[number], 0, self.count if varies else 1, int(varies))
        arena, unit = (self.samples, self.row) if varies else (self.shared, 1)
        return Place(arena, self.start[number] * unit, unit, int(varies))

    def numbers(self, number: int) -> Floats:
        """Give the numbers of an array, of shape (size,) or (size, count)."""
        array = self.program.arrays[number]
        if number in self.outside:
            numbers = self.outside[number]
            return numbers.reshape(array.size, self.count) if array.per_sample else numbers
        arena = self.samples[:, : self.count] if array.per_sample else self.shared
        found: Floats = arena[self.start[number] : self.start[number] + array.size]
        return found

    def is_apart(self, number: int) -> bool:
        """Tell whether an array is not in the memory that all samples share."""
        return self.program.arrays[number].per_sample or number in self.outside


def _zeros(layout: Layout, size: int) -> Floats:
    """Make a row of zeros that begins where a line of the cache does."""
    room = np.zeros(size + layout.line, layout.dtype)
    first = -room.ctypes.data // room.itemsize % layout.line
    return room[first : first + size]
