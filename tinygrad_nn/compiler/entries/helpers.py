"""Functions of LLVM that built-in entries call: numbers out of objects, and into arrays.

Those that look at objects get `%t`, a table of addresses that begins with those of `FIRST`.
"""

from __future__ import annotations

from ..backends.joint import NOT_TAKEN
from ..backends.llvm.copying import DOUBLE, INTEGER, copying
from ..whole import LARGEST
from .calling import DIRECT, EITHER
from .holding import ASK, HOLDS, KNOWS
from .objects import LAYOUT

__all__ = ["FIRST", "HELPERS", "helpers"]

FIRST = (
    *("float", "int", "ndarray", "float64", "int64"),
    *("PyLong_AsDouble", "PyErr_Occurred", "PyErr_Clear", "PyDict_GetItem", "PyDict_Size"),
    *("PyObject_CallNoArgs", "Py_DecRef"),
)
HELPERS = (
    "number",
    "numbers",
    "is_array",
    "taken",
    "gather",
    "rows",
    "same",
    "holds",
    "ask",
    "knows",
    "either",
    "direct",
)
_PLACES = {name: 8 * place for place, name in enumerate(FIRST)}

NUMBER = """
define i1 @number(ptr %o, ptr %to, ptr %t) {
  %type.p = getelementptr i8, ptr %o, i64 <type>
  %type = load ptr, ptr %type.p
  %float = load ptr, ptr %t
  %is.float = icmp eq ptr %type, %float
  br i1 %is.float, label %float.yes, label %float.no
float.yes:
  %value.p = getelementptr i8, ptr %o, i64 <value>
  %value = load double, ptr %value.p
  store double %value, ptr %to
  ret i1 1
float.no:
  %int.p = getelementptr i8, ptr %t, i64 <int>
  %int = load ptr, ptr %int.p
  %is.int = icmp eq ptr %type, %int
  br i1 %is.int, label %int.yes, label %no
int.yes:
  %as.p = getelementptr i8, ptr %t, i64 <PyLong_AsDouble>
  %as = load ptr, ptr %as.p
  %number = call double %as(ptr %o)
  store double %number, ptr %to
  %is.odd = fcmp oeq double %number, -1.0
  br i1 %is.odd, label %odd, label %even
even:
  %size = call double @llvm.fabs.f64(double %number)
  %is.small = fcmp olt double %size, <largest>
  br i1 %is.small, label %yes, label %no
odd:
  %occurred.p = getelementptr i8, ptr %t, i64 <PyErr_Occurred>
  %occurred = load ptr, ptr %occurred.p
  %error = call ptr %occurred()
  %is.fine = icmp eq ptr %error, null
  br i1 %is.fine, label %yes, label %cleared
cleared:
  %clear.p = getelementptr i8, ptr %t, i64 <PyErr_Clear>
  %clear = load ptr, ptr %clear.p
  call void %clear()
  ret i1 0
yes:
  ret i1 1
no:
  ret i1 0
}
declare double @llvm.fabs.f64(double)

define i1 @numbers(ptr %items, i64 %n, ptr %to, ptr %t) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %on ]
  %p = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %p
  %q = getelementptr double, ptr %to, i64 %i
  %ok = call i1 @number(ptr %o, ptr %q, ptr %t)
  br i1 %ok, label %on, label %no
on:
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %yes
yes:
  ret i1 1
no:
  ret i1 0
}
"""
ARRAY = """
define i1 @is_array(ptr %o, i32 %axes, ptr %shape, ptr %t) {
entry:
  %type.p = getelementptr i8, ptr %o, i64 <type>
  %type = load ptr, ptr %type.p
  %array.p = getelementptr i8, ptr %t, i64 <ndarray>
  %array = load ptr, ptr %array.p
  %is.array = icmp eq ptr %type, %array
  br i1 %is.array, label %array.yes, label %no
array.yes:
  %axes.p = getelementptr i8, ptr %o, i64 <axes>
  %axes.now = load i32, ptr %axes.p
  %same.axes = icmp eq i32 %axes.now, %axes
  %flags.p = getelementptr i8, ptr %o, i64 <flags>
  %flags = load i32, ptr %flags.p
  %together = trunc i32 %flags to i1
  %fits = and i1 %same.axes, %together
  br i1 %fits, label %start, label %no
start:
  %shape.p = getelementptr i8, ptr %o, i64 <shape>
  %shape.now = load ptr, ptr %shape.p
  %some = icmp sgt i32 %axes, 0
  %n = sext i32 %axes to i64
  br i1 %some, label %loop, label %yes
loop:
  %i = phi i64 [ 0, %start ], [ %next, %on ]
  %p = getelementptr i64, ptr %shape, i64 %i
  %q = getelementptr i64, ptr %shape.now, i64 %i
  %x = load i64, ptr %p
  %y = load i64, ptr %q
  %same = icmp eq i64 %x, %y
  br i1 %same, label %on, label %no
on:
  %next = add i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %yes
yes:
  ret i1 1
no:
  ret i1 0
}

define i64 @taken(ptr %o, i32 %axes, ptr %shape, ptr %to, i64 %count, i64 %size, i64 %row, ptr %t) {
  %ok = call i1 @is_array(ptr %o, i32 %axes, ptr %shape, ptr %t)
  br i1 %ok, label %known, label %no
known:
  %data.p = getelementptr i8, ptr %o, i64 <data>
  %data = load ptr, ptr %data.p
  %dtype.p = getelementptr i8, ptr %o, i64 <dtype>
  %dtype = load ptr, ptr %dtype.p
  %float64.p = getelementptr i8, ptr %t, i64 <float64>
  %float64 = load ptr, ptr %float64.p
  %is.float = icmp eq ptr %dtype, %float64
  %bytes = mul i64 %size, 8
  br i1 %is.float, label %floats, label %others
floats:
  %is.whole = icmp eq i64 %row, 1
  br i1 %is.whole, label %copy, label %turn
copy:
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %data, i64 %bytes, i1 0)
  ret i64 0
turn:
  %bad = call i64 @copied.double(ptr %data, i64 %bytes, i64 8, ptr %to, i64 %row, i64 %count, i64 %size)
  ret i64 %bad
others:
  %int64.p = getelementptr i8, ptr %t, i64 <int64>
  %int64 = load ptr, ptr %int64.p
  %is.int = icmp eq ptr %dtype, %int64
  br i1 %is.int, label %integers, label %no
integers:
  %fine = call i64 @copied.i64(ptr %data, i64 %bytes, i64 8, ptr %to, i64 %row, i64 %count, i64 %size)
  ret i64 %fine
no:
  ret i64 <not taken>
}
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
"""

GATHER = """
define void @gather(ptr %to, ptr %p, ptr %places, i64 %n) {
entry:
  br label %each
each:
  %j = phi i64 [ 0, %entry ], [ %next, %each ]
  %place.p = getelementptr i64, ptr %places, i64 %j
  %place = load i64, ptr %place.p
  %r = getelementptr double, ptr %p, i64 %place
  %y = load double, ptr %r
  %q = getelementptr double, ptr %to, i64 %j
  store double %y, ptr %q
  %next = add i64 %j, 1
  %on = icmp slt i64 %next, %n
  br i1 %on, label %each, label %end
end:
  ret void
}
"""
ROWS = """
define void @rows(ptr %to, ptr %p, ptr %places, i64 %n, i64 %count) {
entry:
  br label %each
each:
  %j = phi i64 [ 0, %entry ], [ %next, %on ]
  %place.p = getelementptr i64, ptr %places, i64 %j
  %coded = load i64, ptr %place.p
  %place = ashr i64 %coded, 1
  %varies = trunc i64 %coded to i1
  %from = getelementptr double, ptr %p, i64 %place
  %first = mul i64 %j, %count
  %q = getelementptr double, ptr %to, i64 %first
  br i1 %varies, label %copy, label %fill
copy:
  %bytes = mul i64 %count, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %q, ptr %from, i64 %bytes, i1 0)
  br label %on
fill:
  %y = load double, ptr %from
  br label %one
one:
  %s = phi i64 [ 0, %fill ], [ %s.next, %one ]
  %r = getelementptr double, ptr %q, i64 %s
  store double %y, ptr %r
  %s.next = add i64 %s, 1
  %s.more = icmp slt i64 %s.next, %count
  br i1 %s.more, label %one, label %on
on:
  %next = add i64 %j, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %each, label %end
end:
  ret void
}
"""


def helpers(width: int) -> str:
    """Write them for the objects of this Python; a vector has so many doubles."""
    text = NUMBER + ARRAY + GATHER + ROWS + HOLDS + ASK + KNOWS + EITHER + DIRECT
    numbers = {"not taken": NOT_TAKEN, "facts": len(FIRST), "largest": repr(float(LARGEST))}
    for name, place in (LAYOUT | _PLACES | numbers).items():
        text = text.replace(f"<{name}>", str(place))
    return text + copying(width, (DOUBLE, INTEGER), DOUBLE, LARGEST)
