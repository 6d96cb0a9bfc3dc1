"""Series and frames of pandas: their numbers as an array, with their index and columns kept.

pandas is never imported here: who has a frame has imported it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentTypeError, DataError
from ..scalar.convert import is_number
from ..scalar.value import Value
from .forms import Apart, Wrapped

__all__ = ["array_of", "frame_apart", "is_frame", "is_series", "labels_in", "table_of"]


def is_frame(kind: type) -> bool:
    """Tell whether a class is that of a Series or a DataFrame."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and issubclass(kind, (pandas.Series, pandas.DataFrame))


def frame_apart(thing: Any, keep: Callable[[Any], Any]) -> Apart:
    """Take a Series or a frame apart: the one part is an array."""
    pandas = sys.modules["pandas"]
    kind = pandas.Series if thing.ndim == 1 else pandas.DataFrame
    return Wrapped(kind, _framed, keep(Labels(thing))), [("", array_of(thing), False)]


def array_of(thing: Any) -> Any:
    """Give the numbers of a Series or a frame."""
    if thing.ndim == 1:
        return _numbers(thing, "the Series" if thing.name is None else f"the Series {thing.name!r}")
    return _table(thing)


def is_series(thing: Any) -> bool:
    """Tell whether a thing is a Series."""
    return is_frame(type(thing)) and thing.ndim == 1


def labels_in(nesting: Any) -> list[Any]:
    """List the index and the columns of all Series and frames in a nesting."""
    if isinstance(nesting, dict):
        nesting = list(nesting.values())
    if isinstance(nesting, list | tuple):
        return [labels for part in nesting for labels in labels_in(part)]
    return [axis.tolist() for axis in nesting.axes] if is_frame(type(nesting)) else []


def table_of(rows: Any, columns: Any, numbers: Any) -> Any:
    """Make a frame of a table of derivatives of one Series by another."""
    pandas = sys.modules["pandas"]
    return pandas.DataFrame(numbers, index=rows.index, columns=columns.index)


class Labels:
    """All of a Series or a frame but its numbers."""

    __slots__ = ("axes", "name")

    def __init__(self, thing: Any) -> None:
        self.axes = tuple(thing.axes)
        self.name = thing.name if thing.ndim == 1 else None

    def _content(self) -> tuple[Any, ...]:
        return self.name, *[
            (str(axis.dtype), tuple(axis.names), *_entries(axis)) for axis in self.axes
        ]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Labels):
            return False
        one, another = self.axes, other.axes
        if len(one) == len(another) and all(a is b for a, b in zip(one, another, strict=True)):
            return bool(self.name == other.name)
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def __repr__(self) -> str:
        return "labels"


def _entries(axis: Any) -> tuple[Any, ...]:
    """List the labels of an axis; those that count up are told by their ends."""
    if hasattr(axis, "step"):
        return axis.start, axis.stop, axis.step
    return tuple(axis.tolist())


def _framed(labels: Labels, array: Any) -> Any:
    """Make a Series or a frame of an array."""
    pandas = sys.modules["pandas"]
    if len(labels.axes) == 1:
        return pandas.Series(array, index=labels.axes[0], name=labels.name)
    return pandas.DataFrame(array, index=labels.axes[0], columns=labels.axes[1])


# ---- numbers -----------------------------------------------------------------------------------


def _table(frame: Any) -> Any:
    """Give the numbers of a frame; a column is named where it has others."""
    numpy = sys.modules["numpy"]
    columns = [
        _numbers(frame.iloc[:, place], f"the column {name!r}")
        for place, name in enumerate(frame.columns)
    ]
    kind = object if any(column.dtype == object for column in columns) else float
    table = numpy.empty(frame.shape, kind)
    for place, column in enumerate(columns):
        table[:, place] = column
    return table


def _numbers(column: Any, name: str) -> Any:
    """Give the numbers of a Series, which may be Values; texts and missing ones are refused."""
    if column.dtype == object:
        return _of_objects(column, name)
    types = sys.modules["pandas"].api.types
    if not types.is_numeric_dtype(column.dtype) or types.is_complex_dtype(column.dtype):
        raise ArgumentTypeError(
            f"{name} is of the dtype {column.dtype}: expected numbers; {_remedy(name)}"
        )
    _refuse_missing(column, name)
    return column.to_numpy(float)


def _of_objects(column: Any, name: str) -> Any:
    array: Any = column.to_numpy()
    for label, element in zip(column.index, array, strict=True):
        if not isinstance(element, Value) and not is_number(element):
            raise ArgumentTypeError(
                f"{name} has {element!r:.200}, of type {type(element).__name__}, at {label!r}: "
                f"expected numbers; {_remedy(name)}"
            )
    if not any(isinstance(element, Value) for element in array):
        _refuse_missing(column, name)
    return array


def _refuse_missing(column: Any, name: str) -> None:
    missing = column.isna().to_numpy()
    if missing.any():
        where = column.index[missing.argmax()]
        raise DataError(
            f"{name} has no number at {where!r}, one of {missing.sum()} missing: put numbers in their "
            "places with fillna(...), or leave their rows out with dropna()"
        )


def _remedy(name: str) -> str:
    encoded = "encode it as numbers, with pandas.get_dummies(...) or astype(float)"
    return f"leave it out with drop(columns=[...]), or {encoded}" if "column" in name else encoded
