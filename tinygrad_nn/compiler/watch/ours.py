"""Whose code it is: the user's is watched; that of this package, Python, libraries and test tools is not."""

from __future__ import annotations

import builtins
import os
import sys
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

__all__ = ["is_ours", "is_users_class", "is_users_code", "is_users_function", "is_users_module"]

_OURS = __name__.partition(".")[0]
_TOOLS = ("pytest", "_pytest", "pluggy", "hypothesis")  # what these do is no part of a function
_TRUSTED = frozenset({_OURS, "numpy", "scipy", "pandas", "llvmlite", *_TOOLS})
_OF_PYTHON = 1 << 9  # a flag of classes that are made while Python runs
_STANDARD = f"{Path(os.__file__).parent}{os.sep}"


def is_users_code(code: CodeType, module: str) -> bool:
    """Tell whether code of a module is watched."""
    return module.partition(".")[0] not in _TRUSTED and not _is_standard(code.co_filename)


def is_users_function(function: FunctionType) -> bool:
    """Tell whether a function is watched; `wraps` sets its module to that of another."""
    return is_users_code(function.__code__, function.__globals__.get("__name__") or "")


@lru_cache(maxsize=4096)
def _is_standard(file: str) -> bool:
    if file.startswith("<frozen"):
        return True
    return file.startswith(_STANDARD) and "-packages" not in file[len(_STANDARD) :]


def is_users_class(kind: type) -> bool:
    """Tell whether the attributes of a class are watched."""
    top = kind.__module__.partition(".")[0]
    if top in _TRUSTED:
        return False
    if top == "builtins":  # also where code is run in a dict that has no name
        own = vars(builtins).get(kind.__name__)
        return bool(kind.__flags__ & _OF_PYTHON) and kind is not own
    if top not in sys.stdlib_module_names:
        return True
    module = sys.modules.get(kind.__module__)  # the user's may have the name of one of Python's
    file = None if module is None else vars(module).get("__file__")
    return bool(file) and not _is_standard(file)


def is_users_module(module: Any) -> bool:
    """Tell whether the names of a module are watched."""
    top = module.__name__.partition(".")[0]
    file = vars(module).get("__file__") or ""  # not by a `__getattr__` of the module's own
    return top not in (*_TRUSTED, *sys.builtin_module_names) and not _is_standard(file)


def is_ours(kind: type) -> bool:
    """Tell whether a class is this package's, or derived from one."""
    return any(base.__module__.partition(".")[0] == _OURS for base in kind.__mro__)
