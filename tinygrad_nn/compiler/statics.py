"""Arguments that shape a program: two of them share one if nothing that is in them tells them apart."""

from __future__ import annotations

from abc import ABC
from collections.abc import Hashable, Iterator
from enum import Enum
from typing import Any, Generic, Protocol

from ..scalar.value import Value
from ..tree import is_array
from .watch.ours import is_users_class

__all__ = ["Static"]

_BY_EQUALITY = (bool, int, str, bytes, type(None))
_BY_TEXT = (float, complex, range, slice)  # 0.0 and -0.0 are equal, as are ranges of other ends
_ATOMS: Any = (int, float, complex, str, bytes)  # that classes are derived from
_CONTAINERS: Any = (tuple, list, dict, set, frozenset)
_PLAIN = frozenset({object, *_ATOMS, *_CONTAINERS, ABC, Generic, Protocol})


class Static:
    """An argument named in static, with all that is in it: what `==` says does not count."""

    __slots__ = ("_hash", "_inside", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self._inside = _inside(thing, {})
        self._hash = hash(self._inside)

    def __call__(self, _: Any) -> Any:
        """Give it, where what has no numbers is nested with others."""
        return self.thing

    def is_like(self, other: Any) -> bool:
        """Tell whether another argument makes the same program."""
        return other is self.thing or self == Static(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and self._inside == other._inside

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return repr(self.thing)

    def __reduce__(self) -> tuple[Any, ...]:
        """Look into it anew where it arrives: there are other objects."""
        return Static, (self.thing,)


class _Same:
    """A thing that is like no other one."""

    __slots__ = ("_thing",)

    def __init__(self, thing: Any) -> None:
        self._thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._thing is self._thing

    def __hash__(self) -> int:
        return id(self._thing)


def _inside(thing: Any, around: dict[int, int]) -> Hashable:
    """Say what is in a thing, in what can be compared; `around` are those that it is in."""
    kind = type(thing)
    if kind in _BY_EQUALITY:
        return kind, thing
    if kind in _BY_TEXT:
        return kind, repr(thing)
    if isinstance(thing, Enum):
        return kind, thing.name
    if id(thing) in around:
        return around[id(thing)]
    around = around | {id(thing): len(around)}
    if kind in _CONTAINERS:
        things = thing.items() if kind is dict else thing
        parts = tuple([_inside(part, around) for part in things])
        return kind, frozenset(parts) if issubclass(kind, set | frozenset) else parts
    if is_users_class(kind) and not _is_by_identity(kind):
        known = all(base in _PLAIN or is_users_class(base) for base in kind.__mro__)
        parts = tuple([(name, _inside(part, around)) for name, part in _parts(thing)])
        return kind, parts, None if known else _otherwise(thing)
    if is_array(thing) and thing.dtype != object:
        return kind, thing.dtype.str, thing.shape, thing.tobytes()
    return _otherwise(thing)


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """List what is in an object of a class of the user's that has an ``==`` of its own."""
    for base in _ATOMS:
        if isinstance(thing, base):
            yield "", base.__repr__(thing)
    for base in _CONTAINERS:
        if isinstance(thing, base):
            parts: Any = dict.items(thing) if isinstance(thing, dict) else base.__iter__(thing)
            yield "", (frozenset if isinstance(thing, set | frozenset) else tuple)(parts)
    own = getattr(thing, "__dict__", {})
    yield from ((name, own[name]) for name in sorted(own))
    for base in type(thing).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(thing, name):
                yield name, getattr(thing, name)


def _otherwise(thing: Any) -> Hashable:
    """Compare a thing as Python does, if that is by identity, or of a class that is known."""
    kind = type(thing)
    if _is_by_identity(kind) or isinstance(thing, Value):
        return kind, _Same(thing)
    try:
        hash(thing)
    except TypeError:
        return kind, _Same(thing)
    return kind, thing, repr(thing)


def _is_by_identity(kind: Any) -> bool:
    return kind.__eq__ is object.__eq__
