"""What solvers are handed: numbers to begin from, further arguments, and functions of the user's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ..arguments import did_you_mean
from ..compiler.trace.symbol import refusal_of
from ..containers.frames import labels_in
from ..errors import ArgumentError, ArgumentTypeError, ShapeError, TraceError
from ..scalar.contexts import looking, state, watched
from ..scalar.convert import to_number
from ..scalar.graph import LEAF, Node, ancestors
from ..scalar.number import plain
from ..tree import by_place, flatten, leaf_paths

__all__ = [
    "begin",
    "by_arguments_only",
    "check_arguments",
    "check_method",
    "check_tolerances",
    "matching",
    "name_of",
    "numbers_of",
    "one_number",
    "plain_result",
    "plainly",
    "recording_refused",
    "varying_in",
]

LEAST_ERROR: Final = 1e-13  # that is asked for


def recording_refused(solver: str) -> TraceError:
    """Make the error of a solver in a function that is recorded: its number would be frozen there."""
    return refusal_of(
        solver,
        f"call {solver} outside of what is compiled, which may be the functions that it is "
        "handed; or write its steps as a loop, or with gauss_legendre for an integral",
    )


def check_arguments(function: Any, args: Any, name: str) -> tuple[Any, ...]:
    """Check what is called, and with what after its first arguments."""
    if not callable(function):
        raise ArgumentTypeError(
            f"{name} is {function!r}, of type {type(function).__name__}: expected a function"
        )
    if not isinstance(args, tuple | list):
        raise ArgumentTypeError(
            f"args is {args!r}, of type {type(args).__name__}: expected a tuple of what {name} is "
            "called with after its first argument, as (a,)"
        )
    return tuple(args)


def check_method(method: Any, methods: list[str]) -> None:
    """Check that a method of SciPy is one of those that are offered."""
    if method not in methods:
        hint = did_you_mean(method, methods) if isinstance(method, str) else "give its name"
        raise ArgumentError(f"method is {method!r}: expected one of {', '.join(methods)}; {hint}")


def check_tolerances(rtol: Any, atol: Any) -> None:
    """Check the errors that are asked for: they can be met by floats."""
    for name, number in (("rtol", rtol), ("atol", atol)):
        if not 0.0 <= to_number(number, name) < math.inf:
            raise ArgumentError(f"{name} is {number!r}: expected a finite number of 0 or more")
    if rtol < LEAST_ERROR:
        raise ArgumentError(
            f"rtol is {rtol!r}: expected {LEAST_ERROR} or more, as floats have no more digits"
        )


def begin(start: Any, name: str) -> tuple[list[float], Callable[[Sequence[Any]], Any]]:
    """Take the numbers apart from which a solver begins; the result does not depend on them."""
    leaves, rebuild = flatten(start)
    if not leaves:
        raise ArgumentError(f"{name} has no number: expected one, or a nesting of some")
    return numbers_of(leaves, leaf_paths(start, name)), rebuild


def numbers_of(leaves: Sequence[Any], paths: Sequence[str]) -> list[float]:
    """Make plain numbers of leaves; nothing is lost, as who asks knows their Values."""
    return [to_number(plain(leaf), path) for leaf, path in zip(leaves, paths, strict=True)]


def plainly(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put plain numbers in place of the Values among arguments."""
    leaves, rebuild = flatten(args)
    if not any(isinstance(leaf, Node) for leaf in leaves):
        return args
    numbers: tuple[Any, ...] = rebuild([plain(leaf) for leaf in leaves])
    return numbers


def varying_in(nesting: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """List the Values in a nesting, and make what nests others in their places."""
    leaves, rebuild = flatten(nesting)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Node)]
    if not places:
        return [], lambda _: nesting
    varying = [leaves[place] for place in places]
    fixed = [None if isinstance(leaf, Node) else leaf for leaf in leaves]

    def with_others(others: Sequence[Any]) -> Any:
        numbers = list(fixed)
        for place, other in zip(places, others, strict=True):
            numbers[place] = other
        return rebuild(numbers)

    return varying, with_others


def matching(start: Any, what: str) -> Callable[[Any, Any], list[Any]]:
    """Make what takes the result of a function apart, which is nested as `start`, in its order.

    Where there are no names, as many numbers will do.
    """
    places = list(by_place(start))
    named = _has_names(start)
    labels = labels_in(start)

    def in_order(result: Any, function: Any) -> list[Any]:
        found = by_place(result) if named else None
        if labels and labels_in(result) not in ([], labels):
            raise ShapeError(
                f"{name_of(function)} gave {result!r} for {what} = {start!r}: expected the same "
                "labels in the same order; use reindex_like"
            )
        if found is not None and found.keys() == set(places):
            numbers = [found[place] for place in places]
        else:
            numbers = flatten(result)[0]
            if found is not None or len(numbers) != len(places):
                raise ShapeError(
                    f"{name_of(function)} gave {result!r} for {what} = {start!r}: expected numbers "
                    "that are nested alike"
                )
        if any(type(one) is not float and not isinstance(one, Node) for one in numbers):
            name = f"the result of {name_of(function)}"
            return [one if isinstance(one, Node) else to_number(one, name) for one in numbers]
        return numbers

    return in_order


def _has_names(nesting: Any) -> bool:
    if isinstance(nesting, list | tuple):
        return any(map(_has_names, nesting))
    return isinstance(nesting, dict)


def one_number(result: Any, function: Any) -> Any:
    """Take the one number that a function gave, a Value or a plain one."""
    leaves = flatten(result)[0]
    if len(leaves) != 1:
        raise ArgumentTypeError(
            f"{name_of(function)} gave {len(leaves)} numbers: expected one; sum them up"
        )
    number = leaves[0]
    if isinstance(number, Node):
        return number
    return to_number(number, f"the result of {name_of(function)}")


def plain_result(result: Any, function: Any) -> float:
    """Take the number that a function gave of plain ones; it hangs on no Value that it found by itself."""
    number = one_number(result, function)
    if isinstance(number, Node):
        label = next((f", {node.label}" for node in ancestors(number) if node.label), "")
        raise ArgumentError(
            f"{name_of(function)} gave {number!r} for plain numbers: it holds a Value{label} that "
            "is not among its arguments, by which no derivative would be found; hand it over in "
            "args, or take its number, .data"
        )
    return float(number)


@contextmanager
def by_arguments_only(function: Any) -> Iterator[None]:
    """Refuse that a function of plain numbers chooses by a Value that it found by itself.

    It leaves no trace in what the function gives, and a step or kink moves with it.
    """
    outside = watched()
    with looking() as looked:
        yield
    for node in set(looked):
        below = ancestors(node)
        by_own = not state.no_grad and any(one.row is LEAF for one in below)
        if by_own or not outside.isdisjoint(below):
            raise ArgumentError(
                f"{name_of(function)} looks at {node!r}, which is not among its arguments, and "
                "chooses by it: what moves with it would have no derivative; hand it over in args, "
                "or take its number, .data"
            )


def name_of(function: Any) -> str:
    """Name a function in errors."""
    return getattr(function, "__name__", "the function")
