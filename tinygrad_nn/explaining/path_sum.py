"""A gradient as a sum over paths, with numbers filled in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..cached import cached_property
from ..scalar.graph import Node
from .naming import Names
from .paths import Paths
from .ranking import Ranking
from .reasons import Reason, find_reasons

__all__ = ["Path", "PathSum"]


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


class PathSum:
    """The paths from a number to an output, what each contributes, and what is remarkable."""

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
