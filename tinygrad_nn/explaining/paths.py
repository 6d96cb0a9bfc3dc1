"""All paths between a result and what it was made from: counted and summed, never listed.

A path is a chain of operands, and contributes the product of the local derivatives along
it; the sum of all contributions is the gradient. There may be more paths than atoms: one
walk from the result downward finds for every node how many lead to it, and their sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..scalar.graph import CONSTANT, Node
from ..scalar.reverse import dependent, is_cut, partial

__all__ = ["Edge", "Paths", "edge_shares"]


class Edge(NamedTuple):
    """One use of an operand: by which node, as which operand, and the local derivative."""

    node: Node
    position: int
    slope: float


class Paths:
    """The paths from an output down to every node that varies with the inputs.

    Nothing is written on the nodes. An operand whose derivative is zero everywhere (that
    of a comparison, of `stop_gradient`) begins no path, and neither does a constant.
    """

    def __init__(self, output: Node, inputs: Sequence[Node]) -> None:
        self.output = output
        self.order: list[Node] = []  # what paths lead to, each after all of its uses
        self.above: dict[Node, list[Edge]] = {}  # for each of them the edges to its uses
        self.adjoint: dict[Node, float] = {}  # the derivative by each: the sum over paths
        self.size: dict[Node, float] = {}  # the sum of absolute values
        self.count = dict.fromkeys(inputs, 0)  # paths to each input, exactly
        # a node and which operand, where the derivative is 0 everywhere
        self.cut: list[tuple[Node, int]] = []
        varying = [node for node in inputs if node.row is not CONSTANT]
        order, self._varies = dependent([output], varying, ())
        if output in self._varies:
            self._descend(order)

    def _descend(self, order: Sequence[Node]) -> None:
        counts = {self.output: 1}  # long integers, forgotten as soon as they have been used
        self.above[self.output] = []
        self.adjoint[self.output] = self.size[self.output] = 1.0
        for node in reversed(order):
            if node in counts:
                self.order.append(node)
                count = counts.pop(node)
                if node in self.count:
                    self.count[node] = count
                for operand in self._visit(node):
                    counts[operand] = counts.get(operand, 0) + count

    def _visit(self, node: Node) -> Iterator[Node]:
        """Add what goes through a node to its operands, and yield them."""
        adjoint, size = self.adjoint[node], self.size[node]
        for position, operand in enumerate(node.args):
            if operand not in self._varies:
                continue
            if is_cut(node, position):
                self.cut.append((node, position))
                continue
            slope = partial(node, position)
            self.above.setdefault(operand, []).append(Edge(node, position, slope))
            self.adjoint[operand] = self.adjoint.get(operand, 0.0) + adjoint * slope
            self.size[operand] = self.size.get(operand, 0.0) + size * abs(slope)
            yield operand


def edge_shares(output: Node, wrt: Node) -> dict[tuple[Node, int], float]:
    """Find how much of a gradient goes through each edge of the graph.

    Parameters
    ----------
    output : Value
        What is differentiated.
    wrt : Value
        By what: a leaf, or any other node.

    Returns
    -------
    dict
        For each edge on a path from `wrt` to `output`, given as the node and which of its
        operands, the sum of the contributions of the paths through it: the adjoint of the
        node times the local derivative times the derivative of the operand by `wrt`.
        Empty if there is no path.

    Notes
    -----
    The shares of the edges from `wrt` sum to the gradient, and so do those of the edges
    to `output`.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> x = Value(3.0)
    >>> y = x * x + 2.0 * x
    >>> [(node.op, position, share) for (node, position), share in edge_shares(y, x).items()]
    [('mul', 1, 2.0), ('mul', 0, 3.0), ('mul', 1, 3.0), ('add', 0, 6.0), ('add', 1, 2.0)]
    """
    paths = Paths(output, [wrt])
    tangent = {wrt: 1.0}
    shares: dict[tuple[Node, int], float] = {}
    for operand in reversed(paths.order):
        if operand not in tangent:
            continue  # all its paths are cut below it
        for node, position, slope in paths.above[operand]:
            step = slope * tangent[operand]
            tangent[node] = tangent.get(node, 0.0) + step
            shares[node, position] = paths.adjoint[node] * step
    return shares
