"""Gradients, explained: what is printed of a sum over paths, or of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from .path_sum import PathSum
from .writing import to_latex, to_table, to_text

__all__ = ["Explanation", "Explanations"]


class Explanation(PathSum):
    """The gradient of an output by one number, as a sum over paths; made by `explain`.

    Printing it shows the paths; a notebook shows the formula.

    Attributes
    ----------
    output, wrt : Value
        What is differentiated, and by what.
    gradient : float
        The derivative, as `backward` finds it.
    count : int
        The number of paths, exactly.
    size : float
        The sum of the absolute values of all contributions.
    """

    @property
    def why(self) -> str:
        """The reasons as text, one on each line."""
        return "\n".join(map(str, self.reasons)) or "nothing is remarkable about this gradient"

    @property
    def latex(self) -> str:
        """The sum over paths, in LaTeX for mathematical mode."""
        return to_latex(self)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"

    def __str__(self) -> str:
        return to_text(self)

    __repr__ = __str__


class Explanations(Sequence[Explanation]):
    """The gradients of an output by several numbers; made by `explain`.

    Printing it shows a table, the greatest gradient first.
    """

    def __init__(self, explanations: Sequence[Explanation]) -> None:
        self._explanations = tuple(explanations)

    @overload
    def __getitem__(self, place: int) -> Explanation: ...
    @overload
    def __getitem__(self, place: slice) -> Explanations: ...
    def __getitem__(self, place: int | slice) -> Explanation | Explanations:
        """Take one explanation, or some, by place."""
        if isinstance(place, slice):
            return Explanations(self._explanations[place])
        return self._explanations[place]

    def __len__(self) -> int:
        return len(self._explanations)

    def __str__(self) -> str:
        return to_table(self)

    __repr__ = __str__
