"""Objects that hold numbers in fields of their own: taken apart into parts, and made of others.

Named tuples, and dataclasses, frozen ones and those with slots too. What a field holds is a part,
a number or a nesting, or it is kept as it is: a text, None, a function, a date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from numbers import Number
from typing import Any, TypeAlias

from .errors import ArgumentTypeError
from .scalar.convert import is_number
from .scalar.value import Value

__all__ = ["Form", "Kept", "Part", "is_container", "other_attribute", "parts_of"]

Part: TypeAlias = tuple[str, Any, bool]  # its name, what it is, and whether it is kept

_OF_FUNCTIONS = ("numpy", __name__.partition(".")[0])


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


class Kept:
    """What is no part, and in its place again whatever the parts are."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __call__(self, _: Sequence[Any]) -> Any:
        """Give it."""
        return self.thing


def is_container(thing: Any) -> bool:
    """Tell whether a thing is taken apart by its fields."""
    kind = type(thing)
    return is_own(kind) or (isinstance(thing, tuple) and hasattr(kind, "_fields"))


def is_own(kind: type) -> bool:
    """Tell whether a class is that of dataclasses."""
    return hasattr(kind, "__dataclass_fields__")


def parts_of(thing: Any) -> tuple[Callable[..., Any], list[Part]]:
    """Take a container apart: what makes it of its parts, and these."""
    kind = type(thing)
    if not is_own(kind):
        found = [
            (name, part, is_kept(part)) for name, part in zip(kind._fields, thing, strict=True)
        ]
        _check(kind, found)
        return kind, found
    found = _fields_of(thing)
    _check(kind, found)
    return Form(kind, tuple([name for name, _, _ in found])), found


# ---- fields ------------------------------------------------------------------------------------


def _fields_of(thing: Any) -> list[Part]:
    """List the fields of a dataclass."""
    from dataclasses import fields  # which is loaded where there is one

    kind = type(thing)
    found: list[Part] = []
    for field in fields(thing):
        try:
            part = getattr(thing, field.name)
        except AttributeError:
            raise ArgumentTypeError(
                f"{kind.__name__} has no {field.name}, which is one of its fields: set it"
            ) from None
        kept = bool(field.metadata.get("static")) or is_kept(part)
        if not kept and not field.init and hasattr(kind, "__post_init__"):
            raise ArgumentTypeError(
                f"the field {field.name} of {kind.__name__} is set by __post_init__, from other "
                "fields perhaps, and would not follow these: make it a property, or give "
                "it to __init__"
            )
        found.append((field.name, part, kept))
    other = other_attribute(thing)
    if other:
        raise ArgumentTypeError(
            f"{kind.__name__} has the attribute {other}, which is none of its fields and would not "
            "follow these: make it a field, a property or a functools.cached_property"
        )
    return found


def other_attribute(thing: Any) -> str:
    """Name an attribute of a dataclass that is no field, nor computed of fields again, if any."""
    kind = type(thing)
    fields = kind.__dataclass_fields__
    for name in getattr(thing, "__dict__", ()):
        if name not in fields and not hasattr(getattr(kind, name, None), "__set_name__"):
            return str(name)
    return ""


def _check(kind: type, parts: Iterable[Part]) -> None:
    """Refuse parts that may hold numbers which nobody can find."""
    for name, part, kept in parts:
        if not kept and not _is_nesting(part):
            raise ArgumentTypeError(
                f"the field {name} of {kind.__name__} is {part!r:.200}, of type "
                f"{type(part).__name__}: expected numbers, nested in lists, tuples, dicts, arrays "
                "or dataclasses, or what holds none, as a text; where it is to stay as it is, say "
                "so in a dataclass: field(metadata={'static': True})"
            )


def is_kept(part: Any) -> bool:
    """Tell whether a part stays as it is: it holds no number that could vary."""
    kind = type(part)
    if part is None or kind is bool or kind is str or kind is bytes or isinstance(part, Enum):
        return True
    if isinstance(part, Value) or is_number(part):
        return _is_of_numpy(kind, "bool_")
    if isinstance(part, list | tuple | dict):
        inside = list(part.values() if isinstance(part, dict) else part)
        return bool(inside) and all(map(is_kept, inside))
    if isinstance(part, set | frozenset):
        return all(map(is_kept, part))
    if is_own(kind) or isinstance(part, Number) or hasattr(kind, "__next__"):
        return False
    if callable(part) and _top(kind) in _OF_FUNCTIONS:
        return not hasattr(kind, "named_parameters")
    is_pythons = _top(kind) in sys.stdlib_module_names
    return isinstance(part, type) or (is_pythons and kind.__hash__ is not None)


def _top(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _is_nesting(part: Any) -> bool:
    """Tell whether a part is a number, or may be taken apart."""
    if isinstance(part, Value | list | tuple | dict) or is_number(part) or is_own(type(part)):
        return True
    return _is_of_numpy(type(part), "ndarray")


def _is_of_numpy(kind: type, name: str) -> bool:
    numpy = sys.modules.get("numpy")
    return numpy is not None and issubclass(kind, getattr(numpy, name))
