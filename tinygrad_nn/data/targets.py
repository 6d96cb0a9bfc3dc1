"""Targets, as a column of a table holds them."""

from __future__ import annotations

import math

from ..errors import DataError
from .csv_files import MISSING, is_number, number_of
from .table import Cells, Table

__all__ = ["targets_of", "with_gaps"]


def with_gaps(cells: Cells, decimal: str) -> Cells:
    """Empty the cells that say, among targets that are numbers, that there is none."""
    if not isinstance(cells, list):
        return cells
    labels = set(cells)
    gaps = {label for label in labels if label.lower() in MISSING}
    numbers = [_pointed(label, decimal) for label in labels - gaps]
    if not gaps or not numbers or not all(map(is_number, numbers)):
        return cells
    return ["" if label in gaps else label for label in cells]


def targets_of(cells: Cells, table: Table, decimal: str) -> tuple[list[float], list[str]]:
    """Read the column of targets, and the names of its classes when they are text."""
    if not isinstance(cells, list):
        for i, number in enumerate(cells):
            if math.isnan(number):
                raise DataError(_no_target(table.where(i)))
        whole = all(map(float.is_integer, cells))
        return [int(x) if whole else x for x in cells], []
    labels = set(cells)
    pointed = {label: _pointed(label, decimal) for label in labels}
    if all(number_of(text) is not None for text in pointed.values()):
        whole = all(label.lstrip("+-").isdecimal() for label in labels)
        numbers: dict[str, float] = {
            label: int(label) if whole else float(pointed[label]) for label in labels
        }
        for label, value in numbers.items():
            if not math.isfinite(value):
                raise DataError(
                    f"{table.where(cells.index(label))} holds {label!r}: expected a finite number; "
                    "fill it in, give it a number or leave the line out"
                )
        return [numbers[label] for label in cells], []
    if "" in labels:
        raise DataError(_no_target(table.where(cells.index(""))))
    decimals = [label for label in labels if is_number(pointed[label]) and "." in pointed[label]]
    if decimals:
        label = next(label for label in cells if not is_number(pointed[label]))
        raise DataError(
            f"{table.where(cells.index(label))} holds {label!r} among targets that are numbers: "
            "expected a finite number; fill it in or leave the line out"
        )
    classes = sorted(labels)
    place = {label: k for k, label in enumerate(classes)}
    return [place[label] for label in cells], classes


def _pointed(label: str, decimal: str) -> str:
    return label.replace(",", ".") if decimal == "," else label


def _no_target(where: str) -> str:
    return (
        f"{where} has no target: expected a label in every line; fill it in or leave the line out"
    )
