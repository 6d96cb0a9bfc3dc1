"""Where the numbers of a graph belong: to a sample, a part of the model, the loss.

A cost over samples is a sum of terms. SampleTerms that share no operation, and that are computed
by the same parameters, are the losses of samples. What no parameter comes after, but for
the activation of the outputs, is the loss; terms of fewer parameters are a penalty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..nn import MLP, Layer, Module
from ..nn.activations import Activation, identity
from ..scalar import ops
from ..scalar.graph import Node, ancestors
from ..scalar.value import Value
from ..scopes import Path, parameter_path, scope_paths

__all__ = ["Placed", "place_nodes"]


class Placed(NamedTuple):
    """A graph, and where its numbers belong."""

    nodes: list[Node]  # operands first
    paths: dict[Node, Path]  # the scopes of each, the outermost first
    names: dict[Node, str]  # of a model's parameters


def place_nodes(roots: Sequence[Node], model: Module | None = None) -> Placed:
    """Find the scopes of all that results were made from; a model tells its layers and units."""
    nodes = ancestors(*roots)
    names: dict[Node, str] = {}
    if model is not None:
        met = set(nodes)
        names = {node: name for name, node in model.named_parameters() if node in met}
    if not names:
        return Placed(nodes, dict(zip(nodes, scope_paths(nodes, {}, {}), strict=True)), names)
    terms = _SampleTerms(nodes, roots, names)
    outside: dict[Node, Path] = dict.fromkeys(
        terms.tail(model), ("loss",) if len(roots) == 1 else ()
    )
    outside |= dict.fromkeys(terms.penalty, ("penalty",))
    outside |= dict.fromkeys(terms.top, ())
    outside |= {node: () for node in outside if _is_named(node)}
    outside |= {node: () for node in nodes if _is_input(node, names)}
    paths = dict(zip(nodes, scope_paths(nodes, names, outside), strict=True))
    for node, name in names.items():
        paths[node] = paths[node] or parameter_path(name)  # also where a penalty uses it
    if len(terms.samples) > 1:
        _put_into_samples(nodes, paths, names, terms)
    return Placed(nodes, paths, names)


class _SampleTerms:
    """The terms of a sum over samples."""

    def __init__(
        self, nodes: Sequence[Node], roots: Iterable[Node], names: Mapping[Node, str]
    ) -> None:
        self.names = names
        self.uses = _uses(nodes)
        self.top = self._sum_of_terms(set(roots))  # the operations that sum them up
        inner = [node for node in nodes if node.args and node not in self.top]
        parts = _components(inner)
        used = [
            frozenset(operand for node in part for operand in node.args if operand in names)
            for part in parts
        ]
        most = max(map(len, used), default=0)
        # the operations of each, operands first; below, the other terms
        self.samples = [part for part, own in zip(parts, used, strict=True) if len(own) == most]
        self.penalty = [
            node for part, own in zip(parts, used, strict=True) if len(own) < most for node in part
        ]
        if len({own for own in used if len(own) == most}) > 1:
            self.samples, self.penalty = [inner], []  # parts of one model, not its samples
        self._return_to_samples(nodes)

    def _sum_of_terms(self, roots: set[Node]) -> set[Node]:
        """Go down from the results through sums and multiples that nothing else uses."""
        top: set[Node] = set()
        stack = list(roots)
        while stack:
            node = stack.pop()
            alone = node in roots or len(self.uses.get(node, ())) == 1
            if _sums(node) and alone and not any(arg in self.names for arg in node.args):
                top.add(node)
                stack += [operand for operand in node.args if operand.args]
        return top

    def _return_to_samples(self, nodes: Sequence[Node]) -> None:
        """Give a sample the sums of its own terms, and what multiplies them."""
        owner = {node: number for number, part in enumerate(self.samples) for node in part}
        for node in nodes:
            if node not in self.top:
                continue
            owners = {owner.get(operand) for operand in node.args if operand.args}
            starts = node.row is ops.add and any(operand.is_constant for operand in node.args)
            number = owners.pop() if len(owners) == 1 else None
            if number is not None and not (starts and len(self.samples) > 1):
                owner[node] = number
                self.samples[number].append(node)
                self.top.discard(node)

    def tail(self, model: Module | None) -> list[Node]:
        """List what comes after the last parameters, the activation of the outputs excepted."""
        operations = [node for part in self.samples for node in part]
        own = {node for node in operations if any(arg in self.names for arg in node.args)}
        feeds: set[Node] = set()
        for node in reversed(operations):
            if node in own or node in feeds:
                feeds.update(node.args)
        last = {node for node in own if node not in feeds}
        tail: set[Node] = set()
        for node in operations:
            inputs = [operand for operand in node.args if operand.args]
            sums = node.row is ops.add and inputs and all(operand in last for operand in inputs)
            if node in own or node in feeds:
                continue
            if sums and _same_unit(inputs, self.names):
                last.add(node)  # a unit without bias ends in a sum
            else:
                tail.add(node)
        for z in last:
            tail.difference_update(_activated(z, _output_activation(model), self.uses))
        return [node for node in operations if node in tail]


def _put_into_samples(
    nodes: Sequence[Node], paths: dict[Node, Path], names: Mapping[Node, str], terms: _SampleTerms
) -> None:
    """Set a sample's number before the paths of what is computed for it alone."""
    number = {node: k for k, part in enumerate(terms.samples, start=1) for node in part}
    owners: dict[Node, set[int | None]] = {}
    for node in nodes:
        for operand in node.args:
            if not operand.args:
                owners.setdefault(operand, set()).add(number.get(node))
    for node in nodes:
        found = {number.get(node)} if node.args else owners.get(node, {None})
        first = next(iter(found))
        if node in names:
            paths[node] = ("parameters", *paths[node])
        elif first is not None and len(found) == 1:
            paths[node] = (f"sample {first}", *paths[node])


def _is_named(node: Node) -> bool:
    """Tell whether a node was made in a scope of the user's."""
    return node.info is not None and bool(node.info.scope)


def _is_input(node: Node, names: Mapping[Node, str]) -> bool:
    """Tell whether a leaf is no parameter, and not made inside of a scope either."""
    return node.is_leaf and node not in names and not _is_named(node)


def _uses(nodes: Iterable[Node]) -> dict[Node, list[Node]]:
    uses: dict[Node, list[Node]] = {}
    for node in nodes:
        for operand in node.args:
            uses.setdefault(operand, []).append(node)
    return uses


def _sums(node: Node) -> bool:
    """Tell whether a node is a sum, or a number times another."""
    if node.row in (ops.add, ops.sub, ops.neg):
        return True
    return node.row in (ops.mul, ops.div) and any(operand.is_constant for operand in node.args)


def _components(inner: Sequence[Node]) -> list[list[Node]]:
    """Part operations into those that are connected, leaves apart."""
    parent = {node: node for node in inner}

    def top(node: Node) -> Node:
        while parent[node] is not node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for node in inner:
        for operand in node.args:
            if operand in parent:
                parent[top(operand)] = top(node)
    parts: dict[Node, list[Node]] = {}
    for node in inner:
        parts.setdefault(top(node), []).append(node)
    return list(parts.values())


def _same_unit(inputs: Sequence[Node], names: Mapping[Node, str]) -> bool:
    """Tell whether products are of one row of weights; sums of them have passed before."""
    rows = {
        names[operand].rpartition("[")[0]
        for node in inputs
        for operand in node.args
        if operand in names
    }
    return len(rows) <= 1


def _output_activation(model: Module | None) -> Activation:
    """Find the activation of a network's outputs."""
    last = model.layers[-1] if isinstance(model, MLP) else model
    neuron = last.neurons[0] if isinstance(last, Layer) else last
    activation: Activation = getattr(neuron, "activation", identity)
    return activation


def _activated(z: Node, activation: Activation, uses: Mapping[Node, Sequence[Node]]) -> list[Node]:
    """Find the operations of an activation above its argument: those that it records itself."""
    probe = Value(z.data)
    result = activation(probe)
    found: dict[Node, Node] = {probe: z}
    for pattern in ancestors(result) if isinstance(result, Node) else []:
        operands = [found.get(operand) for operand in pattern.args]
        known = next((operand for operand in operands if operand is not None), None)
        for node in uses.get(known, ()) if known is not None else ():
            if node.row is pattern.row and all(
                operand is None or operand is arg
                for operand, arg in zip(operands, node.args, strict=True)
            ):
                found[pattern] = node
                break
    del found[probe]
    return list(found.values())
