"""Views that meet each other, and arrays by their elements."""

from __future__ import annotations

from tinygrad_nn.compiler.listing.algebra import Indices, broadcast, comprehension
from tinygrad_nn.compiler.listing.notation import View


def test_axes_meet_as_in_numpy() -> None:
    b = View("b", (4,), 0, ((0, 4, 1),), False)
    assert [broadcast(b, [1, 0]), broadcast(b, [0, 1])] == ["b", "b[:, None]"]


def test_what_is_no_slice_is_written_by_elements() -> None:
    x = View("x", (5,), 0, ((0, 3, 1), (1, 3, 1)), False)
    w = View("w", (3,), 0, ((1, 3, 1),), False)
    text = "[sum(x[i + j] * w[j] for j < 3) for i < 3]"
    assert comprehension([x, w], Indices({0: 3, 1: 3}, [0]), "sum") == text


def test_letters_are_no_names() -> None:
    i = View("i", (5,), 0, ((0, 3, 1), (1, 3, 1)), False, (("k", 1, 0),))
    assert comprehension([i], Indices({0: 3, 1: 3}, [0, 1]), "") == "[i[j + l] for j < 3, l < 3]"
