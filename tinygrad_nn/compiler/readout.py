"""Where the results of a program are in its memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .backends.memory import Into, Memory
from .program.program import Floats, Ints, Program, indices_of
from .program.statements import Access

__all__ = [
    "Part",
    "own_rows",
    "parts_of",
    "places_in",
    "repeat_shared",
    "sample_reader",
    "shared_reader",
    "shared_rows",
    "within",
]

LONG_RUN = 64  # results in a run, so that runs are faster than single numbers


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Results `begin` to `end`, in one array (at indices, a slice if neighbours) or one number.

    The array of a number is -1.
    """

    begin: int
    end: int
    per_sample: bool
    array: int
    indices: slice | Ints
    number: float

    @property
    def size(self) -> int:
        """How many results they are."""
        return self.end - self.begin

    def read(self, memory: Memory) -> Floats:
        """Give the numbers, of shape (size,) or (size, samples): a view if they lie together."""
        if self.array < 0:
            return np.full(self.size, self.number, memory.dtype)
        found: Floats = memory.numbers(self.array)[self.indices]
        return found


def parts_of(program: Program) -> list[Part]:
    """List the results of a program, in order."""
    found = []
    begin = 0
    for run in program.results:
        end = begin + run.size
        if isinstance(run.where, Access):
            varies, array = program.arrays[run.where.array].per_sample, run.where.array
            found.append(Part(begin, end, varies, array, indices_of(program, run), 0.0))
        else:
            found.append(Part(begin, end, False, -1, slice(0, run.size), run.where))
        begin = end
    return found


def places_in(part: Part, memory: Memory) -> list[int]:
    """List where results that samples share are in the memory, if they are in an array."""
    whole = np.arange(memory.program.arrays[part.array].size) + memory.start[part.array]
    places: list[int] = whole[part.indices].tolist()
    return places


def within(parts: Iterable[Part], first: int, last: int) -> list[Part]:
    """Cut out some results, counted from the first of them."""
    found = []
    for part in parts:
        begin, end = max(part.begin, first), min(part.end, last)
        if begin < end:
            found.append(_cut(part, begin, end, first))
    return found


def _cut(part: Part, begin: int, end: int, first: int) -> Part:
    low, high = begin - part.begin, end - part.begin
    indices = part.indices
    if isinstance(indices, slice):
        indices = slice(indices.start + low, indices.start + high)
    else:
        indices = indices[low:high]
    return replace(part, begin=begin - first, end=end - first, indices=indices)


def shared_reader(parts: Sequence[Part], memory: Memory) -> Callable[[], Floats]:
    """Make the function that copies all results, with NaN for what each sample has its own of.

    It copies long runs where they lie so, else one by one.
    """
    size = sum(part.size for part in parts)
    numbers = np.full(size, np.nan, memory.dtype)
    places = np.full(size, -1)
    runs = []
    for part in parts:
        here = slice(part.begin, part.end)
        if part.array < 0:
            numbers[here] = part.number
        elif not part.per_sample:
            whole = np.arange(memory.program.arrays[part.array].size)
            places[here] = memory.start[part.array] + whole[part.indices]
        shared = places[part.begin] >= 0
        runs.append(part.read(memory) if shared else numbers[here])
    fixed, source = places < 0, memory.shared
    if fixed.all():
        return numbers.copy
    if len(runs) == 1 and isinstance(parts[0].indices, slice):
        return runs[0].copy
    if len(runs) * LONG_RUN <= size and all(isinstance(part.indices, slice) for part in parts):
        return lambda: np.concatenate(runs)
    if not fixed.any():
        return lambda: source.take(places)
    return lambda: np.where(fixed, numbers, source.take(places, mode="wrap"))


def sample_reader(parts: Sequence[Part], memory: Memory) -> Callable[[], Floats]:
    """Make the function that copies results of all samples, of shape (size, samples)."""
    if len(parts) == 1 and parts[0].per_sample and isinstance(parts[0].indices, slice):
        return parts[0].read(memory).copy
    shape = sum(part.size for part in parts), memory.count

    def read() -> Floats:
        table = np.empty(shape, memory.dtype)  # not said, a reference to it is lost in NumPy 2.4
        for array, places, rows in own_rows(parts, table):
            rows[...] = memory.numbers(array)[places]
        repeat_shared(parts, memory, table)
        return table

    return read


def own_rows(parts: Sequence[Part], table: Floats) -> list[Into]:
    """Say which rows of a table the results go to that each sample has its own of."""
    return [
        (part.array, part.indices, table[part.begin : part.end])
        for part in parts
        if part.per_sample
    ]


def shared_rows(parts: Sequence[Part], memory: Memory, table: Floats) -> list[tuple[Floats, float]]:
    """List the rows of a table for what all samples share, with what it is."""
    return [
        (row, number)
        for part in parts
        if not part.per_sample
        for row, number in zip(
            table[part.begin : part.end], part.read(memory).tolist(), strict=True
        )
    ]


def repeat_shared(parts: Sequence[Part], memory: Memory, table: Floats) -> None:
    """Write what all samples share into the rows of a table, for each of them."""
    for part in parts:
        if not part.per_sample:
            table[part.begin : part.end] = part.read(memory)[:, None]
