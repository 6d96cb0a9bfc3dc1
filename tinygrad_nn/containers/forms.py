"""What makes containers of their parts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from ..errors import ArgumentTypeError

__all__ = ["Apart", "Form", "Kept", "Part", "Wrapped", "is_of_numpy", "made"]

Part: TypeAlias = tuple[str, Any, bool]  # its name, what it is, and whether it is kept
Apart: TypeAlias = tuple[Callable[..., Any], list[Part]]  # what makes it of its parts, and these


class Form:
    """What makes an object of a class from its parts: `names` are the attributes that these are.

    Nothing that the class does with what it is given is done again, as in ``__post_init__``: the
    parts of a gradient need not be what the class takes.
    """

    __slots__ = ("kind", "names")

    def __init__(self, kind: type, names: tuple[str, ...]) -> None:
        self.kind = kind
        self.names = names

    def __call__(self, parts: Iterable[Any]) -> Any:
        """Make an object of its parts."""
        made: Any = object.__new__(self.kind)
        for name, part in zip(self.names, parts, strict=True):
            object.__setattr__(made, name, part)  # also where the class is frozen
        return made

    @property
    def __name__(self) -> str:
        return self.kind.__name__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and (self.kind, self.names) == (other.kind, other.names)

    def __hash__(self) -> int:
        return hash((self.kind, self.names))


class Wrapped:
    """What makes an object of a nesting of its numbers, and of the rest, as ``unflatten`` does."""

    __slots__ = ("kind", "make", "rest")

    def __init__(self, kind: type, make: Callable[[Any, Any], Any], rest: Any) -> None:
        self.kind = kind
        self.make = make
        self.rest = rest

    def __call__(self, parts: Sequence[Any]) -> Any:
        """Make an object of the one nesting that is its part."""
        return made(self.kind, self.make, self.rest(()), parts[0])

    @property
    def __name__(self) -> str:
        return self.kind.__name__

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Wrapped):
            return False
        same = (self.kind, self.make) == (other.kind, other.make)
        return same and bool(self.rest == other.rest)

    def __hash__(self) -> int:
        return hash((self.kind, self.rest))


class Kept:
    """What is no part, and in its place again whatever the parts are."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __call__(self, _: Sequence[Any]) -> Any:
        """Give it."""
        return self.thing


def made(kind: type, make: Callable[[Any, Any], Any], rest: Any, parts: Any) -> Any:
    """Make an object as ``unflatten`` does; what is of another class is refused."""
    found = make(rest, parts)
    if type(found) is not kind:
        raise ArgumentTypeError(
            f"unflatten makes {found!r:.200}, of type {type(found).__name__}: expected a {kind.__name__}, "
            "made of the rest and of the numbers, in this order"
        )
    return found


def is_of_numpy(kind: type, name: str) -> bool:
    """Tell whether a class is one of NumPy's, without importing NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and issubclass(kind, getattr(numpy, name))
