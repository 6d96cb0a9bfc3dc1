"""Nodes of a graph of ONNX, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...extras import load_extra

__all__ = ["Graph"]


@dataclass(slots=True)
class Graph:
    """Makes nodes; a graph inside of a loop sees what is around it, which has the constants."""

    dtype: Any
    outer: Graph | None = None
    nodes: list[Any] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    _count: list[int] = field(default_factory=lambda: [0])
    _known: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def inside(self) -> Graph:
        """Begin the body of a loop."""
        return Graph(self.dtype, self, _count=self._count)

    def name(self, wanted: str = "v") -> str:
        """Give a new name."""
        self._count[0] += 1
        return f"{wanted}_{self._count[0]}"

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output; of two that are the same there is one."""
        key = op, inputs, tuple(sorted(attributes.items()))
        found = self._find(key)
        if found is None:
            helper = load_extra("onnx.helper", "onnx", "export to ONNX")
            found = self._known[key] = self.name(op.lower())
            self.nodes.append(helper.make_node(op, list(inputs), [found], **attributes))
        return found

    def _find(self, key: tuple[Any, ...]) -> str | None:
        graph: Graph | None = self
        while graph is not None:
            if key in graph._known:
                return graph._known[key]
            graph = graph.outer
        return None

    def constant(self, numbers: Any, wanted: str = "c") -> str:
        """Name a constant array, of our type of numbers or of whole ones."""
        if self.outer is not None:
            return self.outer.constant(numbers, wanted)
        array = np.asarray(numbers)
        array = array.astype(np.int64 if array.dtype.kind == "i" else self.dtype)
        key = "constant", array.dtype.str, array.shape, array.tobytes()
        if key not in self._known:
            numpy_helper = load_extra("onnx.numpy_helper", "onnx", "export to ONNX")
            name = self._known[key] = self.name(wanted)
            self.constants[name] = numpy_helper.from_array(array, name)
        return self._known[key]

    def whole(self, numbers: Sequence[int] | int) -> str:
        """Name whole numbers."""
        return self.constant(np.array(numbers, np.int64), "i")
