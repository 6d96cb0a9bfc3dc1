"""The picture of a computation graph: a box for every number, a circle for every operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import DrawingError
from ..graph import Node, ancestors
from ..reverse import partial
from .style import INK, INNER, LEAF, MUTED, RESULT, Digraph, literal, new_graph, small, table

__all__ = ["draw_computation"]

DASH = "—"

_NUMBER = {"shape": "box", "style": "rounded,filled", "margin": "0.13,0.06", "height": "0"}
_OPERATION = {
    "shape": "circle",
    "style": "filled",
    "fillcolor": "white",
    "color": "#8794a1",
    "fontsize": "12",
    "width": "0.36",
    "margin": "0.02",
    "ordering": "in",  # operands in order, x before y, as far as they are not shared
}
# Where the operands come in, the first, a middle and the last: x above y, or left of it.
_SIDES = {
    "LR": ("nw", "w", "sw"),
    "RL": ("ne", "e", "se"),
    "TB": ("nw", "n", "ne"),
    "BT": ("sw", "s", "se"),
}
_CONSTANT = {
    "shape": "none",
    "fontsize": "9.5",
    "fontcolor": MUTED,
    "width": "0",
    "height": "0",
    "margin": "0.04,0.02",
}


def draw_computation(
    roots: Sequence[Node], *, rankdir: str, precision: int, derivatives: bool, max_nodes: int
) -> Digraph:
    """Draw everything the roots were made from.

    Parameters
    ----------
    roots : sequence of Node
        The results.
    rankdir, precision, derivatives, max_nodes
        As for `draw`.

    Raises
    ------
    DrawingError
        When there are more than `max_nodes` numbers.
    """
    nodes = ancestors(*roots)
    if len(nodes) > max_nodes:
        raise DrawingError(
            f"the graph has {len(nodes):,} numbers, more than max_nodes={max_nodes:,}: a picture "
            "of so many is slow to make and hard to read. Draw a part of it (an earlier result), "
            "the cost of one sample, a smaller model, or the model itself as draw(model); or "
            f"raise the limit with max_nodes={len(nodes)}"
        )
    picture = _Picture(roots, nodes, rankdir, precision, derivatives)
    for node in nodes:
        picture.add(node)
    return picture.graph


class _Picture:
    """A graph being drawn."""

    def __init__(
        self,
        roots: Sequence[Node],
        nodes: Sequence[Node],
        rankdir: str,
        precision: int,
        derivatives: bool,
    ) -> None:
        labels = ", ".join(root.label for root in roots if root.label)
        title = f"Computation graph of {labels}" if labels else "Computation graph"
        self.graph = new_graph(title, rankdir=rankdir, nodesep="0.18", ranksep="0.32")
        self.roots = set(roots)
        self.names = {node: f"v{position}" for position, node in enumerate(nodes)}
        self.met = {arg for node in nodes if node.was_met for arg in node.args}
        self.sides = _SIDES[rankdir]
        self.precision = precision
        self.derivatives = derivatives

    def add(self, node: Node) -> None:
        """Draw a number and the operation that made it; a constant waits for its uses."""
        name = self.names[node]
        if node.is_constant:
            if node in self.roots:
                self._constant(name, node)
            return
        look = LEAF if node.is_leaf else RESULT if node in self.roots else INNER
        exact = f"data = {node.data!r}, grad = {self._gradient(node, repr)}"
        label = self._label(node)
        self.graph.node(name, label, tooltip=exact, group=name, **_NUMBER, **look)
        if not node.is_leaf:
            self._operation(name, node)

    def _operation(self, name: str, node: Node) -> None:
        row = node.row
        operation = f"{name}op"
        self.graph.node(
            operation,
            label=f"<{literal(row.label)}>",
            tooltip=literal(row.summary),
            group=name,  # in line with its result
            **_OPERATION,
        )
        for position, arg in enumerate(node.args):
            operand = self.names[arg]
            if arg.is_constant:
                operand = f"{name}c{position}"
                self._constant(operand, arg)
            self.graph.edge(operand, operation, **self._edge(node, position))
        self.graph.edge(operation, name)

    def _edge(self, node: Node, position: int) -> dict[str, str]:
        """Say where an operand comes in, and the derivative by it."""
        look = {}
        if len(node.args) > 1:
            look["headport"] = self.sides[2 * position // (len(node.args) - 1)]
        if self.derivatives:  # a constant's is never evaluated
            constant = node.args[position].is_constant
            look["label"] = " " if constant else f" {self._number(partial(node, position))} "
        return look

    def _constant(self, name: str, node: Node) -> None:
        text = self._number(node.data)
        if node.label:
            text = f"{literal(node.label)} = {text}"
        self.graph.node(name, label=f"<{text}>", **_CONSTANT)

    def _label(self, node: Node) -> str:
        rows = [
            _row("data", self._number(node.data)),
            _row("grad", self._gradient(node, self._number)),
        ]
        label = literal(node.label).strip()
        if label:
            rows.insert(0, f'<TD COLSPAN="2" ALIGN="LEFT"><B>{label}</B></TD>')
        return f"<{table(rows)}>"

    def _gradient(self, node: Node, write: Callable[[float], str]) -> str:
        """Write the gradient; a dash where no backward pass has been.

        A pass leaves its mark on inner nodes only: a leaf is known by its consumers.
        """
        met = node in self.met if node.is_leaf else node.was_met
        return write(node.grad) if met or node.grad != 0.0 else DASH

    def _number(self, number: float) -> str:
        return f"{number:.{self.precision}g}"


def _row(name: str, number: str) -> str:
    return (
        f'<TD ALIGN="LEFT">{small(name)}</TD>'
        f'<TD ALIGN="LEFT"><FONT POINT-SIZE="10.5" COLOR="{INK}"> {number}</FONT></TD>'
    )
