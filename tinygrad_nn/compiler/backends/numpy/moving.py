"""What the lines of a loop speak of and is another thing in each step: found from two steps.

The lines of the first two steps are the same but for the names in them. What two names at one
place stand for is one thing in all steps, or numbers in memory that move by the same from step
to step: then the line names a variable of the loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from types import BuiltinMethodType
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ....errors import ProgramError
from .emitter import Emitter

__all__ = ["Known", "Moving", "made_once"]

MOST_STEPS = 1 << 14  # of which views are kept: some 120 bytes each, and ten times as fast

_NAME = re.compile(r"\b(v\d+)\b")

# The views of a memory that are kept: by their kind and where they begin.
Known: TypeAlias = dict[tuple[Any, ...], dict[int, Any]]


class Moving:
    """The variables of one loop; `name` makes their names from numbers."""

    def __init__(self, emit: Emitter, count: int, name: Callable[[int], str]) -> None:
        self.emit = emit
        self.count = count
        self._name = name
        self._variables: dict[tuple[str, str], str] = {}
        self._columns: dict[str, _Column] = {}

    def lines(self, first: Sequence[str], second: Sequence[str]) -> list[str]:
        """Give the lines of every step, from those of the first two."""
        return [self._line(*pair) for pair in zip(first, second, strict=True)]

    def rows(self) -> Rows:
        """Give what the variables are in each step."""
        return Rows(list(self._columns.values()) or [range(self.count)])

    def header(self, rows: str, others: Sequence[tuple[str, str]]) -> str:
        """Write the head of the loop; there are other variables, each with what it goes through."""
        names = "".join([f"{name}, " for name in self._columns]) or "_, "
        if not others:
            return f"for {names}in {rows}:"
        self.emit.function("zip", zip)
        more, through = [", ".join(column) for column in zip(*others, strict=True)]
        return f"for ({names}), {more} in zip({rows}, {through}):"

    def _line(self, one: str, other: str) -> str:
        parts, others = _NAME.split(one), _NAME.split(other)
        if parts[::2] != others[::2]:
            raise ProgramError(f"steps of a loop are alike, and not {one!r} and {other!r}")
        names = [self._named(*pair) for pair in zip(parts[1::2], others[1::2], strict=True)]
        return "".join(chain.from_iterable(zip(parts[::2], [*names, ""], strict=True)))

    def _named(self, one: str, other: str) -> str:
        if one == other:
            return one
        found = self._variables.get((one, other))
        if found is None:
            found = self._variables[one, other] = self._variable(one, other)
        return found

    def _variable(self, one: str, other: str) -> str:
        emit = self.emit
        thing, next_thing = emit.things[one], emit.things[other]
        if isinstance(thing, BuiltinMethodType) and thing.__name__ == next_thing.__name__:
            owners = emit.name(thing.__self__), emit.name(next_thing.__self__)
            owner = self._named(*owners)
            return one if owner == owners[0] else f"{owner}.{thing.__name__}"
        if _is_same(thing, next_thing):
            return one
        name = self._name(len(self._columns))
        self._columns[name] = _column(thing, next_thing, self.count)
        return name


class Rows:
    """What the variables of a loop are: a column for each of them, a row for each step."""

    def __init__(self, columns: Sequence[_Column]) -> None:
        self.columns = columns

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.columns, strict=True)


def made_once(rows: Rows, known: Known) -> Rows | list[tuple[Any, ...]]:
    """List rows, with the same objects for the same numbers, so that they stay in the cache.

    Those of very long loops are made anew in each run.
    """
    inner = [
        [made_once(one, known) for one in column] if isinstance(column, list) else column
        for column in rows.columns
    ]
    if max(map(len, inner)) > MOST_STEPS:
        return Rows(inner)
    # Step by step, so that in memory, too, they lie in the order in which they are needed.
    columns = [column.kept(known) if isinstance(column, _Views) else column for column in inner]
    return list(zip(*columns, strict=True))


class _Views:
    """Views of numbers that lie along the first axis of an array."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[Any]:
        if self.array.ndim > 1:
            return iter(self.array)
        return (self.array[step, ...] for step in range(len(self.array)))

    def kept(self, known: Known) -> Iterator[Any]:
        """Go through views that are kept, or that are to be kept now."""
        array = self.array
        views = known.setdefault((array.shape[1:], array.strides[1:], array.dtype), {})
        place = array.ctypes.data
        for view in self:
            yield views.setdefault(place, view)
            place += array.strides[0]


_Column: TypeAlias = _Views | range | list[Any]  # the last of the rows of a loop inside


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two steps speak of one thing, or of constants that are equal."""
    if isinstance(one, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if _root(one) is _root(other):
            return one.strides == other.strides and _distance(one, other) == 0
        return bool(np.array_equal(one, other))
    if isinstance(one, Rows):
        return all(map(_is_same, one.columns, other.columns))
    if isinstance(one, _Views):
        return _is_same(one.array, other.array)
    return bool(one == other)


def _column(one: Any, other: Any, count: int) -> _Column:
    """Give what is one thing in the first step, another in the second, and so on."""
    if isinstance(one, np.ndarray):
        return _Views(_along_steps(one, other, count))
    if isinstance(one, Rows):
        columns = [_columns(*pair, count) for pair in zip(one.columns, other.columns, strict=True)]
        return [Rows(row) for row in zip(*columns, strict=True)]
    assert type(one) is type(other) is int
    return range(one, one + (other - one) * count, other - one)


def _columns(one: _Column, other: _Column, count: int) -> list[_Column]:
    """Give what is a column in the first step, another in the second, and so on."""
    if isinstance(one, _Views):
        assert isinstance(other, _Views)
        return [_Views(array) for array in _along_steps(one.array, other.array, count)]
    if isinstance(one, range):
        assert isinstance(other, range)
        move = other.start - one.start
        return [range(one.start + n * move, one.stop + n * move, one.step) for n in range(count)]
    rows = [_column(*pair, count) for pair in zip(one, other, strict=True)]
    return [list(each) for each in zip(*rows, strict=True)]


def _along_steps(one: Any, other: Any, count: int) -> Any:
    if _root(one) is not _root(other) or (one.shape, one.strides) != (other.shape, other.strides):
        raise ProgramError("what steps of a loop read and write lies at even places")
    return as_strided(one, (count, *one.shape), (_distance(one, other), *one.strides))


def _root(array: Any) -> Any:
    """Give the memory that a view is of."""
    while array.base is not None:
        array = array.base
    return array


def _distance(one: Any, other: Any) -> int:
    """Count the bytes from a view to another."""
    return int(other.ctypes.data - one.ctypes.data)
