"""Running a program on any number of samples, in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from ..program.program import Floats, Program, Role
from .auto import Tiers
from .backend import Backend
from .bound import Bound
from .memory import Memory
from .numpy.code import NUMPY

__all__ = ["Runner"]

Collect: TypeAlias = Callable[[Bound, int, int], None]

CACHE = 1 << 20  # the bytes that the numbers of one block of samples may take
LEAST = 64  # samples in a block
MOST_SIZES = 8  # how many numbers of samples keep their memory
_NOWHERE: Mapping[int, Floats] = {}


class Runner:
    """A simple program with memory for the numbers of samples it has met.

    `outside` has arrays in memory of the caller's: of shape (size,), or (samples,) for one
    number of each sample. With one of the latter, all runs are of so many samples.
    """

    def __init__(
        self,
        program: Program,
        outside: Mapping[int, Floats] = _NOWHERE,
        backend: Backend | Tiers = NUMPY,
    ) -> None:
        self.tiers = tiers = Tiers.of(program, backend)
        self._outside = dict(outside)
        prepared = tiers.prepared(self._outside)
        self.backend, self.program, self._phases, self._layout, self._maker = prepared
        arrays = self.program.arrays
        self._sliced = [array for array in outside if arrays[array].per_sample]
        self._bounds: dict[tuple[int, int], Bound] = {}
        self._shared: Floats | None = None
        self._batch = [n for n, array in enumerate(arrays) if array.role is Role.BATCH]
        self._count = -1  # the number of samples that the memory says
        own = self._layout.samples - sum(arrays[array].size for array in self._sliced)
        self._fits = max(LEAST, CACHE // (8 * max(own, 1)))

    @property
    def calls(self) -> int | None:
        """How many calls of NumPy a run makes; None before the first."""
        return self.tiers.calls

    @property
    def is_settled(self) -> bool:
        """Whether all runs from now on are of the same code: then nobody need ask what is due."""
        return self.tiers.is_settled and self.tiers.backend is self.backend

    def is_due(self, count: int) -> bool:
        """Count a run of so many samples; True where a `successor` is to make it instead."""
        tiers = self.tiers
        if tiers.is_settled:  # by another one, maybe, whose arrays live elsewhere
            return tiers.backend is not self.backend
        return tiers.is_due(count, self._outside)

    def successor(self) -> Runner:
        """Give what goes on from now on: this, or another one with memory of its own."""
        self.tiers.settle(self._outside)
        if self.tiers.backend is self.backend:
            return self
        return Runner(self.tiers.program, self._outside, self.tiers)

    def first(self, count: int) -> Bound:
        """Give the memory of the first block, for the numbers that all samples share."""
        return self.bound(0, self._block(count) or 1)

    def run(
        self,
        first: Bound,
        count: int,
        columns: Mapping[int, Floats],
        collect: Collect | None = None,
    ) -> None:
        """Run the program, where `first` has the numbers that all samples share.

        `columns` are the arrays that each sample has its own of, a sample in each column. `collect`
        is called after each block with its memory, its first sample and its last + 1.
        """
        self.say_count(first, count)
        first.before()
        if first.count == count:
            for array, numbers in columns.items():
                first.inputs[array][...] = numbers
            first.check_inputs()
            first.body()
            first.check_computed()
            if collect is not None:
                collect(first, 0, count)
        else:
            self._run_blocks(first, count, columns, collect)
        first.after()

    def say_count(self, first: Bound, count: int) -> None:
        """Write into the memory how many samples there are, unless it says that."""
        if count != self._count:
            self._count = -1  # Ctrl-C may come between
            for array in self._batch:
                first.inputs[array][:] = count, 1.0 / count if count else np.nan
            self._count = count

    def _run_blocks(
        self, first: Bound, count: int, columns: Mapping[int, Floats], collect: Collect | None
    ) -> None:
        """Run on some samples after others, adding up what is summed over all of them."""
        sums = self._phases.sums
        totals = [np.zeros(self.program.arrays[array].size) for array in sums]
        for begin in range(0, count, first.count):
            end = min(count, begin + first.count)
            block = self.bound(begin, end)
            for array, numbers in columns.items():
                block.inputs[array][...] = numbers[:, begin:end]
            block.check_inputs()
            block.body()
            block.check_computed()
            if collect is not None:
                collect(block, begin, end)
            for array, total in zip(sums, totals, strict=True):
                total += block.memory.numbers(array)
        for array, total in zip(sums, totals, strict=True):
            first.memory.numbers(array)[...] = total

    def _block(self, count: int) -> int:
        """Choose how many samples to take at once."""
        if count <= 2 * self._fits or self._phases.coupled:
            return count
        return self._fits

    def bound(self, begin: int, end: int) -> Bound:
        """Give the memory for some samples."""
        key = (begin, end) if self._sliced else (0, end - begin)
        found = self._bounds.get(key)
        if found is None:
            outside = self._outside | {n: self._outside[n][begin:end] for n in self._sliced}
            count = end - begin
            memory = Memory(self._layout, count, self._shared, outside, self._maker.row(count))
            self._shared = memory.shared
            found = Bound(memory, self._maker.code(memory))
            self.tiers.calls = found.calls
            if len(self._bounds) >= MOST_SIZES and not self._sliced:
                del self._bounds[next(iter(self._bounds))]
            self._bounds[key] = found
        return found
