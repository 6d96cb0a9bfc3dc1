"""Strides, and one nest for axes that are cut differently."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.form.strides import Axis, common_nest, row_major, spread, strides_along

shapes = st.lists(st.integers(1, 4), max_size=4)


@given(shapes)
def test_row_major_strides_are_those_of_numpy(shape: list[int]) -> None:
    array = np.zeros(shape)
    strides = tuple(step // 8 for step in array.strides)
    expected = tuple(s for s, n in zip(strides, shape, strict=True) if n > 1)
    assert tuple(s for s, n in zip(row_major(shape), shape, strict=True) if n > 1) == expected


def test_places_are_spread_along_axes() -> None:
    assert spread(5, (), ()).tolist() == 5
    assert spread(5, (2, 3), (10, -1)).tolist() == [[5, 4, 3], [15, 14, 13]]
    assert spread(1, (2,), (0,)).tolist() == [1, 1]
    assert spread(0, (2,), (1,)).dtype == np.int64


def test_axes_are_cut_where_others_begin_or_end() -> None:
    assert common_nest([]) == ()
    assert common_nest([(6, 1)]) == (6,)
    assert common_nest([(6, 1), (3, 1), (2, 3)]) == (2, 3)
    assert common_nest([(6, 1), (2, 1), (3, 2)]) == (3, 2)
    assert common_nest([(12, 1), (3, 2)]) == (2, 3, 2)


def test_axes_that_do_not_nest_are_told() -> None:
    assert common_nest([(2, 3), (3, 1), (3, 2), (2, 1)]) is None


def test_strides_along_a_nest() -> None:
    assert strides_along((), []) == ()
    assert strides_along((2, 3), [Axis(6, 1, 5)]) == (15, 5)
    assert strides_along((2, 2, 3), [Axis(2, 6, 0), Axis(6, 1, -1)]) == (0, -3, -1)


def test_axes_that_leave_a_part_of_the_nest_out_are_refused() -> None:
    with pytest.raises(AssertionError, match="cover each axis"):
        strides_along((2, 3), [Axis(3, 1, 1)])


@given(shapes, st.randoms())
def test_a_factor_runs_through_the_same_places(shape: list[int], rng: object) -> None:
    """Cut at any places, strides give the same places in the same order."""
    size = math.prod(shape)
    axes = [
        Axis(n, step, rng.randint(-9, 9))  # type: ignore[attr-defined]
        for n, step in zip(shape, row_major(shape), strict=True)
        if n > 1
    ]
    divisors = [n for n in range(1, size + 1) if size % n == 0]
    cut = rng.choice(divisors)  # type: ignore[attr-defined]
    nest = common_nest([*[(a.size, a.step) for a in axes], (cut, 1), (size // cut, cut)])
    if nest is not None and size > 1:
        whole = spread(0, [a.size for a in axes], [a.stride for a in axes]).ravel()
        assert spread(0, nest, strides_along(nest, axes)).ravel().tolist() == whole.tolist()
