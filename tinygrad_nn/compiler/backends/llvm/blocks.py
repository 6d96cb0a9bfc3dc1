"""Machine code that runs a program on blocks of samples, one after the other, in one call.

Samples are copied to where the program has them, from arrays in any strides, and results from
there to tables with a row for each. Of what has a pointer of its own nothing is copied: it is read
and written where it is, if it lies there as in the program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from ...program.program import Floats, Ints
from ..backend import Kernel
from ..memory import Memory
from .engine import Engine, Target, target
from .taking import DOUBLE, FLOAT, copying

__all__ = ["Blocks"]

HEAD = 8  # of what is said of all
FIELDS = {"columns": 6, "sums": 3, "rows": 3}  # of what is said of each

BLOCKS = """
define void @blocks(ptr %job, i64 %begin, i64 %end) {
  %columns = load i64, ptr %job
  %sums.p = getelementptr i64, ptr %job, i64 1
  %sums = load i64, ptr %sums.p
  %rows.p = getelementptr i64, ptr %job, i64 2
  %rows = load i64, ptr %rows.p
  %size.p = getelementptr i64, ptr %job, i64 3
  %size = load i64, ptr %size.p
  %table.p = getelementptr i64, ptr %job, i64 4
  %table = load ptr, ptr %table.p
  %row.p = getelementptr i64, ptr %job, i64 5
  %row = load i64, ptr %row.p
  %body.p = getelementptr i64, ptr %job, i64 6
  %body = load ptr, ptr %body.p
  %step.p = getelementptr i64, ptr %job, i64 7
  %step = load i64, ptr %step.p
  %odd = sub i64 %step, 1
  %first.column = getelementptr i64, ptr %job, i64 <head>
  %first.sum = getelementptr [<columns> x i64], ptr %first.column, i64 %columns
  %first.row = getelementptr [<sums> x i64], ptr %first.sum, i64 %sums
  br label %block
block:
  %b = phi i64 [ %begin, %0 ], [ %b1, %written ]
  %left = sub i64 %end, %b
  %short = icmp slt i64 %left, %size
  %n = select i1 %short, i64 %left, i64 %size
  %over = and i64 %n, %odd
  %even = icmp eq i64 %over, 0
  br label %column
column:
  %c = phi i64 [ 0, %block ], [ %c1, %column.on ]
  %c.left = icmp slt i64 %c, %columns
  br i1 %c.left, label %column.on, label %place
column.on:
  %c.p = getelementptr [<columns> x i64], ptr %first.column, i64 %c
  call void @column(ptr %c.p, i64 %b, i64 %n, i64 %row, i1 %even, ptr %table)
  %c1 = add i64 %c, 1
  br label %column
place:
  %g = phi i64 [ 0, %column ], [ %g1, %place.on ]
  %g.left = icmp slt i64 %g, %rows
  br i1 %g.left, label %place.on, label %run
place.on:
  %g.p = getelementptr [<rows> x i64], ptr %first.row, i64 %g
  call void @row(ptr %g.p, i64 %b, i64 %n, i1 %even, ptr %table, i1 0)
  %g1 = add i64 %g, 1
  br label %place
run:
  call void %body(ptr %table, i64 %n, i64 %row)
  br label %sum
sum:
  %s = phi i64 [ 0, %run ], [ %s1, %sum.on ]
  %s.left = icmp slt i64 %s, %sums
  br i1 %s.left, label %sum.on, label %result
sum.on:
  %s.p = getelementptr [<sums> x i64], ptr %first.sum, i64 %s
  call void @added(ptr %s.p)
  %s1 = add i64 %s, 1
  br label %sum
result:
  %k = phi i64 [ 0, %sum ], [ %k1, %result.on ]
  %k.left = icmp slt i64 %k, %rows
  br i1 %k.left, label %result.on, label %written
result.on:
  %k.p = getelementptr [<rows> x i64], ptr %first.row, i64 %k
  call void @row(ptr %k.p, i64 %b, i64 %n, i1 %even, ptr %table, i1 1)
  %k1 = add i64 %k, 1
  br label %result
written:
  %b1 = add i64 %b, %size
  %more = icmp slt i64 %b1, %end
  br i1 %more, label %block, label %done
done:
  ret void
}

define internal void @column(ptr %at, i64 %b, i64 %n, i64 %row, i1 %even, ptr %table) {
  %data = load ptr, ptr %at
  %s0.p = getelementptr i64, ptr %at, i64 1
  %s0 = load i64, ptr %s0.p
  %s1.p = getelementptr i64, ptr %at, i64 2
  %s1 = load i64, ptr %s1.p
  %size.p = getelementptr i64, ptr %at, i64 3
  %size = load i64, ptr %size.p
  %target.p = getelementptr i64, ptr %at, i64 4
  %target = load ptr, ptr %target.p
  %slot.p = getelementptr i64, ptr %at, i64 5
  %slot = load i64, ptr %slot.p
  %skipped = mul i64 %b, %s0
  %from = getelementptr i8, ptr %data, i64 %skipped
  %close = icmp eq i64 %s0, <item>
  %is.port = icmp sge i64 %slot, 0
  br i1 %is.port, label %port, label %copy
port:
  %direct = and i1 %close, %even
  %where = select i1 %direct, ptr %from, ptr %target
  %pointer = getelementptr ptr, ptr %table, i64 %slot
  store ptr %where, ptr %pointer
  br i1 %direct, label %done, label %copy
copy:
  %bytes = mul i64 %n, <item>
  br i1 %close, label %row.next, label %turned
turned:
  %any = call i64 @copied.<real>(ptr %from, i64 %s0, i64 %s1, ptr %target, i64 %row, i64 %n, i64 %size)
  ret void
row.next:
  %f = phi i64 [ 0, %copy ], [ %f1, %row.on ]
  %left = icmp slt i64 %f, %size
  br i1 %left, label %row.on, label %done
row.on:
  %f.skipped = mul i64 %f, %s1
  %f.from = getelementptr i8, ptr %from, i64 %f.skipped
  %f.row = mul i64 %f, %row
  %f.to = getelementptr <real>, ptr %target, i64 %f.row
  call void @llvm.memcpy.p0.p0.i64(ptr %f.to, ptr %f.from, i64 %bytes, i1 0)
  %f1 = add i64 %f, 1
  br label %row.next
done:
  ret void
}

define internal void @row(ptr %at, i64 %b, i64 %n, i1 %even, ptr %table, i1 %ran) {
  %from = load ptr, ptr %at
  %to.p = getelementptr i64, ptr %at, i64 1
  %to = load ptr, ptr %to.p
  %slot.p = getelementptr i64, ptr %at, i64 2
  %slot = load i64, ptr %slot.p
  %here = getelementptr <real>, ptr %to, i64 %b
  %is.port = icmp sge i64 %slot, 0
  %direct = and i1 %is.port, %even
  br i1 %ran, label %after, label %before
before:
  br i1 %is.port, label %port, label %done
port:
  %where = select i1 %even, ptr %here, ptr %from
  %pointer = getelementptr ptr, ptr %table, i64 %slot
  store ptr %where, ptr %pointer
  ret void
after:
  br i1 %direct, label %done, label %copy
copy:
  %bytes = mul i64 %n, <item>
  call void @llvm.memcpy.p0.p0.i64(ptr %here, ptr %from, i64 %bytes, i1 0)
  ret void
done:
  ret void
}

define internal void @added(ptr %at) {
  %from = load ptr, ptr %at
  %to.p = getelementptr i64, ptr %at, i64 1
  %to = load ptr, ptr %to.p
  %size.p = getelementptr i64, ptr %at, i64 2
  %size = load i64, ptr %size.p
  %whole = and i64 %size, -<width>
  br label %vector
vector:
  %i = phi i64 [ 0, %0 ], [ %i1, %vector.on ]
  %i.left = icmp slt i64 %i, %whole
  br i1 %i.left, label %vector.on, label %single
vector.on:
  %i.from = getelementptr <real>, ptr %from, i64 %i
  %i.to = getelementptr double, ptr %to, i64 %i
  %vx = load <<width> x <real>>, ptr %i.from, align <item>
  %vt = load <<width> x double>, ptr %i.to, align 8
  %vw = <widen> <<width> x <real>> %vx to <<width> x double>
  %vs = fadd <<width> x double> %vt, %vw
  store <<width> x double> %vs, ptr %i.to, align 8
  %i1 = add i64 %i, <width>
  br label %vector
single:
  %j = phi i64 [ %whole, %vector ], [ %j1, %single.on ]
  %j.left = icmp slt i64 %j, %size
  br i1 %j.left, label %single.on, label %done
single.on:
  %j.from = getelementptr <real>, ptr %from, i64 %j
  %j.to = getelementptr double, ptr %to, i64 %j
  %x = load <real>, ptr %j.from
  %t = load double, ptr %j.to
  %w = <widen> <real> %x to double
  %s = fadd double %t, %w
  store double %s, ptr %j.to
  %j1 = add i64 %j, 1
  br label %single
done:
  ret void
}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""


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
        job = [*head, self._pointers.ctypes.data, kernel.row, kernel.body, kernel.step, *about]
        self._job = np.array(job, np.int64)
        self._at = self._job.ctypes.data
        self._kept = kernel, memory, rows
        self._code = _code(target(), memory.dtype.itemsize)

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
        for places, table in zip(self._rows, tables, strict=True):
            assert table.dtype == self._dtype, "rows are copied as they are"
            assert table.strides[1] == table.itemsize, "rows are in one piece"
            address, step = table.ctypes.data, table.strides[0]
            for place in places:
                job[place] = address
                address += step
        return given

    def run(self, begin: int, end: int) -> None:
        """Run some of the samples; other threads of Python's may run meanwhile."""
        self._code(self._at, begin, end)


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


@cache
def _code(processor: Target, size: int) -> Any:
    real = DOUBLE if size == DOUBLE.size else FLOAT
    text = BLOCKS
    words = (
        {"real": real.name, "item": real.size, "width": processor.width} | FIELDS | {"head": HEAD}
    )
    words["widen"] = "bitcast" if real is DOUBLE else "fpext"
    for name, word in words.items():
        text = text.replace(f"<{name}>", str(word))
    engine = Engine(text + copying(processor.width, [real], real), processor)
    return engine.function("blocks", releases=True)
