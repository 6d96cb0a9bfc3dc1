"""Integers that a function is given as they are: each is asked for first, and so part of the path.

That is tried where a symbol, or a Value, will not do: a check as ``isinstance(n, int)``, bits, a key
of a dict, digits of a text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from ...errors import TinygradNNError
from ...scalar.contexts import state
from ...scalar.user_line import warn_user
from ...scalar.value import Value
from ...tree import Structure
from ..entries.takes import has_arrays
from ..plan import Plan
from ..trace.asked import FLOATS, Asked, Kinds
from ..trace.recorder import Argument
from ..trace.session import Abandoned
from ..trace.structure import describe, flat
from ..trace.symbol import Symbol
from ..trace.tracing import Call
from .faults import is_fault
from .patience import Patience

__all__ = ["Integers", "record_path"]

Place: TypeAlias = tuple[int, type]  # of an integer, and of what class it is
Places: TypeAlias = tuple[tuple[Place, ...], ...]  # in each argument


class Integers:
    """Knows whether the integers of calls are given as they are; its places are where they are."""

    def __init__(self, arguments: Sequence[Argument], call: Call, asked: Asked) -> None:
        self.arguments = arguments
        self.asked = asked
        self.usual = call  # for which they are numbers like others
        self._nestings = [Structure(argument.nesting.key, _itself) for argument in arguments]
        self.places: Places | None = None  # None as long as they are numbers like others

    def found(self, kinds: Sequence[Kinds]) -> Places:
        """Say where integers are among numbers of some classes."""
        sizes = [argument.nesting.size for argument in self.arguments]
        return tuple(map(_places, self.arguments, kinds, sizes))

    def give(self, places: Places) -> None:
        """Give integers as they are from now on; numbers of other classes are other calls."""
        self.places = places
        for place in range(len(self.arguments)):
            self.asked.add(place, None)

    def call(self, nested: list[Any]) -> Any:
        """Call the function as it is called now."""
        return self.usual(nested) if self.places is None else self.call_with(self.places, nested)

    def call_with(self, places: Places, nested: list[Any]) -> Any:
        """Call the function with integers in some places."""
        given = []
        parts = zip(self.arguments, self._nestings, places, nested, strict=True)
        for argument, nesting, own, thing in parts:
            if own:
                found: list[Any] = []
                describe(thing, found, argument.name)
                numbers = flat(found)
                for place, kind in own:
                    name = argument.name + (f"[{place}]" if len(numbers) > 1 else "")
                    numbers[place] = kind(_integer(numbers[place], name))
                thing = nesting.rebuild(numbers)
            given.append(thing)
        return self.usual(given)


def _places(argument: Argument, kinds: Kinds, size: int) -> tuple[Place, ...]:
    if has_arrays(argument.nesting.key):  # what is in one is no number of Python's
        return ()
    each = kinds * size if len(kinds) == 1 else kinds
    return tuple([(place, kind) for place, kind in enumerate(each) if kind not in (*FLOATS, Value)])


def _integer(number: Any, name: str) -> float:
    session = state.session
    if session is not None and isinstance(number, Symbol):
        return session.integer(number, name)  # type: ignore[no-any-return]  # a session's
    return number.data if isinstance(number, Value) else float(number)


def _itself(number: Any) -> Any:
    return number


class _Attempts:
    """Records a path in one way or another, and keeps what may be errors of ours."""

    def __init__(self, record: Callable[[Call], Plan]) -> None:
        self._record = record
        self.faults: list[tuple[BaseException, bool]] = []  # and whether the function was running

    def with_call(self, call: Call) -> tuple[Plan | None, BaseException | None]:
        """Record the function as it is called so; give its plan, or the error."""
        is_inside = False

        def noted(nested: list[Any]) -> Any:
            nonlocal is_inside
            is_inside = True
            result = call(nested)
            is_inside = False
            return result

        try:
            return self._record(noted), None
        except (Abandoned, Exception) as error:
            if is_fault(error, is_inside):
                self.faults.append((error, is_inside))
            return None, error


def record_path(
    record: Callable[[Call], Plan],
    computes: Callable[[], bool],
    agrees: Callable[[Plan], bool],
    patience: Patience,
    integers: Integers,
    kinds: Sequence[Kinds],
) -> Plan | None:
    """Record the path of a call with numbers of some classes; None if the function itself is to go it.

    Where it fails, integers are given as they are, and from then on, if that succeeds, or if the
    function itself is called from then on. Where symbols that say to be numbers of Python's will not
    do, they are recorded as Values, with a warning, if that `agrees` with what the function gives.
    Errors of ours are told, where the function itself `computes` the call.
    """
    attempts = _Attempts(record)
    plan = _recorded(attempts.with_call, agrees, patience, integers, kinds)
    for error, is_inside in attempts.faults:
        if computes() if plan is None else not is_inside:
            patience.faults.tell(error)
    return plan


def _recorded(
    tried: Callable[[Call], tuple[Plan | None, BaseException | None]],
    agrees: Callable[[Plan], bool],
    patience: Patience,
    integers: Integers,
    kinds: Sequence[Kinds],
) -> Plan | None:
    integers.asked.line, integers.asked.is_plain = "", False
    asked, usual, found = integers.asked, integers.call, integers.found(kinds)
    places = found if any(found) and integers.places is None else None
    plan, failure = tried(usual)
    if plan is None and places is not None and not _is_final(failure):
        plan, worse = tried(partial(integers.call_with, places))
        if plan is not None or _is_of_integers(failure, worse):
            integers.give(places)
        elif isinstance(failure, Abandoned) and not failure.why:
            plan, worse = tried(usual)
        failure = worse if isinstance(worse, Abandoned) else failure
    if plan is None and asked.line and asked.is_plain:
        asked.as_values = asked.of_values = True
        plan, _ = tried(integers.call)
        if plan is not None and agrees(plan):
            _warn(patience.name, asked.line)
    if asked.as_values and not (plan is not None and agrees(plan)):
        asked.as_values = asked.of_values = False
        plan, failure = (
            None,
            Abandoned(f"asks whether a number is one of Python's, at {asked.line}"),
        )
    if plan is not None:
        return plan
    if isinstance(failure, Abandoned):
        if failure.why:
            patience.end(failure.why)
    elif isinstance(failure, TinygradNNError):
        raise failure
    return None  # called as it is, the function raises of its numbers, not of symbols


def _warn(name: str, line: str) -> None:
    warn_user(
        f"{name} asks whether a number is one of Python's, at {line}, and computes what no program can "
        "if it is: it is recorded as for Values, which are none; ask isinstance(x, Value), which is so "
        "in every mode",
        UserWarning,
    )


def _is_of_integers(failure: BaseException | None, worse: BaseException | None) -> bool:
    """Tell whether the function is to fail with integers, or to be called with them from then on."""
    if isinstance(worse, Abandoned):
        return bool(worse.why)
    return isinstance(failure, Abandoned) and not isinstance(worse, TinygradNNError)


def _is_final(failure: BaseException | None) -> bool:
    """Tell whether integers make no difference: it is numbers that no program can follow."""
    return isinstance(failure, Abandoned) and not failure.is_of_kind
