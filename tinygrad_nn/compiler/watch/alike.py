"""Whether two things would make a function compute the same."""

from __future__ import annotations

import math
from types import EllipsisType, NoneType
from typing import Any

from ...scalar.value import Value
from ...tree import is_array

__all__ = ["ATOMS", "alike", "has_symbols", "is_plain", "is_same", "same_atom"]

ATOMS = frozenset({bool, int, float, complex, str, bytes, range, slice, NoneType, EllipsisType})


def same_atom(one: Any, other: Any) -> bool:
    """Tell whether two numbers or texts are the same: 1 and 1.0 are not, nor are 0.0 and -0.0."""
    kind = type(one)
    if kind is not type(other) or kind not in ATOMS:
        return False
    if kind is float:
        if one != one:
            return bool(other != other)
        return bool(one == other) and math.copysign(1.0, one) == math.copysign(1.0, other)
    return repr(one) == repr(other) if kind is complex else bool(one == other)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether a thing is another, or the same number or text."""
    return one is other or same_atom(one, other)


def alike(one: Any, other: Any, depth: int = 8) -> bool:
    """Tell whether two things are the same but for being other objects.

    Symbols are, whatever they stand for: a recording refuses those of another.
    """
    if is_same(one, other):
        return True
    if type(one) is not type(other) or not depth:
        return False
    if isinstance(one, Value):
        return one.is_symbolic
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(alike(a, b, depth - 1) for a, b in zip(one, other))  # noqa: B905  # just compared
    if isinstance(one, dict):
        return list(one) == list(other) and all(alike(one[k], other[k], depth - 1) for k in one)
    if is_array(one):
        return one.shape == other.shape and alike(one.tolist(), other.tolist(), depth - 1)
    attributes = getattr(one, "__dict__", None)
    return isinstance(attributes, dict) and alike(attributes, vars(other), depth - 1)


def is_plain(thing: Any, depth: int = 8) -> bool:
    """Tell whether a thing is nothing but numbers and texts, nested or not."""
    if type(thing) in ATOMS or is_array(thing):
        return True
    parts = list(thing.values()) if isinstance(thing, dict) else thing
    if not isinstance(parts, list | tuple) or not depth:
        return False
    return set(map(type, parts)) <= ATOMS or all(is_plain(part, depth - 1) for part in parts)


def has_symbols(thing: Any, depth: int = 8) -> bool:
    """Tell whether a thing is a symbol, or a nesting or an object that has one."""
    if isinstance(thing, Value):
        return thing.is_symbolic
    if isinstance(thing, dict):
        thing = list(thing.values())
    elif not isinstance(thing, list | tuple):
        return False
    kinds = set(map(type, thing))
    if kinds <= ATOMS or kinds == {Value} or not depth:
        return False
    return any(has_symbols(part, depth - 1) for part in thing)
