"""The function itself, called for what no program gives: on plain floats where that will do.

A function may need Values, for a method of theirs, say: it is called on both until it has given the
same several times. Their errors name the operation, so that what fails is called on Values again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...scalar.value import Value
from ...tree import Key
from ..calling import (
    call_as_it_is,
    has_arrays,
    has_values,
    is_differentiated,
    on_values,
    rows_as_they_are,
)
from ..entries import takes
from ..program.program import DOUBLE
from ..trace.results import assemble, summed
from ..trace.structure import Nesting, flat, nesting_of
from ..trace.tracing import Trace

__all__ = ["Eager", "plainly"]

Leaves = list[list[Any]]
_Result = tuple[Nesting, list[Any]]  # of one call

ENOUGH = 3  # calls that gave the same
CLOSE = 1e-9  # sums of floats may be rounded otherwise


class Eager:
    """Calls a function for one structure of arguments; its results are floats.

    They are Values if Values are given, or may be if somebody differentiates by those that the
    function takes from elsewhere.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._sums = replace(trace, reduce=summed(trace.reduce))
        # How often it gave the same on plain floats; -1 if it has not once. What an array gives is
        # no number of Python's.
        self._agreed = -1 if any(takes.has_arrays(a.nesting.key) for a in trace.arguments) else 0

    @property
    def takes_floats(self) -> bool:
        """Whether it gives on plain floats what it gives on Values."""
        return self._agreed >= ENOUGH

    def __call__(self, leaves: Leaves) -> Any:
        """Call it on the numbers of each argument, sample by sample if there are some."""
        trace = self._trace
        if has_values(trace.arguments, leaves):
            return call_as_it_is(trace, leaves)
        if not trace.batched:
            nesting, numbers = self._result([flat(numbers) for numbers in leaves])
            return nesting.rebuild(numbers)
        key, rows, count = rows_as_they_are(trace, leaves, self._result)
        dtype = DOUBLE if has_arrays(trace.arguments, leaves) else None
        return assemble(trace.reduce, key, rows, count, dtype)

    def rows(self, leaves: Leaves) -> tuple[Key, list[Any]]:
        """Call it on samples: how each result is nested, and each of its numbers, or their sum."""
        key, rows, _ = rows_as_they_are(self._sums, leaves, self._result)
        return key, rows

    def on_values(self, leaves: Leaves) -> Any:
        """Call it, not for samples, on Values: on floats it has failed."""
        nesting, numbers = self._on_values([flat(numbers) for numbers in leaves], None)
        return nesting.rebuild(numbers)

    def _result(self, numbers: Sequence[list[Any]]) -> _Result:
        """Call it on plain numbers; take its result apart."""
        quick = None
        if self._agreed >= 0:
            with suppress(Exception):
                quick = self._on_floats(numbers)
        return quick if quick and self.takes_floats else self._on_values(numbers, quick)

    def _on_values(self, numbers: Sequence[list[Any]], quick: _Result | None) -> _Result:
        """Call it on Values; see whether on floats it gave the same."""
        agreed = self._agreed
        if quick:
            self._agreed = -1  # if it fails here
        nesting, found = on_values(self._trace, numbers)
        if is_differentiated():
            self._agreed = agreed
            return nesting, found
        found = list(map(_number, found))
        is_same = agreed >= 0 and quick is not None and _are_alike(quick, (nesting, found))
        self._agreed = agreed + 1 if is_same else -1
        return nesting, found

    def _on_floats(self, numbers: Sequence[list[Any]]) -> _Result:
        arguments = zip(self._trace.arguments, numbers, strict=True)
        return _apart(
            self._trace.call([a.nesting.rebuild(list(map(float, own))) for a, own in arguments])
        )


def plainly(result: Any) -> Any:
    """Give the result of a function as programs do: floats, nested as they were."""
    nesting, found = _apart(result)
    return nesting.rebuild(found)


def _apart(result: Any) -> _Result:
    leaves: list[Any] = []
    nesting = nesting_of(result, leaves)
    found = flat(leaves)
    return nesting, found if is_differentiated() else list(map(_number, found))


def _are_alike(one: _Result, other: _Result) -> bool:
    pairs = zip(one[1], other[1], strict=False)
    return one[0].key == other[0].key and all(
        math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE) or (a != a and b != b) for a, b in pairs
    )


def _number(number: Any) -> float:
    return number.data if isinstance(number, Value) else float(number)
