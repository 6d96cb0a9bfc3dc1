"""Dataclasses and named tuples: their fields one by one, and which of them stay as they are."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from numbers import Number
from typing import Any

from ..errors import ArgumentTypeError
from ..scalar.convert import is_number
from ..scalar.value import Value
from .forms import Apart, Form, Part, is_of_numpy
from .frames import is_frame
from .registered import are_alike, is_registered

__all__ = ["fields_apart", "is_dataclass", "other_attribute", "row_apart"]

_VARIED = (float, int)
_PLAIN = (bool, str, bytes)
_tried: set[type] = set()  # dataclasses of which an object was taken apart
_OF_FUNCTIONS = ("numpy", __name__.partition(".")[0])


def is_dataclass(kind: type) -> bool:
    """Tell whether a class is one of dataclasses; to ask the module of that name imports it."""
    return hasattr(kind, "__dataclass_fields__") and not issubclass(kind, list | tuple | dict)


def is_fielded(kind: type) -> bool:
    """Tell whether objects of a class are taken apart, and are no list, tuple or dict."""
    return is_dataclass(kind) or is_registered(kind) or is_frame(kind)


def row_apart(thing: Any, _: Any) -> Apart:
    """Take a named tuple apart."""
    kind = type(thing)
    pairs = zip(kind._fields, thing, strict=True)
    found = [(name, part, is_kept(part)) for name, part in pairs]
    _check(kind, found)
    return kind, found


def fields_apart(thing: Any, _: Any) -> Apart:
    """Take a dataclass apart."""
    kind: Any = type(thing)
    form, declared = _declared(kind)
    found: list[Part] = []
    computed = _computed_again(thing, form) if kind not in _tried and _may_compute(kind) else ""
    for name, is_static, follows in declared:
        try:
            part = getattr(thing, name)
        except AttributeError:
            raise ArgumentTypeError(
                f"{kind.__name__} has no {name}, which is one of its fields: set it"
            ) from None
        kept = is_static or is_kept(part)
        if (follows or name == computed) and not kept:
            raise ArgumentTypeError(
                f"the field {name} of {kind.__name__} is set by __post_init__, from other fields "
                "perhaps, and would not follow these: make it a property, or give it to __init__, "
                "or register the class with register_container"
            )
        found.append((name, part, kept))
    _check(kind, found)
    other = other_attribute(thing)
    if other:
        raise ArgumentTypeError(
            f"{kind.__name__} has the attribute {other}, which is none of its fields and would not "
            "follow these: make it a field, a property or a functools.cached_property, or register "
            "the class with register_container"
        )
    _tried.add(kind)
    return form, found


def _may_compute(kind: Any) -> bool:
    """Tell whether ``__post_init__`` sets fields at all, as far as its own code says."""
    code = getattr(getattr(kind, "__post_init__", None), "__code__", None)
    if code is None:
        return False
    from dis import get_instructions  # which is loaded where there is such a class

    fields = kind.__dataclass_fields__
    return "__setattr__" in code.co_names or any(
        each.opname == "STORE_ATTR" and each.argval in fields for each in get_instructions(code)
    )


def _computed_again(thing: Any, form: Form) -> str:
    """Name a field that ``__post_init__`` computes from others, whatever it was given, if any.

    It is called on an object whose numbers are others: where it leaves them, or converts them, they
    vary by themselves. What it refuses, or what takes more arguments, is not known.
    """
    moved = [_moved(getattr(thing, name, None)) for name in form.names]
    other = form(moved)
    try:
        other.__post_init__()
    except Exception:
        return ""
    pairs = zip(form.names, moved, strict=True)
    return next((name for name, x in pairs if not are_alike(x, getattr(other, name, None))), "")


def _moved(part: Any) -> Any:
    """Put other numbers in place of those in a nesting."""
    if isinstance(part, Value):
        part = part.data
    if type(part) in _VARIED:
        return 1.25 * part + 0.125
    if type(part) is list or type(part) is tuple:
        return type(part)(map(_moved, part))
    if type(part) is dict:
        return {key: _moved(inner) for key, inner in part.items()}
    return part


@lru_cache(maxsize=512)
def _declared(kind: Any) -> tuple[Form, list[tuple[str, bool, bool]]]:
    """List the fields of a dataclass: which are static, and which are set from others perhaps."""
    from dataclasses import fields  # which is loaded where there is one

    later = hasattr(kind, "__post_init__")
    found = [
        (field.name, bool(field.metadata.get("static")), later and not field.init)
        for field in fields(kind)
    ]
    return Form(kind, tuple([name for name, _, _ in found])), found


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
                "so in a dataclass: field(metadata={'static': True}); or register its class with "
                "register_container"
            )


def is_kept(part: Any) -> bool:
    """Tell whether a part stays as it is: it holds no number that could vary."""
    kind = type(part)
    if kind in _VARIED or isinstance(part, Value):
        return False
    if part is None or kind in _PLAIN or isinstance(part, Enum):
        return True
    if isinstance(part, list | tuple | dict):
        inside = part.values() if isinstance(part, dict) else part
        return bool(part) and all(map(is_kept, inside))
    if is_number(part):
        return is_of_numpy(kind, "bool_")
    if isinstance(part, set | frozenset):
        return all(map(is_kept, part))
    if is_fielded(type(part)) or isinstance(part, Number) or hasattr(kind, "__next__"):
        return False
    if callable(part) and _top(kind) in _OF_FUNCTIONS:
        return not hasattr(kind, "named_parameters")
    is_pythons = _top(kind) in sys.stdlib_module_names
    return isinstance(part, type) or (is_pythons and kind.__hash__ is not None)


def _top(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _is_nesting(part: Any) -> bool:
    """Tell whether a part is a number, or may be taken apart."""
    if isinstance(part, Value | list | tuple | dict | float | int) or is_number(part):
        return True
    if is_fielded(type(part)):
        return True
    return is_of_numpy(type(part), "ndarray")
