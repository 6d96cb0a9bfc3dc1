"""Which leaves of a graph a page may change, and why the others are fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..scalar.graph import CHOSEN, Node
from ..scalar.operation import Op
from ..scalar.user_line import describe_place

__all__ = ["frozen_by_choices", "reasons"]


def reasons(
    nodes: Sequence[Node],
    labels: Mapping[Node, str],
    refused: Mapping[Op, str],
    given: Mapping[Node, str],
) -> dict[Node, str]:
    """Say of leaves why they are fixed: of all below a noted node or an operation not printed.

    `nodes` are listed operands first, `refused` says of operations why they are not printed, and
    `given` has further nodes with a reason.
    """
    found: dict[Node, str] = {}
    for node in reversed(nodes):
        reason = found.get(node) or given.get(node)
        if not reason and node.mark & CHOSEN:
            reason = _looked_at(node, labels.get(node, ""))
        if not reason and node.op:
            reason = refused.get(node.row)
        if reason:
            found[node] = reason
            for operand in node.args:
                found.setdefault(operand, reason)
    return {node: reason for node, reason in found.items() if node.is_leaf}


def frozen_by_choices(nodes: Sequence[Node]) -> set[Node]:
    """Find what lies below nodes that Python looked at: with other numbers, another graph."""
    found: set[Node] = set()
    for node in reversed(nodes):
        if node in found or node.mark & CHOSEN:
            found.add(node)
            found.update(node.args)
    return found


def _looked_at(node: Node, label: str) -> str:
    seen = describe_place(None if node.info is None else node.info.chosen)
    line = f" ({seen})" if seen else "; record inside debug() to see the line"
    name = label or (f"the result of {node.op}" if node.op else "this number")
    return (
        f"Python has looked at {name}{line}: for another number the graph may be another one. "
        "Choose with where(...), or view the result for that number"
    )
