"""Functions of LLVM that built-in entries call: numbers out of objects, and into arrays.

Those that look at objects get `%t`, a table of addresses that begins with those of `FIRST`.
Numbers become doubles, or floats where the program's are.
"""

from __future__ import annotations

from ..backends.joint import NOT_TAKEN
from ..backends.llvm.copying import DOUBLE, FLOAT, INTEGER, copying
from ..whole import LARGEST
from .arrays import ARRAY, COLUMNS, GATHER, ROWS
from .calling import DIRECT, EITHER
from .holding import ASK, HOLDS, KNOWS
from .objects import LAYOUT

__all__ = ["FIRST", "HELPERS", "helpers"]

FIRST = (
    *("float", "int", "ndarray", "float64", "float32", "int64"),
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
    "columns",
    "turned",
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
"""
ROUNDED = """
define i1 @number(ptr %o, ptr %to, ptr %t) {
  %wide = alloca double
  %ok = call i1 @double(ptr %o, ptr %wide, ptr %t)
  br i1 %ok, label %known, label %no
known:
  %double = load double, ptr %wide
  %number = fptrunc double %double to float
  %size = call float @llvm.fabs.f32(float %number)
  %is.infinite = fcmp oeq float %size, 0x7FF0000000000000
  br i1 %is.infinite, label %no, label %yes
yes:
  store float %number, ptr %to
  ret i1 1
no:
  ret i1 0
}
declare float @llvm.fabs.f32(float)
"""
NUMBERS = """
define i1 @numbers(ptr %items, i64 %n, ptr %to, ptr %t) {
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %on ]
  %p = getelementptr ptr, ptr %items, i64 %i
  %o = load ptr, ptr %p
  %q = getelementptr <real>, ptr %to, i64 %i
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


def helpers(width: int, size: int) -> str:
    """Write them for the objects of this Python, and numbers of some bytes.

    A vector has so many doubles.
    """
    real = DOUBLE if size == DOUBLE.size else FLOAT
    number = NUMBER if real is DOUBLE else NUMBER.replace("@number", "@double") + ROUNDED
    text = number + NUMBERS + ARRAY + GATHER + ROWS + COLUMNS + HOLDS + ASK + KNOWS
    text += EITHER + DIRECT
    words = {"not taken": NOT_TAKEN, "facts": len(FIRST), "largest": repr(float(LARGEST))}
    other = FLOAT if real is DOUBLE else DOUBLE
    words |= {
        "real": real.name,
        "item": real.size,
        "other": other.name,
        "item of other": other.size,
    }
    words |= {"rounds": int(real is FLOAT)}
    for kind, one in (("real", real), ("other", other)):
        words[f"dtype of {kind}"] = _PLACES["float64" if one is DOUBLE else "float32"]
    for name, place in (LAYOUT | _PLACES | words).items():
        text = text.replace(f"<{name}>", str(place))
    kinds = real, other, INTEGER
    return text + copying(width, kinds, real, LARGEST, kinds[1:])
