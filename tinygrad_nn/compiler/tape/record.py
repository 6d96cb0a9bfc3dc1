"""A graph written on a tape, and which entry each of its nodes has got."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...scalar.branches import BRANCHES, is_gate
from ...scalar.contexts import watched
from ...scalar.graph import (
    ALIAS,
    CONSTANT,
    INPUT,
    JOINED,
    NEVER,
    NOTES,
    NOTHING,
    Node,
    take_marks,
)
from ...scalar.ops import add, mul, stop_gradient, sub, where
from .operands import Entry
from .tape import MOST_ENTRIES, Tape, input_number

__all__ = ["Known", "record_tape"]


class Known:
    """The entries of nodes.

    That of a symbol is its mark: no pass meets a symbol, and a dict of all of them would take
    as long as everything else. Other nodes may be part of graphs in other threads.
    """

    def __init__(self, tape: Tape) -> None:
        self._tape = tape
        self._others: dict[Node, Entry] = {}
        self._first = take_marks(MOST_ENTRIES)

    def __contains__(self, node: Node) -> bool:
        """Tell whether a node is on the tape."""
        return self._tape.has_number(node.data) if node.row is CONSTANT else self.has(node)

    def __getitem__(self, node: Node) -> Entry:
        """Give the entry of a node that is on the tape."""
        if node.row is CONSTANT:
            return self._tape.constant(node.data, node)
        if node.is_symbolic:
            return self._tape.entries[(node.mark - self._first) // (NOTES + 1)]
        return self._others[node]

    def has(self, node: Node) -> bool:
        """Tell whether a node is on the tape, or is a plain number."""
        if node.is_symbolic:
            return self._first <= node.mark < NEVER
        return node.row is CONSTANT or node in self._others

    def note(self, node: Node, entry: int) -> None:
        """Note the entry of a node."""
        if node.is_symbolic:
            node.mark = (self._first + entry * (NOTES + 1)) | (node.mark & NOTES)
        else:
            self._others[node] = entry


def record_tape(
    tape: Tape,
    outputs: Sequence[Node],
    inputs: dict[Node, int],
    other: Callable[[Node], tuple[int, int]],
) -> Known:
    """Write a graph on a tape that has the arrays of its inputs; give the entry of every node.

    `inputs` has the number of each node at which the graph ends; `other` gives the array and the
    place of a leaf that is not among them, or raises.
    """
    known = Known(tape)
    varying = watched()  # what an open call, outside of all this, is differentiated by
    some_have_operands = any(node.x is not NOTHING for node in inputs)
    stack: list[Node] = []
    for root in outputs:
        node = root
        while True:  # as `ancestors` goes
            while not known.has(node):
                if node.row is INPUT and node not in inputs and node not in varying:  # it is known
                    known.note(node, tape.constant(node.data, node))
                    break
                if node.x is NOTHING or (some_have_operands and node in inputs):
                    number = inputs.get(node, -1)
                    if number < 0:
                        array, place = other(node)
                        number = inputs[node] = input_number(array, place)
                    entry = tape.leaf(number // MOST_ENTRIES, number % MOST_ENTRIES, node)
                    known.note(node, entry)
                    break
                stack.append(node)
                node = node.x
            if node.row is CONSTANT:  # it is written where it is met first
                tape.constant(node.data, node)
            while stack:
                top = stack[-1]
                y = top.y
                if y is not NOTHING:
                    if not known.has(y):
                        node = y
                        break
                    if top.info is not None and top.info.rest:
                        node = next((o for o in top.info.rest if not known.has(o)), NOTHING)
                        if node is not NOTHING:
                            break
                known.note(top, _entry(tape, known, top))
                stack.pop()
            else:
                break
    return known


def _entry(tape: Tape, known: Known, node: Node) -> Entry:
    """Write a node whose operands are on the tape; give its entry."""
    row = node.row
    if row is mul or row is add or row is sub:  # nearly all
        return tape.apply(row, known[node.x], known[node.y], (), node, node.mark & JOINED != 0)
    if row is ALIAS or row is stop_gradient or is_gate(row):
        return known[node.x]
    if node.y is NOTHING:
        return tape.apply(row, known[node.x], -1, (), node)
    x, y = known[node.x], known[node.y]
    rest: tuple[Entry, ...] = ()
    if node.info is not None and node.info.rest:
        rest = tuple([known[operand] for operand in node.info.rest])
    return tape.apply(where if row is BRANCHES else row, x, y, rest, node)
