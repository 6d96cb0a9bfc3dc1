"""What is distinct, as Python's sets have it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.distinct import among, are_distinct, distinct


@given(st.lists(st.integers(-3, 3)))
def test_what_is_distinct_is_a_set_in_order(numbers: list[int]) -> None:
    array = np.array(numbers, dtype=np.int64)
    assert distinct(array).tolist() == sorted(set(numbers))
    assert are_distinct(array) == (len(set(numbers)) == len(numbers))


@given(st.lists(st.integers(-3, 3)), st.lists(st.integers(-3, 3)))
def test_what_is_among_others(numbers: list[int], others: list[int]) -> None:
    found = among(np.array(numbers, dtype=np.int64), np.sort(np.array(others, dtype=np.int64)))
    assert found.tolist() == [number in others for number in numbers]
