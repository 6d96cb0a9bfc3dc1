"""Symbols in sets and dicts: ours are of nodes, and a user's are of numbers, which are not known.

While a function is asked questions, only we may hash a symbol in its thread, by identity. Who does is
seen at the innermost frame of Python. As that takes long, whoever hashes many says so.
"""

from __future__ import annotations

import sys
import threading
from types import FrameType

from ...locks import lock_of_process
from ...scalar import contexts
from ...scalar.graph import Node
from .symbol import Symbol, refusal_of

__all__ = ["Hashing", "is_ours", "ours_only"]

_OURS = __name__.partition(".")[0]


def is_ours(frame: FrameType) -> bool:
    """Tell whether code of ours runs in a frame."""
    return str(frame.f_globals.get("__name__")).partition(".")[0] == _OURS


def _hash(symbol: Symbol) -> int:
    state = contexts.state
    if _here.is_ours or (state.session is None and state.classes is None):
        return Node.__hash__(symbol)
    if is_ours(sys._getframe(1)):
        return Node.__hash__(symbol)
    raise refusal_of(
        "a set, a key of a dict, or hash()",
        "compare it with the entries of a list or a tuple, or name the argument in static=",
    )


class _Here(threading.local):
    """What this thread does."""

    is_ours = False  # it runs nothing of the user's


_here = _Here()


class Hashing:
    """Counts the recordings of all threads in which only we hash symbols."""

    def __init__(self) -> None:
        self._lock = lock_of_process()
        self._count = 0

    def __enter__(self) -> None:
        with self._lock:
            self._count += 1
            _let_hash(False)
        _here.is_ours = False

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._count -= 1
            _let_hash(self._count == 0)

    def let_hash(self, symbols: bool) -> None:
        """Let this thread hash symbols, as fast as can be while no other one records."""
        _here.is_ours = symbols
        with self._lock:  # `_let_hash`, written out for speed
            Symbol.__hash__ = Node.__hash__ if symbols and self._count <= 1 else _hash  # type: ignore[method-assign,assignment]


def _let_hash(symbols: bool) -> None:
    """Let everybody hash symbols, or only us."""
    Symbol.__hash__ = Node.__hash__ if symbols else _hash  # type: ignore[method-assign,assignment]


ours_only = Hashing()
