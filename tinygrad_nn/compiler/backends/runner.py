"""Running a program on any number of samples, in blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..program.program import DOUBLE, Dtype, Floats, Ints, Program, Role
from ..program.statements import Map, unnested
from .auto import Tiers
from .backend import Backend
from .bound import Bound
from .memory import Into, Memory
from .numpy.code import NUMPY
from .threads import in_threads
from .work import time_to_run

if TYPE_CHECKING:
    from .llvm.blocks import Blocks

__all__ = ["Runner"]

CACHE = 1 << 20  # the bytes that the numbers of one block of samples may take
LEAST = 64  # samples in a block
WHOLE = 64  # of which there are multiples, so that all vectors are whole
MOST_AT_ONCE = 64  # blocks, so that Ctrl-C is heard
MOST_SIZES = 8  # how many numbers of samples keep their memory
# In microseconds of NumPy's: machine code takes a third.
WORTH_WHILE = 600.0  # from which on threads take less time than one
LONG = 100.0  # that others are not to wait for
_NOWHERE: Mapping[int, Floats] = {}


@dataclass(slots=True)
class _Lane:
    """What a thread has for itself: memory for numbers of samples, and arrays outside of it."""

    outside: dict[int, Floats]
    bounds: dict[tuple[int, int], Bound] = field(default_factory=dict)
    shared: Floats | None = None
    run: object = None  # the last one that it took part in


class Runner:
    """A simple program with memory for the numbers of samples it has met.

    `outside` has arrays in memory of the caller's: of shape (size,), or (samples,) for one
    number of each sample. With one of the latter, all runs are of so many samples.

    Blocks of samples run in `threads`, where there is enough to do, and give the same numbers as
    in one.
    """

    def __init__(
        self,
        program: Program,
        outside: Mapping[int, Floats] = _NOWHERE,
        backend: Backend | Tiers = NUMPY,
        dtype: Dtype = DOUBLE,
        threads: int = 1,
    ) -> None:
        self.threads = threads
        self.tiers = tiers = Tiers.of(program, backend, dtype)
        self._outside = dict(outside)
        prepared = tiers.prepared(self._outside)
        self.backend, self.program, self._phases, self._layout, self._maker = prepared
        arrays = self.program.arrays
        self._sliced = [array for array in outside if arrays[array].per_sample]
        self._batch = [n for n, array in enumerate(arrays) if array.role is Role.BATCH]
        self._count = -1  # the number of samples that the memory says
        own = self._layout.samples - sum(arrays[array].size for array in self._sliced)
        fits = CACHE // (tiers.dtype.itemsize * max(own, 1))
        self._fits = max(LEAST, fits // WHOLE * WHOLE)
        self._once, self._each = time_to_run(self.program)
        maps = [one for one in unnested(self.program.statements) if isinstance(one, Map)]
        self.calls_users = any(not (one.op.listed or one.op.array) for one in maps)
        self._lanes = self._made_lanes()

    def _made_lanes(self) -> list[_Lane]:
        """Make lanes without memory: the first is the caller's, others sum apart from it."""
        lanes = [_Lane(self._outside)]
        for _ in range(1, self.threads):
            sums = [n for n in self._phases.sums if n in self._outside]
            own = {n: np.zeros_like(self._outside[n]) for n in sums}
            lanes.append(_Lane(self._outside | own))
        return lanes

    def again(self) -> Runner:
        """Give another runner of the same code, with memory of its own."""
        other = copy(self)
        other._lanes = other._made_lanes()
        other._count = -1
        return other

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
        return Runner(self.tiers.program, self._outside, self.tiers, threads=self.threads)

    def first(self, count: int) -> Bound:
        """Give the memory of the first block, for the numbers that all samples share."""
        return self.bound(0, self._block(count) or 1)

    def run(
        self,
        first: Bound,
        count: int,
        columns: Mapping[int, Floats],
        into: Sequence[Into] = (),
    ) -> None:
        """Run the program, where `first` has the numbers that all samples share.

        `columns` are the arrays that each sample has its own of, a sample in each column; `into`
        says which rows of such arrays are copied, and where to.
        """
        self.say_count(first, count)
        first.before()
        if first.count == count:
            for array, numbers in columns.items():
                first.inputs[array][...] = numbers
            first.check_inputs()
            first.body()
            first.check_computed()
            _copy(first, 0, count, into)
            first.after()
        else:
            self._end(first, self._run_blocks(first, count, columns, into))

    def takes_places(self, count: int) -> bool:
        """Tell whether some of so many samples may be run: code does it in blocks, and in one thread."""
        if self._block(count) == count or self._threads_for(count) > 1:
            return False
        return self._has_code(self.first(count))

    def run_some(
        self,
        first: Bound,
        count: int,
        columns: Mapping[int, Floats],
        into: Sequence[Into],
        go_on: Callable[[Callable[[Ints], None]], None],
    ) -> None:
        """Go on with what runs some of the samples, if it `takes_places`, and then compute what comes after."""
        self.say_count(first, count)
        first.before()
        totals = self._totals()
        blocks, _kept = self._blocks(first, columns, into, totals)
        go_on(blocks.run_some)
        self._end(first, totals)

    def _end(self, first: Bound, totals: Sequence[Floats]) -> None:
        """Take what was summed over all samples, and compute what comes after."""
        for array, total in zip(self._phases.sums, totals, strict=True):
            first.memory.numbers(array)[...] = total
        first.after()

    def say_count(self, first: Bound, count: int) -> None:
        """Write into the memory how many samples there are, unless it says that."""
        if count != self._count:
            self._count = -1  # Ctrl-C may come between
            for array in self._batch:
                first.inputs[array][:] = count, 1.0 / count if count else np.nan
            self._count = count

    def _run_blocks(
        self, first: Bound, count: int, columns: Mapping[int, Floats], into: Sequence[Into]
    ) -> list[Floats]:
        """Run on some samples after others, and give what is summed over all of them.

        Threads have memory of their own, and what they sum is added in the order of the blocks.
        """
        totals = self._totals()
        size = first.count
        work = self._work(first, count, columns, into)

        def take(found: list[Floats]) -> None:
            for total, one in zip(totals, found, strict=True):
                total += one

        if self._threads_for(count) > 1:
            in_threads(self.threads, -(-count // size), _quietly(work), take, _copied)
        elif count and self._has_code(first):
            blocks, _kept = self._blocks(first, columns, into, totals)
            for begin in range(0, count, MOST_AT_ONCE * size):
                blocks.run(begin, min(count, begin + MOST_AT_ONCE * size))
        else:
            for piece in range(-(-count // size)):
                take(work(0, piece))
        return totals

    def _work(
        self, first: Bound, count: int, columns: Mapping[int, Floats], into: Sequence[Into]
    ) -> Callable[[int, int], list[Floats]]:
        """Give what runs a block in the memory of a thread, and gives what is summed there."""
        run = object()
        has_code = self._has_code(first)
        coded: dict[int, tuple[list[Floats], Blocks, Any]] = {}

        def memory(thread: int, begin: int, end: int) -> Bound:
            block = self.bound(begin, end, thread)
            if thread and self._lanes[thread].run is not run:
                block.memory.shared[...] = first.memory.shared
                self._lanes[thread].run = run
            return block

        def in_code(thread: int, begin: int, end: int) -> list[Floats]:
            if thread not in coded:
                totals = self._totals()
                block = memory(thread, 0, first.count)
                coded[thread] = totals, *self._blocks(block, columns, into, totals)
            totals, blocks, _ = coded[thread]
            for total in totals:
                total[...] = 0.0
            blocks.run(begin, end)
            return totals

        def in_python(thread: int, begin: int, end: int) -> list[Floats]:
            block = memory(thread, begin, end)
            for array, numbers in columns.items():
                block.inputs[array][...] = numbers[:, begin:end]
            block.check_inputs()
            block.body()
            block.check_computed()
            _copy(block, begin, end, into)
            return [block.memory.numbers(array) for array in self._phases.sums]

        def work(thread: int, piece: int) -> list[Floats]:
            begin = piece * first.count
            end = min(count, begin + first.count)
            return (in_code if has_code else in_python)(thread, begin, end)

        return work

    def _has_code(self, first: Bound) -> bool:
        """Tell whether blocks can be run without the interpreter."""
        code = first.kernel is not None and bool(first.kernel.body)
        return code and not (self._sliced or first.has_lookups)

    def _blocks(
        self,
        block: Bound,
        columns: Mapping[int, Floats],
        into: Sequence[Into],
        totals: Sequence[Floats],
    ) -> tuple[Blocks, Any]:
        """Give what runs blocks in some memory, and what must live meanwhile."""
        rows = [(array, some) for array, some, _ in into]
        key = tuple(columns), tuple([(array, id(some)) for array, some in rows])
        if block.blocks is None or block.blocks[0] != key:
            from .llvm.blocks import Blocks

            assert block.kernel is not None
            made = Blocks(block.kernel, block.memory, [*columns], rows, self._phases.sums)
            block.blocks = key, made  # which keeps what some are, and so their ids
        blocks = block.blocks[1]
        return blocks, blocks.place(columns, [table for _, _, table in into], totals)

    def _totals(self) -> list[Floats]:
        return [np.zeros(self.program.arrays[array].size) for array in self._phases.sums]

    def _threads_for(self, count: int) -> int:
        """Choose how many threads to run in: below some work they take longer than one."""
        if self._each * count < WORTH_WHILE or self._sliced or self.calls_users:
            return 1
        return self.threads

    def is_long(self, count: int) -> bool:
        """Tell whether a run on so many samples takes so long that others should not wait for it."""
        return self._once + self._each * count >= LONG

    def _block(self, count: int) -> int:
        """Choose how many samples to take at once."""
        if count <= 2 * self._fits or self._phases.coupled:
            return count
        return self._fits

    def bound(self, begin: int, end: int, thread: int = 0) -> Bound:
        """Give the memory for some samples, that of a thread."""
        lane = self._lanes[thread]
        key = (begin, end) if self._sliced else (0, end - begin)
        found = lane.bounds.get(key)
        if found is None:
            outside = lane.outside | {n: lane.outside[n][begin:end] for n in self._sliced}
            count = end - begin
            memory = Memory(self._layout, count, lane.shared, outside, self._maker.row(count))
            lane.shared = memory.shared
            releases = self.threads > 1 or self.is_long(count)
            found = Bound(memory, self._maker.code(memory, releases))
            self.tiers.calls = found.calls
            if len(lane.bounds) >= MOST_SIZES and not self._sliced:
                del lane.bounds[next(iter(lane.bounds))]
            lane.bounds[key] = found
        return found


def _copy(block: Bound, begin: int, end: int, into: Sequence[Into]) -> None:
    for array, places, table in into:
        table[:, begin:end] = block.memory.numbers(array)[places]


def _copied(arrays: Sequence[Floats]) -> list[Floats]:
    return [array.copy() for array in arrays]


def _quietly(work: Callable[[int, int], list[Floats]]) -> Callable[[int, int], list[Floats]]:
    """Silence NumPy in the threads, too: each has settings of its own."""

    def quiet(thread: int, piece: int) -> list[Floats]:
        with np.errstate(all="ignore"):
            return work(thread, piece)

    return quiet
