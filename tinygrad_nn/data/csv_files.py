"""CSV files: how their cells are parted, and what these hold.

The standard library's `csv` parts the cells, and `float` reads the numbers, each rounded right;
a million lines take seconds, as columns are read in pieces. (What reads faster, as pandas or
polars, would be one more package, reads some numbers a bit off, and says no line.)
"""

from __future__ import annotations

import csv
import math
import re
from array import array
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from ..arguments import did_you_mean
from ..errors import ArgumentError, DataError
from .table import Cells

__all__ = ["CsvFile", "is_number", "number_of", "read_csv_file"]

PIECE = 20_000  # lines that are read at a time
SNIFFED = 50  # lines that say which character parts the cells
DELIMITERS = "\t;|,"
MISSING = frozenset({  # among numbers; what pandas writes and reads so is all there
    "", "na", "n/a", "nan", "-nan", "null", "none", "?", "-", "<na>", "#n/a", "#n/a n/a", "#na",
    "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan",
})  # fmt: skip


@dataclass(frozen=True)
class CsvFile:
    """The columns of a file, with or without names, and the line of each row."""

    names: tuple[str, ...]  # empty where there are none
    columns: tuple[Cells, ...]
    lines: Sequence[int]
    decimal: str
    notes: tuple[str, ...]  # what was found out about it


def read_csv_file(
    file: Path,
    *,
    delimiter: str | None = None,
    decimal: str | None = None,
    texts: Collection[str] = (),
    needed: Collection[str] = (),
    target: str | int | None = None,
    header: bool | None = None,
    progress: bool = False,
) -> CsvFile:
    """Read all columns; those named in `texts`, and targets, as texts, whatever they hold.

    `target` is the name or the place of these; a name says that there is a first line of names,
    as `header` may. Where names are `needed`, all other columns are texts as well, whatever they
    hold.
    """
    notes: list[str] = []
    first = _first_rows(file, delimiter or ",")
    if delimiter is None:
        delimiter = _sniffed(file)
        first = _first_rows(file, delimiter)
        if delimiter != ",":
            shown = "tabs" if delimiter == "\t" else repr(delimiter)
            notes.append(f"Cells are parted by {shown}.")
    width = len(first[0])
    place = _place(target, first[0], file)
    if decimal is None:
        decimal = _decimal(file, first)
        if decimal == ",":
            notes.append("Numbers have decimal commas.")
    elif decimal not in (".", ","):
        raise ArgumentError(f"decimal is {brief(decimal)}: expected '.' or ','")
    if header is None:
        header = isinstance(target, str) or _is_header(first[0], place, decimal)
    names = first[0] if header else []
    if needed and header:
        texts = {*texts, *(name for name in names if name not in needed)}
    columns = [
        _Column(file, name, decimal, name in texts or j == place)
        for j, name in enumerate(names or [f"x{j}" for j in range(1, width + 1)])
    ]
    lines = array("q")
    with _opened(file, progress) as stream:
        reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
        rows = ((reader.line_num, row) for row in reader if row)
        if header:
            next(rows)
        while piece := list(islice(rows, PIECE)):
            numbers, cells = zip(*piece, strict=True)
            if set(map(len, cells)) != {width}:
                _refuse_width(file, piece, width)
            for column, part in zip(columns, zip(*cells, strict=True), strict=True):
                column.extend(part, numbers)
            lines.extend(numbers)
    if not lines:
        raise DataError(f"{file} has no line after its names: expected samples; add some")
    return CsvFile(tuple(names), tuple(c.cells for c in columns), lines, decimal, tuple(notes))


class _Column:
    """A column, as far as it is read: of texts, or of numbers, as its first cell says."""

    def __init__(self, file: Path, name: str, decimal: str, is_text: bool) -> None:
        self._file = file
        self._name = name
        self._decimal = decimal
        self._known: dict[str, str] = {}  # each text once
        self._fixed = is_text
        self._first: list[str] = []  # cells before the first number: missing, if one comes
        self.cells: Cells = [] if is_text else array("d")

    def extend(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        """Add cells of a piece."""
        if isinstance(self.cells, array):
            try:
                numbers = array("d", map(float, self._with_points(cells)))
                if math.isfinite(sum(numbers)) and "_" not in "".join(cells):
                    self.cells.extend(numbers)
                    return
            except ValueError:
                pass
            self._extend_slowly(cells, lines)
        else:
            self._extend_texts(cells, lines)

    def _with_points(self, cells: Sequence[str]) -> Sequence[str]:
        if self._decimal == ".":
            return cells
        return [cell.replace(",", ".") if "." not in cell else "text" for cell in cells]

    def _extend_slowly(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        assert isinstance(self.cells, array)
        for k, (raw, pointed) in enumerate(zip(cells, self._with_points(cells), strict=True)):
            cell = pointed.strip()
            if cell.lower() in MISSING:
                self.cells.append(math.nan)
                if len(self._first) == len(self.cells) - 1:
                    self._first.append(raw.strip())
            elif is_number(cell):
                self.cells.append(float(cell))
            elif not _is_infinite(cell) and all(map(math.isnan, self.cells)):  # no number yet
                self.cells = self._first
                self._extend_texts(cells[k:], lines[k:])
                return
            else:
                raise DataError(
                    f"{self._file}, line {lines[k]} holds {raw!r} in the column {self._name!r} of "
                    "numbers: expected a finite number; fill it in, give it a number or leave the "
                    f"line out, or if these are names of kinds say texts={self._name!r}"
                )

    def _extend_texts(self, cells: Sequence[str], lines: Sequence[int]) -> None:
        assert isinstance(self.cells, list)
        known = self._known
        texts = [known.setdefault(cell, cell) for cell in map(str.strip, cells)]
        if not self._fixed:
            for k, cell in enumerate(texts):
                if is_number(cell):
                    raise DataError(
                        f"{self._file}, line {lines[k]} holds {cell!r} in the column {self._name!r} "
                        f"of texts: expected a text; if numbers are names of kinds there, say "
                        f"texts={self._name!r}"
                    )
        self.cells.extend(texts)


def number_of(cell: str) -> float | None:
    """Give the number that a cell is, if it is one: Python's own underscores make it a text."""
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None


def is_number(cell: str) -> bool:
    """Tell whether a cell is a finite number."""
    number = number_of(cell)
    return number is not None and math.isfinite(number)


def _is_infinite(cell: str) -> bool:
    number = number_of(cell)
    return number is not None and math.isinf(number)


@contextmanager
def _opened(file: Path, progress: bool = False) -> Iterator[Any]:
    """Open a file of text; whatever is wrong with it is said with its name."""
    try:
        if progress:
            from rich.console import Console  # slow to import, and not needed when quiet
            from rich.progress import open as open_with_progress

            console = Console(stderr=True)
            with open_with_progress(
                file,
                "r",
                newline="",
                encoding="utf-8-sig",
                description="reading",
                console=console,
                disable=not (console.is_terminal or console.is_jupyter),
                transient=True,
            ) as stream:
                yield stream
        else:
            # utf-8-sig: spreadsheets put a byte order mark before the first name.
            with file.open(newline="", encoding="utf-8-sig") as stream:
                yield stream
    except (OSError, UnicodeError, csv.Error) as error:
        raise DataError(
            f"path is {str(file)!r}, which cannot be read ({error}): expected a CSV file in UTF-8; "
            "check the path and what the file holds"
        ) from error


def _first_rows(file: Path, delimiter: str) -> list[list[str]]:
    try:
        with _opened(file) as stream:
            reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True)
            rows = list(islice(filter(None, reader), SNIFFED))
    except TypeError as error:
        raise ArgumentError(
            f"delimiter is {brief(delimiter)}: expected one character; pass ',', ';' or a tab"
        ) from error
    if not rows:
        raise DataError(f"{file} is empty: expected lines of numbers; check the path")
    return [[cell.strip() for cell in row] for row in rows]


def _sniffed(file: Path) -> str:
    """Find the character that parts all of the first lines into as many cells, two at least."""
    for delimiter in DELIMITERS:
        widths = {len(row) for row in _first_rows(file, delimiter)}
        if len(widths) == 1 and widths != {1}:
            return delimiter
    return ","


def _place(target: str | int | None, first: list[str], file: Path) -> int:
    """Find the column of targets; -1 is nowhere."""
    if target is None:
        return -1
    if isinstance(target, int):
        return target % len(first)
    if target not in first:
        raise ArgumentError(
            f"target is {target!r}: expected a name from the first line of {file}; "
            f"{did_you_mean(target, first)}"
        )
    return first.index(target)


def _decimal(file: Path, rows: list[list[str]]) -> str:
    """Find whether numbers have decimal commas, which only some of them show plainly."""
    cells = [cell for row in rows for cell in row if re.fullmatch(r"[+-]?\d+,\d+", cell)]
    if not cells:
        return "."
    if all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", cell) for cell in cells):
        raise DataError(
            f'{file} holds {cells[0]!r}, which may be thousands: say decimal="," for decimal '
            "commas, or write thousands without a comma"
        )
    return ","


def _is_header(row: list[str], place: int, decimal: str) -> bool:
    """Tell whether the first line holds names: no feature in it is a number."""
    cells = [cell.replace(",", ".") if decimal == "," else cell for cell in row]
    return not any(is_number(cell) for j, cell in enumerate(cells) if j != place)


def _refuse_width(file: Path, piece: list[tuple[int, list[str]]], width: int) -> None:
    line, cells = next((line, cells) for line, cells in piece if len(cells) != width)
    raise DataError(
        f"{file}, line {line} has {len(cells)} cells: expected {width}, as in the first line; fill "
        "in or leave out what is missing"
    )
