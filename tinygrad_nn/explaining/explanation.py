"""A gradient, explained: a sum over paths, with numbers filled in, and what is remarkable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

from ..scalar.graph import Node
from .naming import Names
from .paths import Paths
from .ranking import Ranking
from .reasons import Reason, find_reasons
from .writing import to_latex, to_table, to_text

__all__ = ["Explanation", "Explanations", "Path"]


@dataclass(frozen=True, eq=False)
class Path:
    """One way in which a number enters a result.

    Attributes
    ----------
    nodes : tuple of Value
        From what is differentiated by, up to the output.
    positions : tuple of int
        As which operand each node enters the next one.
    slopes : tuple of float
        The derivative of each next node by the node, the other operands fixed.
    contribution : float
        The product of the slopes: what the path contributes to the gradient.
    share : float
        The contribution divided by the gradient; NaN where the gradient is 0 or not finite.
    """

    nodes: tuple[Node, ...]
    positions: tuple[int, ...]
    slopes: tuple[float, ...]
    contribution: float
    share: float


class Explanation:
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

    def __init__(self, paths: Paths, ranking: Ranking, wrt: Node, limit: int, names: Names) -> None:
        self.output = paths.output
        self.wrt = wrt
        self.gradient = paths.adjoint.get(wrt, 0.0)
        self.count = paths.count[wrt]
        self.size = paths.size.get(wrt, 0.0)
        self.names = names
        self._paths = paths
        self._ranking = ranking
        self._limit = limit

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The paths of the greatest absolute contributions, the greatest first."""
        found = []
        whole = self.gradient if self.gradient and math.isfinite(self.gradient) else math.nan
        for contribution, edges in self._ranking.greatest(self.wrt, self._limit):
            nodes, positions, slopes = zip(*edges, strict=True) if edges else ((), (), ())
            found.append(
                Path((self.wrt, *nodes), positions, slopes, contribution, contribution / whole)
            )
        return tuple(found)

    @cached_property
    def rest(self) -> float:
        """The sum of all contributions that are not listed: the gradient less those that are.

        It has the rounding errors of the gradient; NaN where infinities are listed.
        """
        try:
            return self.gradient - math.fsum(path.contribution for path in self.paths)
        except (ValueError, OverflowError):  # inf - inf, or a sum beyond 1.8e308
            return math.nan

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """What is remarkable: why the gradient is zero, tiny, huge or not a number."""
        return tuple(find_reasons(self._paths, self._ranking, self.wrt, self.names))

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
