"""Integers that a function is given as they are: each is asked for first, and so part of the path.

That is tried where a symbol, or a Value, will not do: a check as ``isinstance(n, int)``, bits, a key
of a dict, digits of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ...errors import ArgumentTypeError, TinygradNNError
from ...scalar.contexts import state
from ...tree import Structure
from ..plan import Plan
from ..trace.recorder import Argument
from ..trace.session import Abandoned
from ..trace.structure import describe, flat
from ..trace.symbol import Symbol
from ..trace.tracing import Call
from .patience import Patience

__all__ = ["Integers", "record_path"]

Leaves: TypeAlias = list[list[Any]]
Places: TypeAlias = tuple[tuple[int, ...], ...]  # of integers, in each argument


class Integers:
    """Knows whether the integers of a call are given as they are; its places are where they are."""

    def __init__(self, arguments: Sequence[Argument], call: Call) -> None:
        self._arguments = arguments
        self.usual = call  # for which they are numbers like others
        self._nestings = [Structure(argument.nesting.key, _itself) for argument in arguments]
        self.places: Places | None = None  # None as long as they are numbers like others
        self.are_none = False  # as what was recorded was asked for classes, and is for floats

    def fit(self, leaves: Leaves) -> bool:
        """Tell whether what is recorded is for a call, by where its integers are."""
        if self.places is None and not self.are_none:
            return True
        found = self.found(leaves)
        if found is None:
            raise ArgumentTypeError(
                "a number is an integer in some samples of a batch only, and the function asks whether "
                "it is: give integers in all of them, or floats"
            )
        return found == self.places if self.places is not None else not any(found)

    def found(self, leaves: Leaves) -> Places | None:
        """Say where integers are in a call; None if not in all samples alike."""
        found = []
        for argument, numbers in zip(self._arguments, leaves, strict=True):
            rows = numbers if argument.per_sample else [numbers]
            own = {_places(row, argument.nesting.size) for row in rows}
            if len(own) > 1:
                return None
            found.append(own.pop() if own else ())
        return tuple(found)

    def call(self, nested: list[Any]) -> Any:
        """Call the function as it is called now."""
        return self.usual(nested) if self.places is None else self.call_with(self.places, nested)

    def call_with(self, places: Places, nested: list[Any]) -> Any:
        """Call the function with integers in some places."""
        given = []
        parts = zip(self._arguments, self._nestings, places, nested, strict=True)
        for argument, nesting, own, thing in parts:
            if own:
                found: list[Any] = []
                describe(thing, found, argument.name)
                numbers = flat(found)
                for place in own:
                    name = argument.name + (f"[{place}]" if len(numbers) > 1 else "")
                    numbers[place] = _integer(numbers[place], name)
                thing = nesting.rebuild(numbers)
            given.append(thing)
        return self.usual(given)


def _places(row: Any, size: int) -> tuple[int, ...]:
    if isinstance(row, np.ndarray):  # of all samples
        return tuple(range(size)) if row.dtype.kind in "iu" else ()
    kinds = set(map(type, row))
    if int not in kinds or any(issubclass(kind, np.ndarray) for kind in kinds):
        return ()  # what is in an array is no number of Python's
    return tuple([place for place, number in enumerate(row) if type(number) is int])


def _integer(number: Any, name: str) -> int:
    session = state.session
    if session is not None and isinstance(number, Symbol):
        return session.integer(number, name)  # type: ignore[no-any-return]  # a session's
    return int(number)


def _itself(number: Any) -> Any:
    return number


def record_path(
    record: Callable[[Call], Plan], patience: Patience, integers: Integers, leaves: Leaves
) -> Plan | None:
    """Record the path of a call; None if that is for the function itself to go.

    Where it fails, or asks whether a number is an integer, integers are given as they are, and from
    then on, if that succeeds, or if the function itself is called from then on.
    """
    found = integers.found(leaves) if integers.places is None else None
    places = found if found and any(found) else None

    def call(nested: list[Any]) -> Any:
        session = state.session
        if session is None or integers.places is not None:
            return integers.call(nested)
        session.has_integers = places is not None
        try:
            return integers.call(nested)
        finally:
            if places is None and session.asks_for_classes:
                integers.are_none = True

    plan, failure = _tried(record, call)
    if plan is None and places is not None and not _is_final(failure):
        plan, worse = _tried(record, lambda nested: integers.call_with(places, nested))
        if plan is not None or _is_of_integers(failure, worse):
            integers.places = places
        elif isinstance(failure, Abandoned) and not failure.why:
            plan, failure = _tried(record, integers.call)
    if plan is not None:
        return plan
    if isinstance(failure, Abandoned):
        if failure.why:
            patience.end(failure.why)
    elif isinstance(failure, TinygradNNError):
        raise failure
    return None  # called as it is, the function raises of its numbers, not of symbols


def _tried(record: Callable[[Call], Plan], call: Call) -> tuple[Plan | None, BaseException | None]:
    try:
        return record(call), None
    except (Abandoned, Exception) as error:
        return None, error


def _is_of_integers(failure: BaseException | None, worse: BaseException | None) -> bool:
    """Tell whether the function is to fail with integers, or to be called with them from then on."""
    if isinstance(worse, Abandoned):
        return bool(worse.why)
    return isinstance(failure, Abandoned) and not isinstance(worse, TinygradNNError)


def _is_final(failure: BaseException | None) -> bool:
    """Tell whether integers make no difference: it is numbers that no program can follow."""
    return isinstance(failure, Abandoned) and not failure.is_of_kind
