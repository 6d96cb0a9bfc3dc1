"""Machine code that takes an array of Python's by the protocol of buffers, and has it copied."""

from __future__ import annotations

from collections.abc import Sequence

from ..joint import NOT_TAKEN
from .copying import DOUBLE, FLOAT, GIVEN, INTEGER, Kind, copying

__all__ = ["taking"]

RECORDS_RO = 0x1C  # of PyObject_GetBuffer: with format and strides, not to be written to


def taking(width: int, size: int, in_squares: bool = True) -> str:
    """Write `take(array, fields, functions)`, which tells what is wrong.

    The functions are those to get and to release a buffer, and to clear an error. A vector has
    so many doubles, and a number of the program so many bytes. Of arrays whose rows are shorter than
    a vector, none is copied `in_squares`.
    """
    real = DOUBLE if size == DOUBLE.size else FLOAT
    kinds = [DOUBLE, INTEGER] if real is DOUBLE else [FLOAT, DOUBLE, INTEGER]
    seldom = (INTEGER,) if in_squares else kinds
    return _take(kinds) + copying(width, kinds, real, seldom=seldom)


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
