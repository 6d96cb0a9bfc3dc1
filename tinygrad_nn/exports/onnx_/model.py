"""A program as a model of ONNX."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...compiler.listing.listing import listing
from ...extras import load_extra
from ..arrays.form import Expr, Leaf, Let, Look, Loop, Parts, Statement
from ..arrays.lower import form_of
from ..arrays.names import Namer
from ..source import Source
from .graph import Graph
from .writer import KNOWN, Writer, float_of

__all__ = ["model_of"]

OPSET = 21
VERSION = 10  # of the format, as of that opset
SAMPLES = "samples"


class _Model:
    def __init__(self, source: Source, name: str) -> None:
        self.helper = load_extra("onnx.helper", "onnx", "export to ONNX")
        self.numpy_helper = load_extra("onnx.numpy_helper", "onnx", "export to ONNX")
        self.source = source
        self.name = name
        self.kind = float_of(source.dtype)
        namer = Namer(source.program, ())
        self.form = form_of(source, KNOWN, namer)
        self.namer = namer
        self.graph = Graph(source.dtype)
        self.writer = Writer(self.graph, {}, {})
        self.inputs: list[Any] = []
        self.parameters: list[Any] = []
        self.fault = ""

    def made(self) -> Any:
        """Put all of it together."""
        for leaf in self.form.leaves:
            self._given(leaf)
        self._samples()
        self._statements(self.form.statements, self.writer)
        outputs = []
        for name, expr in _results(self.form.result, "result"):
            own = self.namer.new(name)
            value = self.writer.value(expr)
            if self.fault:
                value = self.graph.node("Add", value, self.fault)
            self.graph.nodes.append(self.helper.make_node("Identity", [value], [own]))
            outputs.append(self._info(own, expr))
        graph = self.helper.make_graph(
            self.graph.nodes,
            self.name,
            self.inputs,
            outputs,
            initializer=[*self.parameters, *self.graph.constants.values()],
            doc_string=listing(self.source.program),
        )
        model = self.helper.make_model(
            graph,
            opset_imports=[self.helper.make_opsetid("", OPSET)],
            ir_version=VERSION,
            producer_name="tinygrad_nn",
            doc_string=self.source.title,
        )
        if self.source.classes:
            self.helper.set_model_props(model, {"classes": json.dumps(self.source.classes)})
        load_extra("onnx.checker", "onnx", "export to ONNX").check_model(model, full_check=True)
        return model

    def _info(self, name: str, expr: Expr) -> Any:
        shape = [*[SAMPLES] * expr.rows, *expr.shape]
        return self.helper.make_tensor_value_info(name, self.kind, shape)

    def _given(self, leaf: Leaf) -> None:
        name = leaf.variable.name
        if leaf.numbers is None:
            self.inputs.append(self._info(name, leaf.variable))
        else:
            name = str(leaf.path[0])
            numbers = np.asarray(leaf.numbers).astype(self.source.dtype)
            self.parameters.append(self.numpy_helper.from_array(numbers, name))
        self.writer.values[leaf.variable.name] = name

    def _samples(self) -> None:
        """Count the samples."""
        graph = self.graph
        for leaf in self.form.leaves:
            if leaf.variable.rows:
                shape = graph.node("Shape", leaf.variable.name, start=0, end=1)
                self.writer.count = shape
                break
        if self.form.samples is not None and self.writer.count:
            number = graph.node("Squeeze", self.writer.count, graph.whole([0]))
            found = graph.node("Cast", number, to=self.kind)
            self.writer.values[self.form.samples.name] = found

    def _statements(self, statements: Sequence[Statement], writer: Writer) -> None:
        for statement in statements:
            if isinstance(statement, Let):
                writer.values[statement.target.name] = writer.value(statement.value)
                writer.forget(statement.target)
            elif isinstance(statement, Look):
                self._look(statement)
            else:
                self._loop(statement, writer)

    def _look(self, look: Look) -> None:
        """Make all results NaN where a number is no place."""
        graph = self.graph
        good = self.writer.good(self.writer.value(look.of), look.size)
        number = graph.node("Where", good, graph.constant(0.0), graph.constant(np.nan))
        flat = graph.node("Reshape", number, graph.whole([-1]))
        fault = graph.node("ReduceSum", flat, keepdims=0)
        self.fault = graph.node("Add", self.fault, fault) if self.fault else fault

    def _loop(self, loop: Loop, writer: Writer) -> None:
        outside = writer.graph
        graph = outside.inside()
        step, condition = graph.name("step"), graph.name("goes_on")
        before = {one.name: graph.name(one.name) for one in loop.carried}
        inner = writer.inside(graph, before, {loop.index: step})
        self._statements(loop.body, inner)
        after = [graph.name(one.name) for one in loop.carried]
        goes_on = graph.name("goes_on")
        identity = [(condition, goes_on)]
        identity += [(inner.values[v.name], n) for v, n in zip(loop.carried, after, strict=True)]
        for value, own in identity:
            graph.nodes.append(self.helper.make_node("Identity", [value], [own]))
        whole, truth = 7, 9  # the numbers of the types
        info = self.helper.make_tensor_value_info
        given = [info(step, whole, []), info(condition, truth, [])]
        given += [self._info(before[one.name], one) for one in loop.carried]
        results = [info(goes_on, truth, [])]
        results += [self._info(n, one) for one, n in zip(loop.carried, after, strict=True)]
        body = self.helper.make_graph(graph.nodes, graph.name("steps"), given, results)
        names = [outside.name(one.name) for one in loop.carried]
        begin = [writer.values[one.name] for one in loop.carried]
        count = outside.whole(loop.count)
        outside.nodes.append(self.helper.make_node("Loop", [count, "", *begin], names, body=body))
        for one, own in zip(loop.carried, names, strict=True):
            writer.values[one.name] = own
            writer.forget(one)


def _results(parts: Parts, name: str) -> Iterator[tuple[str, Expr]]:
    """Walk through the arrays of a result, with names as of the other exports."""
    if isinstance(parts, Expr):
        yield name, parts
    elif parts is not None:
        _, steps, inside = parts
        for step, part in zip(steps, inside, strict=True):
            yield from _results(part, step if isinstance(step, str) else f"{name}_{step}")


def model_of(source: Source, name: str) -> Any:
    """Write a model with one graph."""
    return _Model(source, name).made()
