"""What a run gives in place of a result when its guards find other answers than were recorded."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MISSED", "Missed", "missed"]


class Missed:
    """A run is of no use: the question at a place, the first that differs, has another answer.

    The answer is read where the run left it, when it is asked for. Another run may have been there
    meanwhile: it says which path to try, not that it fits, which only its own guards say.
    """

    __slots__ = ("index", "numbers", "place")

    def __init__(self, place: int, numbers: Sequence[float], index: int) -> None:
        self.place = place
        self.numbers = numbers
        self.index = index

    @property
    def answer(self) -> float:
        """What was found in place of the answer of the recording."""
        return self.numbers[self.index]


MISSED = Missed(-1, (), 0)
"""Some samples have other answers; which do is not known here."""


def missed(expected: Sequence[float], answers: Sequence[float]) -> Missed:
    """Find the first answer that differs."""
    pairs = enumerate(zip(expected, answers, strict=True))
    place = next(place for place, (one, other) in pairs if one != other)
    return Missed(place, answers, place)
