"""A mistake that students make: a change of the rules, a sentence and three hints."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .engine import Rules

__all__ = ["Hints", "Mistake", "shown"]

# Where to look, what to think of, what is missing: never the line to write.
Hints = tuple[str, str, str]


class Mistake(NamedTuple):
    """What is wrong: `operations` are those it is in, none if it is in none of them."""

    name: str
    sentence: str
    hints: Hints
    change: Callable[[Rules], Rules]
    operations: tuple[str, ...] = ()


def shown(operation: str) -> str:
    """Write an operation as one types it."""
    return operation.replace("n ", "3 ").replace(" n", " 3")
