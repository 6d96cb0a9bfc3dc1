"""A model with symbols in place of its parameters, to record what it computes."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...compiler.program.program import Piece
from ...compiler.trace.recorder import Argument
from ...errors import TraceError
from ...scalar.contexts import no_grad
from ...scalar.number import plain
from ...scalar.value import Value
from ..parameters import Parametric, parameter_arrays

__all__ = ["check_repeatable", "computed_twice", "listed", "parameter_argument", "with_symbols"]

T = TypeVar("T")


def parameter_argument(model: Parametric) -> tuple[list[Value], Argument]:
    """Put the parameters of a model in a row, each once, array by array.

    The argument names its pieces, as ``layers.0.weight`` of shape (nout, nin).
    """
    row: dict[Value, None] = {}
    pieces: list[Piece] = []
    for name, array in parameter_arrays(model).items():
        start = len(row)
        row.update(dict.fromkeys(array.values()))
        alike = len(set(map(len, array))) == 1  # else the nesting is deeper in some places
        shape = tuple(max(places) + 1 for places in zip(*array, strict=True)) if alike else ()
        if len(row) - start == len(array) == math.prod(shape):  # neither shared nor ragged
            pieces.append(Piece(name, start, shape))
    return list(row), Argument("parameters", (list, len(row)), False, pieces)


def with_symbols(
    model: Parametric, parameters: Sequence[Value], symbols: Sequence[Value]
) -> Parametric:
    """Copy a model with a symbol in place of each parameter; the parameters stay as they are."""
    return copy.deepcopy(model, {id(p): s for p, s in zip(parameters, symbols, strict=True)})


def listed(output: Any) -> list[Any]:
    """List the numbers of an output, which is one, or a list or an array of them."""
    if hasattr(output, "tolist"):
        output = output.tolist()
    return list(output) if isinstance(output, list | tuple) else [output]


def check_repeatable(
    model: Parametric, parameters: Sequence[Value], function: Callable[[Parametric], Any]
) -> None:
    """Refuse a model with which a function computes other numbers when it is called again.

    A recorded formula is the same at every call: it would repeat the random numbers or
    the count of calls that it was recorded with.
    """
    twin = with_symbols(model, parameters, parameters)
    first, second = computed_twice(lambda: [float(plain(x)) for x in function(twin)])
    if first != second and not any(map(math.isnan, first)):
        raise TraceError(
            f"{type(model).__name__} gives {first} and then {second} for one sample: a compiled model repeats "
            "what was recorded; keep random numbers and counters out of its __call__"
        )


def computed_twice(compute: Callable[[], T]) -> tuple[T, T]:
    """Compute something, and again, recording no graph; random numbers go on as if it were not."""
    state = random.getstate()
    try:
        with no_grad():
            return compute(), compute()
    finally:
        random.setstate(state)
