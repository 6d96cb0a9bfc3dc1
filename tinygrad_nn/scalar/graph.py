"""The record: a node for every number, and walks over nodes. No arithmetic.

A node keeps its operands in two slots, not in a tuple, and its consumers not at
all: a graph has no cycles and is freed by reference counting when its last root
goes. All walks are loops; a chain of a million nodes is as good as one of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar

from .arities import Unary
from .operation import UNLISTED, Op
from .user_line import Place

__all__ = [
    "ALIAS",
    "CHOSEN",
    "CONSTANT",
    "INPUT",
    "INTRODUCED",
    "JOINED",
    "LEAF",
    "NEVER",
    "NOTES",
    "NOTHING",
    "Info",
    "Node",
    "ancestors",
    "blank",
    "dependents",
    "depends_on",
    "inner_nodes",
    "inner_nodes_of",
    "new_node",
    "nodes_from",
    "place",
    "recompute",
    "take_marks",
]

T = TypeVar("T")

LEAF: Final = Op("leaf", float, (), "A number that the user made.", listed=False)
CONSTANT: Final = Op("constant", float, (), "A plain number met in arithmetic.", listed=False)
INPUT: Final = Op("input", float, (), "A plain number that varies in a transform.", listed=False)
ALIAS = Unary("alias", float, lambda x, z: 1.0, "A number by another name.", listed=False)
ALIAS.is_total = True
UNLISTED.update(leaf=LEAF, constant=CONSTANT, input=INPUT, alias=ALIAS)

blank: Final = object.__new__
"""Make a node whose fields are all still to be set, without running a constructor."""

NOTES: Final = 3
"""The bits of a mark that are notes on the node; the others number the passes."""

CHOSEN: Final = 1
"""The note that Python looked at a number, so that what was recorded after may hang on it."""

JOINED: Final = 2
"""The note on a sum of shares of one derivative: no user wrote it, and its order is free."""

NEVER: Final = 1 << 60
"""The mark of leaves and constants, and of results with a derivative of 0 everywhere: greater than
that of any pass, so that none enters them."""

INTRODUCED: Final = NEVER + NOTES + 1
"""The mark of a constant that a rule of differentiation brought in."""


class Info:
    """What few nodes have: a label, operands from the third on, lines of code, scopes."""

    __slots__ = ("chosen", "label", "place", "rest", "scope")

    def __init__(self) -> None:
        self.label = ""
        self.rest: tuple[Node, ...] = ()
        self.place: Place | None = None  # where the node was made
        self.chosen: Place | None = None  # where Python looked at it
        self.scope: tuple[str, ...] = ()


class Node:
    """One number of a graph, and how it was made."""

    __slots__ = ("data", "grad", "info", "mark", "row", "x", "y")

    data: float
    grad: float  # of the root of the latest backward pass; summed over passes in a leaf
    row: Op  # the operation that made it; LEAF, CONSTANT or INPUT if none did
    x: Node  # the first operand; NOTHING if there is none
    y: Node  # the second one; further ones are in info
    mark: int  # the latest backward pass that met it; NEVER or more if none goes on below; notes
    info: Info | None  # what is rarely there

    def __init__(self) -> None:
        self.data = 0.0
        self.grad = 0.0

    @property
    def args(self) -> tuple[Node, ...]:
        """The operands in order; ``x * x`` has the same one twice."""
        if self.x is NOTHING:
            return ()
        if self.y is NOTHING:
            return (self.x,)
        if self.info is None or not self.info.rest:
            return (self.x, self.y)
        return (self.x, self.y, *self.info.rest)

    @property
    def op(self) -> str:
        """The name of the operation that made the node; empty if none did."""
        return "" if self.x is NOTHING else self.row.name

    @property
    def label(self) -> str:
        """A name for people; empty if none was given."""
        return "" if self.info is None else self.info.label

    @label.setter
    def label(self, label: str) -> None:
        if label or self.info is not None:
            self.ensure_info().label = label

    @property
    def is_leaf(self) -> bool:
        """Whether the user made the node, so that gradients are summed in it."""
        return self.row is LEAF

    @property
    def is_constant(self) -> bool:
        """Whether the node is a plain number met in arithmetic."""
        return self.row is CONSTANT

    @property
    def is_symbolic(self) -> bool:
        """Whether the number is not known yet: the node records a formula only."""
        return False

    @property
    def was_met(self) -> bool:
        """Whether a backward pass has met the node, and it is the result of an operation."""
        return NOTES < self.mark < NEVER

    def ensure_info(self) -> Info:
        """Return `info`, made if it was not there."""
        if self.info is None:
            self.info = Info()
        return self.info


def place(node: Node, row: Op, x: Node, y: Node, mark: int) -> None:
    """Say how a new node was made."""
    node.row = row
    node.x = x
    node.y = y
    node.mark = mark
    node.info = None


def _nothing() -> Node:
    """Make the node that stands for an absent operand: a node, so that walks need not ask."""
    node = Node()
    place(node, CONSTANT, node, node, NEVER)
    return node


NOTHING: Final = _nothing()


def new_node(kind: type[Node], row: Op, data: float, args: Sequence[Node]) -> Node:
    """Make a node without running its constructor."""
    node = blank(kind)
    node.data = data
    node.grad = 0.0
    x = args[0] if args else NOTHING
    y = args[1] if len(args) > 1 else NOTHING
    place(node, row, x, y, 0 if args and not row.is_flat else NEVER)
    if len(args) > 2:
        node.info = Info()
        node.info.rest = tuple(args[2:])
    return node


_passes = 0


def take_marks(count: int) -> int:
    """Take the marks of as many passes, which no other pass has; give the first of them."""
    global _passes
    first = _passes + NOTES + 1
    _passes += count * (NOTES + 1)
    return first


def inner_nodes(root: Node) -> list[Node]:
    """List the nodes made by operations below and including `root`, operands first.

    Each node stands once however often it is shared; its gradient is set to 0
    and its mark to this pass. Leaves and constants are left out and untouched,
    so that graphs in two threads may share them.
    """
    order: list[Node] = []
    _append_inner(root, take_marks(1), order)
    return order


def inner_nodes_of(roots: Sequence[Node]) -> list[Node]:
    """List the nodes made by operations below several roots: see `inner_nodes`."""
    order: list[Node] = []
    entered = take_marks(1)
    for root in roots:
        _append_inner(root, entered, order)
    return order


def _append_inner(root: Node, entered: int, order: list[Node]) -> None:
    """Append to a list what this pass has not met yet."""
    stack: list[Node] = []
    node = root
    while True:
        while node.mark < entered:  # go down along the first operands
            node.mark = entered if node.mark == 0 else entered | (node.mark & NOTES)
            node.grad = 0.0
            stack.append(node)
            node = node.x
        while stack:  # come up until there is another operand to go down to
            top = stack[-1]
            y = top.y
            if y.mark < entered:
                node = y
                break
            if top.info is not None and top.info.rest:
                node = next((o for o in top.info.rest if o.mark < entered), NOTHING)
                if node is not NOTHING:
                    break
            order.append(stack.pop())
        else:
            return


def nodes_from(root: Node, own: int) -> list[Node]:
    """List what `root` was made of that was made from nodes with a mark, operands first.

    These have their gradient set to 0, and get the mark; nothing is written on any other.
    """
    order: list[Node] = []
    others: set[Node] = set()  # that are looked through
    stack: list[Node] = []
    last = own + NOTES
    node = root
    while True:
        while node.mark < NEVER and not own <= node.mark <= last and node not in others:
            stack.append(node)
            node = node.x
        while stack:  # come up until there is another operand to go down to
            top = stack[-1]
            node = _another(top, own, others)
            if node is not NOTHING:
                break
            stack.pop()
            x, y = top.x, top.y
            if (
                own <= x.mark <= last
                or own <= y.mark <= last
                or (top.info is not None and any(own <= o.mark <= last for o in top.info.rest))
            ):
                top.mark = own | (top.mark & NOTES)
                top.grad = 0.0
                order.append(top)
            else:
                others.add(top)
        else:
            return order


def _another(node: Node, own: int, others: set[Node]) -> Node:
    """Find an operand behind the first that was not looked at; NOTHING if there is none."""
    y = node.y
    if (y.mark < own or own + NOTES < y.mark < NEVER) and y not in others:
        return y
    if node.info is not None:
        for operand in node.info.rest:
            unmet = operand.mark < own or own + NOTES < operand.mark < NEVER
            if unmet and operand not in others:
                return operand
    return NOTHING


def depends_on(roots: Iterable[Node], sources: frozenset[Node]) -> bool:
    """Tell whether any of the roots is, or was made from, a leaf or one of `sources`.

    Nothing is written on the nodes.
    """
    entered: set[Node] = set()
    stack: list[Node] = list(roots)
    while stack:
        node = stack.pop()
        while True:
            row = node.row
            if row is LEAF or (sources and node in sources):
                return True
            if node.x is NOTHING or node in entered:
                break
            entered.add(node)
            if node.y.row is not CONSTANT:
                stack.append(node.y)
            if node.info is not None and node.info.rest:
                stack.extend(node.info.rest)
            node = node.x
    return False


def _never(node: Node) -> bool:
    return False


def ancestors(*roots: Node, until: Callable[[Node], bool] = _never) -> list[Node]:
    """List every node that the roots were made from, the roots included, operands first.

    Nothing is written on the nodes.

    Parameters
    ----------
    *roots : Node
        Where to begin.
    until : callable, optional
        Tells which nodes to go no further than; they are listed, their operands are not.

    Returns
    -------
    list of Node
        Each node once, after all of its operands: leaves and constants too.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> a = Value(2.0)
    >>> [node.data for node in ancestors(a * a + 1)]
    [2.0, 4.0, 1.0, 5.0]
    """
    order: list[Node] = []
    entered: set[Node] = set()
    stack: list[Node] = []
    for root in roots:
        node = root
        while True:
            while node not in entered:  # go down along the first operands
                entered.add(node)
                if node.x is NOTHING or until(node):
                    order.append(node)
                    break
                stack.append(node)
                node = node.x
            while stack:  # come up until there is another operand to go down to
                top = stack[-1]
                y = top.y
                if y is not NOTHING:
                    if y not in entered:
                        node = y
                        break
                    if top.info is not None and top.info.rest:
                        node = next((o for o in top.info.rest if o not in entered), NOTHING)
                        if node is not NOTHING:
                            break
                order.append(stack.pop())
            else:
                break
    return order


def dependents(order: Sequence[Node], sources: frozenset[Node]) -> set[Node]:
    """Find what depends on a leaf or on one of `sources`, among nodes listed operands first."""
    found: set[Node] = set()
    for node in order:
        if (
            node.row is LEAF
            or node.x in found
            or node.y in found
            or (sources and node in sources)
            or (node.info is not None and not found.isdisjoint(node.info.rest))
        ):
            found.add(node)
    return found


def recompute(
    nodes: Iterable[Node],
    found: dict[Node, T],
    number: Callable[[Node], T],
    apply: Callable[[Node, list[T]], T],
) -> None:
    """Compute nodes again, operands first, with any kind of number.

    `found` holds what is known before, and takes the results; `number` gives that of an
    operand that is not in it, and `apply` computes a node from its operands.
    """
    for node in nodes:
        found[node] = apply(
            node, [found[each] if each in found else number(each) for each in node.args]
        )
