"""A module `world` of some source, which can be another one when something is unpickled."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

World = Callable[..., Any]


@contextmanager
def worlds(source: str) -> Iterator[World]:
    """Give what makes the module of a source, with changes, the one that is imported."""

    def install(*changes: tuple[str, str]) -> Any:
        text = source
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        module: Any = ModuleType("world")
        module.__file__ = "world.py"
        sys.modules["world"] = module
        exec(builtins.compile(text, "world.py", "exec", dont_inherit=True), vars(module))
        return module

    try:
        yield install
    finally:
        sys.modules.pop("world", None)
