"""What a program is said to compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...scalar.value import Value
from ...transforms.known import derivative_of, moved_by
from ..trace.recorder import Argument
from ..trace.results import Reduce
from ..trace.structure import Key
from ..trace.tracing import Call, Trace

__all__ = ["Claim", "Moves", "Slopes", "claim_of", "slopes_of"]


@dataclass(frozen=True, slots=True)
class Slopes:
    """That a function is the first derivative of another, by some of the arguments.

    `call` is that other, given the same arguments; `by` are the numbers of the arguments that it
    is differentiated by. With `after_value` its values come first, and only the first of them is
    differentiated.
    """

    call: Call
    by: tuple[int, ...]
    after_value: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """That a function says how another moves, given the same arguments.

    `by` is the number of the argument that moves, `along` that of its direction, and `derives` tells
    whether the other is a derivative, which needs a graph.
    """

    call: Call
    by: int
    along: int
    derives: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What a program is said to compute: a function, as `compile` is given it.

    The program has an input array for each of the arguments, in order, and then one for the
    captured leaves. `key` is how the result for one sample is nested, and `reduce` how the samples
    are joined.
    """

    name: str
    call: Call
    arguments: Sequence[Argument]
    key: Key
    reduce: Reduce = None
    captured: Sequence[Value] = ()
    slopes: Slopes | Moves | None = None


def claim_of(trace: Trace, name: str, slopes: Slopes | Moves | None = None) -> Claim:
    """Say what the program of something that was traced is to compute."""
    return Claim(
        name,
        trace.call,
        trace.arguments,
        trace.nesting.key,
        trace.reduce,
        trace.captured,
        slopes,
    )


def slopes_of(
    function: Callable[..., Any],
    caller: Callable[[Callable[..., Any]], Call],
    where: Sequence[int | str],
    names: Sequence[str],
) -> Slopes | Moves | None:
    """Say of what other function one is the first derivative; None if that is not known.

    `caller` makes of a function what is called with its arguments, `where` says where each of them
    is in a call, by position or name, and `names` are those of the parameters by position.
    """
    moved = moved_by(function)
    if moved is not None:
        return _moves_of(moved, caller, where)
    made = derivative_of(function)
    if made is None or derivative_of(made.function) is not None:
        return None
    argnums = made.argnums if isinstance(made.argnums, tuple | list) else (made.argnums,)
    positions = [place for place in where if isinstance(place, int)]
    by = []
    for which in argnums:
        place = which
        if isinstance(which, str) and which not in where and which in names:
            place = names.index(which)
        elif isinstance(which, int) and which < 0:
            place = which + max(positions, default=-1) + 1
        if place not in where:
            return None
        by.append(where.index(place))
    return Slopes(caller(made.function), tuple(by), made.after_value)


def _moves_of(
    moved: Callable[..., Any],
    caller: Callable[[Callable[..., Any]], Call],
    where: Sequence[int | str],
) -> Moves | None:
    if 0 not in where or 1 not in where:
        return None

    def without_direction(x: Any, _: Any, /, *args: Any, **named: Any) -> Any:
        return moved(x, *args, **named)

    derives = derivative_of(moved) is not None
    return Moves(caller(without_direction), where.index(0), where.index(1), derives)
