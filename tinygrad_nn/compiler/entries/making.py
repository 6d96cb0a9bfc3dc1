"""Functions of Python's made of lines of LLVM."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from ..backends.llvm.engine import Engine, target
from ..backends.llvm.reals import DOUBLE, Real
from ..watch.checks import Check
from .helpers import FIRST, HELPERS, helpers
from .holding import table_of
from .lines import Lines
from .objects import address_of, functions

__all__ = ["Builtin", "asking", "direct", "either", "made", "new_lines"]

Builtin: TypeAlias = Callable[..., Any]

FAST_CALL = 0x80 | 0x02  # arguments in a row, and the names of the last ones
OBJECTS: dict[str, Any] = {
    "float": float,
    "int": int,
    "ndarray": np.ndarray,
    "float64": np.dtype(float),
    "float32": np.dtype(np.float32),
    "int64": np.dtype(np.int64),
}


class _Method(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


@cache
def _helpers(real: Real) -> Engine:
    return Engine(helpers(target().width, real.size), target())


def _known(real: Real = DOUBLE) -> dict[str, int] | None:
    """Give addresses by names; None where objects are not as is known."""
    known = functions()
    if known is None:
        return None
    engine = _helpers(real)
    known = known | {name: address_of(one) for name, one in OBJECTS.items()}
    return known | {name: engine.address(name) for name in HELPERS}


def new_lines(real: Real = DOUBLE) -> Lines | None:
    """Begin a function that works on such numbers; None where objects are not as is known."""
    known = _known(real)
    return None if known is None else Lines(known, real)


def made(lines: Lines, kept: Any) -> Builtin:
    """Make the code, and a function of it; what is kept lives as long as it can be called."""
    engine = Engine(lines.text(), target())
    kept = engine, lines.kept, kept
    return _function(engine.address("entry"), lines.table, kept, lines.real)


def asking(checks: Iterable[Check]) -> Builtin | None:
    """Make a function that tells whether everything outside is as it was; None if there is none."""
    known = _known()
    if known is None:
        return None
    facts, kept = table_of(checks, (), known)
    table = [known[name] for name in FIRST]
    table += [facts.ctypes.data, len(facts), address_of(True), address_of(False)]
    return _function(known["ask"], [*table, known["Py_IncRef"]], (facts, kept))


def either(first: Builtin, others: Builtin) -> Builtin:
    """Make a function that calls one, and for what that refuses another one."""
    known = _known()
    if known is None:
        return others
    things = first, others, NotImplemented
    table = [known[name] for name in (*FIRST, "PyObject_Vectorcall")]
    return _function(known["either"], [*table, *map(address_of, things)], things)


def direct(
    function: Builtin, count: int, plain: Builtin, failed: Builtin, others: Builtin
) -> Builtin:
    """Make a function that calls one with so many floats.

    What is no float among its results is made `plain`, and where it raises, `failed` is called. Other
    calls are left to the others.
    """
    known = _known()
    if known is None:
        return others
    things = function, plain, failed, others, Exception
    table = [known[name] for name in (*FIRST, "PyObject_Vectorcall", "PyErr_ExceptionMatches")]
    return _function(known["direct"], [*table, *map(address_of, things), count], things)


def _function(address: int, table: Sequence[int], kept: Any, real: Real = DOUBLE) -> Builtin:
    method = _Method(b"entry", address, FAST_CALL, None)
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype = ctypes.py_object
    new.argtypes = ctypes.c_void_p, ctypes.py_object, ctypes.py_object
    # All that must live as long is what the function takes for its module.
    module = method, kept, _helpers(real)
    words = np.array(table, np.uint64).tobytes()
    function: Builtin = new(ctypes.addressof(method), words, module)
    return function
