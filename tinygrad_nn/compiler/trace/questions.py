"""A question that Python asked while a function was recorded, and its answer."""

from __future__ import annotations

from dataclasses import dataclass

from ...scalar.user_line import Place, describe_place

__all__ = ["Question"]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What a number was that Python looked at, its guard, and where that was in the user's code.

    One without a place asks whether all is well, which is 0: whether operations had a finite
    result, and what they chose was there.
    """

    answer: float
    place: Place | None
    is_logical: bool = False  # whether the guard is 1 or 0, whatever it is computed from
    name: str = ""  # of an argument, an integer that the function is given as it is

    @property
    def is_silent(self) -> bool:
        """Whether it is none of the user's: it asks whether all is well."""
        return self.place is None and not self.name

    @property
    def text(self) -> str:
        """What was asked: the user's line, or the name of an argument."""
        return self.name or describe_place(self.place)

    def shown(self) -> str:
        """Write the answer."""
        if not self.is_logical:
            return f"= {self.answer:g}"
        return "yes" if self.answer else "no"
