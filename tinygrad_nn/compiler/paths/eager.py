"""The function itself, called for what no program gives: on the numbers of the call, as anybody would.

What fails so is called on Values: a function may need them, for a method of theirs, say, and their
errors name the operation. One that speaks of Values itself is always given such. So what a call gives
hangs on nothing but its own numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...scalar.value import Value
from ...tree import Key
from ..calling import (
    as_given,
    call_as_it_is,
    has_arrays,
    has_values,
    is_differentiated,
    on_values,
    rows_as_they_are,
)
from ..program.program import DOUBLE
from ..trace.asked import Asked
from ..trace.results import assemble, summed
from ..trace.structure import Nesting, flat, nesting_of
from ..trace.tracing import Call, Trace

__all__ = ["Eager", "plainly"]

Leaves = list[list[Any]]
_Result = tuple[Nesting, list[Any]]  # of one call


class Eager:
    """Calls a function for one structure of arguments; its results are floats.

    They are Values if Values are given, or may be if somebody differentiates by those that the
    function takes from elsewhere. `again` calls it on Values where it has failed, `asked` says
    whether it speaks of them.
    """

    def __init__(self, trace: Trace, again: Call | None = None, asked: Asked | None = None) -> None:
        self._trace = trace = replace(
            trace, asks_classes=True
        )  # numbers of NumPy too are as they are
        self._again = trace if again is None else replace(trace, call=again)
        self._asked = asked

    @property
    def takes_floats(self) -> bool:
        """Whether it is called on plain numbers first."""
        return self._asked is None or not self._asked.of_values

    def __call__(self, leaves: Leaves) -> Any:
        """Call it on the numbers of each argument, sample by sample if there are some."""
        trace = self._trace
        if has_values(trace.arguments, leaves):
            return call_as_it_is(trace, leaves)
        if not trace.batched:
            nesting, numbers = self._result(leaves)
            return nesting.rebuild(numbers)
        key, rows, count = rows_as_they_are(trace, leaves, self._result)
        dtype = DOUBLE if has_arrays(trace.arguments, leaves) else None
        return assemble(trace.reduce, key, rows, count, dtype)

    def rows(self, leaves: Leaves) -> tuple[Key, list[Any]]:
        """Call it on samples: how each result is nested, and each of its numbers, or their sum."""
        key, rows, _ = rows_as_they_are(
            replace(self._trace, reduce=summed(self._trace.reduce)), leaves, self._result
        )
        return key, rows

    def _result(self, numbers: Sequence[list[Any]]) -> _Result:
        """Call it on the numbers of each argument; take its result apart."""
        if self.takes_floats:
            return _plain(*as_given(self._trace, self._again, numbers))
        return _plain(*on_values(self._again, numbers))


def plainly(result: Any) -> Any:
    """Give the result of a function as programs do: floats, nested as they were."""
    leaves: list[Any] = []
    nesting, found = _plain(nesting_of(result, leaves), flat(leaves))
    return nesting.rebuild(found)


def _plain(nesting: Nesting, found: list[Any]) -> _Result:
    return nesting, found if is_differentiated() else list(map(_number, found))


def _number(number: Any) -> float:
    return number.data if isinstance(number, Value) else float(number)
