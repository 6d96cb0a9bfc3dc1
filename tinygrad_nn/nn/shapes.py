"""Nestings of numbers that layers take and give: rows, steps of rows, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ..arguments import check_count
from ..errors import ArgumentTypeError, ShapeError
from .inputs import as_inputs

__all__ = ["Flatten", "Reshape", "apply_to_all", "as_nested", "as_steps", "flat_numbers"]


def apply_to_all(function: Callable[[Any], Any], x: Any) -> Any:
    """Apply a function of one number to all numbers of a nesting of lists."""
    return [apply_to_all(function, item) for item in x] if isinstance(x, list) else function(x)


def as_lists(x: Any) -> Any:
    """Make lists of arrays, tuples and frames, at any depth."""
    if hasattr(x, "to_numpy"):
        x = x.to_numpy()
    if hasattr(x, "tolist"):
        x = x.tolist()
    return [as_lists(item) for item in x] if isinstance(x, list | tuple) else x


def flat_numbers(x: Any) -> Iterator[Any]:
    """Yield the numbers of a nesting of lists, the last index fastest."""
    if isinstance(x, list):
        for item in x:
            yield from flat_numbers(item)
    else:
        yield x


def as_nested(x: Any, shape: Sequence[int | None], owner: object) -> Any:
    """Check the shape of nested lists; None stands for any length, 1 or more."""
    x = as_lists(x)
    found: list[int] = []
    inner = x
    while isinstance(inner, list):
        found.append(len(inner))
        inner = inner[0] if inner else None
    is_even = _is_even(x, found)
    fits = len(found) == len(shape) and all(
        have > 0 and wanted in (None, have) for have, wanted in zip(found, shape, strict=True)
    )
    if not (fits and is_even):
        expected = " x ".join("any" if size is None else str(size) for size in shape)
        have = " x ".join(map(str, found)) or "one number"
        uneven = "" if is_even else ", in rows of different lengths"
        raise ShapeError(
            f"{owner!r} expects lists of {expected} numbers, got {have}{uneven}: nest them so; a "
            "flat row of a table is nested by nn.Reshape"
        )
    return x


def _is_even(x: Any, shape: Sequence[int]) -> bool:
    if not shape:
        return not isinstance(x, list)
    return isinstance(x, list) and len(x) == shape[0] and all(_is_even(y, shape[1:]) for y in x)


def as_steps(x: Any, nin: int, owner: object) -> list[Any]:
    """List the steps of a sequence, rows of `nin` numbers; a flat row is cut into steps."""
    x = as_lists(x)
    if not isinstance(x, list) or not x:
        raise ArgumentTypeError(
            f"x is {x!r}, of type {type(x).__name__}: {owner!r} expects a list of steps, each of "
            f"{nin} number{'s' * (nin != 1)}"
        )
    if not isinstance(x[0], list):
        if len(x) % nin:
            raise ShapeError(
                f"{owner!r} takes {nin} numbers for each step, got {len(x)} in a row, which is no "
                f"multiple: give a list of steps, or a row of {nin} x steps numbers"
            )
        x = [x[k : k + nin] for k in range(0, len(x), nin)]
    return [as_inputs(step, nin, owner) for step in x]


class _Shaping:
    """The base of what moves numbers and has no parameters; a `Sequential` takes it as a part."""

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(str(size) for size in vars(self).get('shape', ()))})"
        )


class Reshape(_Shaping):
    """Nest a flat row, the last index fastest: as a picture of channels, rows and columns.

    Parameters
    ----------
    *shape : int
        The lengths, the outermost first.

    Examples
    --------
    >>> Reshape(2, 3)([1, 2, 3, 4, 5, 6])
    [[1, 2, 3], [4, 5, 6]]
    """

    def __init__(self, *shape: int) -> None:
        if not shape:
            raise ShapeError("shape is empty: give the lengths, as nn.Reshape(1, 8, 8)")
        self.shape = tuple(check_count(size, f"shape[{k}]") for k, size in enumerate(shape))

    def __call__(self, x: Any) -> Any:
        """Nest the numbers.

        Raises
        ------
        ShapeError
            When there are more or fewer than the shape has.
        """
        numbers: Any = list(flat_numbers(as_lists(x)))
        count = 1
        for size in self.shape:
            count *= size
        if len(numbers) != count:
            raise ShapeError(
                f"{self!r} takes {count} numbers, got {len(numbers)}: give the lengths of the row"
            )
        for size in reversed(self.shape[1:]):
            numbers = [numbers[k : k + size] for k in range(0, len(numbers), size)]
        return numbers


class Flatten(_Shaping):
    """List the numbers of a nesting in one row, the last index fastest.

    Examples
    --------
    >>> Flatten()([[1, 2], [3, 4]])
    [1, 2, 3, 4]
    """

    def __call__(self, x: Iterable[Any]) -> list[Any]:
        """List the numbers."""
        return list(flat_numbers(as_lists(x)))
