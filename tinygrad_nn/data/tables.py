"""Data sets from CSV files."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path
from reprlib import repr as brief

from ..arguments import did_you_mean
from ..errors import ArgumentError, DataError
from .dataset import Dataset

__all__ = ["read_csv"]


def read_csv(
    path: str | os.PathLike[str], *, target: str | None = None, delimiter: str = ","
) -> Dataset:
    r"""Read a data set from a CSV file.

    A first row without any number among its features is taken for their
    names. Targets that are text become indices into their sorted names;
    targets that are numbers stay what they are.

    Parameters
    ----------
    path : str or path
        A file in UTF-8.
    target : str, optional
        The name of the column of targets; the last column when left out.
    delimiter : str
        The character between two cells.

    Raises
    ------
    ArgumentError
        When there is no such column.
    DataError
        When the file cannot be read, a cell among the features is no finite
        number, or rows differ in length; with the line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.csv"
    ...     _ = path.write_text("weight,age,kind\n4,2,cat\n9,3,dog\n", encoding="utf-8")
    ...     pets = read_csv(path)
    >>> pets.X, pets.y, pets.feature_names, pets.target_names
    ([[4.0, 2.0], [9.0, 3.0]], [0, 1], ('weight', 'age'), ('cat', 'dog'))
    """
    file = Path(path)
    rows = _rows(file, delimiter)
    width = len(rows[0][1])
    for line, cells in rows:
        if len(cells) != width:
            raise DataError(
                f"{file}, line {line} has {len(cells)} cells: expected {width}, as in the first "
                "line; fill in or leave out what is missing"
            )
    if width < 2:
        raise DataError(
            f"{file} has one column: expected features and a target; if another character than "
            f"{delimiter!r} parts the cells, pass delimiter="
        )
    header = rows[0][1]
    column = width - 1 if target is None else _column(target, header, file)
    if target is not None or not any(_is_number(c) for c in _without(header, column)):
        names, rows = _without(header, column), rows[1:]
    else:
        names = []
    if not rows:
        raise DataError(f"{file} has no line after its names: expected samples; add some")
    X = [[_cell(cell, file, line) for cell in _without(cells, column)] for line, cells in rows]
    y, classes = _targets([(line, cells[column]) for line, cells in rows], file)
    return Dataset(X, y, names, classes, file.stem)


def _targets(cells: list[tuple[int, str]], file: Path) -> tuple[list[float], list[str]]:
    """Read the column of targets, and the names of its classes when they are text."""
    labels = [label for _, label in cells]
    if all(map(_is_number, labels)):
        if all(label.lstrip("+-").isdecimal() for label in labels):
            return [int(label) for label in labels], []
        return [_cell(label, file, line) for line, label in cells], []
    for line, label in cells:
        if not label:
            raise DataError(
                f"{file}, line {line} has no target: expected a label in every line; fill it in "
                "or leave the line out"
            )
    classes = sorted(set(labels))
    index = {label: k for k, label in enumerate(classes)}
    return [index[label] for label in labels], classes


def _rows(file: Path, delimiter: str) -> list[tuple[int, list[str]]]:
    """List the cells of each line that is not blank, with its number."""
    try:
        # utf-8-sig: spreadsheets put a byte order mark before the first name.
        with file.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
            rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if row]
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(
            f"path is {str(file)!r}, which cannot be read ({error}): expected a CSV file in UTF-8; "
            "check the path and what the file holds"
        ) from error
    except TypeError as error:
        raise ArgumentError(
            f"delimiter is {brief(delimiter)}: expected one character; pass ',', ';' or a tab"
        ) from error
    if not rows:
        raise DataError(f"{file} is empty: expected lines of numbers; check the path")
    return rows


def _column(target: str, header: list[str], file: Path) -> int:
    if target not in header:
        raise ArgumentError(
            f"target is {target!r}: expected a name from the first line of {file}; "
            f"{did_you_mean(target, header)}"
        )
    return header.index(target)


def _without(cells: list[str], column: int) -> list[str]:
    return cells[:column] + cells[column + 1 :]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _cell(cell: str, file: Path, line: int) -> float:
    if not _is_number(cell) or not math.isfinite(float(cell)):
        raise DataError(
            f"{file}, line {line} holds {cell!r}: expected a finite number; fill it in, give it a "
            "number or leave the line out"
        )
    return float(cell)
