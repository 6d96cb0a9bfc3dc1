"""Programs as plain data of JSON and arrays of numbers: one rule for all classes of the form.

What is read is what the annotations of the classes say, and nothing else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

import numpy as np
import numpy.typing as npt

from ...errors import ArgumentError, StateError
from ...scalar import ops
from ...scalar.operation import Op, find_special
from .program import Program, Role

__all__ = ["Numbers", "Plain", "is_listed", "is_same", "load", "plain", "restored", "save"]

Numbers: TypeAlias = npt.NDArray[Any]  # of int64 or float64
Plain: TypeAlias = Any  # what JSON has

LARGEST = 1 << 48  # of whole numbers: so strides in bytes are whole numbers of NumPy's
DEEPEST = 100  # levels, of classes and of rows
_ROWS = {row.name: row for row in vars(ops).values() if isinstance(row, Op) and row.listed}
_NO_NUMBERS = ["nan", "inf", "-inf"]
_AS_THEY_ARE = frozenset([int, str, bool, NoneType])  # what JSON has, and most of a program is


def save(program: Program) -> tuple[str, list[Numbers]]:
    """Write a program as JSON, and the arrays that it names by number.

    NaN, infinities and the sign of zero are kept; an operation of the user's own is refused.
    """
    numbers: list[Numbers] = []
    return json.dumps(plain(program, numbers), allow_nan=False), numbers


def load(text: str, numbers: Sequence[Numbers]) -> Program:
    """Read what `save` has written; whatever it cannot have written is refused."""
    return restored(json.loads(text), numbers)


def is_same(one: Program, other: Program) -> bool:
    """Tell whether two programs are the same, all numbers bit by bit."""
    (text, numbers), (text_2, numbers_2) = save(one), save(other)
    return text == text_2 and all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(numbers, numbers_2, strict=True)
    )


# ---- writing ----------------------------------------------------------------------------------


def plain(x: Any, numbers: list[Numbers], kind: Any = None) -> Plain:
    """Write a part of the form as what JSON has; arrays are added to `numbers`.

    With `kind`, what is derived from that class is written as it.
    """
    own: Any = type(x)
    if own in _AS_THEY_ARE:
        return x
    if own is tuple or own is list:
        return [one if type(one) in _AS_THEY_ARE else plain(one, numbers) for one in x]
    if _is_form(own):
        kind = kind or own
        found: dict[str, Plain] = {"is": kind.__name__}
        for name, default in _fields(kind):
            value = getattr(x, name)
            if value is not default and (default is MISSING or value != default):
                found[name] = value if type(value) in _AS_THEY_ARE else plain(value, numbers)
        return found
    if isinstance(x, list | tuple):
        return [plain(one, numbers) for one in x]
    if isinstance(x, dict):
        return [[key, plain(value, numbers)] for key, value in x.items()]
    if isinstance(x, np.ndarray):
        numbers.append(x)
        return {"numbers": len(numbers) - 1}
    if isinstance(x, Op):
        return {"op": _name_of(x)}
    if isinstance(x, Role):
        return {"role": x.value}
    if isinstance(x, float) and not math.isfinite(x):
        return {"float": repr(x)}
    assert type(x) is float, f"{x!r} is plain"
    return x


@cache
def _is_form(kind: Any) -> bool:
    return is_dataclass(kind)


@cache
def _fields(kind: Any) -> list[tuple[str, Any]]:
    return [(field.name, field.default) for field in fields(kind)]


def is_listed(op: Op) -> bool:
    """Tell whether an operation is of the table that comes with this package."""
    return (find_special(op.name) if op.is_special else _ROWS.get(op.name)) is op


def _name_of(op: Op) -> str:
    if not is_listed(op):
        raise ArgumentError(
            f"the program has the operation {op.name}, which is your own: a file can name an "
            "operation of the table that comes with this package, and hold none; write it with "
            "functions of the package"
        )
    return op.name


# ---- reading ----------------------------------------------------------------------------------


def restored(x: Plain, numbers: Sequence[Numbers]) -> Program:
    """Read a program from what `plain` has written."""
    program: Program = _Reader(numbers).read(x, _kinds_of(Program), 0)
    return program


class _Reader:
    """Reads plain data as what an annotation says, in the form of `_kinds_of`."""

    def __init__(self, numbers: Sequence[Numbers]) -> None:
        self._numbers = numbers

    def read(self, x: Plain, kinds: Mapping[Any, Any], depth: int) -> Any:
        """Read what is of a type; refuse what is not."""
        if isinstance(x, dict):
            return self._tagged(x, kinds, depth)
        if isinstance(x, list):
            return self._row(x, kinds, depth)
        if type(x) not in kinds:
            raise _refusal(x, kinds)
        if type(x) is int and not -LARGEST <= x <= LARGEST:
            raise StateError(f"the whole number {x} is too large")
        return x

    def _row(self, x: list[Plain], kinds: Mapping[Any, Any], depth: int) -> Any:
        _check_depth(depth)
        for many in (list, tuple):
            if many in kinds:
                return many([self.read(one, kinds[many], depth + 1) for one in x])
        if dict not in kinds:
            raise _refusal(x, kinds)
        name, value = kinds[dict]
        return {
            self.read(key, name, depth): self.read(one, value, depth + 1)
            for key, one in (_only(pair, 2) for pair in x)
        }

    def _tagged(self, x: dict[str, Plain], kinds: Mapping[Any, Any], depth: int) -> Any:
        if "is" in x:
            return self._object(x, kinds, depth)
        ((what, value),) = _only(list(x.items()), 1)
        if what == "numbers" and np.ndarray in kinds:
            if type(value) is int and 0 <= value < len(self._numbers):
                return self._numbers[value]
        elif what == "op" and Op in kinds:
            row = (_ROWS.get(value) or find_special(value)) if isinstance(value, str) else None
            if row is not None:
                return row
        elif what == "role" and Role in kinds:
            if value in [role.value for role in Role]:
                return Role(value)
        elif what == "float" and float in kinds and value in _NO_NUMBERS:
            return float(value)
        raise _refusal(x, kinds)

    def _object(self, x: dict[str, Plain], kinds: Mapping[Any, Any], depth: int) -> Any:
        _check_depth(depth)
        what = x["is"]
        kind: Any = next((k for k in kinds if k.__name__ == what and _is_form(k)), None)
        if kind is None:
            raise _refusal(what, kinds)
        parts = _parts_of(kind)
        given = {}
        for name, value in x.items():
            if name == "is":
                continue
            if name not in parts:
                raise StateError(f"{kind.__name__} has no {name!r}")
            try:
                given[name] = self.read(value, parts[name], depth + 1)
            except StateError as error:
                raise StateError(f"{kind.__name__}.{name}: {error}") from None
        missing = [n for n in _required(kind) if n not in given]
        if missing:
            raise StateError(f"{kind.__name__} lacks {', '.join(missing)}")
        return kind(**given)


@cache
def _parts_of(kind: Any) -> dict[str, dict[Any, Any]]:
    return {name: _kinds_of(hint) for name, hint in get_type_hints(kind).items()}


@cache
def _required(kind: Any) -> list[str]:
    return [f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]


@cache
def _kinds_of(hint: Any) -> dict[Any, Any]:
    """Map each type that an annotation allows to the types of what is inside of it."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return {kind: inner for one in get_args(hint) for kind, inner in _kinds_of(one).items()}
    if origin is dict:
        return {dict: tuple(map(_kinds_of, get_args(hint)))}
    if origin in (list, tuple):
        return {origin: _kinds_of(get_args(hint)[0])}
    return {origin or hint: None}


def _only(x: Plain, count: int) -> Any:
    if not isinstance(x, list) or len(x) != count:
        raise StateError(f"{_shown(x)} has not {count} parts")
    return x


def _check_depth(depth: int) -> None:
    if depth > DEEPEST:
        raise StateError(f"it is nested in more than {DEEPEST} levels")


def _refusal(x: Plain, kinds: Mapping[Any, Any]) -> StateError:
    names = ["None" if kind is NoneType else kind.__name__ for kind in kinds]
    return StateError(f"{_shown(x)} is none of {', '.join(names)}")


def _shown(x: Plain) -> str:
    text = json.dumps(x)
    return text if len(text) <= 60 else f"{text[:60]}..."
