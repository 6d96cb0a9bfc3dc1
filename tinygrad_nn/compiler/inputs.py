"""The numbers of a call, written into the memory of a program."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from .backends.bound import Bound
from .program.program import Dtype
from .tape.interpreter import sample_count
from .trace.structure import flat
from .trace.tracing import Trace
from .whole import may_be_large, refuse_large_in

__all__ = ["Inputs"]

_FLOATS = frozenset({float})


class Inputs:
    """Writes them, always into the same memory; `captured` is the array of captured Values."""

    def __init__(self, trace: Trace, captured: int, dtype: Dtype) -> None:
        self._arguments = trace.arguments
        self._values = trace.captured
        self._captured = captured
        self._dtype = dtype
        self._views: dict[int, list[Any]] = {}  # where arrays go

    def fill(self, bound: Bound, leaves: list[list[Any]]) -> None:
        """Write what all samples share."""
        for place, (argument, numbers) in enumerate(zip(self._arguments, leaves, strict=True)):
            if not argument.per_sample:
                self._fill(bound, place, numbers)
        if self._values:
            bound.inputs[self._captured][:] = [value.data for value in self._values]

    def _fill(self, bound: Bound, place: int, numbers: list[Any]) -> None:
        target = bound.inputs[place]
        kinds = set(map(type, numbers))
        if not kinds <= _FLOATS:
            refuse_large_in(self._arguments[place].name, numbers)
        if np.ndarray not in kinds:
            target[:] = numbers
            return
        views = self._views.get(place)
        if views is None or len(views) != len(numbers):
            views = self._views[place] = _views(target, numbers)
        for view, number in zip(views, numbers, strict=True):
            view[...] = number

    def are_in_columns(self, leaves: list[list[Any]]) -> bool:
        """Tell whether `columns` are the arrays that are given, of which nothing is copied."""
        given = zip(self._arguments, leaves, strict=True)
        return all(
            isinstance(own[0], np.ndarray)
            and own[0].dtype == self._dtype
            and own[0].flags.c_contiguous
            for argument, own in given
            if argument.per_sample
        )

    def columns(self, leaves: list[list[Any]]) -> tuple[dict[int, Any], int]:
        """Give the numbers of the samples as arrays with a sample in each column, and count."""
        columns: dict[int, Any] = {}
        counts: dict[str, int] = {}
        for place, (argument, numbers) in enumerate(zip(self._arguments, leaves, strict=True)):
            if not argument.per_sample:
                continue
            if numbers and isinstance(numbers[0], np.ndarray):
                refuse_large_in(argument.name, numbers)
                array = np.asarray(numbers[0], self._dtype)
                table = array.reshape(len(array), argument.nesting.size)
            else:
                rows = [flat(sample) for sample in numbers]
                table = np.array(rows, self._dtype).reshape(len(numbers), argument.nesting.size)
                if may_be_large(table):
                    refuse_large_in(argument.name, chain.from_iterable(rows))
            columns[place] = table.T
            counts[argument.name] = len(table)
        return columns, sample_count(counts)


def _views(target: Any, numbers: Sequence[Any]) -> list[Any]:
    """Part memory into a view for each array or number."""
    views = []
    start = 0
    for number in numbers:
        shape = np.shape(number)
        end = start + math.prod(shape)
        views.append(target[start:end].reshape(shape))
        start = end
    return views
