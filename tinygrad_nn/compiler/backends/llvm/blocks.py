"""Runs of a program on blocks of samples, one after the other, in one call of machine code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...program.program import Floats, Ints
from ..backend import Kernel
from ..memory import Memory
from .engine import target
from .in_blocks import FIELDS, HEAD, code

__all__ = ["Blocks"]


class Blocks:
    """Runs samples in blocks, of as many at once as a memory has.

    `columns` are arrays of the program that each sample has its own of; `rows` says which of others
    are copied, and `sums` are added up. What these are is fixed, but not where they lie.
    """

    def __init__(
        self,
        kernel: Kernel,
        memory: Memory,
        columns: Sequence[int],
        rows: Sequence[tuple[int, slice | Ints]],
        sums: Sequence[int],
    ) -> None:
        met = Counter(columns)  # what comes in and goes out, or goes out twice, is copied
        for array, some in rows:
            met[array] += len(np.arange(memory.program.arrays[array].size)[some])
        slots = {one: kernel.ports.get(one, -1) if met[one] == 1 else -1 for one in met}
        places = _Places(memory)
        self._dtype = memory.dtype
        self._columns = columns
        self._pointers = kernel.pointers.copy()
        about: list[int] = []
        for array in columns:
            size = memory.program.arrays[array].size
            about += 0, 0, 0, size, places.of_row(array, 0), slots[array]
        self._totals: list[int] = []
        for array in sums:
            self._totals.append(HEAD + len(about) + 1)
            about += places.of_shared(array), 0, memory.program.arrays[array].size
        self._rows: list[list[int]] = []  # of each table, where the job says where its rows are
        for array, some in rows:
            size = memory.program.arrays[array].size
            chosen = range(size)[some] if isinstance(some, slice) else some.tolist()
            first = HEAD + len(about) + 1
            self._rows.append([first + FIELDS["rows"] * n for n in range(len(chosen))])
            for place in chosen:
                about += places.of_row(array, place), 0, slots[array]
        head = len(columns), len(sums), sum(map(len, self._rows)), memory.count
        job = [*head, self._pointers.ctypes.data, kernel.row, kernel.body, kernel.step]
        job += 0, *about
        self._job = np.array(job, np.int64)
        self._at = self._job.ctypes.data
        self._kept = kernel, memory, rows
        self._code = code(target(), memory.dtype.itemsize)

    def place(
        self, columns: Mapping[int, Floats], tables: Sequence[Floats], totals: Sequence[Floats]
    ) -> Any:
        """Say where all is: a sample in each column, and a table for each of the rows.

        That, and what this gives, must live as long as it is run.
        """
        job = self._job.data
        given = [np.asarray(columns[array], self._dtype) for array in self._columns]
        given = [one if one.flags.aligned else one.copy() for one in given]
        for number, one in enumerate(given):
            place = HEAD + FIELDS["columns"] * number
            step, sample = one.strides
            job[place], job[place + 1], job[place + 2] = one.ctypes.data, sample, step
        for place, total in zip(self._totals, totals, strict=True):
            job[place] = total.ctypes.data
        for rows, table in zip(self._rows, tables, strict=True):
            assert table.dtype == self._dtype, "rows are copied as they are"
            assert table.strides[1] == table.itemsize, "rows are in one piece"
            address, step = table.ctypes.data, table.strides[0]
            for place in rows:
                job[place] = address
                address += step
        return given

    def run(self, begin: int, end: int) -> None:
        """Run some of the samples; other threads of Python's may run meanwhile."""
        self._code(self._at, begin, end)

    def run_some(self, samples: Ints) -> None:
        """Run samples wherever they are; what they give goes to their own places."""
        job = self._job.data
        job[HEAD - 1] = samples.ctypes.data
        try:
            self.run(0, len(samples))
        finally:
            job[HEAD - 1] = 0


class _Places:
    """Tells addresses of numbers in a memory."""

    def __init__(self, memory: Memory) -> None:
        self._start = memory.start
        self._item = memory.dtype.itemsize
        self._row = memory.row * self._item
        self._shared, self._samples = memory.shared.ctypes.data, memory.samples.ctypes.data
        self._outside = memory.outside

    def of_row(self, array: int, place: int) -> int:
        return self._samples + (self._start[array] + place) * self._row

    def of_shared(self, array: int) -> int:
        if array in self._outside:
            address: int = self._outside[array].ctypes.data
            return address
        return self._shared + self._start[array] * self._item
