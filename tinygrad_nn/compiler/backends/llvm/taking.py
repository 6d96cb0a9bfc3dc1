"""Machine code that copies an array of Python's to where a program has its samples.

It takes doubles, integers of 8 bytes, and floats where the program's numbers are floats, in any
strides, as the protocol of buffers gives them. Rows that lie together are turned in squares of whole
vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from ..joint import GIVEN_NOT_FINITE, NOT_TAKEN

__all__ = ["DOUBLE", "FLOAT", "WHOLE", "Kind", "copying", "taking"]

RECORDS_RO = 0x1C  # of PyObject_GetBuffer: with format and strides, not to be written to


class Kind(NamedTuple):
    """A type of numbers: what LLVM calls it, its bytes, and its letters in formats of buffers."""

    name: str
    size: int
    letters: str


DOUBLE, FLOAT, WHOLE = Kind("double", 8, "d"), Kind("float", 4, "f"), Kind("i64", 8, "lq")
GIVEN = "ptr %data, i64 %s0, i64 %s1, ptr %target, i64 %row"
INFINITY = {"double": ("i64", 0x7FF << 52), "float": ("i32", 0xFF << 23)}  # its bits


def taking(width: int, size: int) -> str:
    """Write `take(array, fields, functions)`, which tells what is wrong.

    The functions are those to get and to release a buffer, and to clear an error. A vector has
    so many doubles, and a number of the program so many bytes.
    """
    real = DOUBLE if size == DOUBLE.size else FLOAT
    kinds = [DOUBLE, WHOLE] if real is DOUBLE else [FLOAT, DOUBLE, WHOLE]
    return _take(kinds) + copying(width, kinds, real)


def copying(width: int, kinds: Sequence[Kind], real: Kind) -> str:
    """Write `copied.<kind>(data, s0, s1, target, row, count, size)`, of numbers of some kinds.

    The strides `s0` and `s1`, of samples and of their numbers, are bytes. It tells whether all are
    finite.
    """
    parts = [_part(kind, real) for kind in kinds]
    squares = [_squares(width, kind, real) for kind in kinds if kind is not WHOLE]
    fma = f"declare {_vector(width, real)} {_fma(width, real)}({', '.join([_vector(width, real)] * 3)})"
    return "\n".join([*[_copied(kind, width) for kind in kinds], *parts, *squares, fma])


def _vector(width: int, kind: Kind) -> str:
    return f"<{width} x {kind.name}>"


def _fma(width: int, kind: Kind) -> str:
    return f"@llvm.fmuladd.v{width}f{8 * kind.size}"


def _converted(of: str, to: str, kind: Kind, real: Kind) -> str:
    """Write how a type becomes another one; nothing where it is the same."""
    if kind is real:
        return ""
    return f"{'sitofp' if kind is WHOLE else 'fptrunc'} {of} %x to {to}"


def _take(kinds: Sequence[Kind]) -> str:
    """Write what looks at an array, and has it copied as its kind is."""
    lines = []
    for n, kind in enumerate(kinds):
        equal = [f"%letter{n}{letter}" for letter in kind.letters]
        lines += [
            *[
                f"  {name} = icmp eq i8 %letter, {ord(letter)}"
                for name, letter in zip(equal, kind.letters, strict=True)
            ],
            f"  %named{n} = or i1 {equal[0]}, {equal[-1]}",
            f"  %sized{n} = icmp eq i64 %item, {kind.size}",
            f"  %is{n} = and i1 %named{n}, %sized{n}",
            f"  br i1 %is{n}, label %copy{n}, label %not{n}",
            f"copy{n}:",
            f"  %bad{n} = call i64 @copied.{kind.name}({GIVEN}, i64 %count, i64 %size)",
            "  br label %release",
            f"not{n}:",
        ]
    results = [f"[ %bad{n}, %copy{n} ]" for n in range(len(kinds))]
    return HEAD + "\n".join(lines) + TAIL.replace("{results}", ", ".join(results))


def _copied(kind: Kind, width: int) -> str:
    """Copy what fills squares in squares, and the rest number by number."""

    def part(name: str, rows: str, columns: str) -> str:
        return f"  {name} = call i64 @part.{kind.name}({GIVEN}, {rows}, {columns})"

    lines = [f"define internal i64 @copied.{kind.name}({GIVEN}, i64 %count, i64 %size) {{"]
    if kind is WHOLE:
        lines.append(part("%bad", "i64 0, i64 %count", "i64 0, i64 %size"))
    else:
        squares = "ptr %data, i64 %s0, ptr %target, i64 %row, i64 %rows, i64 %columns"
        lines += [
            f"  %close = icmp eq i64 %s1, {kind.size}",
            f"  %some = select i1 %close, i64 {-width}, i64 0",
            "  %rows = and i64 %count, %some",
            "  %columns = and i64 %size, %some",
            f"  %squares = call i64 @squares.{kind.name}({squares})",
            part("%right", "i64 0, i64 %rows", "i64 %columns, i64 %size"),
            part("%below", "i64 %rows, i64 %count", "i64 0, i64 %size"),
            "  %rest = or i64 %right, %below",
            "  %bad = or i64 %squares, %rest",
        ]
    return "\n".join([*lines, "  ret i64 %bad", "}"])


HEAD = f"""
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
  br i1 %sameaxes, label %first, label %other
first:
  %letter = load i8, ptr %format
  %atend = getelementptr i8, ptr %format, i64 1
  %end = load i8, ptr %atend
  %single = icmp eq i8 %end, 0
  %n0 = load i64, ptr %shape
  %s0 = load i64, ptr %strides
  %samecount = icmp eq i64 %n0, %count
  %good = and i1 %single, %samecount
  %two = icmp eq i64 %axes, 2
  br i1 %good, label %axis, label %other
axis:
  br i1 %two, label %second, label %look_closer
second:
  %atn1 = getelementptr i64, ptr %shape, i64 1
  %n1 = load i64, ptr %atn1
  %ats1 = getelementptr i64, ptr %strides, i64 1
  %s1of2 = load i64, ptr %ats1
  %samesize = icmp eq i64 %n1, %size
  br i1 %samesize, label %look_closer, label %other
look_closer:
  %s1 = phi i64 [ 0, %axis ], [ %s1of2, %second ]
"""

TAIL = f"""
  br label %other
other:
  br label %release
release:
  %result = phi i64 {{results}}, [ {NOT_TAKEN}, %other ]
  %atrelease = getelementptr ptr, ptr %api, i64 1
  %free = load ptr, ptr %atrelease
  call void %free(ptr %view)
  ret i64 %result
}}
"""


def _part(kind: Kind, real: Kind) -> str:
    """Write what copies some numbers one by one."""
    converted = _converted(kind.name, real.name, kind, real)
    number = "%v" if converted else "%x"
    line = f"%v = {converted}" if converted else ""
    bits, infinity = INFINITY[real.name]
    return f"""
define internal i64 @part.{kind.name}({GIVEN}, i64 %i0, i64 %i1, i64 %f0, i64 %f1) {{
  %anyf = icmp ult i64 %f0, %f1
  %anyi = icmp ult i64 %i0, %i1
  %any = and i1 %anyf, %anyi
  br i1 %any, label %outer, label %none
none:
  ret i64 0
outer:
  %f = phi i64 [ %f0, %0 ], [ %fnext, %next ]
  %bad0 = phi i64 [ 0, %0 ], [ %bad1, %next ]
  %offset = mul i64 %f, %s1
  %column = getelementptr i8, ptr %data, i64 %offset
  %frow = mul i64 %f, %row
  %to = getelementptr {real.name}, ptr %target, i64 %frow
  br label %inner
inner:
  %i = phi i64 [ %i0, %outer ], [ %inext, %inner ]
  %bad = phi i64 [ %bad0, %outer ], [ %bad1, %inner ]
  %off = mul i64 %i, %s0
  %at = getelementptr i8, ptr %column, i64 %off
  %x = load {kind.name}, ptr %at, align 1
  {line}
  %place = getelementptr {real.name}, ptr %to, i64 %i
  store {real.name} {number}, ptr %place
  %bits = bitcast {real.name} {number} to {bits}
  %exponent = and {bits} %bits, {infinity}
  %isbad = icmp eq {bits} %exponent, {infinity}
  %flag = select i1 %isbad, i64 {GIVEN_NOT_FINITE}, i64 0
  %bad1 = or i64 %bad, %flag
  %inext = add i64 %i, 1
  %more = icmp ult i64 %inext, %i1
  br i1 %more, label %inner, label %next
next:
  %fnext = add i64 %f, 1
  %moref = icmp ult i64 %fnext, %f1
  br i1 %moref, label %outer, label %done
done:
  ret i64 %bad1
}}
"""


def _squares(width: int, kind: Kind, real: Kind) -> str:
    """Write what copies whole squares of numbers, turned."""
    given, vector, fma = _vector(width, kind), _vector(width, real), _fma(width, real)
    converted = _converted(given, vector, kind, real)
    names = count()
    zero = f"{vector} zeroinitializer"
    lines = [
        f"define internal i64 @squares.{kind.name}"
        "(ptr %data, i64 %s0, ptr %target, i64 %row, i64 %n, i64 %w) {",
        "  %anyn = icmp ne i64 %n, 0",
        "  %anyw = icmp ne i64 %w, 0",
        "  %any = and i1 %anyn, %anyw",
        "  br i1 %any, label %outer, label %none",
        "none:",
        "  ret i64 0",
        "outer:",
        "  %i = phi i64 [ 0, %0 ], [ %inext, %next ]",
        *[
            f"  %o{k} = phi {vector} [ zeroinitializer, %0 ], [ %b{k}, %next ]"
            for k in range(width)
        ],
        "  %ioff = mul i64 %i, %s0",
        "  %from = getelementptr i8, ptr %data, i64 %ioff",
        f"  %to = getelementptr {real.name}, ptr %target, i64 %i",
        "  br label %inner",
        "inner:",
        "  %f = phi i64 [ 0, %outer ], [ %fnext, %inner ]",
        *[f"  %a{k} = phi {vector} [ %o{k}, %outer ], [ %b{k}, %inner ]" for k in range(width)],
        f"  %ffrom = getelementptr {kind.name}, ptr %from, i64 %f",
    ]
    rows = []
    for k in range(width):
        lines += [
            f"  %off{k} = mul i64 %s0, {k}",
            f"  %at{k} = getelementptr i8, ptr %ffrom, i64 %off{k}",
            f"  %v{k} = load {given}, ptr %at{k}, align 1",
        ]
        rows.append(f"%v{k}")
        if converted:
            rows[k] = f"%r{k}"
            lines.append(f"  %r{k} = {converted.replace('%x', f'%v{k}')}")
        lines.append(f"  %b{k} = call {vector} {fma}({vector} {rows[k]}, {zero}, {vector} %a{k})")
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
                        f"  {name} = shufflevector {vector} {one}, {vector} {other}, "
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
        lines.append(f"  store {vector} {rows[k]}, ptr %to{k}, align 1")
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
        lines.append(f"  %sum{k} = fadd {vector} {total}, %b{k}")
        total = f"%sum{k}"
    lines += [
        f"  %bad = fcmp uno {vector} {total}, zeroinitializer",
        f"  %bits = bitcast <{width} x i1> %bad to i{width}",
        f"  %isbad = icmp ne i{width} %bits, 0",
        f"  %flag = select i1 %isbad, i64 {GIVEN_NOT_FINITE}, i64 0",
        "  ret i64 %flag",
        "}",
    ]
    return "\n".join(lines)
