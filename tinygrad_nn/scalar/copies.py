"""Graphs as flat lists, so that pickle and deepcopy neither recurse nor repeat.

Pickling a node pickles a snapshot of its whole graph, once: further nodes of the
same dump refer to it. What tells "the same dump" is the life of the snapshot: the
pickler's memo holds it until the dump ends, and we hold it only weakly.
"""

from __future__ import annotations

import threading
from typing import Any
from weakref import WeakValueDictionary

from .graph import Node, ancestors, new_node
from .operation import Op

__all__ = ["Snapshot", "deepcopy_node", "reduce_node"]


class Snapshot:
    """The nodes below a root that no living snapshot holds, operands first."""

    def __init__(self, root: Node, living: WeakValueDictionary[int, Snapshot]) -> None:
        self.nodes, self.outside = _unseen(root, living)
        self.index = {id(node): position for position, node in enumerate(self.nodes)}

    def __reduce__(self) -> tuple[Any, ...]:
        """Describe each node by its operation and the positions of its operands.

        Positions below zero count nodes of other snapshots, from -1.
        """
        position = dict(self.index)
        for count, node in enumerate(self.outside):
            position[id(node)] = -1 - count
        kinds = [type(node) for node in self.nodes]
        rows = [node.row for node in self.nodes]
        numbers = [(node.data, node.grad) for node in self.nodes]
        operands = [tuple(position[id(arg)] for arg in node.args) for node in self.nodes]
        labels = {place: node.label for place, node in enumerate(self.nodes) if node.label}
        return restore, (kinds, rows, numbers, operands, labels, self.outside)


class Restored:
    """A snapshot on the other side: its nodes, made anew."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes


class _Living(threading.local):
    def __init__(self) -> None:
        self.snapshots: WeakValueDictionary[int, Snapshot] = WeakValueDictionary()


_living = _Living()


def _unseen(root: Node, living: Any) -> tuple[list[Node], list[Node]]:
    """List the nodes below `root` that are not in `living`, and the borders they rest on."""
    below = ancestors(root, until=lambda node: id(node) in living)
    order = [node for node in below if id(node) not in living]
    return order, [node for node in below if id(node) in living]


def reduce_node(node: Node) -> tuple[Any, ...]:
    """Answer pickle: a node is a place in a snapshot."""
    living = _living.snapshots
    snapshot = living.get(id(node))
    if snapshot is None:
        snapshot = Snapshot(node, living)
        for key in snapshot.index:
            living[key] = snapshot
    return restored_node, (snapshot, snapshot.index[id(node)])


def restore(
    kinds: list[type[Node]],
    rows: list[Op],
    numbers: list[tuple[float, float]],
    operands: list[tuple[int, ...]],
    labels: dict[int, str],
    outside: list[Node],
) -> Restored:
    """Make the nodes of a pickled snapshot again."""
    nodes: list[Node] = []
    for kind, row, (data, grad), places in zip(kinds, rows, numbers, operands, strict=True):
        args = tuple(nodes[place] if place >= 0 else outside[-1 - place] for place in places)
        node = new_node(kind, row, data, args)
        node.grad = grad
        nodes.append(node)
    for place, label in labels.items():
        nodes[place].label = label
    return Restored(nodes)


def restored_node(snapshot: Restored, place: int) -> Node:
    """Find a pickled node in its restored snapshot."""
    return snapshot.nodes[place]


def deepcopy_node(root: Node, memo: dict[int, Any]) -> Node:
    """Answer copy.deepcopy: copy what lies below `root` and is not in `memo` yet."""
    order, _ = _unseen(root, memo)
    for node in order:
        copied = new_node(type(node), node.row, node.data, tuple(memo[id(a)] for a in node.args))
        copied.grad = node.grad
        copied.label = node.label
        memo[id(node)] = copied
    result: Node = memo[id(root)]
    return result
