"""Machine code that tells where each of some whole numbers is among many numbers, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from ...program.program import Floats, Ints
from .engine import Engine, target

__all__ = ["splitter"]

RANGE = 256  # of the whole numbers that are looked for
LARGEST = 2.0**52  # that all of them are below

SPLIT = """
define void @split(ptr %job, i64 %n, i64 %low) {
  %range = load i64, ptr %job
  %groups.p = getelementptr i64, ptr %job, i64 1
  %groups = load ptr, ptr %groups.p
  %counts.p = getelementptr i64, ptr %job, i64 2
  %counts = load ptr, ptr %counts.p
  %numbers.p = getelementptr i64, ptr %job, i64 3
  %numbers = load ptr, ptr %numbers.p
  %places.p = getelementptr i64, ptr %job, i64 4
  %places = load ptr, ptr %places.p
  %row.p = getelementptr i64, ptr %job, i64 5
  %row = load i64, ptr %row.p
  %first = sitofp i64 %low to double
  %high = add i64 %low, %range
  %end = sitofp i64 %high to double
  br label %next
next:
  %i = phi i64 [ 0, %0 ], [ %i1, %on ]
  %left = icmp slt i64 %i, %n
  br i1 %left, label %on, label %done
on:
  %number.p = getelementptr double, ptr %numbers, i64 %i
  %number = load double, ptr %number.p
  %above = fcmp oge double %number, %first
  %below = fcmp olt double %number, %end
  %inside = and i1 %above, %below
  %safe = select i1 %inside, double %number, double %first
  %whole = fptosi double %safe to i64
  %again = sitofp i64 %whole to double
  %is.whole = fcmp oeq double %again, %number
  %key = sub i64 %whole, %low
  %own = select i1 %is.whole, i64 %key, i64 %range
  %group.p = getelementptr i64, ptr %groups, i64 %own
  %group = load i64, ptr %group.p
  %count.p = getelementptr i64, ptr %counts, i64 %group
  %count = load i64, ptr %count.p
  %skipped = mul i64 %group, %row
  %at = add i64 %skipped, %count
  %place.p = getelementptr i64, ptr %places, i64 %at
  store i64 %i, ptr %place.p
  %count1 = add i64 %count, 1
  store i64 %count1, ptr %count.p
  %i1 = add i64 %i, 1
  br label %next
done:
  ret void
}
"""


class _Splitter:
    """Splits arrays of `most` numbers at most by what they are."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._code = _code()
        self._groups = np.empty(RANGE + 1, np.int64)
        self._counts = np.zeros(1, np.int64)
        self._places = np.empty((0, most), np.int64)
        self._job = np.zeros(6, np.int64)

    def split(self, numbers: Floats, keys: Sequence[float]) -> list[Ints] | None:
        """List the places of each of some numbers, and of all others; None if they are not whole, and near."""
        low, high = min(keys), max(keys)
        is_near = high - low < RANGE and abs(low) < LARGEST  # false for NaN
        if not is_near or any(key != int(key) for key in keys):
            return None
        kept = np.ascontiguousarray(numbers)
        if len(self._places) <= len(keys):
            self._places = np.empty((len(keys) + 1, self.most), np.int64)
            self._counts = np.empty(len(keys) + 1, np.int64)
        last, span = len(keys), int(high - low) + 1
        self._groups[: span + 1] = last
        for group, key in enumerate(keys):
            self._groups[int(key - low)] = group
        self._counts[:] = 0
        parts = self._groups, self._counts, kept, self._places
        self._job[:] = span, *[part.ctypes.data for part in parts], self.most
        self._code(self._job.ctypes.data, len(kept), int(low))
        counts = self._counts[: last + 1].tolist()
        return [self._places[group, :count].copy() for group, count in enumerate(counts)]


_idle: list[_Splitter] = []  # which has memory, that would have to be had from the system each time


@contextmanager
def splitter(most: int) -> Iterator[Callable[[Floats, Sequence[float]], list[Ints] | None]]:
    """Give what splits arrays of so many numbers at most, which nobody else uses inside this context."""
    try:
        found = _idle.pop()
    except IndexError:
        found = _Splitter(most)
    if found.most != most:
        found = _Splitter(most)
    yield found.split
    if not _idle:
        _idle.append(found)


@cache
def _code() -> Any:
    return Engine(SPLIT, target()).function("split", releases=True)
