"""Running a program on any number of samples, in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from ...form.program import Role, number_of
from ...program.program import Program
from .bound import Bound

__all__ = ["Runner"]

Array: TypeAlias = Any  # an array of float64
Collect: TypeAlias = Callable[[Bound, int, int], None]

CACHE = 1 << 20  # the bytes that the numbers of one block of samples may take
LEAST = 64  # samples in a block
MOST_SIZES = 8  # how many numbers of samples keep their memory
_NOWHERE: Mapping[int, Array] = {}


class Runner:
    """A program with memory for the numbers of samples it has met.

    Parameters
    ----------
    program : Program
    outside : mapping of int to array, optional
        Families that live in memory of the caller's: of shape (size,), or (samples,) for one
        number of each sample. With one of the latter, all runs are of so many samples.
    """

    def __init__(self, program: Program, outside: Mapping[int, Array] = _NOWHERE) -> None:
        self.program = program
        self._outside = dict(outside)
        families = program.families
        self._sliced = [family for family in outside if families[family].per_sample]
        self._bounds: dict[tuple[int, int], Bound] = {}
        self._shared: Array | None = None
        self._batch = number_of(program.arrays, Role.BATCH)
        self.calls: int | None = None  # of NumPy, for a run; None before the first
        self._count = -1  # the number of samples that the memory says
        own = program.layout.samples - sum(families[family].size for family in self._sliced)
        self._fits = max(LEAST, CACHE // (8 * max(own, 1)))
        self._sums = sorted({s.family for s in program.body if s.reduces})

    def first(self, count: int) -> Bound:
        """Give the memory of the first block, for the numbers that all samples share."""
        return self.bound(0, self._block(count) or 1)

    def run(
        self, first: Bound, count: int, columns: Mapping[int, Array], collect: Collect | None = None
    ) -> None:
        """Run the program.

        Parameters
        ----------
        first : Bound
            What `first` gives, with the numbers in it that all samples share.
        count : int
            The number of samples.
        columns : mapping of int to array, shape (size, samples)
            The arrays that each sample has its own of, a sample in each column.
        collect : callable, optional
            Called after each block with its memory, its first sample and its last + 1.
        """
        if count != self._count:
            first.inputs[self._batch][:] = count, 1.0 / count if count else np.nan
            self._count = count
        first.before()
        if first.count == count:
            for array, numbers in columns.items():
                first.inputs[array][...] = numbers
            first.check_inputs()
            first.body()
            if collect is not None:
                collect(first, 0, count)
        else:
            self._run_blocks(first, count, columns, collect)
        first.after()

    def _run_blocks(
        self, first: Bound, count: int, columns: Mapping[int, Array], collect: Collect | None
    ) -> None:
        """Run on some samples after others, adding up what is summed over all of them."""
        totals = [np.zeros(self.program.families[family].size) for family in self._sums]
        for begin in range(0, count, first.count):
            end = min(count, begin + first.count)
            block = self.bound(begin, end)
            for array, numbers in columns.items():
                block.inputs[array][...] = numbers[:, begin:end]
            block.check_inputs()
            block.body()
            if collect is not None:
                collect(block, begin, end)
            for family, total in zip(self._sums, totals, strict=True):
                total += block.numbers(family)
        for family, total in zip(self._sums, totals, strict=True):
            first.numbers(family)[...] = total

    def _block(self, count: int) -> int:
        """Choose how many samples to take at once."""
        if count <= 2 * self._fits or self.program.coupled:
            return count
        return self._fits

    def bound(self, begin: int, end: int) -> Bound:
        """Give the memory for some samples."""
        key = (begin, end) if self._sliced else (0, end - begin)
        found = self._bounds.get(key)
        if found is None:
            outside = self._outside | {f: self._outside[f][begin:end] for f in self._sliced}
            found = Bound(self.program, end - begin, self._shared, outside)
            self._shared = found.shared
            self.calls = found.calls
            if len(self._bounds) >= MOST_SIZES and not self._sliced:
                del self._bounds[next(iter(self._bounds))]
            self._bounds[key] = found
        return found
