"""Machine code that copies an array of samples to where a program has them: a column for each.

It takes doubles, integers of 8 bytes, and floats where the program's numbers are floats, in any
strides. Samples that are neighbours are copied in vectors, and rows of them that lie together are
turned in squares of whole vectors.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count
from typing import NamedTuple

from ..joint import GIVEN_NOT_FINITE, NOT_TAKEN

__all__ = ["DOUBLE", "FLOAT", "GIVEN", "INTEGER", "Kind", "copying"]


class Kind(NamedTuple):
    """A type of numbers: what LLVM calls it, its bytes, and its letters in formats of buffers."""

    name: str
    size: int
    letters: str


DOUBLE, FLOAT, INTEGER = Kind("double", 8, "d"), Kind("float", 4, "f"), Kind("i64", 8, "lq")
GIVEN = "ptr %data, i64 %s0, i64 %s1, ptr %target, i64 %row"
INFINITY = {"double": ("i64", 0x7FF << 52), "float": ("i32", 0xFF << 23)}  # its bits


def copying(
    width: int,
    kinds: Sequence[Kind],
    real: Kind,
    largest: int = 1 << 63,
    seldom: Collection[Kind] = (INTEGER,),
) -> str:
    """Write `copied.<kind>(data, s0, s1, target, row, count, size)`, of numbers of some kinds.

    The strides `s0` and `s1`, of samples and of their numbers, are bytes. It tells whether all are
    finite, and that integers are not taken which are as large as the largest. What comes `seldom` is
    not turned in squares, which take long to make.
    """
    parts = [_part(kind, real, largest) for kind in kinds]
    squares = [
        write(width, kind, real)
        for kind in kinds
        if kind is not INTEGER
        for write in ((_vectors,) if kind in seldom else (_vectors, _squares))
    ]
    fma = f"declare {_vector(width, real)} {_fma(width, real)}({', '.join([_vector(width, real)] * 3)})"
    return "\n".join(
        [*[_copied(kind, width, kind not in seldom) for kind in kinds], *parts, *squares, fma]
    )


def _vector(width: int, kind: Kind) -> str:
    return f"<{width} x {kind.name}>"


def _fma(width: int, kind: Kind) -> str:
    return f"@llvm.fmuladd.v{width}f{8 * kind.size}"


def _converted(of: str, to: str, kind: Kind, real: Kind) -> str:
    """Write how a type becomes another one; nothing where it is the same."""
    if kind is real:
        return ""
    how = "sitofp" if kind is INTEGER else "fptrunc" if kind.size > real.size else "fpext"
    return f"{how} {of} %x to {to}"


def _copied(kind: Kind, width: int, in_squares: bool) -> str:
    """Copy what fills vectors or squares, and the rest number by number."""

    def part(name: str, rows: str, columns: str) -> str:
        return f"  {name} = call i64 @part.{kind.name}({GIVEN}, {rows}, {columns})"

    lines = [f"define internal i64 @copied.{kind.name}({GIVEN}, i64 %count, i64 %size) {{"]
    if kind is INTEGER:
        lines.append(part("%bad", "i64 0, i64 %count", "i64 0, i64 %size"))
        return "\n".join([*lines, "  ret i64 %bad", "}"])
    vectors = "ptr %data, i64 %s1, ptr %target, i64 %row, i64 %whole, i64 %size"
    squares = "ptr %data, i64 %s0, ptr %target, i64 %row, i64 %rows, i64 %columns"
    lines += [
        f"  %whole = and i64 %count, {-width}",
        f"  %next = icmp eq i64 %s0, {kind.size}",
        "  br i1 %next, label %neighbours, label %others",
        "neighbours:",
        f"  %vectors = call i64 @vectors.{kind.name}({vectors})",
        part("%after", "i64 %whole, i64 %count", "i64 0, i64 %size"),
        "  %found = or i64 %vectors, %after",
        "  ret i64 %found",
        "others:",
    ]
    if not in_squares:
        lines.append(part("%bad", "i64 0, i64 %count", "i64 0, i64 %size"))
        return "\n".join([*lines, "  ret i64 %bad", "}"])
    lines += [
        f"  %close = icmp eq i64 %s1, {kind.size}",
        "  %rows = select i1 %close, i64 %whole, i64 0",
        f"  %full = and i64 %size, {-width}",
        "  %columns = select i1 %close, i64 %full, i64 0",
        f"  %squares = call i64 @squares.{kind.name}({squares})",
        part("%right", "i64 0, i64 %rows", "i64 %columns, i64 %size"),
        part("%below", "i64 %rows, i64 %count", "i64 0, i64 %size"),
        "  %rest = or i64 %right, %below",
        "  %bad = or i64 %squares, %rest",
    ]
    return "\n".join([*lines, "  ret i64 %bad", "}"])


def _part(kind: Kind, real: Kind, largest: int) -> str:
    """Write what copies some numbers one by one, and looks at them."""
    converted = _converted(kind.name, real.name, kind, real)
    number = "%v" if converted else "%x"
    line = f"%v = {converted}" if converted else ""
    bits, infinity = INFINITY[real.name]
    if kind is INTEGER:
        why = NOT_TAKEN
        look = f"""  %above = add i64 %x, {largest - 1}
  %isbad = icmp ugt i64 %above, {2 * (largest - 1)}"""
    else:
        why = GIVEN_NOT_FINITE
        look = f"""  %bits = bitcast {real.name} {number} to {bits}
  %exponent = and {bits} %bits, {infinity}
  %isbad = icmp eq {bits} %exponent, {infinity}"""
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
{look}
  %flag = select i1 %isbad, i64 {why}, i64 0
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


def _vectors(width: int, kind: Kind, real: Kind) -> str:
    """Write what copies rows of neighbours in whole vectors."""
    given, vector = _vector(width, kind), _vector(width, real)
    converted = _converted(given, vector, kind, real)
    number = "%y" if converted else "%x"
    bits, infinity = INFINITY[real.name]
    whole = f"<{width} x {bits}>"
    return f"""
define internal i64 @vectors.{kind.name}(ptr %data, i64 %s1, ptr %target, i64 %row, i64 %n, i64 %w) {{
  %anyn = icmp ne i64 %n, 0
  %anyw = icmp ne i64 %w, 0
  %any = and i1 %anyn, %anyw
  br i1 %any, label %outer, label %none
none:
  ret i64 0
outer:
  %f = phi i64 [ 0, %0 ], [ %fnext, %next ]
  %o = phi {whole} [ zeroinitializer, %0 ], [ %b, %next ]
  %foff = mul i64 %f, %s1
  %from = getelementptr i8, ptr %data, i64 %foff
  %frow = mul i64 %f, %row
  %to = getelementptr {real.name}, ptr %target, i64 %frow
  br label %inner
inner:
  %i = phi i64 [ 0, %outer ], [ %inext, %inner ]
  %a = phi {whole} [ %o, %outer ], [ %b, %inner ]
  %at = getelementptr {kind.name}, ptr %from, i64 %i
  %x = load {given}, ptr %at, align 1
  {f"%y = {converted}" if converted else ""}
  %place = getelementptr {real.name}, ptr %to, i64 %i
  store {vector} {number}, ptr %place, align 1
  %bits = bitcast {vector} {number} to {whole}
  %exponents = and {whole} %bits, splat ({bits} {infinity})
  %odd = icmp eq {whole} %exponents, splat ({bits} {infinity})
  %wide = sext <{width} x i1> %odd to {whole}
  %b = or {whole} %a, %wide
  %inext = add i64 %i, {width}
  %more = icmp ult i64 %inext, %n
  br i1 %more, label %inner, label %next
next:
  %fnext = add i64 %f, 1
  %moref = icmp ult i64 %fnext, %w
  br i1 %moref, label %outer, label %done
done:
  %bad = icmp ne {whole} %b, zeroinitializer
{_flagged(width)}
}}
"""


def _flagged(width: int) -> str:
    """Write what tells whether any of the lanes is bad."""
    return f"""  %lanes = bitcast <{width} x i1> %bad to i{width}
  %isbad = icmp ne i{width} %lanes, 0
  %flag = select i1 %isbad, i64 {GIVEN_NOT_FINITE}, i64 0
  ret i64 %flag"""


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
    lines.append(f"  %bad = fcmp uno {vector} {total}, zeroinitializer")
    return "\n".join([*lines, _flagged(width), "}"])
