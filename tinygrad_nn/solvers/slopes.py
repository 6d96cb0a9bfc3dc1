"""The slopes of a differential equation on flat lists of numbers, and their derivatives, compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from types import FunctionType, MethodType, NoneType
from typing import Any, Final

import numpy as np

from ..compiler import compile as compiled
from ..errors import TraceError
from ..scalar.arrays import call_with_values
from ..scalar.convert import is_number
from ..scalar.graph import Node
from ..scalar.number import plain
from ..transforms import jacobian
from ..tree import flatten, key_of
from .arguments import matching, plain_result
from .implicit import Floats

__all__ = ["Slopes", "slopes_of"]

Function = Callable[..., Any]

MOST_KEPT: Final = 32  # equations with programs of theirs
PLAIN: Final = (str, bytes, bool, NoneType)  # of which equal ones are the same

_kept: dict[Any, Slopes] = {}
_lock = Lock()


class Slopes:
    """f(t, y, *args), where some numbers of the arguments vary.

    Its derivatives are functions of z, which is y and what varies, of all numbers of the
    arguments, and of t.
    """

    def __init__(self, f: Function, y0: Any, args: tuple[Any, ...]) -> None:
        first, self._nested = flatten(y0)
        self.size = len(first)
        self._f = f
        self._in_order = matching(y0, "y0")
        leaves, self._nested_args = flatten(args)
        self._places = [k for k, leaf in enumerate(leaves) if isinstance(leaf, Node)]
        self._others = _others_in(leaves)

    def of_values(self, t: Any, y: Sequence[Any], args: tuple[Any, ...]) -> list[Any]:
        """Compute dy/dt, of Values too."""
        return self._in_order(call_with_values(self._f, t, self._nested(y), *args), self._f)

    def of_floats(self, t: float, y: Sequence[float], args: tuple[Any, ...]) -> list[float]:
        """Compute dy/dt of plain numbers; it hangs on no Value from elsewhere."""
        found = self._in_order(self._f(t, self._nested(y), *args), self._f)
        for slope in found:
            if isinstance(slope, Node):
                plain_result(slope, self._f)  # raises
        return found

    def __call__(self, z: Sequence[Any], numbers: Sequence[Any], t: Any) -> list[Any]:
        """Compute dy/dt of z."""
        leaves = list(numbers)
        for place, other in self._others:
            leaves[place] = other
        for place, number in zip(self._places, z[self.size :], strict=True):
            leaves[place] = number
        return self.of_values(t, list(z[: self.size]), self._nested_args(leaves))

    @cached_property
    def first(self) -> _Quick:
        """The derivatives by z: a row for each number of y."""
        return _Quick(jacobian(self))

    @cached_property
    def second(self) -> _Quick:
        """The second ones: a matrix for each number of y."""
        return _Quick(jacobian(jacobian(self)))

    @cached_property
    def third(self) -> _Quick:
        """The third ones, for implicit methods."""
        return _Quick(jacobian(jacobian(jacobian(self))))


class _Quick:
    """A function whose result is an array, compiled if that is possible."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._call = compiled(function)

    def __call__(self, z: list[float], numbers: list[float], t: float) -> Floats:
        try:
            found = self._call(z, numbers, t)
        except TraceError:  # as of a solver in f
            self._call = self._function
            found = self._call(z, numbers, t)
        return np.array(found, dtype=float)


def slopes_of(f: Function, y0: Any, args: tuple[Any, ...]) -> tuple[Slopes, list[float]]:
    """Give the slopes of an equation, with the programs of the calls before; and its numbers."""
    leaves = flatten(args)[0]
    others = _others_in(leaves)
    varying = tuple([k for k, leaf in enumerate(leaves) if isinstance(leaf, Node)])
    numbers = [0.0] * len(leaves)
    for place in {*range(len(leaves))}.difference(dict(others)):
        numbers[place] = float(plain(leaves[place]))
    # Objects that are equal may give other slopes; a method is another one each time.
    told = tuple([(k, one if type(one) in PLAIN else id(one)) for k, one in others])
    called = f if isinstance(f, FunctionType | MethodType) else id(f)
    key = called, key_of(y0), key_of(args), varying, told
    try:
        hash(key)
    except TypeError:  # what is no number may be anything
        return Slopes(f, y0, args), numbers
    with _lock:
        found = _kept.pop(key, None) or Slopes(f, y0, args)
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]
    return found, numbers


def _others_in(leaves: Sequence[Any]) -> tuple[tuple[int, Any], ...]:
    """List the leaves that are no numbers, with their places."""
    return tuple(
        [
            (place, leaf)
            for place, leaf in enumerate(leaves)
            if not isinstance(leaf, Node) and (isinstance(leaf, bool) or not is_number(leaf))
        ]
    )
