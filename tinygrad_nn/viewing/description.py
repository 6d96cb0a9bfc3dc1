"""What the page is told of a graph: plain lists, texts and numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..scalar.graph import Node, ancestors, recompute
from ..scalar.operation import Op, flat
from ..scalar.reverse import adjoints, is_cut, partial
from ..scalar.user_line import describe_place
from ..scopes import Path, name_of, scope_paths
from .arithmetic import Arithmetic
from .fixed import frozen_by_choices, reasons
from .turns import loop_scopes

__all__ = ["Subject", "describe", "operation_of"]

_SIGNS = {"*": "×", "-": "−", "/": "÷"}  # as drawings have them


@dataclass(frozen=True)
class Subject:
    """A graph to look at."""

    outputs: Sequence[Node]
    output: Node  # what gradients are of; an intermediate result at will
    sample: str = ""  # what goes in, in words; the leaves if empty
    names: Mapping[Node, str] = field(default_factory=dict)  # of a model's parameters
    # what the update changes; if None the parameters of a model, and without one all leaves
    parameters: Collection[Node] | None = None
    # of further nodes, where they have no label
    labels: Mapping[Node, str] = field(default_factory=dict)
    # scopes of what belongs to no part of the model
    outside: Mapping[Node, Path] = field(default_factory=dict)
    # why leaves are fixed, beside what the graph says of that
    fixed: Mapping[Node, str] = field(default_factory=dict)
    # what Python looked at, whether it is in the graph or not
    looked: Sequence[Node] = ()

    def moving(self, nodes: Sequence[Node]) -> set[Node]:
        """What the update changes among the numbers of the graph."""
        if self.parameters is not None:
            return set(self.parameters)
        return {node for node in nodes if (node in self.names if self.names else node.is_leaf)}


def describe(
    subject: Subject, nodes: Sequence[Node], rate: float, arithmetic: Arithmetic
) -> dict[str, Any]:
    """Describe a graph for the page, as ``page/graph.js`` types it; `nodes` are operands first.

    JSON can write it: a number that it cannot write is a text, ``"NaN"``.
    """
    place = {node: position for position, node in enumerate(nodes)}
    labels = {node: _label(node, subject) for node in nodes}
    moving = subject.moving(nodes)
    below = ancestors(*subject.outputs, *subject.looked)
    hangs = not frozen_by_choices(below).isdisjoint(moving)
    # What Python would record after such an update is not known.
    after = (
        dict.fromkeys(nodes, math.nan)
        if hangs
        else _after_update(subject.output, nodes, moving, rate)
    )
    fixed = reasons(below, labels, arithmetic.refused, subject.fixed)
    title = ", ".join(filter(None, (labels[output] for output in subject.outputs)))
    paths = scope_paths(nodes, subject.names, subject.outside)
    loops = {} if any(paths) else loop_scopes(nodes)
    if loops:
        paths = scope_paths(nodes, subject.names, loops)
    return {
        "title": f"Computation graph of {title}" if title else "Computation graph",
        "sample": subject.sample or _leaves_in_words(nodes, labels),
        "rate": number(rate),
        "outputs": [place[output] for output in dict.fromkeys(subject.outputs)],
        "output": place[subject.output],
        "closed": sorted({path[0] for path in loops.values() if path}),
        "missing": arithmetic.missing,
        "operations": {
            row.name: operation_of(row) for row in {node.row for node in nodes if node.op}
        },
        "nodes": [
            _node(node, place, labels[node], path, node in moving, after[node])
            | ({"fixed": fixed[node]} if node in fixed else {})
            for node, path in zip(nodes, paths, strict=True)
        ],
    }


def number(value: float) -> float | str:
    """Give a number that JSON can write, or the name that JavaScript reads as the number."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def same(a: float, b: float) -> bool:
    """Tell whether two numbers are one, NaN included."""
    return a == b or (math.isnan(a) and math.isnan(b))


def _label(node: Node, subject: Subject) -> str:
    return name_of(node, subject.names, subject.labels)


def operation_of(row: Op) -> dict[str, Any]:
    """Describe an operation; what is usual is left out."""
    entries: dict[str, Any] = {
        "symbol": _SIGNS.get(row.label, row.label),
        "typed": row.label,
        "remedy": row.remedy,
        "guarded": not row.is_total,
        "chooses": bool(row.pull),
    }
    if any(rule is None or rule is flat for rule in row.partials):
        kinds = {None: "none", flat: "flat"}
        entries["slopes"] = [kinds.get(rule, "") for rule in row.partials]
    return {key: entry for key, entry in entries.items() if entry}


def _node(
    node: Node, place: Mapping[Node, int], label: str, path: Path, moves: bool, after: float
) -> dict[str, Any]:
    """Describe one node; what is empty is left out."""
    entries: dict[str, Any] = {
        "value": number(node.data),
        "label": label,
        "scope": list(path),
        "moves": moves,
        "place": describe_place(None if node.info is None else node.info.place),
    }
    if not same(after, node.data):
        entries["after"] = number(after)
    if node.op:
        entries["op"] = node.op
        entries["args"] = [place[operand] for operand in node.args]
        entries["slopes"] = [_slope(node, position) for position in range(len(node.args))]
    else:
        entries["kind"] = "leaf" if node.is_leaf else "constant"
    return {key: entry for key, entry in entries.items() if entry or key in ("value", "after")}


def _slope(node: Node, position: int) -> float | str | None:
    """Evaluate a local derivative; a constant's never is, and some operations have none."""
    if node.args[position].is_constant or is_cut(node, position):
        return None
    return number(partial(node, position))


def _leaves_in_words(nodes: Sequence[Node], labels: Mapping[Node, str]) -> str:
    leaves = [node for node in nodes if node.is_leaf]
    words = [f"{labels[node] or 'a leaf'} = {node.data:.4g}" for node in leaves[:6]]
    return ", ".join(words) + (f", … ({len(leaves):,} numbers)" if len(leaves) > 6 else "")


def _after_update(
    output: Node, nodes: Sequence[Node], moved: Collection[Node], rate: float
) -> dict[Node, float]:
    """Compute all numbers again after one step of gradient descent on the output."""
    leaves = list(moved)
    gradients = adjoints([output], [1.0], leaves, slope=partial)
    data: dict[Node, float] = {
        leaf: leaf.data - rate * gradient for leaf, gradient in zip(leaves, gradients, strict=True)
    }
    moved_too = (node for node in nodes if any(operand in data for operand in node.args))
    recompute(moved_too, data, lambda node: node.data, lambda node, args: node.row.quiet(*args))
    return {node: data.get(node, node.data) for node in nodes}
