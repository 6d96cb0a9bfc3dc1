"""Containers of the user's own, taken apart and made again as he says."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import Any

from ..errors import ArgumentTypeError
from ..scalar.convert import is_number
from ..scalar.value import Value
from .forms import Apart, Wrapped, is_of_numpy, made

__all__ = ["are_alike", "is_registered", "register", "unwrapped"]

_KNOWN = (list, tuple, dict, set, str, bytes, object, type, Value)  # without being registered

_registered: dict[type, tuple[Callable[[Any], Any], Callable[[Any, Any], Any]]] = {}
_tried: set[type] = set()  # those of which an object was made again as it was


def is_registered(kind: type) -> bool:
    """Tell whether a class was registered."""
    return kind in _registered


def register(
    cls: Any, flatten: Callable[[Any], tuple[Any, Any]], unflatten: Callable[[Any, Any], Any]
) -> None:
    """Note how objects of a class are taken apart and made; the latest word counts."""
    if not isinstance(cls, type) or cls in _KNOWN or issubclass(cls, Number):
        raise ArgumentTypeError(
            f"cls is {cls!r}: expected a class of your own, whose objects hold numbers; lists, "
            "tuples, dicts and numbers are known without"
        )
    for name, function in (("flatten", flatten), ("unflatten", unflatten)):
        if not callable(function):
            raise ArgumentTypeError(f"{name} is {function!r}: expected a function")
    _registered[cls] = flatten, unflatten
    _tried.discard(cls)


def unwrapped(thing: Any, keep: Callable[[Any], Any]) -> Apart:
    """Take an object apart; the first of a class is made again, to see that nothing is lost."""
    kind = type(thing)
    flatten, unflatten = _registered[kind]
    parts, rest = _pair(kind, flatten(thing))
    if kind not in _tried:
        again, _ = _pair(kind, flatten(made(kind, unflatten, rest, parts)))
        if not are_alike(parts, again):
            raise ArgumentTypeError(
                f"unflatten makes of a {kind.__name__} one with the numbers {again!r:.200}, and it was "
                f"taken apart into {parts!r:.200}: expected the same, in the same order"
            )
        lost = _lost(thing, made(kind, unflatten, rest, parts))
        if lost:
            raise ArgumentTypeError(
                f"unflatten makes of a {kind.__name__} one with another {lost}: expected it among the "
                "numbers, or in the rest, that flatten gives"
            )
        _tried.add(kind)
    return Wrapped(kind, unflatten, keep(rest)), [("", parts, False)]


def _lost(thing: Any, again: Any) -> str:
    """Name an attribute that is another number in what was made again, if any."""
    others = getattr(again, "__dict__", {})
    for name, one in getattr(thing, "__dict__", {}).items():
        if is_number(one) and name in others and not are_alike(one, others[name]):
            return str(name)
    return ""


def _pair(kind: type, found: Any) -> tuple[Any, Any]:
    if type(found) is not tuple or len(found) != 2:
        raise ArgumentTypeError(
            f"flatten gives {found!r:.200} for a {kind.__name__}: expected a pair, its numbers in a "
            "list, tuple, dict or array, and the rest, None if there is none"
        )
    parts, _ = found
    if not isinstance(parts, list | tuple | dict) and not is_of_numpy(type(parts), "ndarray"):
        raise ArgumentTypeError(
            f"flatten gives {parts!r:.200} for the numbers of a {kind.__name__}: expected a list, "
            "tuple, dict or array of them"
        )
    return found


def are_alike(one: Any, other: Any) -> bool:
    """Tell whether two nestings are the same, number by number."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        same = list(one) == list(other)
        return same and are_alike(list(one.values()), list(other.values()))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(are_alike, one, other))
    if is_of_numpy(type(one), "ndarray"):
        return one.shape == other.shape and are_alike(one.ravel().tolist(), other.ravel().tolist())
    return bool(one == other) or bool(one != one and other != other)
