"""Strided views of arrays as text: names, slices, transposes, and elements by index."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..program.strides import row_major
from .steps import Move, reach_of

__all__ = ["View", "arranged", "element", "number_text", "places_text", "reshaped", "table_text"]

SHOWN = 8  # places of a table, up to which it is written out
SHOWN_FIRST = 3

Text = tuple[str, list[int]]  # an array, and which index runs along each of its axes


class View(NamedTuple):
    """A named array and how indices run through it."""

    name: str
    shape: tuple[int, ...]  # of the whole array, whose last axis is the fastest
    offset: int  # the place in it of the first element, in the first step of loops
    axes: tuple[tuple[int, int, int], ...]  # indices that matter: number, size and stride
    varies: bool  # whether each sample has its own
    moves: tuple[Move, ...] = ()  # of the offset, with the steps

    @property
    def indices(self) -> set[int]:
        """The indices that matter."""
        return {index for index, _, _ in self.axes}

    @property
    def size(self) -> int:
        """How many elements the whole array has."""
        return math.prod(self.shape)


def arranged(view: View, order: Sequence[int]) -> str | None:
    """Write a view with its axes in a given order; None if it is no slice of its array."""
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
    found = _sliced(view.name, view.shape, view.offset, view.axes, view.moves)
    return _reshaped(view) if found is None else found


def _sliced(
    name: str,
    shape: Sequence[int],
    offset: int,
    axes: Sequence[tuple[int, int, int]],
    moves: Sequence[Move] = (),
) -> Text | None:
    strides = row_major(shape)
    places = _places(shape, offset, moves)
    if places is None:
        return None
    first = [place.first for place in places]
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
    cuts = []
    for axis, (place, n) in enumerate(zip(places, shape, strict=True)):
        cut = _cut(place, *runs[axis][1:], n) if axis in runs else _linear(place.first, place.steps)
        if cut is None:
            return None
        cuts.append(cut)
    return name + _subscript(cuts), [runs[axis][0] for axis in sorted(runs)]


def _cut(place: _Place, size: int, step: int, whole: int) -> str | None:
    """Write a slice; None if it does not stay between the ends, or they are not said alike."""
    if (place.first, size, step) == (0, whole, 1):
        return ":"
    last = step * (size - 1)
    end = place.first + last + (1 if step > 0 else -1)
    if place.low + min(0, last) < 0 or place.high + max(0, last) >= whole:
        return None
    if place.steps and step < 0 and place.low + last == 0:
        return None  # the end is left out in one of the steps only
    shown = _linear(end, place.steps) if end >= 0 else ""
    return f"{_linear(place.first, place.steps)}:{shown}" + (f":{step}" if step != 1 else "")


def _subscript(cuts: list[str]) -> str:
    while cuts and cuts[-1] == ":":
        cuts = cuts[:-1]
    return f"[{', '.join(cuts)}]" if cuts else ""


def _reshaped(view: View) -> Text | None:
    """Write a view whose axes nest in a run of elements as slices of that run, reshaped."""
    flat = view.name if len(view.shape) == 1 else f"{view.name}.ravel()"
    if len(view.axes) < 2:
        return _sliced(flat, (view.size,), view.offset, view.axes, view.moves)
    axes = sorted(view.axes, key=lambda axis: -axis[2])
    strides = [stride for _, _, stride in axes]
    if strides[-1] < 1 or any(
        outer % inner or size * inner > outer
        for outer, (_, size, inner) in zip(strides, axes[1:], strict=False)
    ):
        return None
    length = axes[0][1] * strides[0]
    down, up = reach_of(view.moves)
    low = min(view.offset, view.size - length - up)
    if low + down < 0:
        return None
    shape = [axes[0][1]]
    shape += [outer // inner for outer, inner in pairwise(strides)]
    if strides[-1] > 1:
        shape.append(strides[-1])
    run = flat
    if length != view.size:
        steps = {letter: stride for letter, _, stride in view.moves}
        run += f"[{_linear(low, steps)}:{_linear(low + length, steps)}]"
    if len(shape) > 1:
        run = reshaped(run, shape)
    return _sliced(run, shape, view.offset - low, axes)


def reshaped(text: str, shape: Sequence[int]) -> str:
    """Write an array in another shape."""
    return f"{text}.reshape({', '.join(map(str, shape))})"


def element(view: View, letters: Mapping[int, str]) -> str:
    """Write the element of a view at some indices."""
    runs = [(letters[index], size, stride) for index, size, stride in view.axes]
    runs += view.moves
    places = _places(view.shape, view.offset, runs)
    name = view.name
    if places is None:
        name += ".ravel()"
        places = _places((view.size,), view.offset, runs)
        assert places is not None  # in a run of elements each index has its stride
    return name + _subscript([_linear(place.first, place.steps) for place in places])


class _Place(NamedTuple):
    """Where indices are along one axis: `first` and multiples of them, from `low` to `high`."""

    first: int
    steps: dict[str, int]
    low: int
    high: int


def _places(shape: Sequence[int], offset: int, runs: Sequence[Move]) -> list[_Place] | None:
    """Part the strides of indices among the axes of an array; None if one goes past an end."""
    left = [stride for _, _, stride in runs]
    places = []
    for n, own in zip(shape, row_major(shape), strict=True):
        first = offset // own % n
        steps: dict[str, int] = {}
        parts: list[Move] = []
        for number, (letter, size, _) in enumerate(runs):
            step = int(left[number] / own)
            left[number] -= step * own
            if step:
                steps[letter] = step
                parts.append((letter, size, step))
        down, up = reach_of(parts)
        if first + down < 0 or first + up >= n:
            return None
        places.append(_Place(first, steps, first + down, first + up))
    return places


def _linear(first: int, steps: Mapping[str, int]) -> str:
    parts = [(step, letter) for letter, step in steps.items() if step]
    parts.sort(key=lambda part: part[0] < 0)
    terms = [(step < 0, (f"{abs(step)}*" if abs(step) > 1 else "") + x) for step, x in parts]
    if first or not terms:
        terms.insert(0 if terms and terms[0][0] else len(terms), (False, str(first)))
    text = terms[0][1] if not terms[0][0] else f"-{terms[0][1]}"
    return text + "".join(f" {'-' if minus else '+'} {x}" for minus, x in terms[1:])


def places_text(places: Any, moves: Sequence[Move]) -> str:
    """Write places that move with the steps of loops."""
    text = table_text(places)
    steps = {letter: stride for letter, _, stride in moves}
    return f"{_linear(0, steps)} + {text}" if steps else text


def number_text(number: float) -> str:
    """Write a number so that it is read back as the same one."""
    return repr(float(number)).removesuffix(".0")


def table_text(table: Any) -> str:
    """Write an array of places or numbers; of a long one the beginning, and a fingerprint."""
    write = str if table.dtype.kind == "i" else number_text
    if len(table) <= SHOWN:
        return f"[{', '.join(map(write, table.tolist()))}]"
    first = ", ".join(map(write, table[:SHOWN_FIRST].tolist()))
    mark = zlib.crc32(np.ascontiguousarray(table).tobytes())
    return f"[{first} ... {len(table)} in all, #{mark:08x}]"
