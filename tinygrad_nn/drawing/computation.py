"""The picture of a computation graph: boxes for numbers, circles for operations, scopes around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..scalar.graph import Node
from .colour import Scale
from .highlight import Highlight
from .lettering import pretty, sign, span
from .likeness import Use, slopes_of
from .outline import Number, Outline, Region, Wire, home
from .style import LIGHT, Digraph, Look, Theme, literal, new_graph
from .wording import DASH, Wording

__all__ = ["Options", "draw_computation"]

_NUMBER = {"shape": "box", "style": "rounded,filled", "margin": "0.13,0.06", "height": "0"}
_OPERATION = {
    "style": "filled",
    "fontsize": "12",
    "width": "0.36",
    "height": "0.36",
    "margin": "0.02",
    "ordering": "in",  # operands in order, x before y, as far as they are not shared
}
_ROUND = 4  # letters, to which an operation is a circle

# Where the operands come in, the first, a middle and the last: x above y, or left of it.
_SIDES = {
    "LR": ("nw", "w", "sw"),
    "RL": ("ne", "e", "se"),
    "TB": ("nw", "n", "ne"),
    "BT": ("sw", "s", "se"),
}
_CONSTANT = {"shape": "none", "fontsize": "9.5", "width": "0", "height": "0", "margin": "0.04,0.02"}


@dataclass(frozen=True)
class Options:
    """How a graph is drawn; `draw` describes each."""

    rankdir: str = "LR"
    precision: int = 4
    derivatives: bool = False
    flow: bool = False
    color: str | None = None
    highlight: Highlight = field(default_factory=Highlight)
    theme: Theme = LIGHT


def draw_computation(outline: Outline, roots: Sequence[Node], options: Options) -> Digraph:
    """Draw what an outline consists of."""
    picture = _Picture(outline, roots, options)
    picture.add(picture.graph, outline.root, 0)
    picture.connect()
    return picture.graph


class _Arrow(NamedTuple):
    """An edge into an operation: as which operand, from where, for which uses."""

    position: int
    tail: str
    source: Region | None  # what is around the tail; None around a constant
    uses: Sequence[Use]
    look: Look


class _Picture:
    """A graph being drawn."""

    def __init__(self, outline: Outline, roots: Sequence[Node], options: Options) -> None:
        labels = ", ".join(root.label for root in roots if root.label)
        title = f"Computation graph of {labels}" if labels else "Computation graph"
        self.outline = outline
        self.options = options
        self.theme = options.theme
        self.roots = set(roots)
        self.scale = None
        legend = {}
        if options.color:
            numbers = [node for node in outline.placed.nodes if not node.is_constant]
            self.scale = Scale(options.color, numbers, self.theme)
            legend = {"label": self.scale.legend(options.precision), "labelloc": "b"}
        self.graph = new_graph(
            title,
            theme=self.theme,
            rankdir=options.rankdir,
            nodesep="0.18",
            ranksep="0.32",
            **legend,
        )
        places = {node: place for place, node in enumerate(outline.placed.nodes)}
        self.names: dict[Number | Region, str] = {
            number: f"v{places[number.nodes[0]]}" for number in outline.numbers()
        }
        for place, region in enumerate(outline.root.walk()):
            self.names[region] = f"r{place}" if region.closed else f"cluster{place}"
        self.wording = Wording(outline.placed, options.precision)
        self.inward: dict[Number, list[_Arrow]] = {}
        self.held: set[tuple[Region | str | None, Region]] = set()

    # ---- what stands in it -----------------------------------------------------------------

    def add(self, graph: Digraph, region: Region, depth: int) -> None:
        """Draw what is in an open region."""
        for number in region.numbers:
            self._number(graph, number)
        for inner in region.regions:
            if inner.closed:
                self._box(graph, inner)
                continue
            grounds = self.theme.regions
            with graph.subgraph(name=self.names[inner]) as cluster:
                cluster.attr(
                    label=f"<{self.wording.title(inner)}>",
                    tooltip=literal(" / ".join(inner.scopes[0])),
                    bgcolor=grounds[depth % len(grounds)],
                    color=self.theme.region_line,
                    style="rounded",
                    labeljust="l",
                    labelloc="t",
                    fontsize="10.5",
                    margin="10",
                )
                self.add(cluster, inner, depth + 1)

    def _box(self, graph: Digraph, region: Region) -> None:
        """Draw a closed region: a stack if it stands for several."""
        look = {**self.theme.box, **self._colour(region.nodes)}
        if region.count > 1:
            look["peripheries"] = "2"
        if self._is_highlighted(region.nodes):
            look |= self._accent()
        label = self.wording.box(region, look.get("fontcolor", self.theme.muted))
        tooltip = literal(", ".join(" / ".join(path) for path in region.scopes[:3]))
        graph.node(self.names[region], label, tooltip=tooltip, **_NUMBER, **look)

    def _number(self, graph: Digraph, number: Number) -> None:
        name, nodes = self.names[number], number.nodes
        first = nodes[0]
        if first.is_constant:
            self._constant(graph, name, nodes)
            return
        kind = self.theme.leaf if first.is_leaf else self.theme.inner
        look = {**(self.theme.result if first in self.roots else kind), **self._colour(nodes)}
        if self._is_highlighted(nodes):
            look |= self._accent()
        label = self.wording.number(number, look.get("fontcolor"), self.theme)
        tooltip = literal(self.wording.exact(number))
        graph.node(name, label, tooltip=tooltip, group=name, **_NUMBER, **look)
        if first.args and number.within is None:
            self._operation(graph, name, number)

    def _operation(self, graph: Digraph, name: str, number: Number) -> None:
        first = number.nodes[0]
        look = {**self.theme.operation, "fontcolor": self.theme.ink}
        chosen = self._is_highlighted(number.nodes)
        if chosen:
            look |= self._accent()
        symbol = sign(first.row, len(self.outline.terms[first]))
        graph.node(
            f"{name}op",
            label=f"<{literal(symbol)}>",
            shape="circle" if len(symbol) <= _ROUND else "ellipse",
            tooltip=literal(first.row.summary),
            group=name,  # in line with its result
            **_OPERATION,
            **look,
        )
        for position in range(-1, first.row.arity):
            uses = self.outline.constants.get((number, position))
            if uses:
                constant = f"{name}c{max(0, position)}"
                self._constant(graph, constant, [use.operand for use in uses])
                self.inward.setdefault(number, []).append(
                    _Arrow(position, constant, None, uses, {})
                )
        graph.edge(f"{name}op", name, **(self._accent() if chosen else {}))

    def _constant(self, graph: Digraph, name: str, nodes: Sequence[Node]) -> None:
        text = span((node.data for node in nodes), self.options.precision)
        if nodes[0].label:
            text = f"{literal(pretty(nodes[0].label))} = {text}"
        graph.node(name, label=f"<{text}>", fontcolor=self.theme.muted, **_CONSTANT)

    # ---- what joins it ---------------------------------------------------------------------

    def connect(self) -> None:
        """Draw all edges, those into an operation in the order of its operands."""
        for wire in self.outline.wires:
            head, tail = wire.head, self.names[wire.tail]
            look = self._count(wire) | (self._accent() if self._carries(wire.uses) else {})
            if isinstance(head, Number) and head.within is None:
                arrow = _Arrow(wire.position, tail, home(wire.tail), wire.uses, look)
                self.inward.setdefault(head, []).append(arrow)
            else:
                self.graph.edge(tail, self.names[head], **look)
        for number, arrows in self.inward.items():
            self._hold_back(number, arrows)
            for arrow in sorted(arrows, key=lambda arrow: arrow.position):
                look = arrow.look | self._edge(number, arrow)
                self.graph.edge(arrow.tail, f"{self.names[number]}op", **look)

    def _hold_back(self, number: Number, arrows: Sequence[_Arrow]) -> None:
        """Let what begins in a scope stand behind what enters it, so that scopes stand in a row.

        Else the weights of a layer would stand above the end of the layer before.
        """
        region = number.region
        begin = [self.names[inner] for inner in region.numbers if not inner.nodes[0].args]
        begin += [arrow.tail for arrow in arrows if arrow.source is None]
        for arrow in arrows:
            if region.parent is None or arrow.source in (None, region):
                continue
            if (arrow.tail, region) in self.held:
                continue
            # Behind the first of all that enters stands all that begins; one is enough of the rest.
            first = (arrow.source, region) not in self.held
            self.held |= {(arrow.tail, region), (arrow.source, region)}
            for name in begin if first else begin[:1]:
                self.graph.edge(arrow.tail, name, style="invis")

    def _count(self, wire: Wire) -> Look:
        """Say how many numbers come out of a box, in each of the scopes around."""
        if not isinstance(wire.tail, Region):
            return {}
        count = len({use.operand for use in wire.uses}) // len(wire.around.scopes)
        return {"label": f" {count:,} "} if count > 1 else {}

    def _edge(self, number: Number, arrow: _Arrow) -> Look:
        """Say where an operand comes in, the derivative by it, and what flows back."""
        look = {}
        row = number.nodes[0].row
        here = arrow.source in (None, number.region)
        if row.arity > 1 and arrow.position >= 0 and (here or not row.associative):
            side = 2 * arrow.position // (row.arity - 1)
            look["headport"] = _SIDES[self.options.rankdir][side]
        if self.options.derivatives or self.options.flow:  # a constant's is never evaluated
            constant = all(use.operand.is_constant for use in arrow.uses)
            look["label"] = " " if constant else f" {self._chain_rule(number, arrow.uses)} "
        return look

    def _chain_rule(self, number: Number, uses: Sequence[Use]) -> str:
        """Write the local derivatives, times the gradient of the result, as asked for."""
        wanted = set(uses)
        slopes, flows = [], []
        for node in number.nodes:
            for use, slope in slopes_of(node, self.outline.terms[node]):
                if use in wanted:
                    slopes.append(slope)
                    flows.append(slope * node.grad)
        write = self.wording.span
        if not self.options.flow:
            return write(slopes)
        gradient = self.wording.gradient(number.nodes, write)
        flow = DASH if gradient == DASH else write(flows)
        if not self.options.derivatives:
            return flow
        parts = [write(slopes), f"× {gradient}", f"= {flow}"]
        return ("\n" if len(number.nodes) > 1 or len(uses) > 1 else " ").join(parts)

    # ---- how it looks ----------------------------------------------------------------------

    def _colour(self, nodes: Sequence[Node]) -> Look:
        if self.scale is None:
            return {}
        return self.scale.look(node for node in nodes if not node.is_constant)

    def _is_highlighted(self, nodes: Iterable[Node]) -> bool:
        chosen = self.options.highlight.nodes
        return bool(chosen) and any(node in chosen for node in nodes)

    def _carries(self, uses: Iterable[Use]) -> bool:
        highlight = self.options.highlight
        return bool(highlight.nodes) and any(highlight.has(use) for use in uses)

    def _accent(self) -> Look:
        accent = self.theme.accent
        return {"color": accent, "penwidth": "2.2"}
