"""Strided views of arrays as text: what NumPy reads from it is what the strides say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.listing.notation import (
    View,
    arranged,
    element,
    natural,
    number_text,
    places_text,
    table_text,
)


def test_columns_of_a_run_of_rows() -> None:
    columns = View("p", (12,), 1, ((0, 4, 3), (1, 2, 1)), False)
    assert arranged(columns, [0, 1]) == "p.reshape(4, 3)[:, 1:3]"
    assert arranged(columns, [1, 0]) == "p.reshape(4, 3)[:, 1:3].T"


@st.composite
def views(draw: Any) -> View:
    """A view of an array of two axes or one, inside of it."""
    shape = draw(st.sampled_from([(12,), (4, 3), (3, 4), (24,), (2, 3, 4)]))
    low = high = 0
    axes = []
    for index in range(draw(st.integers(0, 3))):
        size, stride = draw(st.integers(2, 4)), draw(st.sampled_from([-4, -1, 1, 2, 3, 4, 6, 12]))
        end = stride * (size - 1)
        if high - low + abs(end) < math.prod(shape):
            low, high = low + min(0, end), high + max(0, end)
            axes.append((index, size, stride))
    offset = draw(st.integers(-low, math.prod(shape) - 1 - high))
    return View("A", shape, offset, tuple(axes), False)


def places_of(view: View) -> Any:
    places = np.array(view.offset)
    for _, size, stride in view.axes:
        places = places[..., None] + stride * np.arange(size)
    return places


@given(views())
def test_slices_are_what_the_strides_say(view: View) -> None:
    text = arranged(view, sorted(view.indices))
    if text is not None:
        A = np.arange(view.size).reshape(view.shape)
        np.testing.assert_array_equal(eval(text, {"A": A}), places_of(view))


@given(views())
def test_elements_are_what_the_strides_say(view: View) -> None:
    letters = {index: "ijk"[index] for index in view.indices}
    text = element(view, letters)
    A, places = np.arange(view.size).reshape(view.shape), places_of(view)
    for at in np.ndindex(*places.shape):
        values = dict(zip("".join(letters[i] for i, _, _ in view.axes), at, strict=True))
        found = eval(text, {"A": A, **values})
        assert found.size == 1
        assert int(found) == places[at]


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (View("A", (4, 3), 0, (), False), "A[0, 0]"),
        (View("A", (), 0, (), False), "A"),
        (View("A", (4, 3), 3, ((0, 3, 1),), False), "A[1]"),
        (View("A", (4, 3), 1, ((0, 4, 3),), False), "A[:, 1]"),
        (View("A", (4, 3), 0, ((0, 3, 4),), False), "A.ravel()[0:9:4]"),
        (View("x", (4,), 3, ((0, 4, -1),), False), "x[3::-1]"),
        (View("x", (5,), 0, ((0, 3, 1), (1, 3, 1)), False), None),
    ],
)
def test_how_they_look(view: View, text: str | None) -> None:
    found = natural(view)
    assert (None if found is None else found[0]) == text


@given(st.floats())
def test_numbers_are_read_back(number: float) -> None:
    found = float(number_text(number))
    assert found == number or math.isnan(number)
    assert math.copysign(1.0, found) == math.copysign(1.0, number) or math.isnan(number)


def test_long_tables_differ_where_their_numbers_do() -> None:
    table = np.arange(20)
    other = np.where(table == 15, 0, table)
    assert table_text(table) != table_text(other)
    assert table_text(table) == table_text(table.copy())
    assert table_text(table).startswith("[0, 1, 2 ... 20 in all, #")
    assert table_text(np.array([0.5, -0.0])) == "[0.5, -0]"


def test_slices_transposes_and_places() -> None:
    W = View("W", (4, 3), 0, ((0, 4, 3), (1, 3, 1)), False)
    assert [arranged(W, [0, 1]), arranged(W, [1, 0])] == ["W", "W.T"]
    p = View("p", (14,), 0, ((0, 4, 3), (1, 2, 1)), False)
    assert arranged(p, [0, 1]) == "p[0:12].reshape(4, 3)[:, 0:2]"
    image = View("x", (28, 28), 0, ((0, 26, 28), (1, 26, 1), (2, 3, 28), (3, 3, 1)), False)
    assert element(image, {0: "i", 1: "j", 2: "k", 3: "l"}) == "x[i + k, j + l]"
    assert places_text(np.array([0, 2, 5]), [("t", 4, 6)]) == "6*t + [0, 2, 5]"


def test_numbers_and_tables_are_short() -> None:
    assert [number_text(x) for x in (1.0, -0.05, 1e300)] == ["1", "-0.05", "1e+300"]
    assert table_text(np.array([0, 2, 5])) == "[0, 2, 5]"
    assert table_text(np.arange(100)) == "[0, 1, 2 ... 100 in all, #71e7c202]"
