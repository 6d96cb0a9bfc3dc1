"""What code does, as a few bytes: wherever it stands, and whatever process it is in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from types import CodeType, FunctionType
from typing import Any

__all__ = ["digest_of", "methods_of"]


def digest_of(code: CodeType) -> bytes:
    """Say what code does, wherever it stands."""
    found = hashlib.sha256(code.co_code + code.co_exceptiontable)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    found.update(repr((code.co_qualname, counts, names, _constants(code.co_consts))).encode())
    return found.digest()


def _constants(constants: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    for one in constants:
        if isinstance(one, CodeType):
            found.append(digest_of(one))
        elif isinstance(one, tuple):
            found.append(_constants(one))
        elif isinstance(one, frozenset):
            found.append(sorted(map(repr, one)))
        else:
            found.append((type(one).__name__, one.hex() if type(one) is float else repr(one)))
    return found


def methods_of(kind: type) -> list[tuple[str, bytes]]:
    """List the methods of a class, and what they do: some are called unseen."""
    found = []
    for name, thing in sorted(vars(kind).items()):
        inner = thing.fget if isinstance(thing, property) else getattr(thing, "__func__", thing)
        if type(inner) is FunctionType:
            found.append((name, digest_of(inner.__code__)))
    return found
