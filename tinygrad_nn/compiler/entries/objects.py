"""Where CPython and NumPy keep what of an object, and their functions: looked at and tried once."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from types import CellType
from typing import Any

import numpy as np

__all__ = ["LAYOUT", "address_of", "functions"]

VERSIONS = (3, 11), (3, 14)  # of CPython: the first and the last that are known
METHODS = (
    *("PyFloat_FromDouble", "PyLong_AsDouble", "PyErr_Occurred", "PyErr_Clear", "Py_IncRef"),
    *("Py_DecRef", "PyList_New", "PyTuple_New", "PyDict_New", "PyDict_SetItem", "PyDict_Next"),
    *("PyDict_Size", "PyDict_GetItem", "PyObject_CallNoArgs", "PyFunction_GetCode"),
    *(
        "PyFunction_GetDefaults",
        "PyFunction_GetKwDefaults",
        "PyFunction_GetClosure",
        "PyLong_FromDouble",
        "PyObject_Vectorcall",
        "PyErr_ExceptionMatches",
    ),
)
PAGE = 4096  # no object lies below
ORDERS = [b"=", b">" if sys.byteorder == "little" else b"="]  # of a processor's own, and of others
NEW_ARRAY = 94  # of the functions of NumPy's interface, which keep their places

LAYOUT = {  # bytes from the beginning of an object
    "type": 8,
    "value": 16,  # of a float
    "size": 16,  # of a list or tuple
    "list": 24,  # a pointer to the items
    "tuple": tuple.__basicsize__,
    "bytes": bytes.__basicsize__ - 1,
    "cell": 16,  # what a variable of a closure stands for
    "data": 16,  # of an array
    "axes": 24,
    "shape": 32,
    "dtype": 56,
    "flags": 64,
    "scalar": 16,  # of a dtype: the class of its numbers,
    "order": 26,  # and of their bytes
}


def address_of(thing: Any) -> int:
    """Tell where an object is, in CPython."""
    return id(thing)


@cache
def functions() -> dict[str, int] | None:
    """Give the addresses of functions by their names; None where objects are not as is known."""
    if not _is_known():
        return None
    found = {
        name: ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0
        for name in METHODS
    }
    found["PyArray_NewFromDescr"] = _interface()[NEW_ARRAY] or 0
    return found if _are_as_known() and _makes_arrays(found["PyArray_NewFromDescr"]) else None


def _is_known() -> bool:
    return (
        sys.implementation.name == "cpython"
        and VERSIONS[0] <= sys.version_info[:2] <= VERSIONS[1]
        and object.__basicsize__ == 16  # more where threads have no lock of the interpreter's
        and not hasattr(sys, "gettotalrefcount")
        and ctypes.sizeof(ctypes.c_void_p) == 8
    )


def _at(thing: Any, name: str, kind: Any = ctypes.c_void_p) -> Any:
    return kind.from_address(address_of(thing) + LAYOUT[name]).value


def _are_as_known() -> bool:
    """Look at objects of each kind; where pointers point to, only if all else is right."""
    number, pair, array = 1.5e300, (object(), object()), np.zeros((3, 2))
    row = [*pair, None]
    variable = CellType(pair)
    return (
        _at(number, "type") == address_of(float)
        and _at(number, "value", ctypes.c_double) == number
        and (_at(row, "size", ctypes.c_int64), _at(pair, "size", ctypes.c_int64)) == (3, 2)
        and _at(pair, "tuple") == address_of(pair[0])
        and _at(b"some bytes", "bytes", ctypes.c_char) == b"s"
        and _at(variable, "cell") == address_of(pair)
        and _at(array, "data") == array.ctypes.data
        and _at(array, "axes", ctypes.c_int32) == 2
        and _at(array, "dtype") == address_of(array.dtype)
        and _at(array.dtype, "scalar") == address_of(np.float64)
        and [_at(np.dtype(one), "order", ctypes.c_char) for one in ("f8", ">f8")] == ORDERS
        and [_at(x, "flags", ctypes.c_int32) & 1 for x in (array, array[::2], array.T)] == [1, 0, 0]
        and all(
            _at(*one) > PAGE and _at(*one) % 8 == 0 for one in ((row, "list"), (array, "shape"))
        )
        and ctypes.c_void_p.from_address(_at(row, "list")).value == address_of(pair[0])
        and tuple((ctypes.c_int64 * 2).from_address(_at(array, "shape"))) == (3, 2)
    )


def _interface() -> Any:
    """Give the addresses of the functions of NumPy."""
    core: Any = getattr(np, "_core", None) or np.core
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
    table = pointer(core._multiarray_umath._ARRAY_API, None)
    return (ctypes.c_void_p * (NEW_ARRAY + 1)).from_address(table)


def _makes_arrays(address: int) -> bool:
    """Try the function that makes arrays."""
    thing, word, pointer = ctypes.py_object, ctypes.c_int, ctypes.c_void_p
    kind = ctypes.PYFUNCTYPE(thing, thing, thing, word, *[pointer] * 3, word, pointer)
    function = kind(address)
    dtype, shape = np.dtype(float), np.array([2, 3])
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(dtype))  # it takes a reference over
    made = function(np.ndarray, dtype, 2, shape.ctypes.data, None, None, 0, None)
    return type(made) is np.ndarray and (made.shape, made.dtype) == ((2, 3), dtype)
