"""Text of machine code that runs a program on blocks of samples, one after the other.

Samples are copied to where the program has them, from arrays in any strides, and results from
there to tables with a row for each. Of what has a pointer of its own nothing is copied: it is read
and written where it is, if it lies there as in the program. With places, each sample comes from its
own among others, and its results go there.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from .copying import DOUBLE, FLOAT, copying
from .engine import Engine, Target

__all__ = ["FIELDS", "HEAD", "code"]

HEAD = 9  # of what is said of all
FIELDS = {"columns": 6, "sums": 3, "rows": 3}  # of what is said of each

COLUMN = "@column({at}, i64 %b, i64 %n, i64 %row, i1 %even, ptr %table, ptr %places)"
ROW = "@row({at}, i64 %b, i64 %n, i1 %even, ptr %table, ptr %places, i1 {ran})"


def _fields(of: str, *fields: str) -> str:
    """Write what reads words, each given as its type and its name."""
    lines = []
    for place, (kind, name) in enumerate(field.split() for field in fields):
        lines.append(f"  %{name}.p = getelementptr i64, ptr {of}, i64 {place}")
        lines.append(f"  %{name} = load {kind}, ptr %{name}.p")
    return "\n".join(lines)


def _each(label: str, before: str, of: str, call: str, after: str) -> str:
    """Write a loop over what is said of each: from one label to another one."""
    at = f"%{label}.at"
    return f"""{label}:
  %{label}.n = phi i64 [ 0, %{before} ], [ %{label}.next, %{label}.on ]
  %{label}.left = icmp slt i64 %{label}.n, %{of}
  br i1 %{label}.left, label %{label}.on, label %{after}
{label}.on:
  {at} = getelementptr [{FIELDS[of]} x i64], ptr %first.{of}, i64 %{label}.n
  call void {call.format(at=f"ptr {at}", ran=int(label == "result"))}
  %{label}.next = add i64 %{label}.n, 1
  br label %{label}"""


ABOUT = "i64 columns", "i64 sums", "i64 rows", "i64 size", "ptr table", "i64 row", "ptr body"
BLOCKS = f"""
define void @blocks(ptr %job, i64 %begin, i64 %end) {{
{_fields("%job", *ABOUT, "i64 step", "ptr places")}
  %in.order = icmp eq ptr %places, null
  %odd = sub i64 %step, 1
  %first.columns = getelementptr i64, ptr %job, i64 {HEAD}
  %first.sums = getelementptr [{FIELDS["columns"]} x i64], ptr %first.columns, i64 %columns
  %first.rows = getelementptr [{FIELDS["sums"]} x i64], ptr %first.sums, i64 %sums
  br label %block
block:
  %b = phi i64 [ %begin, %0 ], [ %b1, %written ]
  %left = sub i64 %end, %b
  %short = icmp slt i64 %left, %size
  %n = select i1 %short, i64 %left, i64 %size
  %over = and i64 %n, %odd
  %whole = icmp eq i64 %over, 0
  %even = and i1 %whole, %in.order
  br label %column
{_each("column", "block", "columns", COLUMN, "place")}
{_each("place", "column", "rows", ROW, "run")}
run:
  call void %body(ptr %table, i64 %n, i64 %row)
  br label %sum
{_each("sum", "run", "sums", "@added({at})", "result")}
{_each("result", "sum", "rows", ROW, "written")}
written:
  %b1 = add i64 %b, %size
  %more = icmp slt i64 %b1, %end
  br i1 %more, label %block, label %done
done:
  ret void
}}
"""

PARTS = f"""
define internal void @column(ptr %at, i64 %b, i64 %n, i64 %row, i1 %even, ptr %table, ptr %places) {{
{_fields("%at", "ptr data", "i64 s0", "i64 s1", "i64 size", "ptr target", "i64 slot")}
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
  %in.order = icmp eq ptr %places, null
  br i1 %in.order, label %ordered, label %field.next
field.next:
  %g = phi i64 [ 0, %copy ], [ %g1, %field.done ]
  %g.left = icmp slt i64 %g, %size
  br i1 %g.left, label %field.on, label %done
field.on:
  %g.skipped = mul i64 %g, %s1
  %g.from = getelementptr i8, ptr %data, i64 %g.skipped
  %g.row = mul i64 %g, %row
  %g.to = getelementptr <real>, ptr %target, i64 %g.row
  %g.places = getelementptr i64, ptr %places, i64 %b
  br label %one.next
one.next:
  %j = phi i64 [ 0, %field.on ], [ %j1, %one.on ]
  %j.left = icmp slt i64 %j, %n
  br i1 %j.left, label %one.on, label %field.done
one.on:
  %j.place.p = getelementptr i64, ptr %g.places, i64 %j
  %j.place = load i64, ptr %j.place.p
  %j.skipped = mul i64 %j.place, %s0
  %j.from = getelementptr i8, ptr %g.from, i64 %j.skipped
  %j.to = getelementptr <real>, ptr %g.to, i64 %j
  %j.x = load <real>, ptr %j.from
  store <real> %j.x, ptr %j.to
  %j1 = add i64 %j, 1
  br label %one.next
field.done:
  %g1 = add i64 %g, 1
  br label %field.next
ordered:
  br i1 %close, label %row.next, label %turned
turned:
  %any = call i64 @copied.<real>(ptr %from, i64 %s0, i64 %s1, ptr %target, i64 %row, i64 %n, i64 %size)
  ret void
row.next:
  %f = phi i64 [ 0, %ordered ], [ %f1, %row.on ]
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
}}

define internal void @row(ptr %at, i64 %b, i64 %n, i1 %even, ptr %table, ptr %places, i1 %ran) {{
{_fields("%at", "ptr from", "ptr to", "i64 slot")}
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
  %in.order = icmp eq ptr %places, null
  br i1 %in.order, label %ordered, label %placed
ordered:
  %bytes = mul i64 %n, <item>
  call void @llvm.memcpy.p0.p0.i64(ptr %here, ptr %from, i64 %bytes, i1 0)
  ret void
placed:
  %own.places = getelementptr i64, ptr %places, i64 %b
  br label %one.next
one.next:
  %j = phi i64 [ 0, %placed ], [ %j1, %one.on ]
  %j.left = icmp slt i64 %j, %n
  br i1 %j.left, label %one.on, label %done
one.on:
  %j.place.p = getelementptr i64, ptr %own.places, i64 %j
  %j.place = load i64, ptr %j.place.p
  %j.from = getelementptr <real>, ptr %from, i64 %j
  %j.to = getelementptr <real>, ptr %to, i64 %j.place
  %j.x = load <real>, ptr %j.from
  store <real> %j.x, ptr %j.to
  %j1 = add i64 %j, 1
  br label %one.next
done:
  ret void
}}

define internal void @added(ptr %at) {{
{_fields("%at", "ptr from", "ptr to", "i64 size")}
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
}}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""


@cache
def code(processor: Target, size: int) -> Any:
    """Make the function of a job, its first sample, and the one behind its last."""
    real = DOUBLE if size == DOUBLE.size else FLOAT
    text = BLOCKS + PARTS
    words = {"real": real.name, "item": real.size, "width": processor.width}
    words["widen"] = "bitcast" if real is DOUBLE else "fpext"
    for name, word in words.items():
        text = text.replace(f"<{name}>", str(word))
    engine = Engine(text + copying(processor.width, [real], real), processor)
    return engine.function("blocks", releases=True)
