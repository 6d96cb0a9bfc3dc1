"""Machine code that copies an array of Python's to where a program has its samples.

It takes doubles and integers of 8 bytes, in any strides, as the protocol of buffers gives them. Rows
of doubles that lie together are turned in squares of whole vectors.
"""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from ..joint import GIVEN_NOT_FINITE, NOT_TAKEN

__all__ = ["FIELDS", "taking"]

FIELDS = 5  # of what is said of an array: its target, the row there, samples, numbers, and axes
RECORDS_RO = 0x1C  # of PyObject_GetBuffer: with format and strides, not to be written to


class Real(NamedTuple):
    """A type of numbers: what LLVM calls it, the integer of its size, and the bits of infinity."""

    name: str
    whole: str
    infinity: int


REALS = {8: Real("double", "i64", 0x7FF << 52), 4: Real("float", "i32", 0xFF << 23)}


def taking(width: int, size: int) -> str:
    """Write `take(array, fields, functions)`, which tells what is wrong.

    The functions are those to get and to release a buffer, and to clear an error. A vector has
    so many doubles, and a number of the program so many bytes.
    """
    real = REALS[size]
    return TAKE.replace("{W}", str(width)) + _part(real) + _blocks(width, real)


TAKE = f"""
define internal i64 @take(ptr %array, ptr %at, ptr %api) {{
  %view = alloca [16 x i64], align 16
  %get = load ptr, ptr %api
  %failed = call i32 %get(ptr %array, ptr %view, i32 {RECORDS_RO})
  %got = icmp eq i32 %failed, 0
  br i1 %got, label %look, label %clear
clear:
  %atclear = getelementptr ptr, ptr %api, i64 2
  %forget = load ptr, ptr %atclear
  call void %forget()
  ret i64 {NOT_TAKEN}
look:
  %atrow = getelementptr i64, ptr %at, i64 1
  %atcount = getelementptr i64, ptr %at, i64 2
  %atsize = getelementptr i64, ptr %at, i64 3
  %ataxes = getelementptr i64, ptr %at, i64 4
  %target = load ptr, ptr %at
  %row = load i64, ptr %atrow
  %count = load i64, ptr %atcount
  %size = load i64, ptr %atsize
  %axes = load i64, ptr %ataxes
  %data = load ptr, ptr %view
  %atitem = getelementptr i8, ptr %view, i64 24
  %item = load i64, ptr %atitem
  %atnd = getelementptr i8, ptr %view, i64 36
  %nd = load i32, ptr %atnd
  %atformat = getelementptr i8, ptr %view, i64 40
  %format = load ptr, ptr %atformat
  %atshape = getelementptr i8, ptr %view, i64 48
  %shape = load ptr, ptr %atshape
  %atstrides = getelementptr i8, ptr %view, i64 56
  %strides = load ptr, ptr %atstrides
  %nd64 = sext i32 %nd to i64
  %sameaxes = icmp eq i64 %nd64, %axes
  %eight = icmp eq i64 %item, 8
  %fits = and i1 %sameaxes, %eight
  br i1 %fits, label %kind, label %other
kind:
  %letter = load i8, ptr %format
  %atend = getelementptr i8, ptr %format, i64 1
  %end = load i8, ptr %atend
  %single = icmp eq i8 %end, 0
  %isd = icmp eq i8 %letter, {ord("d")}
  %isl = icmp eq i8 %letter, {ord("l")}
  %isq = icmp eq i8 %letter, {ord("q")}
  %whole = or i1 %isl, %isq
  %known = or i1 %isd, %whole
  %good = and i1 %known, %single
  %n0 = load i64, ptr %shape
  %s0 = load i64, ptr %strides
  %samecount = icmp eq i64 %n0, %count
  %good0 = and i1 %good, %samecount
  %two = icmp eq i64 %axes, 2
  br i1 %good0, label %axis, label %other
axis:
  br i1 %two, label %second, label %copy
second:
  %atn1 = getelementptr i64, ptr %shape, i64 1
  %n1 = load i64, ptr %atn1
  %ats1 = getelementptr i64, ptr %strides, i64 1
  %s1of2 = load i64, ptr %ats1
  %samesize = icmp eq i64 %n1, %size
  br i1 %samesize, label %copy, label %other
copy:
  %s1 = phi i64 [ 0, %axis ], [ %s1of2, %second ]
  %close = icmp eq i64 %s1, 8
  %quick = and i1 %close, %isd
  %some = select i1 %quick, i64 %count, i64 0
  %other_ = select i1 %quick, i64 %size, i64 0
  %blocks = and i64 %some, -{{W}}
  %wide = and i64 %other_, -{{W}}
  %b0 = call i64 @blocks(ptr %data, i64 %s0, ptr %target, i64 %row, i64 %blocks, i64 %wide)
  %b1 = call i64 @part(ptr %data, i64 %s0, i64 %s1, i1 %whole, ptr %target, i64 %row, i64 0, i64 %blocks, i64 %wide, i64 %size)
  %b2 = call i64 @part(ptr %data, i64 %s0, i64 %s1, i1 %whole, ptr %target, i64 %row, i64 %blocks, i64 %count, i64 0, i64 %size)
  %b01 = or i64 %b0, %b1
  %b = or i64 %b01, %b2
  br label %release
other:
  br label %release
release:
  %result = phi i64 [ %b, %copy ], [ {NOT_TAKEN}, %other ]
  %atrelease = getelementptr ptr, ptr %api, i64 1
  %free = load ptr, ptr %atrelease
  call void %free(ptr %view)
  ret i64 %result
}}
"""


def _part(real: Real) -> str:
    """Write what copies numbers one by one."""
    name, whole, infinity = real
    number = "%x" if name == "double" else "%rounded"
    rounded = "" if name == "double" else f"%rounded = fptrunc double %x to {name}"
    return f"""
define internal i64 @part(ptr %data, i64 %s0, i64 %s1, i1 %whole, ptr %target, i64 %row, i64 %i0, i64 %i1, i64 %f0, i64 %f1) {{
  %anyf = icmp ult i64 %f0, %f1
  %anyi = icmp ult i64 %i0, %i1
  %any = and i1 %anyf, %anyi
  br i1 %any, label %outer, label %none
none:
  ret i64 0
outer:
  %f = phi i64 [ %f0, %0 ], [ %fnext, %next ]
  %bad0 = phi i64 [ 0, %0 ], [ %badnext, %next ]
  %offset = mul i64 %f, %s1
  %column = getelementptr i8, ptr %data, i64 %offset
  %frow = mul i64 %f, %row
  %to = getelementptr {name}, ptr %target, i64 %frow
  br i1 %whole, label %integers, label %doubles
integers:
  %ii = phi i64 [ %i0, %outer ], [ %iinext, %integers ]
  %ioff = mul i64 %ii, %s0
  %iat = getelementptr i8, ptr %column, i64 %ioff
  %ix = load i64, ptr %iat, align 1
  %iv = sitofp i64 %ix to {name}
  %ito = getelementptr {name}, ptr %to, i64 %ii
  store {name} %iv, ptr %ito
  %iinext = add i64 %ii, 1
  %imore = icmp ult i64 %iinext, %i1
  br i1 %imore, label %integers, label %next
doubles:
  %i = phi i64 [ %i0, %outer ], [ %inext, %doubles ]
  %bad = phi i64 [ %bad0, %outer ], [ %bad1, %doubles ]
  %off = mul i64 %i, %s0
  %at = getelementptr i8, ptr %column, i64 %off
  %x = load double, ptr %at, align 1
  {rounded}
  %dto = getelementptr {name}, ptr %to, i64 %i
  store {name} {number}, ptr %dto
  %bits = bitcast {name} {number} to {whole}
  %exponent = and {whole} %bits, {infinity}
  %isbad = icmp eq {whole} %exponent, {infinity}
  %badflag = select i1 %isbad, i64 {GIVEN_NOT_FINITE}, i64 0
  %bad1 = or i64 %bad, %badflag
  %inext = add i64 %i, 1
  %more = icmp ult i64 %inext, %i1
  br i1 %more, label %doubles, label %next
next:
  %badnext = phi i64 [ %bad0, %integers ], [ %bad1, %doubles ]
  %fnext = add i64 %f, 1
  %moref = icmp ult i64 %fnext, %f1
  br i1 %moref, label %outer, label %done
done:
  ret i64 %badnext
}}
"""


def _blocks(width: int, real: Real) -> str:
    """Write what copies whole squares of numbers, turned."""
    given, kind = f"<{width} x double>", f"<{width} x {real.name}>"
    fma = f"@llvm.fmuladd.v{width}f{real.whole[1:]}"
    names = count()
    zero = f"{kind} zeroinitializer"
    lines = [
        f"declare {kind} {fma}({kind}, {kind}, {kind})",
        "define internal i64 @blocks(ptr %data, i64 %s0, ptr %target, i64 %row, i64 %n, i64 %w) {",
        "  %anyn = icmp ne i64 %n, 0",
        "  %anyw = icmp ne i64 %w, 0",
        "  %any = and i1 %anyn, %anyw",
        "  br i1 %any, label %outer, label %none",
        "none:",
        "  ret i64 0",
        "outer:",
        "  %i = phi i64 [ 0, %0 ], [ %inext, %next ]",
        *[f"  %o{k} = phi {kind} [ zeroinitializer, %0 ], [ %b{k}, %next ]" for k in range(width)],
        "  %ioff = mul i64 %i, %s0",
        "  %from = getelementptr i8, ptr %data, i64 %ioff",
        f"  %to = getelementptr {real.name}, ptr %target, i64 %i",
        "  br label %inner",
        "inner:",
        "  %f = phi i64 [ 0, %outer ], [ %fnext, %inner ]",
        *[f"  %a{k} = phi {kind} [ %o{k}, %outer ], [ %b{k}, %inner ]" for k in range(width)],
        "  %ffrom = getelementptr double, ptr %from, i64 %f",
    ]
    rows = []
    for k in range(width):
        lines += [
            f"  %off{k} = mul i64 %s0, {k}",
            f"  %at{k} = getelementptr i8, ptr %ffrom, i64 %off{k}",
            f"  %v{k} = load {given}, ptr %at{k}, align 1",
        ]
        rows.append(f"%v{k}")
        if kind != given:
            rows[k] = f"%r{k}"
            lines.append(f"  %r{k} = fptrunc {given} %v{k} to {kind}")
        lines.append(f"  %b{k} = call {kind} {fma}({kind} {rows[k]}, {zero}, {kind} %a{k})")
    step = 1
    while step < width:
        turned = list(rows)
        for k in range(width):
            if not k & step:
                one, other = rows[k], rows[k + step]
                for place, shift in ((k, 0), (k + step, step)):
                    mask = [
                        lane + shift + ((width - step) if lane & step else 0)
                        for lane in range(width)
                    ]
                    shown = ", ".join(f"i32 {lane}" for lane in mask)
                    name = f"%t{next(names)}"
                    lines.append(
                        f"  {name} = shufflevector {kind} {one}, {kind} {other}, "
                        f"<{width} x i32> <{shown}>"
                    )
                    turned[place] = name
        rows = turned
        step *= 2
    lines += [
        "  %frow = mul i64 %f, %row",
        f"  %to0 = getelementptr {real.name}, ptr %to, i64 %frow",
    ]
    for k in range(width):
        if k:
            lines.append(f"  %to{k} = getelementptr {real.name}, ptr %to{k - 1}, i64 %row")
        lines.append(f"  store {kind} {rows[k]}, ptr %to{k}, align 1")
    lines += [
        f"  %fnext = add i64 %f, {width}",
        "  %moref = icmp ult i64 %fnext, %w",
        "  br i1 %moref, label %inner, label %next",
        "next:",
        f"  %inext = add i64 %i, {width}",
        "  %morei = icmp ult i64 %inext, %n",
        "  br i1 %morei, label %outer, label %done",
        "done:",
    ]
    total = "%b0"
    for k in range(1, width):
        lines.append(f"  %sum{k} = fadd {kind} {total}, %b{k}")
        total = f"%sum{k}"
    lines += [
        f"  %bad = fcmp uno {kind} {total}, zeroinitializer",
        f"  %bits = bitcast <{width} x i1> %bad to i{width}",
        f"  %isbad = icmp ne i{width} %bits, 0",
        f"  %flag = select i1 %isbad, i64 {GIVEN_NOT_FINITE}, i64 0",
        "  ret i64 %flag",
        "}",
    ]
    return "\n".join(lines)
