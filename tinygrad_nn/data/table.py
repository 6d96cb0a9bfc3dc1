"""A table as it comes: columns of numbers or of texts, before features are made of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from reprlib import repr as brief
from typing import Any, TypeAlias

from ..errors import ArgumentTypeError, DataError, ShapeError
from .validation import plain

__all__ = ["Cells", "Table", "is_frame", "table_of"]

Cells: TypeAlias = "array[float] | list[str]"  # what is missing is nan, or no text


@dataclass(frozen=True)
class Table:
    """Columns of one length; `names` is empty where they have none."""

    names: tuple[str, ...]
    columns: tuple[Cells, ...]
    where: Callable[[int], str]  # says where a row is, as "pets.csv, line 7"

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def is_frame(X: Any) -> bool:
    """Tell whether something has named columns, as frames of pandas and polars."""
    return hasattr(X, "columns") and hasattr(X, "__getitem__") and hasattr(X, "shape")


def table_of(X: Iterable[Any], name: str = "X") -> Table:
    """Take a frame, or rows of numbers and texts, apart into columns."""
    if is_frame(X):
        frame: Any = X
        names = tuple(map(str, frame.columns))
        cells = [frame[column].to_list() for column in frame.columns]
        _check_not_empty(name, len(names) and len(cells[0]))
    else:
        names, cells = (), _columns(plain(X, name), name)

    def where(i: int) -> str:
        return f"{name}[{i}]"

    columns = tuple(_typed(column, name, j, names) for j, column in enumerate(cells))
    return Table(names, columns, where)


def _check_not_empty(name: str, count: int) -> None:
    if not count:
        raise DataError(f"{name} is empty: expected at least one row; check where it is read")


def _columns(rows: list[Any], name: str) -> list[list[Any]]:
    for i, row in enumerate(rows):
        if isinstance(row, (str, bytes)) or not isinstance(row, Iterable):
            raise ShapeError(
                f"{name}[{i}] is {brief(row)}: expected a row of numbers and texts; for samples of "
                f"one feature write [[x] for x in {name}]"
            )
    table = [plain(row, f"{name}[{i}]") for i, row in enumerate(rows)]
    for i, row in enumerate(table):
        if len(row) != len(table[0]):
            raise ShapeError(
                f"{name}[{i}] has length {len(row)} and {name}[0] has length {len(table[0])}: "
                "expected rows of one length; fill in or leave out what is missing"
            )
    return [list(column) for column in zip(*table, strict=True)]


def _typed(cells: Sequence[Any], name: str, j: int, names: tuple[str, ...]) -> Cells:
    """Make a column one of numbers or of texts, as its first cell that is not missing says."""
    is_text = next((isinstance(cell, str) for cell in cells if not _is_missing(cell)), False)
    place = f"[{names[j]!r}]" if names else ""
    found: list[Any] = []
    for i, cell in enumerate(cells):
        at = f"{name}{place}[{i}]" if names else f"{name}[{i}][{j}]"
        if _is_missing(cell):
            found.append("" if is_text else math.nan)
        elif is_text:
            if not isinstance(cell, str):
                raise DataError(
                    f"{at} is {brief(cell)} in a column of texts: expected a text; make all of "
                    "the column texts, or numbers"
                )
            found.append(cell)
        else:
            found.append(_number(cell, at))
    return found if is_text else array("d", found)


def _is_missing(cell: Any) -> bool:
    return cell is None or cell == "" or cell != cell or type(cell).__name__ == "NAType"


def _number(cell: Any, at: str) -> float:
    if isinstance(cell, str):
        raise DataError(
            f"{at} is {cell!r} in a column of numbers: expected a number; make all of the column "
            "numbers, or texts"
        )
    if getattr(cell, "shape", None) == () and hasattr(cell, "item"):
        cell = cell.item()
    if not isinstance(cell, Real):
        raise ArgumentTypeError(
            f"{at} is {brief(cell)}, of type {type(cell).__name__}: expected a number or a text; "
            "convert it"
        )
    try:
        number = float(cell)
    except OverflowError:
        number = math.inf
    if math.isinf(number):
        raise DataError(
            f"{at} is {brief(cell)}: expected a finite number; fill it in or leave the sample out"
        )
    return number
