"""Telling whether a model is still what it was when it was compiled."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import is_dataclass
from operator import is_
from types import FunctionType, MemberDescriptorType
from typing import Any

from ..parameters import Parametric, modules_and_leaves

__all__ = ["Fingerprint", "with_settings"]


class Fingerprint:
    """What a thing consisted of: a compiled program is good as long as it does.

    Parameters and settings count by identity, arrays by their numbers. Settings are the
    attributes of modules, data classes and objects that are called (as a loss with a margin),
    and those of their classes. Modules are not kept alive.
    """

    def __init__(self, thing: Any) -> None:
        modules, self._others, self._nesting = _all_of(thing)
        self._modules = [weakref.ref(module) for module in modules]

    def is_of(self, thing: Any) -> bool:
        """Tell whether a thing consists of the same."""
        modules, others, nesting = _all_of(thing)
        return (
            nesting == self._nesting
            and len(modules) == len(self._modules)
            and len(others) == len(self._others)
            and all(map(is_, others, self._others))
            and all(known() is module for known, module in zip(self._modules, modules, strict=True))
        )


def _all_of(thing: Any) -> tuple[list[Parametric], list[Any], list[Any]]:
    """List the contents of a thing with all settings, which no parameter is looked for in."""
    nesting: list[Any] = []
    modules, others = modules_and_leaves(thing, nesting)
    queue = with_settings(modules) + with_settings(others)
    met = set(map(id, modules)) | set(map(id, queue))
    classes: set[type] = set()
    for item in queue:  # it grows meanwhile
        settings: list[Any] = []
        if not isinstance(item, Parametric | type):
            settings.append(getattr(item, "__dict__", None))
        for kind in (item if isinstance(item, type) else type(item)).__mro__:
            if _is_of_users(kind):
                if not isinstance(item, type):
                    settings += _slots(item, kind)
                if kind not in classes:
                    classes.add(kind)
                    settings += _class_attributes(kind)
        inner, found = modules_and_leaves(settings, nesting)
        others += found
        for part in inner + with_settings(found):
            if id(part) not in met:
                met.add(id(part))
                queue.append(part)
                if isinstance(part, Parametric):
                    modules.append(part)
    return modules, others, nesting


def with_settings(things: Sequence[Any]) -> list[Any]:
    """Choose the modules, classes, data classes, and objects with a ``__call__`` of the user's."""
    kinds = {kind for kind in set(map(type, things)) if _may_have_settings(kind)}
    return [thing for thing in things if type(thing) in kinds and _is_users(thing)] if kinds else []


def _may_have_settings(kind: type) -> bool:
    if issubclass(kind, type):
        return True
    return _is_of_users(kind) and (
        is_dataclass(kind)
        or any(isinstance(vars(base).get("__call__"), FunctionType) for base in kind.__mro__)
    )


def _is_users(thing: Any) -> bool:
    return not isinstance(thing, type) or any(map(_is_of_users, thing.__mro__))


def _is_of_users(kind: type) -> bool:
    """Tell whether a class may have settings: those of this package and of Python have none."""
    return kind.__module__.partition(".")[0] not in ("tinygrad_nn", "abc", "builtins")


def _slots(item: Any, kind: type) -> list[Any]:
    """Read the attributes that a class keeps in slots; one that is not set is None."""
    return [
        getattr(item, name, None)
        for name, slot in vars(kind).items()
        if isinstance(slot, MemberDescriptorType)
    ]


def _class_attributes(kind: type) -> list[Any]:
    """List what a class has of its user: Python itself keeps notes under names like __these__."""
    return [
        attribute
        for name, attribute in vars(kind).items()
        if isinstance(attribute, FunctionType) or not name.startswith("__")
    ]
