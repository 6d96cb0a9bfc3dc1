"""What is distinct, as Python's sets have it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.distinct import are_distinct, distinct


@given(st.lists(st.integers(-3, 3)))
def test_what_is_distinct_is_a_set_in_order(numbers: list[int]) -> None:
    array = np.array(numbers, dtype=np.int64)
    assert distinct(array).tolist() == sorted(set(numbers))
    assert are_distinct(array) == (len(set(numbers)) == len(numbers))
