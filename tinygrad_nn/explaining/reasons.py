"""Why a gradient is zero, tiny, huge or not a number."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..scalar.graph import CONSTANT, Node, ancestors
from ..scalar.ops import maximum, minimum, mul, where
from ..scalar.reverse import dependent
from .flat import SQUASHING, is_saturated
from .naming import Names, counted, number, plural
from .paths import Edge, Paths
from .ranking import Ranking

__all__ = ["EXPLODING", "VANISHING", "Kind", "Reason", "find_reasons"]

VANISHING = 1e-6  # a gradient below is called tiny,
EXPLODING = 1e3  # and one above huge
CANCELLING = 1e-3  # paths cancel if less is left of the sum of absolute values,
ROUNDING = 1e-12  # and what is left is rounding if it is less than this part
SHOWN = 3  # nodes that one reason names

Kind: TypeAlias = Literal[
    "no path",
    "cut",
    "dead",
    "saturated",
    "zero",
    "cancelling",
    "vanishing",
    "exploding",
    "not finite",
]


@dataclass(frozen=True, eq=False)
class Reason:
    """Something remarkable about a gradient.

    Attributes
    ----------
    kind : str
        "no path", "cut" (by a constant, or where the derivative is zero everywhere), "dead"
        (max, min or where took the other side), "saturated", "zero" (another local
        derivative that is 0), "cancelling", "vanishing", "exploding" or "not finite".
    text : str
        What, and where.
    nodes : tuple of Value
        All nodes that it is about; the text names a few.
    """

    kind: Kind
    text: str
    nodes: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


def find_reasons(paths: Paths, ranking: Ranking, wrt: Node, names: Names) -> Iterator[Reason]:
    """Look for what is remarkable about the gradient by one of the inputs."""
    search = _Search(paths, ranking, wrt, names)
    gradient, size = paths.adjoint.get(wrt, 0.0), paths.size.get(wrt, 0.0)
    if not paths.count[wrt]:
        yield from search.no_path()
    elif not math.isfinite(gradient):
        yield search.not_finite()
    elif size == 0.0 and (blocks := search.blocks()):
        yield from search.zero(blocks)
    elif abs(gradient) < CANCELLING * size:
        yield search.cancelling(gradient, size)
    elif abs(gradient) < VANISHING:
        yield from search.vanishing()
    elif abs(gradient) > EXPLODING:
        yield search.exploding()


class _Search:
    """What is looked at to explain one gradient."""

    def __init__(self, paths: Paths, ranking: Ranking, wrt: Node, names: Names) -> None:
        self.paths = paths
        self.ranking = ranking
        self.wrt = wrt
        self.names = names

    # ---- no paths --------------------------------------------------------------------------

    def no_path(self) -> Iterator[Reason]:
        wrt = self.names.described(self.wrt)
        if self.wrt.row is CONSTANT:
            text = f"{wrt} has no gradient: it is a plain number, or was computed inside no_grad"
            yield Reason("cut", text, (self.wrt,))
            return
        cuts = list(self._cuts())
        yield from cuts
        if not cuts:
            text = (
                f"the result was not made from {wrt}: look for .data, float(...) or no_grad "
                "between them, or for another Value in its place"
            )
            yield Reason("no path", text, (self.wrt,))

    def _cuts(self) -> Iterator[Reason]:
        """Name the ends of paths from the output that would have led to the input."""
        _, varies = dependent([self.paths.output], [self.wrt], ())
        nodes = [node for node, position in self.paths.cut if node.args[position] in varies]
        if nodes:
            text = f"a derivative that is 0 everywhere: {self._listed(nodes)}"
            yield Reason("cut", text, tuple(nodes))

    # ---- zero ------------------------------------------------------------------------------

    def blocks(self) -> list[tuple[Edge, Node]]:
        """Find the zero factors that paths meet first on their way down from the output.

        There are none if a path without zero factors reaches the input.
        """
        reached = self._reached()
        if self.wrt in reached:
            return []
        return [
            (edge, node)
            for node in self._between()
            for edge in self.paths.above[node]
            if edge.node in reached and edge.slope == 0.0
        ]

    def _reached(self) -> set[Node]:
        """Find the nodes to which a path without zero factors leads."""
        reached = {self.paths.output}
        for node in self.paths.order:
            if any(edge.slope != 0.0 and edge.node in reached for edge in self.paths.above[node]):
                reached.add(node)
        return reached

    def zero(self, blocks: Sequence[tuple[Edge, Node]]) -> Iterator[Reason]:
        """Group the zero factors by what made them so."""
        groups: dict[tuple[Kind, str], list[Node]] = {}
        for edge, operand in blocks:
            groups.setdefault(_zero_factor(edge, operand), []).append(edge.node)
        for (kind, what), nodes in groups.items():
            yield Reason(kind, f"{what}: {self._listed(nodes)}", tuple(nodes))
        yield from self._cuts()

    # ---- sums and products -----------------------------------------------------------------

    def cancelling(self, gradient: float, size: float) -> Reason:
        text = (
            f"{plural(self.paths.count[self.wrt], 'path')} of either sign sum to "
            f"{number(gradient)}, their absolute values to {number(size)}"
        )
        if 0.0 < abs(gradient) < ROUNDING * size:
            text += ": what is left is mostly rounding"
        return Reason("cancelling", text)

    def vanishing(self) -> Iterator[Reason]:
        """Tell the smallest factors of the greatest path, and which of them are saturated."""
        edges = self._greatest_path()
        saturated = [edge.node for edge in edges if is_saturated(edge.node)]
        if saturated:
            text = f"a flat part of {saturated[0].row.name}: {self._listed(saturated)}"
            yield Reason("saturated", text, tuple(saturated))
        small = sorted((e for e in edges if abs(e.slope) < 1.0), key=lambda e: abs(e.slope))
        yield Reason(
            "vanishing", self._product(edges, small, "below"), tuple(edge.node for edge in small)
        )

    def exploding(self) -> Reason:
        """Tell the greatest factors of the greatest path."""
        edges = self._greatest_path()
        great = sorted((e for e in edges if abs(e.slope) > 1.0), key=lambda e: -abs(e.slope))
        return Reason(
            "exploding", self._product(edges, great, "above"), tuple(edge.node for edge in great)
        )

    def _product(self, edges: Sequence[Edge], chosen: Sequence[Edge], side: str) -> str:
        exponent = math.fsum(math.log10(abs(edge.slope)) for edge in edges)
        count = self.paths.count[self.wrt]
        which = "the only path" if count == 1 else f"the greatest of {plural(count, 'path')}"
        text = (
            f"{which} is a product of {plural(len(edges), 'local derivative')}, about "
            f"1e{exponent:.0f} in size; {counted(len(chosen))} of them {side} 1"
        )
        shown = (f"{number(e.slope)} at {self.names.described(e.node)}" for e in chosen[:SHOWN])
        return f"{text}: {'; '.join(shown)}" if chosen else text

    def _greatest_path(self) -> list[Edge]:
        contribution, edges = self.ranking.greatest(self.wrt, 1)[0]
        return edges if contribution else self._underflowing_path()

    def _underflowing_path(self) -> list[Edge]:
        """Find a path whose product is 0 although no factor is."""
        reached = self._reached()
        edges: list[Edge] = []
        node = self.wrt
        while node is not self.paths.output:
            uses = self.paths.above[node]
            edges.append(next(edge for edge in uses if edge.slope and edge.node in reached))
            node = edges[-1].node
        return edges

    # ---- not finite ------------------------------------------------------------------------

    def not_finite(self) -> Reason:
        """Name the first infinite factors; else where finite ones overflow."""
        bad = [
            edge
            for node in self._between()
            for edge in self.paths.above[node]
            if not math.isfinite(edge.slope)
        ]
        if not bad:
            adjoint = self.paths.adjoint
            node = next(node for node in self._between() if not math.isfinite(adjoint[node]))
            text = (
                f"the derivative of the result by {self.names.described(node)} is "
                f"{adjoint[node]}: products of finite local derivatives that overflow"
            )
            return Reason("not finite", text, (node,))
        edge = bad[0]
        row = edge.node.row
        text = (
            f"the derivative of {row.name} by {row.letters[edge.position]} is {edge.slope} at "
            f"{self.names.described(edge.node)}"
        )
        if len(bad) > 1:
            text += f", as are {plural(len(bad) - 1, 'more local derivative')}"
        source = _first_not_finite(edge.node)
        if source is not None:
            text += f"; the first number that is not finite: {self.names.described(source)}"
        return Reason("not finite", text, tuple(edge.node for edge in bad))

    # ---- helpers ---------------------------------------------------------------------------

    def _between(self) -> Iterator[Node]:
        """Yield the nodes on paths to the input, each after all of its uses."""
        above = self.paths.above
        met = {self.wrt}
        stack = [self.wrt]
        while stack:
            uses = {edge.node for edge in above[stack.pop()]} - met
            met |= uses
            stack += uses
        return (node for node in self.paths.order if node in met)

    def _listed(self, nodes: Sequence[Node]) -> str:
        text = "; ".join(map(self.names.described, nodes[:SHOWN]))
        more = len(nodes) - SHOWN
        return f"{text}; and {plural(more, 'more node')}" if more > 0 else text


def _zero_factor(edge: Edge, operand: Node) -> tuple[Kind, str]:
    """Say why a local derivative is zero."""
    node = edge.node
    if node.row in (maximum, minimum):
        if node.row is maximum and all(o is operand or _is_zero(o) for o in node.args):
            return "dead", "relu is off, its operand is not above 0"
        return "dead", f"{node.row.name} takes the other operand"
    if node.row is where:
        return "dead", "where takes the other branch"
    if node.row is mul:
        return "zero", "the other factor is 0"
    if node.row in SQUASHING:
        return "saturated", f"the slope of {node.row.name} underflows to 0"
    return "zero", f"the derivative of {node.row.name} is 0 there"


def _is_zero(node: Node) -> bool:
    return node.is_constant and node.data == 0.0


def _first_not_finite(node: Node) -> Node | None:
    """Find the first number below a node that is infinite or NaN."""
    return next((each for each in ancestors(node) if not math.isfinite(each.data)), None)
