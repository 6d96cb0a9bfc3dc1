"""Functions of Python's made of lines of LLVM."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from ..backends.llvm.engine import Engine, target
from .helpers import HELPERS, helpers
from .lines import Lines
from .objects import address_of, functions

__all__ = ["Builtin", "made", "new_lines"]

Builtin: TypeAlias = Callable[..., Any]

FAST_CALL = 0x80 | 0x02  # arguments in a row, and the names of the last ones
OBJECTS: dict[str, Any] = {
    "float": float,
    "int": int,
    "ndarray": np.ndarray,
    "float64": np.dtype(float),
    "int64": np.dtype(np.int64),
}


class _Method(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


def new_lines() -> Lines | None:
    """Begin a function; None where objects are not as is known."""
    known = functions()
    if known is None:
        return None
    known = known | {name: address_of(one) for name, one in OBJECTS.items()}
    engine = _helpers()
    return Lines(known | {name: engine.address(name) for name in HELPERS})


@cache
def _helpers() -> Engine:
    return Engine(helpers(), target())


def made(lines: Lines, kept: Any) -> Builtin:
    """Make the code, and a function of it; what is kept lives as long as it can be called."""
    engine = Engine(lines.text(), target())
    table = np.array(lines.table, np.uint64).tobytes()
    method = _Method(b"entry", engine.address("entry"), FAST_CALL, None)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype = ctypes.py_object
    new.argtypes = ctypes.c_void_p, ctypes.py_object, ctypes.py_object
    # All that must live as long is what the function takes for its module.
    module = engine, method, lines.kept, kept, _helpers()
    function: Builtin = new(ctypes.addressof(method), table, module)
    return function
