"""A question that Python asked while a function was recorded, and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from ...scalar.graph import Node
from ...scalar.user_line import Place

__all__ = ["Question"]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A number that Python looked at, what it was, and where that was in the user's code.

    One without a place asks whether all operations since the one before had a finite result.
    """

    guard: Node
    answer: float
    place: Place | None
    is_logical: bool = False  # whether the guard is 1 or 0, whatever it is computed from
