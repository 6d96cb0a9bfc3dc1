"""Data sets from tables: CSV files and frames."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from ..collector import collector_paused
from ..errors import ArgumentTypeError, DataError
from .columns import Categories, Columns
from .csv_files import read_csv_file
from .dataset import Dataset
from .making import UNNAMED, Source, dataset_of
from .table import Table, is_frame, table_of

__all__ = ["from_frame", "read_csv", "read_table"]


@collector_paused()
def read_csv(
    path: str | os.PathLike[str],
    *,
    target: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    index: str | Iterable[str] = (),
    texts: str | Iterable[str] = (),
    missing: str = "refuse",
    progress: bool = False,
) -> Dataset:
    r"""Read a data set from a CSV file.

    A first row without any number among its features is taken for their
    names. A column of texts becomes a feature for each kind of text, 1 or 0.
    Targets that are text become indices into their sorted names; targets that
    are numbers stay what they are. A first column without a name that counts
    the rows, as pandas writes its index, is left out.

    Parameters
    ----------
    path : str or path
        A file in UTF-8.
    target : str, optional
        The name of the column of targets; the last column when left out.
    delimiter : str, optional
        The character between two cells; a tab, ``;``, ``|`` or ``,`` is found
        when it parts all of the first lines alike.
    decimal : str, optional
        ``"."``, or ``","`` for decimal commas, which are found where the
        delimiter is another character.
    index : str or iterable of str
        The names of columns to leave out, as they only name the samples.
    texts : str or iterable of str
        The names of columns that hold kinds, though they look like numbers.
    missing : "refuse", "drop" or "fill"
        What is done where a cell is missing: an error; the row is left out; the
        median of its column stands for it, and among texts it is a kind of its
        own. A target is never filled in. Nothing is missing between texts but
        what is empty; between numbers, also targets, ``NA``, ``N/A``, ``nan``,
        ``null``, ``none``, ``?``, ``-`` and what else pandas takes for missing.
    progress : bool
        Show a progress bar, where there is a terminal or a notebook.

    Returns
    -------
    Dataset
        Its `notes` say what was found or left out.

    Raises
    ------
    ArgumentError
        When there is no such column.
    DataError
        When the file cannot be read, a cell does not fit its column, or rows
        differ in length; with the line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "pets.csv"
    ...     _ = path.write_text("weight;fur;kind\n4,5;long;cat\n9,0;short;dog\n", encoding="utf-8")
    ...     pets = read_csv(path)
    >>> pets.X, pets.y, pets.feature_names, pets.target_names
    ([[4.5, 1.0, 0.0], [9.0, 0.0, 1.0]], [0, 1], ('weight', 'fur=long', 'fur=short'), ('cat', 'dog'))
    >>> pets.notes[:2]
    ("Cells are parted by ';'.", 'Numbers have decimal commas.')
    """
    file = Path(path)
    left_out = _names(index, "index")
    kinds = _names(texts, "texts")
    found = read_csv_file(
        file,
        delimiter=delimiter,
        decimal=decimal,
        texts=left_out | kinds,
        target=-1 if target is None else target,
        header=True if left_out or kinds else None,
        progress=progress,
    )
    if len(found.columns) < 2:
        raise DataError(
            f"{file} has one column: expected features and a target; if another character than "
            f"{delimiter or ','!r} parts the cells, pass delimiter="
        )

    def where(i: int) -> str:
        return f"{file}, line {found.lines[i]}"

    table = Table(found.names, found.columns, where)
    if target is None and not left_out and not kinds:
        _check_header(table, file)
    source = Source(table, str(file), file.stem, found.decimal, found.notes)
    return dataset_of(source, target, left_out, kinds, missing)


def from_frame(
    frame: Any,
    target: str,
    *,
    index: str | Iterable[str] = (),
    missing: str = "refuse",
    name: str = "data",
) -> Dataset:
    """Make a data set of a frame of pandas or polars, by the rules of `read_csv`.

    Parameters
    ----------
    frame : frame
        With a column for each feature, of numbers or of texts, and one of targets.
    target : str
        The name of the column of targets.
    index, missing
        As in `read_csv`.
    name : str
        What the data set is called.

    Raises
    ------
    ArgumentError
        When there is no such column.
    DataError
        When a cell does not fit its column.

    Examples
    --------
    >>> import pandas  # doctest: +SKIP
    >>> frame = pandas.DataFrame(
    ...     {"fur": ["long", "short"], "age": [2, 3], "kind": ["cat", "dog"]}
    ... )  # doctest: +SKIP
    >>> pets = from_frame(frame, target="kind")  # doctest: +SKIP
    >>> pets.X, pets.y, pets.feature_names  # doctest: +SKIP
    ([[1.0, 0.0, 2.0], [0.0, 1.0, 3.0]], [0, 1], ('fur=long', 'fur=short', 'age'))
    """
    if not is_frame(frame):
        raise ArgumentTypeError(
            f"frame is {brief(frame)}, of type {type(frame).__name__}: expected a frame with named "
            "columns, as of pandas; for rows and targets use Dataset(X, y)"
        )
    source = Source(table_of(frame, "frame"), "frame", name)
    return dataset_of(source, target, _names(index, "index"), set(), missing)


@collector_paused()
def read_table(
    path: str | os.PathLike[str],
    columns: Columns,
    *,
    delimiter: str | None = None,
    decimal: str | None = None,
    progress: bool = False,
) -> tuple[Table, tuple[str, ...]]:
    """Read a CSV file that has these columns, and maybe others; also give what was found."""
    file = Path(path)
    texts = {part.name for part in columns.parts if isinstance(part, Categories)}
    found = read_csv_file(
        file,
        delimiter=delimiter,
        decimal=decimal,
        texts=texts,
        needed={part.name for part in columns.parts} if columns.named else (),
        header=columns.named or None,
        progress=progress,
    )

    notes = found.notes
    if not columns.named:
        if found.names and found.names[0] in UNNAMED:
            raise DataError(
                f"{file} has a first column without a name, as an index has, and the training had "
                "no names to go by: expected the same columns in the same order; leave it out"
            )
        if len(found.columns) == len(columns.parts) + 1:
            notes += ("The column where the training had its targets is passed over.",)

    def where(i: int) -> str:
        return f"{file}, line {found.lines[i]}"

    return Table(found.names, found.columns, where), notes


def _names(given: str | Iterable[str], argument: str) -> set[str]:
    if isinstance(given, str):
        return {given}
    if not isinstance(given, Iterable):
        raise ArgumentTypeError(
            f"{argument} is {brief(given)}, of type {type(given).__name__}: expected the names of "
            "columns; pass a name, or a list of names"
        )
    return set(given)


def _check_header(table: Table, file: Path) -> None:
    """Refuse a first line that may be names or a sample: all is text, and its texts come again."""
    features = list(zip(table.names, table.columns, strict=False))[:-1]
    if features and all(isinstance(cells, list) and name in cells for name, cells in features):
        raise DataError(
            f"{file} has no number among its features, and the first line may be names or a "
            "sample: expected a first line of names; add one"
        )
