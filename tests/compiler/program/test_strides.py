"""Strides, and places along them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.strides import merged, row_major, spread

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


def test_axes_that_all_strides_run_through_as_one_are_merged() -> None:
    assert merged([(2, 12, 6), (3, 4, 2), (4, 1, 1)]) == [(6, 4, 2), (4, 1, 1)]
    assert merged([(2, 12, 12), (3, 4, 4), (4, 1, 1)]) == [(24, 1, 1)]
    assert merged([(2, 0), (3, 0)]) == [(6, 0)]
    assert merged([]) == []
