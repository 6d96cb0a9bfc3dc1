"""Machine code that runs a program on blocks of samples, one after the other, in one call.

Samples are copied to where the program has them, from arrays in any strides, and results from
there to tables with a row for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from ...program.program import Floats, Ints
from ..backend import Kernel
from ..memory import Into, Memory
from .engine import Engine, Target, target
from .taking import DOUBLE, FLOAT, copying

__all__ = ["Blocks"]

FIELDS = {"columns": 5, "sums": 3, "rows": 2}  # of what is said of each

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
  %first.column = getelementptr i64, ptr %job, i64 7
  %first.sum = getelementptr [<columns> x i64], ptr %first.column, i64 %columns
  %first.row = getelementptr [<sums> x i64], ptr %first.sum, i64 %sums
  br label %block
block:
  %b = phi i64 [ %begin, %0 ], [ %b1, %written ]
  %left = sub i64 %end, %b
  %short = icmp slt i64 %left, %size
  %n = select i1 %short, i64 %left, i64 %size
  br label %column
column:
  %c = phi i64 [ 0, %block ], [ %c1, %column.on ]
  %c.left = icmp slt i64 %c, %columns
  br i1 %c.left, label %column.on, label %run
column.on:
  %c.p = getelementptr [<columns> x i64], ptr %first.column, i64 %c
  call void @column(ptr %c.p, i64 %b, i64 %n, i64 %row)
  %c1 = add i64 %c, 1
  br label %column
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
  %bytes = mul i64 %n, <item>
  br label %result.row
result.row:
  %k = phi i64 [ 0, %result ], [ %k1, %result.on ]
  %k.left = icmp slt i64 %k, %rows
  br i1 %k.left, label %result.on, label %written
result.on:
  %k.p = getelementptr [<rows> x i64], ptr %first.row, i64 %k
  %from = load ptr, ptr %k.p
  %to.p = getelementptr i64, ptr %k.p, i64 1
  %to = load ptr, ptr %to.p
  %to.here = getelementptr <real>, ptr %to, i64 %b
  call void @llvm.memcpy.p0.p0.i64(ptr %to.here, ptr %from, i64 %bytes, i1 0)
  %k1 = add i64 %k, 1
  br label %result.row
written:
  %b1 = add i64 %b, %size
  %more = icmp slt i64 %b1, %end
  br i1 %more, label %block, label %done
done:
  ret void
}

define internal void @column(ptr %at, i64 %b, i64 %n, i64 %row) {
  %data = load ptr, ptr %at
  %s0.p = getelementptr i64, ptr %at, i64 1
  %s0 = load i64, ptr %s0.p
  %s1.p = getelementptr i64, ptr %at, i64 2
  %s1 = load i64, ptr %s1.p
  %size.p = getelementptr i64, ptr %at, i64 3
  %size = load i64, ptr %size.p
  %target.p = getelementptr i64, ptr %at, i64 4
  %target = load ptr, ptr %target.p
  %skipped = mul i64 %b, %s0
  %from = getelementptr i8, ptr %data, i64 %skipped
  %close = icmp eq i64 %s0, <item>
  %bytes = mul i64 %n, <item>
  br i1 %close, label %row.next, label %turned
turned:
  %any = call i64 @copied.<real>(ptr %from, i64 %s0, i64 %s1, ptr %target, i64 %row, i64 %n, i64 %size)
  ret void
row.next:
  %f = phi i64 [ 0, %0 ], [ %f1, %row.on ]
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
    """Runs samples in blocks, of as many at once as the memory has.

    `columns` are arrays of the program that each sample has its own of, with a sample in each column;
    `into` says where rows of such arrays go to. The arrays `sums` are added onto `totals`.
    """

    def __init__(
        self,
        kernel: Kernel,
        memory: Memory,
        columns: Mapping[int, Floats],
        into: Sequence[Into],
        sums: Sequence[int],
        totals: Sequence[Floats],
    ) -> None:
        rows = [_rows(memory, *one) for one in into]
        job = [len(columns), len(sums), sum(map(len, rows))]
        job += [memory.count, kernel.table, kernel.row, kernel.body]
        given = {array: np.asarray(one, memory.dtype) for array, one in columns.items()}
        for array, numbers in given.items():
            number, sample = numbers.strides
            job += _address(numbers), sample, number, len(numbers), _address(memory.numbers(array))
        for array, total in zip(sums, totals, strict=True):
            job += _address(memory.numbers(array)), _address(total), len(total)
        self._job = np.concatenate([np.array(job, np.int64), *[one.ravel() for one in rows]])
        self._kept = kernel, memory, given, into, totals
        self._code = _code(target(), memory.dtype.itemsize)

    def run(self, begin: int, end: int) -> None:
        """Run some of the samples; other threads of Python's may run meanwhile."""
        self._code(self._job.ctypes.data, begin, end)


def _rows(memory: Memory, array: int, places: slice | Ints, table: Floats) -> Ints:
    """Say for each row of a table where it comes from, and where it is."""
    numbers = memory.numbers(array)
    row, column = table.strides
    assert (table.dtype, column) == (memory.dtype, table.itemsize), "rows are in one piece"
    begins = _address(numbers) + numbers.strides[0] * np.arange(len(numbers))[places]
    return np.column_stack([begins, _address(table) + row * np.arange(len(table))])


def _address(array: Floats) -> int:
    address: int = array.ctypes.data
    return address


@cache
def _code(processor: Target, size: int) -> Any:
    real = DOUBLE if size == DOUBLE.size else FLOAT
    text = BLOCKS
    words = {"real": real.name, "item": real.size, "width": processor.width} | FIELDS
    words["widen"] = "bitcast" if real is DOUBLE else "fpext"
    for name, word in words.items():
        text = text.replace(f"<{name}>", str(word))
    engine = Engine(text + copying(processor.width, [real], real), processor)
    return engine.function("blocks", releases=True)
