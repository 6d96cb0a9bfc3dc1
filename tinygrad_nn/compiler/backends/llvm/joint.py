"""One call of machine code for all that a step does: arrays come in, and kernels run in turn."""

from __future__ import annotations

import ctypes
from functools import cache, partial
from typing import Any

import numpy as np

from ..joint import WORDS_OF_GIVEN, Job, Joint
from .engine import Engine, Target, target
from .taking import taking

__all__ = ["joint"]

API = (
    *("PyObject_GetBuffer", "PyBuffer_Release", "PyErr_Clear"),
    *("PyEval_SaveThread", "PyEval_RestoreThread"),
)


JOINT = f"""
define i64 @joint(ptr %job, ptr %x, ptr %y) {{
  %atx = getelementptr i64, ptr %job, i64 {len(API)}
  %fx = call i64 @take(ptr %x, ptr %atx, ptr %job)
  %okx = icmp eq i64 %fx, 0
  br i1 %okx, label %second, label %stop
second:
  %aty = getelementptr i64, ptr %atx, i64 {WORDS_OF_GIVEN}
  %fy = call i64 @take(ptr %y, ptr %aty, ptr %job)
  %oky = icmp eq i64 %fy, 0
  br i1 %oky, label %start, label %stop
stop:
  %why = phi i64 [ %fx, %0 ], [ %fy, %second ]
  ret i64 %why
start:
  %howmany = getelementptr i64, ptr %aty, i64 {WORDS_OF_GIVEN}
  %count = load i64, ptr %howmany
  %atlong = getelementptr i64, ptr %howmany, i64 1
  %long = load i64, ptr %atlong
  %lets = icmp ne i64 %long, 0
  %first = getelementptr i64, ptr %howmany, i64 2
  br i1 %lets, label %let, label %go
let:
  %atsave = getelementptr ptr, ptr %job, i64 3
  %save = load ptr, ptr %atsave
  %saved = call ptr %save()
  br label %go
go:
  %state = phi ptr [ null, %start ], [ %saved, %let ]
  br label %kernel
kernel:
  %k = phi i64 [ 0, %go ], [ %k1, %kernel ]
  %found = phi i64 [ 0, %go ], [ %found1, %kernel ]
  %at = getelementptr [4 x i64], ptr %first, i64 %k
  %function = load ptr, ptr %at
  %atp = getelementptr i64, ptr %at, i64 1
  %p = load ptr, ptr %atp
  %atn = getelementptr i64, ptr %at, i64 2
  %n = load i64, ptr %atn
  %atr = getelementptr i64, ptr %at, i64 3
  %r = load i64, ptr %atr
  %fault = call i64 %function(ptr %p, i64 %n, i64 %r)
  %found1 = or i64 %found, %fault
  %k1 = add i64 %k, 1
  %more = icmp ult i64 %k1, %count
  br i1 %more, label %kernel, label %done
done:
  br i1 %lets, label %back, label %end
back:
  %atrestore = getelementptr ptr, ptr %job, i64 4
  %restore = load ptr, ptr %atrestore
  call void %restore(ptr %state)
  br label %end
end:
  ret i64 %found1
}}
"""


def joint(job: Job) -> Joint:
    """Give what copies two arrays to their targets, and then calls kernels, which look.

    Where it takes long, other threads of Python's run while kernels do.
    """
    words: list[int] = [_address(getattr(ctypes.pythonapi, name)) for name in API]
    for given in job.given:
        words += given.words()
    words += [len(job.kernels), job.is_long]
    for kernel in job.kernels:
        words += [kernel.whole, kernel.table, kernel.samples, kernel.row]
    table = np.array(words, np.int64)
    kinds = ctypes.c_void_p, ctypes.py_object, ctypes.py_object
    processor = target()
    in_squares = any(len(given.target) >= processor.width for given in job.given)
    code = _function(processor, job.given[0].target.itemsize, in_squares)
    function = ctypes.PYFUNCTYPE(ctypes.c_int64, *kinds)(_address(code))
    run = partial(function, ctypes.c_void_p(table.ctypes.data))
    run.kept = table, job, code  # type: ignore[attr-defined]  # while it can be called
    return run


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@cache
def _function(processor: Target, size: int, in_squares: bool) -> Any:
    text = JOINT + taking(processor.width, size, in_squares)
    return Engine(text, processor).function("joint")
