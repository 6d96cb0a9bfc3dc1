"""Functions of LLVM that are called as Python's, and call others: no frame stands between.

Behind the addresses of `FIRST` their tables have those of what they call.
"""

from __future__ import annotations

__all__ = ["DIRECT", "EITHER"]


def _words(*names: str) -> str:
    """Write what reads the words of a table behind the first ones."""
    lines = ["  %t = getelementptr i8, ptr %self, i64 <bytes>"]
    lines.append("  %more = getelementptr i64, ptr %t, i64 <facts>")
    for place, name in enumerate(names):
        lines.append(f"  %{name}.p = getelementptr ptr, ptr %more, i64 {place}")
        lines.append(f"  %{name} = load ptr, ptr %{name}.p")
    return "\n".join(lines)


def _first(name: str) -> str:
    """Write what reads one of the first words."""
    return f"""  %{name}.p = getelementptr i8, ptr %t, i64 <{name}>
  %{name} = load ptr, ptr %{name}.p"""


EITHER = f"""
define ptr @either(ptr %self, ptr %args, i64 %nargs, ptr %names) {{
{_words("call", "first", "others", "refused")}
  %result = call ptr %call(ptr %first, ptr %args, i64 %nargs, ptr %names)
  %is.refused = icmp eq ptr %result, %refused
  br i1 %is.refused, label %no, label %yes
yes:
  ret ptr %result
no:
{_first("Py_DecRef")}
  call void %Py_DecRef(ptr %result)
  %other = call ptr %call(ptr %others, ptr %args, i64 %nargs, ptr %names)
  ret ptr %other
}}
"""

DIRECT = f"""
define ptr @direct(ptr %self, ptr %args, i64 %nargs, ptr %names) {{
{_words("call", "matches", "function", "plain", "failed", "others", "exception", "count")}
  %count.i = ptrtoint ptr %count to i64
  %as.many = icmp eq i64 %nargs, %count.i
  %no.names = icmp eq ptr %names, null
  %fits = and i1 %as.many, %no.names
  %float = load ptr, ptr %t
  br i1 %fits, label %loop, label %other
loop:
  %i = phi i64 [ 0, %0 ], [ %i1, %on ]
  %left = icmp slt i64 %i, %nargs
  br i1 %left, label %one, label %run
one:
  %arg.p = getelementptr ptr, ptr %args, i64 %i
  %arg = load ptr, ptr %arg.p
  %type.p = getelementptr i8, ptr %arg, i64 <type>
  %type = load ptr, ptr %type.p
  %is.float = icmp eq ptr %type, %float
  br i1 %is.float, label %on, label %other
on:
  %i1 = add i64 %i, 1
  br label %loop
run:
  %result = call ptr %call(ptr %function, ptr %args, i64 %nargs, ptr null)
  %raised = icmp eq ptr %result, null
  br i1 %raised, label %error, label %found
found:
  %kind.p = getelementptr i8, ptr %result, i64 <type>
  %kind = load ptr, ptr %kind.p
  %is.plain = icmp eq ptr %kind, %float
  br i1 %is.plain, label %yes, label %convert
yes:
  ret ptr %result
convert:
  %given = alloca ptr
  store ptr %result, ptr %given
  %converted = call ptr %call(ptr %plain, ptr %given, i64 1, ptr null)
{_first("Py_DecRef")}
  call void %Py_DecRef(ptr %result)
  ret ptr %converted
error:
  %is.usual = call i32 %matches(ptr %exception)
  %is.other = icmp eq i32 %is.usual, 0
  br i1 %is.other, label %through, label %again
through:
  ret ptr null
again:
{_first("PyErr_Clear")}
  call void %PyErr_Clear()
  %found.again = call ptr %call(ptr %failed, ptr %args, i64 %nargs, ptr null)
  ret ptr %found.again
other:
  %others.found = call ptr %call(ptr %others, ptr %args, i64 %nargs, ptr %names)
  ret ptr %others.found
}}
"""
