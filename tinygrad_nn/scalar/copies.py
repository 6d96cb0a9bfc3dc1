"""Copies of nodes. Graphs become flat lists, so that pickle and deepcopy neither recurse nor repeat.

A copy is a graph of its own, but where numbers are being differentiated or recorded: there it
depends on what it is a copy of, as in arithmetic, and nothing may leave by pickle.

Pickling a node pickles a snapshot of its whole graph, once: further nodes of the
same dump refer to it. What tells "the same dump" is the life of the snapshot: the
pickler's memo holds it until the dump ends, and we hold it only weakly. Leaves are
pickled by themselves, as models have many.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any
from weakref import WeakValueDictionary

from ..errors import ConversionError
from . import contexts
from .graph import ALIAS, CONSTANT, LEAF, NOTES, Node, ancestors, new_node
from .operation import Op
from .ops import stop_gradient

__all__ = ["Snapshot", "copy_node", "deepcopy_node", "reduce_node"]


_SAME = -1  # a key of a memo beside those of copy.deepcopy, which are places in memory


class Snapshot:
    """The nodes below a root that no living snapshot holds, operands first, and no leaves."""

    def __init__(self, root: Node, living: WeakValueDictionary[int, Snapshot]) -> None:
        nodes, outside = _unseen(root, living)
        self.nodes = [node for node in nodes if node.row is not LEAF]
        self.outside = outside + [node for node in nodes if node.row is LEAF]
        self.index = {id(node): position for position, node in enumerate(self.nodes)}

    def __reduce__(self) -> tuple[Any, ...]:
        """Describe each node by its operation and the positions of its operands.

        Positions below zero count leaves and nodes of other snapshots, from -1.
        """
        position = dict(self.index)
        for count, node in enumerate(self.outside):
            position[id(node)] = -1 - count
        kinds = [type(node) for node in self.nodes]
        rows = [node.row for node in self.nodes]
        numbers = [(node.data, node.grad) for node in self.nodes]
        operands = [tuple(position[id(arg)] for arg in node.args) for node in self.nodes]
        labels = {place: node.label for place, node in enumerate(self.nodes) if node.label}
        notes = {p: node.mark & NOTES for p, node in enumerate(self.nodes) if node.mark & NOTES}
        return restore, (kinds, rows, numbers, operands, labels, self.outside, notes)


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
    if _is_kept(node) and not contexts.state.no_grad:
        raise ConversionError(
            f"pickle of {node!r}, in a function that is being differentiated or recorded: what is "
            "loaded again has no derivative by it. Use copy.deepcopy, which keeps the derivative, "
            "or pickle outside of the function"
        )
    if node.row is LEAF:
        more = (node.label, node.mark & NOTES) if node.label or node.mark & NOTES else ()
        return restored_leaf, (type(node), node.data, node.grad, *more)
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
    notes: dict[int, int],
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
    for place, bits in notes.items():
        nodes[place].mark |= bits
    return Restored(nodes)


def restored_leaf(
    kind: type[Node], data: float, grad: float, label: str = "", notes: int = 0
) -> Node:
    """Make a pickled leaf again."""
    node = new_node(kind, LEAF, data, ())
    node.grad = grad
    if label:
        node.label = label
    node.mark |= notes
    return node


def restored_node(snapshot: Restored, place: int) -> Node:
    """Find a pickled node in its restored snapshot."""
    return snapshot.nodes[place]


def copy_node(node: Node) -> Node:
    """Answer copy.copy: a node made from the same operands."""
    return _kept(node) if _is_kept(node) else _again(node, node.args)


def deepcopy_node(root: Node, memo: dict[int, Any]) -> Node:
    """Answer copy.deepcopy: copy what lies below `root` and is not in `memo` yet."""
    if _is_kept(root):
        result = _kept_on(root, memo)
        memo[id(root)] = result
        return result
    for node in _unseen(root, memo)[0]:
        memo[id(node)] = _again(node, [memo[id(a)] for a in node.args])
    copied: Node = memo[id(root)]
    return copied


def _again(node: Node, args: Sequence[Node]) -> Node:
    copied = new_node(type(node), node.row, node.data, args)
    copied.mark |= node.mark & NOTES
    copied.grad = node.grad
    copied.label = node.label
    return copied


def _is_kept(node: Node) -> bool:
    """Tell whether a copy depends on its original, as numbers are being differentiated."""
    state = contexts.state
    if node.row is CONSTANT:
        return False
    if state.kept or state.deriving or node.is_symbolic:
        return True
    watched = contexts.watched()  # by another thread
    return bool(watched) and any(below in watched for below in ancestors(node))


def _kept(node: Node) -> Node:
    original: Any = node
    if node.is_symbolic:  # nobody can set its number
        state = contexts.state
        return stop_gradient(original) if state.no_grad and not state.deriving else node
    copied: Node = ALIAS(original)
    copied.label = node.label
    return copied


def _kept_on(root: Node, memo: dict[int, Any]) -> Node:
    """Copy a root that depends on its original, and on what `memo` has in place of others."""
    same: set[Node] = memo.setdefault(_SAME, set())  # what nothing is replaced below of
    replaced: dict[Node, Any] = {}
    for node in ancestors(root, until=lambda node: node in same or id(node) in memo):
        other = memo.get(id(node), node)
        if other is not node and not (other.row is ALIAS and other.x is node):
            replaced[node] = other
        elif replaced and not replaced.keys().isdisjoint(node.args):
            replaced[node] = node.row(*[replaced.get(operand, operand) for operand in node.args])
        else:
            same.add(node)
    return replaced[root] if root in replaced else _kept(root)
