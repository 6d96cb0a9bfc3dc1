"""Programs as a text of JSON and arrays of numbers: one rule for all classes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError
from ...scalar.operation import Op
from ...scalar.ops import TABLE
from .program import Array, Lookup, Piece, Program, Role, Run
from .statements import Access, Chosen, Loop, Map, Reduce, Runs, Term

__all__ = ["is_same", "load", "save"]

Numbers: TypeAlias = npt.NDArray[Any]  # of int64 or float64
Plain: TypeAlias = Any  # what JSON has

_CLASSES: dict[str, Any] = {
    kind.__name__: kind
    for kind in (
        *(Array, Lookup, Piece, Program, Run),
        *(Access, Chosen, Loop, Map, Reduce, Runs, Term),
    )
}
_FIELDS = {
    kind: [(field.name, field.default) for field in fields(kind)] for kind in _CLASSES.values()
}


def save(program: Program) -> tuple[str, list[Numbers]]:
    """Write a program as JSON, and the arrays that it names by number.

    NaN, infinities and the sign of zero are kept; an operation of the user's own is refused.
    """
    numbers: list[Numbers] = []
    return json.dumps(_plain(program, numbers), allow_nan=False), numbers


def load(text: str, numbers: Sequence[Numbers]) -> Program:
    """Read what `save` has written; an operation that the table lacks is refused."""
    program: Program = _restored(json.loads(text), numbers)
    return program


def is_same(one: Program, other: Program) -> bool:
    """Tell whether two programs are the same, all numbers bit by bit."""
    (text, numbers), (text_2, numbers_2) = save(one), save(other)
    return text == text_2 and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(numbers, numbers_2, strict=True)
    )


def _plain(x: Any, numbers: list[Numbers]) -> Plain:
    if type(x) in _FIELDS:
        found: dict[str, Plain] = {"is": type(x).__name__}
        for name, default in _FIELDS[type(x)]:
            value = getattr(x, name)
            if default is MISSING or value != default:
                found[name] = _plain(value, numbers)
        return found
    if isinstance(x, list | tuple):
        return [_plain(one, numbers) for one in x]
    if isinstance(x, dict):
        return {"map": [[key, _plain(value, numbers)] for key, value in x.items()]}
    if isinstance(x, np.ndarray):
        numbers.append(x)
        return {"numbers": len(numbers) - 1}
    if isinstance(x, Op):
        return {"op": _name_of(x)}
    if isinstance(x, Role):
        return {"role": x.value}
    if isinstance(x, float) and not math.isfinite(x):
        return {"float": repr(x)}
    assert type(x) in (float, int, bool, str), f"{x!r} is plain"
    return x


def _name_of(op: Op) -> str:
    if TABLE.get(op.name) is not op:
        raise ArgumentError(
            f"the program has the operation {op.name}, which is your own and not in the table: "
            "a file can name an operation, and not hold it; write it with functions of the table"
        )
    return op.name


def _restored(
    x: Plain, numbers: Sequence[Numbers], many: Callable[[list[Any]], Any] = tuple
) -> Any:
    if isinstance(x, list):
        return many([_restored(one, numbers) for one in x])
    if not isinstance(x, dict):
        return x
    if "is" in x:
        kind = _CLASSES[x.pop("is")]
        inside = list if kind is Program else tuple
        return kind(**{name: _restored(value, numbers, inside) for name, value in x.items()})
    ((what, value),) = x.items()
    if what == "map":
        return {key: _restored(one, numbers) for key, one in value}
    if what == "numbers":
        return numbers[value]
    return _READERS[what](value)


def _operation(name: str) -> Op:
    if name not in TABLE:
        raise ArgumentError(
            f"the program has the operation {name}, which is not in the table: "
            "import the module that defines it first"
        )
    return TABLE[name]


_READERS: dict[str, Callable[[Any], Any]] = {"op": _operation, "role": Role, "float": float}
