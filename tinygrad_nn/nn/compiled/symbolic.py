"""A model with symbols in place of its parameters, to record what it computes."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

from ...compiler.program.program import Piece
from ...compiler.trace.parts import shape_of
from ...compiler.trace.recorder import Argument
from ...compiler.trace.structure import describe
from ...compiler.watch.observer import Observer, unobserved
from ...errors import TraceError
from ...scalar.value import Value
from ..parameters import Parametric, parameter_parts

__all__ = ["Twins", "listed", "parameter_argument", "with_symbols"]


def parameter_argument(model: Parametric) -> tuple[list[Value], Argument]:
    """Put the parameters of a model in a row, each once, array by array.

    The argument names its pieces, as ``layers.0.weight`` of shape (nout, nin).
    """
    row: dict[Value, None] = {}
    pieces: list[Piece] = []
    for name, parts in parameter_parts(model).items():
        start = len(row)
        leaves: list[Value] = []
        shapes = {shape_of(describe(part, leaves, name)) for _, part in parts}
        row.update(dict.fromkeys(leaves))
        shape = _stacked([place for place, _ in parts], shapes)
        if shape is not None and len(row) - start == len(leaves) == math.prod(shape):
            pieces.append(Piece(name, start, shape))  # it is neither shared nor ragged
    return list(row), Argument("parameters", (list, len(row)), False, pieces)


def _stacked(
    places: Sequence[tuple[int, ...]], shapes: set[tuple[int, ...] | None]
) -> tuple[int, ...] | None:
    """Give the shape of what has parts of one shape at some places; None if they have several."""
    shape = shapes.pop()
    if shapes or shape is None or len(set(map(len, places))) > 1:
        return None
    return (*[max(axis) + 1 for axis in zip(*places, strict=True)], *shape)


def with_symbols(
    model: Parametric, parameters: Sequence[Value], symbols: Sequence[Value]
) -> Parametric:
    """Copy a model with a symbol in place of each parameter; the parameters stay as they are."""
    placed = {id(p): s for p, s in zip(parameters, symbols, strict=True)}
    try:
        return copy.deepcopy(model, placed)
    except TypeError as error:
        raise TraceError(
            f"{type(model).__name__} cannot be copied, as it is where it is compiled ({error}): keep "
            "what cannot be copied, as a lock or an open file, outside of the model"
        ) from None


def listed(output: Any) -> list[Any]:
    """List the numbers of an output, which is one, or a list or an array of them."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    return list(output) if isinstance(output, list | tuple) else [output]


class Twins:
    """Copies of a model with symbols for parameters, each made of the last one.

    So what the model has kept from one recording is there in the next, as in two calls.
    """

    def __init__(self, model: Parametric, parameters: Sequence[Value]) -> None:
        self._model = model
        self._parameters = parameters

    def next(self, symbols: Sequence[Value], observer: Observer | None) -> Parametric:
        """Make a copy with these symbols, that an observer, if there is one, looks at."""
        with unobserved():  # a copy of a generator is made without a seed before it gets its state
            self._model = with_symbols(self._model, self._parameters, symbols)
        self._parameters = symbols
        if observer is not None:
            observer.look(self._model, "self", twin=True)
        return self._model
