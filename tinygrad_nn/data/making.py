"""A data set of a table: which columns are features, and what is done where cells are missing."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from reprlib import repr as brief
from typing import Any

from ..arguments import did_you_mean
from ..errors import ArgumentError, DataError
from .columns import Categories, Columns
from .dataset import Dataset
from .table import Cells, Table
from .targets import targets_of, with_gaps

__all__ = ["UNNAMED", "Source", "dataset_of"]

UNNAMED = ("", "Unnamed: 0")  # what pandas calls the column of an index
POLICIES = ("refuse", "drop", "fill")


@dataclass(frozen=True)
class Source:
    """A table, and what is known about it."""

    table: Table
    called: str  # in messages
    name: str  # of the data set
    decimal: str = "."  # what targets that are texts have for a point
    notes: tuple[str, ...] = ()


def dataset_of(
    source: Source, target: str | None, left_out: set[str], kinds: set[str], missing: str
) -> Dataset:
    """Part a table into features and targets, and describe it."""
    table, called, notes = source.table, source.called, list(source.notes)
    if missing not in POLICIES:
        raise ArgumentError(f"missing is {brief(missing)}: expected 'refuse', 'drop' or 'fill'")
    names = list(table.names)
    for asked, argument in ((left_out, "index"), (kinds, "texts")):
        for column in sorted(asked.difference(names)):
            raise ArgumentError(
                f"{argument} is {column!r}: expected a name from the first line of {called}; "
                f"{did_you_mean(column, names)}"
            )
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise DataError(f"{called} has two columns {twice[0]!r}: give each a name of its own")
    place = len(table.columns) - 1 if target is None else _place(target, names, called)
    index = {j for j, column in enumerate(names) if column in left_out}
    if not index and place != 0 and _is_index(table):
        index = {0}
        notes.append("The first column has no name and counts the rows: it is left out, an index.")
    features = [j for j in range(len(table.columns)) if j != place and j not in index]
    if not features:
        raise DataError(f"{called} has no column of features: expected one at least")
    shown = [names[j] or f"x{j + 1}" for j in features] if names else []
    shown = shown or [f"x{k}" for k in range(1, len(features) + 1)]
    parts = Table(tuple(shown), tuple(table.columns[j] for j in features), table.where)
    targets = with_gaps(table.columns[place], source.decimal)
    if missing == "drop":
        parts, targets = _without_gaps(parts, targets, notes, called)
    columns = Columns.learnt(
        parts, shown, bool(names), names[place] if names else place, missing == "fill"
    )
    y, classes = targets_of(targets, parts, source.decimal)
    X = columns.encode(parts)
    notes += [
        f"The column {part.name!r} holds texts, and is a feature for each of {len(part.kinds)} kinds."
        for part in columns.parts
        if isinstance(part, Categories)
    ]
    if names:
        notes += [
            f"The column {shown[k]!r} counts the rows: if it is no feature, leave it out as an index."
            for k, cells in enumerate(parts.columns)
            if _counts(cells)
        ]
    return Dataset(X, y, columns.features, classes, source.name, columns=columns, notes=notes)


def _place(target: str, names: list[str], called: str) -> int:
    if target not in names:
        raise ArgumentError(
            f"target is {target!r}: expected the name of a column of {called}; "
            f"{did_you_mean(str(target), names)}"
        )
    return names.index(target)


def _is_index(table: Table) -> bool:
    """Tell whether the first column is an index as pandas writes it: no name, and whole numbers."""
    if not table.names or table.names[0] not in UNNAMED:
        return False
    cells = table.columns[0]
    return isinstance(cells, array) and all(map(float.is_integer, cells)) and _all_differ(cells)


def _all_differ(cells: Sequence[Any]) -> bool:
    return len(set(cells)) == len(cells)


def _counts(cells: Cells) -> bool:
    """Tell whether a column counts its rows, one by one."""
    if isinstance(cells, list) or len(cells) < 3:
        return False
    return all(x - k == cells[0] for k, x in enumerate(cells))


def _without_gaps(
    table: Table, targets: Cells, notes: list[str], called: str
) -> tuple[Table, Cells]:
    """Leave out the rows in which anything is missing."""
    every = [*table.columns, targets]
    kept = [i for i in range(len(table)) if not any(_is_gap(cells[i]) for cells in every)]
    gone = len(table) - len(kept)
    if not gone:
        return table, targets
    if not kept:
        raise DataError(f"{called} has something missing in every line: expected whole ones")
    notes.append(f"{gone} of {len(table)} rows are left out, as something is missing in them.")

    def pick(cells: Cells) -> Cells:
        if isinstance(cells, list):
            return [cells[i] for i in kept]
        return array("d", [cells[i] for i in kept])

    where = table.where
    columns = tuple(map(pick, table.columns))
    return Table(table.names, columns, lambda i: where(kept[i])), pick(targets)


def _is_gap(cell: str | float) -> bool:
    return not cell if isinstance(cell, str) else math.isnan(cell)
