"""Samples that a page goes through: each different graph of them once, and the numbers of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from reprlib import repr as brief
from typing import Any, TypeAlias

from ..data.validation import check_samples
from ..errors import ArgumentError, ArgumentTypeError, DrawingError
from ..nn import Module
from ..nn.draws import drawing
from ..scalar.graph import CHOSEN, Node, ancestors
from .arithmetic import Arithmetic
from .description import Subject, describe, number, same
from .sample import at_work, check_loss, refuse_draws

__all__ = ["DataSet", "data_set_of"]

MOST_SAMPLES = 200

Shape: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class _Graph:
    """A graph that some samples have alike, as the first of them recorded it."""

    subject: Subject
    nodes: list[Node]


@dataclass(frozen=True)
class _Sample:
    """Which graph a sample has, and the numbers in which it differs from the graph's first one."""

    graph: int
    text: str
    numbers: list[tuple[int, float]]


@dataclass(frozen=True)
class DataSet:
    """All samples of a data set, and the numbers that an update changes."""

    graphs: list[_Graph] = field(default_factory=list)
    samples: list[_Sample] = field(default_factory=list)
    parameters: list[Node] = field(default_factory=list)

    @property
    def nodes(self) -> list[Node]:
        """The nodes of all graphs."""
        return [node for graph in self.graphs for node in graph.nodes]

    def describe(self, rate: float, arithmetic: Arithmetic) -> dict[str, Any]:
        """Describe the first graph, with all others and the samples, as ``page/training.js`` reads it."""
        told = []
        for graph in self.graphs:
            moving = set(self.parameters) & set(graph.nodes)
            subject = replace(graph.subject, parameters=moving)
            told.append(describe(subject, graph.nodes, rate, arithmetic))
        return told[0] | {
            "data": {
                "graphs": told[1:],
                "parameters": [self._places(graph) for graph in self.graphs],
                "samples": [
                    {
                        "graph": sample.graph,
                        "sample": sample.text,
                        "numbers": [(place, number(value)) for place, value in sample.numbers],
                    }
                    for sample in self.samples
                ],
            }
        }

    def _places(self, graph: _Graph) -> list[int | None]:
        place = {node: k for k, node in enumerate(graph.nodes)}
        return [place.get(parameter) for parameter in self.parameters]


def data_set_of(
    model: Module,
    data: Any,
    loss: Callable[[Any, Any], Any] | None,
    parameters: Sequence[Node] | None,
    max_nodes: int,
) -> DataSet:
    """Record a model on every sample of ``(X, y)``, and keep what differs."""
    X, y = _checked(data, loss)
    own = list(dict.fromkeys(model.parameters() if parameters is None else parameters))
    found = DataSet(parameters=own)
    known: dict[Shape, int] = {}
    size = 0
    for k, (row, target) in enumerate(zip(X, y, strict=True)):
        with drawing(refuse_draws):
            subject = at_work(model, row, target, loss)
        nodes = ancestors(*subject.outputs)
        shape = _shape(subject, {node: k for k, node in enumerate(own)})
        if shape not in known:
            known[shape] = len(found.graphs)
            found.graphs.append(_Graph(subject, nodes))
            size += len(nodes)
        if size > max_nodes:
            raise DrawingError(
                f"the {len(found.graphs)} different graphs of the first {k + 1} samples have "
                f"{size:,} numbers, more than max_nodes={max_nodes:,}: give fewer samples or a "
                "smaller model, choose with where(...) so that samples have one graph, or raise "
                "the limit with max_nodes"
            )
        first = found.graphs[known[shape]].nodes
        numbers = [
            (place, node.data)
            for place, (node, other) in enumerate(zip(nodes, first, strict=True))
            if not node.op and not same(node.data, other.data)
        ]
        found.samples.append(_Sample(known[shape], subject.sample, numbers))
    return found


def _checked(data: Any, loss: Any) -> tuple[list[list[float]], list[Any]]:
    if loss is None:
        raise ArgumentError(
            "data is given and loss is missing: give both, as view(model, data=(X, y), "
            "loss=nn.squared_error)"
        )
    check_loss(loss)
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise ArgumentTypeError(
            f"data is {brief(data)}, of type {type(data).__name__}: expected a pair of samples and "
            "their targets, as data=(X, y)"
        )
    X, y = check_samples(*data)
    if len(X) > MOST_SAMPLES:
        raise ArgumentError(
            f"data has {len(X):,} samples: expected at most {MOST_SAMPLES}; give some of them, as "
            f"data=(X[:{MOST_SAMPLES}], y[:{MOST_SAMPLES}]), and train on all with Trainer"
        )
    return X, y


def _shape(subject: Subject, parameters: dict[Node, int]) -> Shape:
    """What two samples have alike if one graph serves both: all but numbers that are no parameter.

    What Python has looked at counts: numbers below are fixed.
    """
    nodes = ancestors(*subject.outputs, *subject.looked)
    place = {node: k for k, node in enumerate(nodes)}
    return tuple(
        (
            node.row,
            node.mark & CHOSEN,
            node in subject.fixed,
            parameters.get(node),
            *[place[operand] for operand in node.args],
        )
        for node in nodes
    )
