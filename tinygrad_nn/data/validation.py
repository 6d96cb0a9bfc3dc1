"""What comes in: any table of finite numbers, made plain; anything else, named."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from itertools import chain
from numbers import Integral, Real
from reprlib import repr as brief
from typing import Any, TypeAlias

from ..errors import ArgumentTypeError, DataError, ShapeError

__all__ = [
    "Lists",
    "check_labels",
    "check_lengths",
    "check_samples",
    "check_table",
    "column",
    "plain",
    "validate",
]

Lists: TypeAlias = tuple[list[list[float]], list[Any]]

EXACT = 2**53  # whole numbers below are floats exactly


def validate(X: Iterable[Any], y: Iterable[Any]) -> tuple[list[list[float]], list[float]]:
    """Turn samples and their targets into plain lists of finite numbers.

    Parameters
    ----------
    X : table of numbers, shape (samples, features)
        Lists, tuples, a NumPy array, a pandas frame or anything alike.
    y : numbers, shape (samples,)
        A label or a target for each sample.

    Returns
    -------
    X : list of list of float
        The same numbers, copied.
    y : list of int or float
        The same numbers, copied; integers stay integers, so that they index.

    Raises
    ------
    ShapeError
        When rows differ in length, are nested too deeply or not enough, or
        when `X` and `y` differ in length.
    DataError
        When there are no samples or no features, or when an entry is nan,
        infinite, missing or text.
    ArgumentTypeError
        When `X` or `y` is no sequence.

    Examples
    --------
    >>> validate([(0, 1), (2, 3)], [0, 1])
    ([[0.0, 1.0], [2.0, 3.0]], [0, 1])
    >>> validate([[1.0, 2.0], [3.0, float("nan")]], [0, 1])
    Traceback (most recent call last):
    ...
    tinygrad_nn.errors.DataError: X[1][1] is nan: expected a finite number; fill it in or leave the sample out
    """
    table, targets = check_table(X), check_vector(y, "y")
    check_lengths(table, targets)
    return table, targets


def check_samples(X: Iterable[Any], y: Iterable[Any]) -> Lists:
    """Turn samples into lists: as `validate`, and a target may be a row of numbers."""
    targets = column(plain(y, "y"), "y")
    if not hasattr(targets[0], "__len__"):
        return validate(X, targets)
    rows, table = check_table(X), check_table(targets, "y")
    check_lengths(rows, table)
    return rows, table


def check_table(X: Iterable[Any], name: str = "X") -> list[list[float]]:
    """Copy a table into lists of floats, or say which entry does not belong."""
    table: list[list[float]] = []
    rows = plain(X, name)
    if (
        set(map(type, rows)) == {list}
        and len(set(map(len, rows))) == 1
        and _are_floats(list(chain.from_iterable(rows)))
    ):
        return list(map(list.copy, rows))  # nearly always: the quick way
    for i, row in enumerate(rows):
        if isinstance(row, Real):
            raise ShapeError(
                f"{name}[{i}] is {brief(row)}: expected a row of numbers; for samples of one "
                f"feature write [[x] for x in {name}]"
            )
        where = f"{name}[{i}]"
        values = [number(value, f"{where}[{j}]") for j, value in enumerate(plain(row, where))]
        if table and len(values) != len(table[0]):
            raise ShapeError(
                f"{where} has length {len(values)} and {name}[0] has length {len(table[0])}: "
                "expected rows of one length; fill in or leave out what is missing"
            )
        table.append([float(value) for value in values])
    return table


def check_vector(y: Iterable[Any], name: str) -> list[float]:
    """Copy a vector into a list of numbers, integers staying integers."""
    values = column(plain(y, name), name)
    if _are_floats(values) or (set(map(type, values)) == {int} and _are_short(values)):
        return values
    return [number(value, f"{name}[{i}]") for i, value in enumerate(values)]


def _are_floats(values: list[Any]) -> bool:
    """Tell whether all entries are finite floats; if they are huge it may say no."""
    return set(map(type, values)) == {float} and math.isfinite(sum(values))


def _are_short(values: list[int]) -> bool:
    return min(values) > -EXACT and max(values) < EXACT


def column(targets: list[Any], name: str) -> list[Any]:
    """Take the rows of a column, of one number each, apart; refuse text, as classes may have."""
    if all(_has_one(row) for row in targets):
        targets = [row[0] for row in targets]
    if isinstance(targets[0], str):
        raise DataError(
            f"{name}[0] is {targets[0]!r}, which is text: expected a number; number the classes "
            f"from 0: names = sorted(set({name})); [names.index(v) for v in {name}]"
        )
    return targets


def _has_one(row: Any) -> bool:
    if isinstance(row, list | tuple):
        return len(row) == 1
    return getattr(row, "shape", None) == (1,)


def check_lengths(rows: list[Any], targets: list[Any]) -> None:
    """Check that there is one target for each row."""
    if len(rows) != len(targets):
        raise ShapeError(
            f"y has length {len(targets)} and X has {len(rows)} rows: expected one target for "
            "each row; check that both come from the same samples"
        )


def check_labels(labels: Iterable[Any], name: str, classes: int | None = None) -> list[int]:
    """Copy class indices into a list of integers; 1.0 counts as one."""
    result = check_vector(labels, name)
    for i, label in enumerate(result):
        if label < 0 or label != int(label):
            raise DataError(
                f"{name}[{i}] is {label}: expected a class index, 0, 1, 2 ...; number the classes "
                f"from 0: names = sorted(set({name})); [names.index(v) for v in {name}]"
            )
        if classes is not None and label >= classes:
            raise DataError(
                f"{name}[{i}] is {label} and there are {classes} classes: expected labels from 0 "
                f"to {classes - 1}; renumber the labels or add a class"
            )
    return [int(label) for label in result]


def plain(values: Any, name: str) -> list[Any]:
    """List the entries of a sequence or array, of which there must be some."""
    # A pandas frame iterates over its column names; its array over its rows.
    if hasattr(values, "to_numpy"):
        values = values.to_numpy()
    if hasattr(values, "tolist"):
        values = values.tolist()
    if isinstance(values, (str, bytes, Mapping, Set)) or not isinstance(values, Iterable):
        raise ArgumentTypeError(
            f"{name} is {brief(values)}, of type {type(values).__name__}: expected a list or an "
            "array of numbers; put the numbers in a list, in order"
        )
    entries = list(values)
    if not entries:
        raise DataError(f"{name} is empty: expected at least one entry; check where it is read")
    return entries


def number(value: Any, where: str) -> float:
    """Check that one entry is a finite number, and make it a Python one."""
    if type(value) is float and math.isfinite(value):  # nearly always: the quick way
        return value
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()  # a NumPy scalar inside a list
    if isinstance(value, Real):
        try:
            finite = math.isfinite(value)
        except OverflowError:  # an integer beyond every float
            finite = False
        if finite:
            return int(value) if isinstance(value, Integral) else float(value)
        raise DataError(
            f"{where} is {brief(value)}: expected a finite number; fill it in or leave the "
            "sample out"
        )
    if value is None:
        raise DataError(f"{where} is None: expected a number; fill it in or leave the sample out")
    if isinstance(value, (str, bytes)):
        raise DataError(
            f"{where} is {brief(value)}, which is text: expected a number; convert it with float, "
            "or give each name an index"
        )
    if hasattr(value, "__len__"):
        raise ShapeError(
            f"{where} is {brief(value)}, a {type(value).__name__}: expected a number; flatten what "
            "is nested more deeply"
        )
    raise ArgumentTypeError(
        f"{where} is {brief(value)}, of type {type(value).__name__}: expected a number; convert "
        "it with float"
    )
