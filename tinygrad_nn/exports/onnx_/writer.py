"""Expressions of arrays as nodes of a graph of ONNX."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...compiler.program.program import Ints
from ..arrays.form import (
    Added,
    Apply,
    Chosen,
    Concat,
    Constant,
    Einsum,
    Expr,
    Index,
    Joined,
    Number,
    Permute,
    Put,
    Reshape,
    Spread,
    Steps,
    Take,
    Variable,
)
from ..python.products import factors_of, subscripts
from .expansions import EXPANSIONS
from .graph import Graph

__all__ = ["KNOWN", "Writer"]

NODES = {
    "abs": "Abs",
    "add": "Add",
    "ceil": "Ceil",
    "cos": "Cos",
    "div": "Div",
    "exp": "Exp",
    "floor": "Floor",
    "log": "Log",
    "max": "Max",
    "min": "Min",
    "mul": "Mul",
    "neg": "Neg",
    "pow": "Pow",
    "rint": "Round",
    "sin": "Sin",
    "sqrt": "Sqrt",
    "sub": "Sub",
    "tanh": "Tanh",
}
COMPARISONS = {
    "eq": "Equal",
    "ge": "GreaterOrEqual",
    "gt": "Greater",
    "le": "LessOrEqual",
    "lt": "Less",
    "ne": "Equal",
}
REDUCTIONS = {"add": "ReduceSum", "max": "ReduceMax", "min": "ReduceMin"}
KNOWN = frozenset([*NODES, *COMPARISONS, *EXPANSIONS, "select"])
FLOATS = {8: 11, 4: 1}  # the numbers of the types in ONNX
INT64 = 7


class Writer:
    """Writes expressions into a graph.

    `values` names what variables hold, `steps` the indices of loops, and `count` the number of
    samples as a vector of one whole number.
    """

    def __init__(self, graph: Graph, values: dict[str, str], steps: dict[str, str]) -> None:
        self.graph = graph
        self.values = values
        self.steps = steps
        self.count = ""
        self._known: dict[int, tuple[Expr, str]] = {}
        self._writers: dict[type[Expr], Callable[..., str]] = {
            Variable: lambda expr: self.values[expr.name],
            Number: lambda expr: graph.constant(expr.value),
            Constant: lambda expr: graph.constant(expr.numbers),
            Index: self._index,
            Reshape: self._reshape,
            Permute: self._permute,
            Spread: self._spread,
            Take: self._take,
            Chosen: self._chosen,
            Added: self._added,
            Concat: self._concat,
            Apply: self._apply,
            Joined: self._joined,
            Einsum: self._einsum,
            Put: self._put,
        }

    def inside(self, graph: Graph, values: dict[str, str], steps: dict[str, str]) -> Writer:
        """Begin to write into the body of a loop."""
        found = Writer(graph, self.values | values, self.steps | steps)
        found.count = self.count
        return found

    def forget(self, variable: Variable) -> None:
        """Forget what was made of a variable that has another value now."""
        self._known = {}

    def value(self, expr: Expr) -> str:
        """Name the value of an expression."""
        if isinstance(expr, Variable):
            return self.values[expr.name]
        if id(expr) not in self._known:
            self._known[id(expr)] = expr, self._writers[type(expr)](expr)
        return self._known[id(expr)][1]

    # ---- shapes -------------------------------------------------------------------------------

    def reshaped(self, name: str, shape: Sequence[int], rows: bool) -> str:
        """Give numbers in another shape; where samples are in front they stay."""
        return self.graph.node("Reshape", name, self.graph.whole([*[0] * rows, *shape]))

    def _reshape(self, expr: Reshape) -> str:
        return self.reshaped(self.value(expr.of), expr.shape, expr.rows)

    def _permute(self, expr: Permute) -> str:
        order = [*[0] * expr.rows, *[place + expr.rows for place in expr.order]]
        return self.graph.node("Transpose", self.value(expr.of), perm=tuple(order))

    def _spread(self, expr: Spread) -> str:
        shape = self.graph.whole(list(expr.shape))
        if expr.rows:
            shape = self.graph.node("Concat", self.count, shape, axis=0)
        return self.graph.node("Expand", self.value(expr.of), shape)

    def _index(self, expr: Index) -> str:
        graph, rows = self.graph, int(expr.rows)
        name = self.value(expr.of)
        lengths = iter(expr.of.shape)
        cuts: list[tuple[int, int, int, int]] = []
        lost, new = [], []
        axis = rows
        made = rows
        for item in expr.items:
            if item is None:
                new.append(made)
                made += 1
                continue
            length = next(lengths)
            begin, end, step = (item, item + 1, 1) if isinstance(item, int) else item
            if (begin, end, step) != (0, length, 1):
                cuts.append((begin, end, axis, step))
            if isinstance(item, int):
                lost.append(axis)
            else:
                made += 1
            axis += 1
        if cuts:
            name = graph.node(
                "Slice", name, *[graph.whole(list(part)) for part in zip(*cuts, strict=True)]
            )
        if lost:
            name = graph.node("Squeeze", name, graph.whole(lost))
        return graph.node("Unsqueeze", name, graph.whole(new)) if new else name

    def _concat(self, expr: Concat) -> str:
        parts = [
            part if part.rows == expr.rows else Spread(part.shape, True, part)
            for part in expr.parts
        ]
        return self.graph.node("Concat", *[self.value(part) for part in parts], axis=int(expr.rows))

    # ---- places -------------------------------------------------------------------------------

    def _places(self, places: Ints, steps: Steps, table: Ints | None = None) -> str:
        graph = self.graph
        found = graph.constant(places.astype(np.int64), "i")
        for index, stride in steps:
            found = graph.node(
                "Add", found, graph.node("Mul", self.steps[index], graph.whole(stride))
            )
        if table is None:
            return found
        return graph.node("Gather", graph.constant(table.astype(np.int64), "i"), found, axis=0)

    def _take(self, expr: Take) -> str:
        places = self._places(expr.places, expr.steps, expr.table)
        return self.graph.node("Gather", self.value(expr.of), places, axis=int(expr.of.rows))

    def _put(self, expr: Put) -> str:
        places = self._places(expr.places, expr.steps, expr.table)
        return self._scattered(expr, places, self.value(expr.value), expr.value.rows, "none")

    def _scattered(
        self, expr: Put | Added, places: str, value: str, rows: bool, reduction: str
    ) -> str:
        graph, of = self.graph, self.value(expr.of)
        values = self.reshaped(value, [-1], expr.rows and rows)
        places = graph.node("Expand", places, graph.node("Shape", value))
        places = self.reshaped(places, [-1], expr.rows and rows)
        axis = int(expr.rows)
        return graph.node("ScatterElements", of, places, values, axis=axis, reduction=reduction)

    def good(self, number: str, size: int) -> str:
        """Tell whether numbers are places of a table."""
        graph = self.graph
        zero, most = graph.constant(0.0), graph.constant(float(size))
        above = graph.node("GreaterOrEqual", number, zero)
        inside = graph.node("And", above, graph.node("Less", number, most))
        whole = graph.node("Equal", number, graph.node("Floor", number))
        return graph.node("And", inside, whole)

    def _chooser(self, expr: Chosen | Added) -> tuple[str, str]:
        """Give whether there is a place, and which."""
        graph, by = self.graph, self.value(expr.by)
        good = self.good(by, expr.size)
        index = graph.node("Where", good, by, graph.constant(0.0))
        index = graph.node("Cast", index, to=INT64)
        moved = graph.node("Mul", index, graph.whole(expr.step))
        return good, graph.node("Add", self._places(expr.places, expr.steps), moved)

    def _chosen(self, expr: Chosen) -> str:
        graph = self.graph
        good, places = self._chooser(expr)
        of = self.value(expr.of)
        if expr.of.rows and expr.by.rows:
            flat = self.reshaped(places, [-1], True)
            found = graph.node("GatherElements", of, flat, axis=1)
            found = self.reshaped(found, expr.shape, True)
        else:
            found = graph.node("Gather", of, places, axis=int(expr.of.rows))
        return graph.node("Where", good, found, graph.constant(0.0))

    def _added(self, expr: Added) -> str:
        graph = self.graph
        good, places = self._chooser(expr)
        value = graph.node("Where", good, self.value(expr.value), graph.constant(0.0))
        return self._scattered(expr, places, value, expr.value.rows, "add")

    # ---- what is computed ---------------------------------------------------------------------

    def _apply(self, expr: Apply) -> str:
        graph, op, parts = self.graph, expr.op, expr.parts
        if op in EXPANSIONS:
            return self.value(EXPANSIONS[op](*parts))
        if op in COMPARISONS:
            one, zero = graph.constant(1.0), graph.constant(0.0)
            return graph.node("Where", self._compared(expr), one, zero)
        if op == "select":
            condition, x, y = parts
            return graph.node("Where", self._condition(condition), self.value(x), self.value(y))
        if op == "fmod":
            return graph.node("Mod", *[self.value(part) for part in parts], fmod=1)
        first, *others = [self.value(part) for part in parts]
        if not others:
            return graph.node(NODES[op], first)
        for other in others:
            first = graph.node(NODES[op], first, other)
        return first

    def _condition(self, expr: Expr) -> str:
        if isinstance(expr, Apply) and expr.op in COMPARISONS:
            return self._compared(expr)
        graph = self.graph
        return graph.node("Not", graph.node("Equal", self.value(expr), graph.constant(0.0)))

    def _compared(self, expr: Apply) -> str:
        found = self.graph.node(COMPARISONS[expr.op], *[self.value(part) for part in expr.parts])
        return self.graph.node("Not", found) if expr.op == "ne" else found

    def _joined(self, expr: Joined) -> str:
        axes = [*[0] * expr.samples, *range(-expr.axes, 0)]
        graph, of, along = self.graph, self.value(expr.of), self.graph.whole(axes)
        found = graph.node(REDUCTIONS[expr.op], of, along, keepdims=0)
        if expr.op == "add":
            return found
        # Extremes of some runtimes pass over NaN.
        one, zero = graph.constant(1.0), graph.constant(0.0)
        bad = graph.node("Where", graph.node("Equal", of, of), zero, one)
        bad = graph.node("ReduceMax", bad, along, keepdims=0)
        return graph.node("Where", graph.node("Equal", bad, one), graph.constant(math.nan), found)

    def _einsum(self, expr: Einsum) -> str:
        found = factors_of(expr)
        if found is None or math.prod(expr.shape) == 0:
            parts = [self.value(part) for part in expr.parts]
            return self.graph.node("Einsum", *parts, equation=subscripts(expr, "z", "z"))
        first, turned, second, also = found
        left = self._factor(expr.parts[first], turned)
        return self.graph.node("MatMul", left, self._factor(expr.parts[second], also))

    def _factor(self, expr: Expr, turned: bool) -> str:
        found = self.value(expr)
        return self.graph.node("Transpose", found, perm=(1, 0)) if turned else found


def float_of(dtype: Any) -> int:
    """Give the number of a type in ONNX."""
    return FLOATS[np.dtype(dtype).itemsize]
