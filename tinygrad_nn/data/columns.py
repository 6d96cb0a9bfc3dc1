"""What the columns of a table were, so that other tables become the same features."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

from ..arguments import did_you_mean
from ..errors import DataError, ShapeError
from .table import Cells, Table

__all__ = ["Categories", "Column", "Columns", "Numbers"]

SHOWN = 5  # names of columns in a message
MOST_CATEGORIES = 100  # of one column: more are names of samples rather than kinds


@dataclass(frozen=True)
class Numbers:
    """A column of numbers, which is a feature; `fill` stands for what is missing, if anything."""

    name: str
    fill: float | None = None

    @property
    def features(self) -> list[str]:
        """The name of the feature."""
        return [self.name]

    def encode(self, cells: Cells, table: Table) -> list[Sequence[float]]:
        """Give the feature."""
        if isinstance(cells, list):
            i = next((i for i, cell in enumerate(cells) if cell), 0)
            raise DataError(
                f"{table.where(i)} holds {cells[i]!r} in the column {self.name!r}: expected a "
                "number, as in the training"
            )
        if any(map(math.isnan, cells)):
            if self.fill is None:
                i = next(i for i, number in enumerate(cells) if math.isnan(number))
                raise DataError(missing(table.where(i), self.name, "a finite number"))
            cells = array("d", [self.fill if math.isnan(x) else x for x in cells])
        return [cells]


@dataclass(frozen=True)
class Categories:
    """A column of texts: a feature for each kind, 1 where the sample is of it, else 0."""

    name: str
    kinds: tuple[str, ...]  # no text is what is missing

    @property
    def features(self) -> list[str]:
        """The names of the features, as "colour=red"."""
        return [f"{self.name}={kind or '(missing)'}" for kind in self.kinds]

    def encode(self, cells: Cells, table: Table) -> list[Sequence[float]]:
        """Give the features."""
        if not isinstance(cells, list):
            cells = ["" if math.isnan(x) else f"{int(x) if x.is_integer() else x}" for x in cells]
        unknown = set(cells).difference(self.kinds)
        if unknown:
            i, cell = next((i, cell) for i, cell in enumerate(cells) if cell in unknown)
            kinds = ", ".join(repr(kind) for kind in self.kinds if kind)
            if not cell:
                raise DataError(missing(table.where(i), self.name, f"one of {kinds}"))
            raise DataError(
                f"{table.where(i)} holds {cell!r} in the column {self.name!r}: expected a kind "
                f"that the training has seen: {kinds}; leave the sample out, or train anew"
            )
        return [[float(cell == kind) for cell in cells] for kind in self.kinds]


Column: TypeAlias = Numbers | Categories


def missing(where: str, name: str, expected: str) -> str:
    """Say that a cell is missing, and what can be done."""
    return (
        f"{where} has nothing in the column {name!r}: expected {expected}; fill it in or leave the "
        'line out, or train with missing="fill" or "drop"'
    )


@dataclass(frozen=True)
class Columns:
    """Columns in the order of their features.

    `named` says that their table names them; else `target` is the place of the targets among
    them, or -1 where these are no column.
    """

    parts: tuple[Column, ...]
    named: bool
    target: str | int = -1

    @classmethod
    def learnt(
        cls, table: Table, names: Sequence[str], named: bool, target: str | int, fill: bool
    ) -> Columns:
        """Take the columns of a table as they are; `fill` gives a stand-in for what is missing."""
        parts: list[Column] = []
        for name, cells in zip(names, table.columns, strict=True):
            if isinstance(cells, list):
                parts.append(_categories(name, cells, table, fill))
                continue
            known = [x for x in cells if not math.isnan(x)] if fill else []
            if fill and not known:
                raise DataError(
                    f"the column {name!r} has nothing but missing cells: leave it out with index="
                )
            parts.append(Numbers(name, median(known) if fill else None))
        return cls(tuple(parts), named, target)

    @classmethod
    def of_numbers(cls, names: Sequence[str], named: bool) -> Columns:
        """Describe columns of numbers only."""
        return cls(tuple(map(Numbers, names)), named)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features."""
        return tuple(name for part in self.parts for name in part.features)

    @property
    def all_numbers(self) -> bool:
        """Whether each column is a feature as it stands."""
        return all(isinstance(part, Numbers) and part.fill is None for part in self.parts)

    def encode(self, table: Table) -> list[list[float]]:
        """Make rows of features; what is not these columns is refused by name."""
        features: list[Sequence[float]] = []
        for part, cells in zip(self.parts, self._chosen(table), strict=True):
            features += part.encode(cells, table)
        return list(map(list, zip(*features, strict=True)))

    def _chosen(self, table: Table) -> Sequence[Cells]:
        if self.named and table.names:
            found = dict(zip(table.names, table.columns, strict=True))
            for part in self.parts:
                if part.name not in found:
                    named = ", ".join(repr(part.name) for part in self.parts[:SHOWN])
                    raise DataError(
                        f"the table has no column {part.name!r}: expected the {len(self.parts)} "
                        f"columns of the training, {named}{' ...' * (len(self.parts) > SHOWN)}; "
                        f"{did_you_mean(part.name, list(filter(None, table.names)))}"
                    )
            return [found[part.name] for part in self.parts]
        columns = list(table.columns)
        if len(columns) == len(self.parts) + 1 and isinstance(self.target, int):
            del columns[self.target]
        if len(columns) != len(self.parts):
            raise ShapeError(
                f"the table has {len(columns)} columns: expected {len(self.parts)}, as in the "
                "training; pass the same columns in the same order"
            )
        return columns

    def plain(self) -> dict[str, Any]:
        """Describe them in plain data."""
        parts = [
            {"name": part.name, "kinds": list(part.kinds)}
            if isinstance(part, Categories)
            else {"name": part.name, "fill": part.fill}
            for part in self.parts
        ]
        return {"parts": parts, "named": self.named, "target": self.target}

    @classmethod
    def of_plain(cls, data: dict[str, Any]) -> Columns:
        """Read what `plain` gave."""
        parts: list[Column] = []
        for part in data["parts"]:
            if "kinds" in part:
                parts.append(Categories(str(part["name"]), tuple(map(str, part["kinds"]))))
            else:
                fill = part["fill"]
                parts.append(Numbers(str(part["name"]), None if fill is None else float(fill)))
        return cls(tuple(parts), bool(data["named"]), data["target"])


def _categories(name: str, cells: list[str], table: Table, fill: bool) -> Categories:
    kinds = set(cells)
    if "" in kinds and not fill:
        raise DataError(missing(table.where(cells.index("")), name, "a text"))
    if len(kinds) > MOST_CATEGORIES:
        raise DataError(
            f"the column {name!r} has {len(kinds)} different texts in {len(cells)} lines: expected "
            f"{MOST_CATEGORIES} kinds or fewer; leave it out with index={name!r}"
        )
    return Categories(name, tuple(sorted(kinds)))
