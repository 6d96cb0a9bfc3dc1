"""Symbols in sets and dicts: ours are of nodes, and a user's are of numbers, which are not known.

While a function is asked questions, only we may hash a symbol, by identity. Who does is seen at the
innermost frame of Python. As that takes long, whoever hashes many says so.
"""

from __future__ import annotations

import sys

from ...locks import lock_of_process
from ...scalar.graph import Node
from .symbol import Symbol, refusal_of

__all__ = ["Hashing", "let_hash"]

_OURS = __name__.partition(".")[0]


def _hash(symbol: Symbol) -> int:
    caller = sys._getframe(1)
    if str(caller.f_globals.get("__name__")).partition(".")[0] == _OURS:
        return Node.__hash__(symbol)
    raise refusal_of(
        "a set, a key of a dict, or hash()",
        "compare it with the entries of a list or a tuple, or name the argument in static=",
    )


def let_hash(symbols: bool) -> None:
    """Let everybody hash symbols, as fast as can be, or only us."""
    Symbol.__hash__ = Node.__hash__ if symbols else _hash  # type: ignore[method-assign,assignment]


class Hashing:
    """Counts the recordings of all threads in which only we hash symbols."""

    def __init__(self) -> None:
        self._lock = lock_of_process()
        self._count = 0

    def __enter__(self) -> None:
        with self._lock:
            self._count += 1
            let_hash(False)

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._count -= 1
            let_hash(self._count == 0)
