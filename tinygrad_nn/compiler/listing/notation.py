"""Strided views of arrays as text: names, slices, transposes, and elements by index."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..program.strides import row_major

__all__ = ["View", "arranged", "element", "linear", "number_text", "table_text"]

SHOWN = 8  # places of a table, up to which it is written out
SHOWN_FIRST = 3

Text = tuple[str, list[int]]  # an array, and which index runs along each of its axes


class View(NamedTuple):
    """A named array and how indices run through it.

    Attributes
    ----------
    name : str
    shape : tuple of int
        Of the whole array, whose elements follow each other with the last axis fastest.
    offset : int
        The place in it of the first element.
    axes : tuple of (int, int, int)
        Of each index that matters: its number, how far it runs and its stride.
    varies : bool
        Whether each sample has its own.
    """

    name: str
    shape: tuple[int, ...]
    offset: int
    axes: tuple[tuple[int, int, int], ...]
    varies: bool

    @property
    def indices(self) -> set[int]:
        """The indices that matter."""
        return {index for index, _, _ in self.axes}

    @property
    def size(self) -> int:
        """How many elements the whole array has."""
        return math.prod(self.shape)


def arranged(view: View, order: Sequence[int]) -> str | None:
    """Write a view with its axes in a given order; None if it is no slice of its array.

    Examples
    --------
    >>> W = View("W", (4, 3), 0, ((0, 4, 3), (1, 3, 1)), False)
    >>> arranged(W, [0, 1]), arranged(W, [1, 0])
    ('W', 'W.T')
    >>> arranged(View("p", (14,), 0, ((0, 4, 3), (1, 2, 1)), False), [0, 1])
    'p[0:12].reshape(4, 3)[:, 0:2]'
    """
    found = natural(view)
    if found is None:
        return None
    text, own = found
    if own == list(order):
        return text
    if len(own) == 2:
        return text + ".T"
    return f"{text}.transpose({', '.join(str(own.index(index)) for index in order)})"


def natural(view: View) -> Text | None:
    """Write a view with its axes as they lie; None if it is no slice of its array."""
    found = _sliced(view.name, view.shape, view.offset, view.axes)
    return _reshaped(view) if found is None else found


def _sliced(
    name: str, shape: Sequence[int], offset: int, axes: Sequence[tuple[int, int, int]]
) -> Text | None:
    strides = row_major(shape)
    first = [offset // stride % n for n, stride in zip(shape, strides, strict=True)]
    runs: dict[int, tuple[int, int, int]] = {}
    for index, size, stride in axes:
        for axis, own in enumerate(strides):
            step = stride // own
            last = first[axis] + step * (size - 1)
            if axis not in runs and stride % own == 0 and 0 <= last < shape[axis]:
                runs[axis] = index, size, step
                break
        else:
            return None
    cuts = [
        _cut(first[axis], *runs[axis][1:], n) if axis in runs else str(first[axis])
        for axis, n in enumerate(shape)
    ]
    return name + _subscript(cuts), [runs[axis][0] for axis in sorted(runs)]


def _cut(first: int, size: int, step: int, whole: int) -> str:
    """Write a slice."""
    if (first, size, step) == (0, whole, 1):
        return ":"
    end = first + step * (size - 1) + (1 if step > 0 else -1)
    return f"{first}:{end if end >= 0 else ''}" + (f":{step}" if step != 1 else "")


def _subscript(cuts: list[str]) -> str:
    while cuts and cuts[-1] == ":":
        cuts = cuts[:-1]
    return f"[{', '.join(cuts)}]" if cuts else ""


def _reshaped(view: View) -> Text | None:
    """Write a view whose axes nest in a run of elements as slices of that run, reshaped."""
    flat = view.name if len(view.shape) == 1 else f"{view.name}.ravel()"
    if len(view.axes) == 1:
        return _sliced(flat, (view.size,), view.offset, view.axes)
    axes = sorted(view.axes, key=lambda axis: -axis[2])
    strides = [stride for _, _, stride in axes]
    if strides[-1] < 1 or any(
        outer % inner or size * inner > outer
        for outer, (_, size, inner) in zip(strides, axes[1:], strict=False)
    ):
        return None
    length = axes[0][1] * strides[0]
    low = min(view.offset, view.size - length)
    if low < 0:
        return None
    shape = [axes[0][1]]
    shape += [outer // inner for outer, inner in pairwise(strides)]
    if strides[-1] > 1:
        shape.append(strides[-1])
    run = flat if length == view.size else f"{flat}[{low}:{low + length}]"
    if len(shape) > 1:
        run += f".reshape({', '.join(map(str, shape))})"
    return _sliced(run, shape, view.offset - low, axes)


def element(view: View, letters: Mapping[int, str]) -> str:
    """Write the element of a view at some indices.

    Examples
    --------
    >>> image = View("x", (28, 28), 0, ((0, 26, 28), (1, 26, 1), (2, 3, 28), (3, 3, 1)), False)
    >>> element(image, {0: "i", 1: "j", 2: "k", 3: "l"})
    'x[i + k, j + l]'
    """
    forms = _forms(view.shape, view.offset, view.axes, letters)
    name = view.name
    if forms is None:
        name += ".ravel()"
        forms = _forms((view.size,), view.offset, view.axes, letters)
        assert forms is not None  # in a run of elements each index has its stride
    return f"{name}[{', '.join(forms)}]" if forms else name


def _forms(
    shape: Sequence[int],
    offset: int,
    axes: Sequence[tuple[int, int, int]],
    letters: Mapping[int, str],
) -> list[str] | None:
    """Write the place along each axis of an array as a sum of multiples of indices."""
    strides = row_major(shape)
    left = {index: stride for index, _, stride in axes}
    forms = []
    for n, own in zip(shape, strides, strict=True):
        low = high = first = offset // own % n
        steps: dict[str, int] = {}
        for index, size, _ in axes:
            step = int(left[index] / own)
            left[index] -= step * own
            low += min(0, step * (size - 1))
            high += max(0, step * (size - 1))
            steps[letters[index]] = step
        if low < 0 or high >= n:
            return None
        forms.append(linear(first, steps))
    return forms


def linear(first: int, steps: Mapping[str, int]) -> str:
    """Write a number that moves with some letters.

    Examples
    --------
    >>> linear(3, {"i": 1, "j": -16})
    'i - 16*j + 3'
    """
    parts = [(step, letter) for letter, step in steps.items() if step]
    parts.sort(key=lambda part: part[0] < 0)
    terms = [(step < 0, (f"{abs(step)}*" if abs(step) > 1 else "") + x) for step, x in parts]
    if first or not terms:
        terms.insert(0 if terms and terms[0][0] else len(terms), (False, str(first)))
    text = terms[0][1] if not terms[0][0] else f"-{terms[0][1]}"
    return text + "".join(f" {'-' if minus else '+'} {x}" for minus, x in terms[1:])


def number_text(number: float) -> str:
    """Write a number so that it is read back as the same one.

    Examples
    --------
    >>> number_text(1.0), number_text(-0.05), number_text(1e300)
    ('1', '-0.05', '1e+300')
    """
    return repr(float(number)).removesuffix(".0")


def table_text(table: Any) -> str:
    """Write an array of places or numbers; of a long one the beginning, and a fingerprint.

    Examples
    --------
    >>> table_text(np.array([0, 2, 5]))
    '[0, 2, 5]'
    >>> table_text(np.arange(100))
    '[0, 1, 2 ... 100 in all, #71e7c202]'
    """
    write = str if table.dtype.kind == "i" else number_text
    if len(table) <= SHOWN:
        return f"[{', '.join(map(write, table.tolist()))}]"
    first = ", ".join(map(write, table[:SHOWN_FIRST].tolist()))
    mark = zlib.crc32(np.ascontiguousarray(table).tobytes())
    return f"[{first} ... {len(table)} in all, #{mark:08x}]"
