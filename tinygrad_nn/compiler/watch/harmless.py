"""Whether what code reaches could draw from the generators that all threads have in common.

Their states tell that somebody drew, not which thread. Where all that the code which ran can reach is
known to draw nothing, it was another one. What is not known may draw.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Mapping, Set
from functools import partial
from types import (
    BuiltinFunctionType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any
from weakref import ref

from .generators import is_generator, is_shared
from .ours import is_users_class, is_users_function, is_users_module
from .reads import Reads

__all__ = ["draws_nothing"]

_OURS = __name__.partition(".")[0]
_QUIET = frozenset({
    "abc", "array", "bisect", "builtins", "cmath", "collections", "collections.abc", "contextlib",
    "copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "heapq",
    "itertools", "json", "math", "numbers", "operator", "re", "string", "time", "types", "typing",
    "warnings", "_abc", "_bisect", "_collections", "_functools", "_heapq", "_operator",
})  # fmt: skip
_ANY_CODE = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "globals", "vars"})
_ANY_NAME = frozenset({"__builtins__", "__globals__", "__subclasses__", "__loader__", "__spec__"})
_RANDOM = "random"  # the attribute of a module by which generators are reached
# What these hold is looked at as well.
_HOLDERS = (list, dict, set, frozenset, tuple, deque, MappingProxyType, MethodType, partial, ref)


def draws_nothing(things: Iterable[Any], reads: Iterable[Reads], attributes: Set[str]) -> bool:
    """Tell whether code that reads names, and reaches things by attributes, surely draws nothing."""
    for one in reads:
        if one.globals & _ANY_CODE or one.attributes & _ANY_NAME:
            return False
        if one.any_attribute:
            attributes = attributes | {_RANDOM}
    return all(_is_quiet(thing, attributes) for thing in things)


def _is_quiet(thing: Any, attributes: Set[str]) -> bool:
    if is_generator(thing):
        return not is_shared(thing)  # its own state tells
    if isinstance(thing, ModuleType):
        if is_users_module(thing):
            return True
        return _is_quiet_module(thing.__name__) and not (
            _RANDOM in attributes and _RANDOM in vars(thing)
        )
    if isinstance(thing, FunctionType):
        return is_users_function(thing) or _is_quiet_module(thing.__globals__.get("__name__"))
    if isinstance(thing, BuiltinFunctionType):
        owner = thing.__self__
        if isinstance(owner, ModuleType):
            return _is_quiet_module(owner.__name__)
        return _is_quiet(owner, attributes)
    kind = thing if isinstance(thing, type) else type(thing)
    return isinstance(thing, _HOLDERS) or all(map(_is_quiet_class, kind.__mro__))


def _is_quiet_module(name: Any) -> bool:
    """Tell whether nothing that a module of this name has draws from generators of all."""
    if type(name) is not str:
        return False
    top = name.partition(".")[0]
    if top == "numpy":
        return not name.startswith("numpy.random")
    return top == _OURS or name in _QUIET


def _is_quiet_class(kind: type) -> bool:
    """Tell it of a class: what methods in Python reach, as those of the user's, is looked at."""
    if not is_users_class(kind):
        return _is_quiet_module(kind.__module__)
    modules: Mapping[str, ModuleType] = sys.modules
    file = getattr(modules.get(kind.__module__), "__file__", None)
    return file is None or str(file).endswith(".py")
