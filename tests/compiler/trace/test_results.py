"""Results of many samples: what is said of each part, and how it is nested again."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from tinygrad_nn.compiler.trace.results import assemble, segments
from tinygrad_nn.compiler.trace.structure import describe
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError


class Pair(NamedTuple):
    cost: Any
    slopes: Any


PAIR = describe(Pair(1.0, [1.0, 2.0]), [], "p")
ONE, TWO = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])


def test_one_text_is_for_all() -> None:
    assert segments("mean", PAIR) == [("mean", PAIR)]
    assert segments(None, 0) == [(None, 0)]


def test_a_nesting_says_it_for_each_part() -> None:
    assert segments(("mean", ("sum", None)), PAIR) == [("mean", 0), ("sum", 0), (None, 0)]
    key = describe({"a": [1.0, 2.0], "b": 3.0}, [], "p")
    assert segments({"b": "sum", "a": None}, key) == [(None, (list, 2)), ("sum", 0)]


@pytest.mark.parametrize("reduce", [("mean",), {"cost": "mean"}, ("mean", ("sum",) * 3)])
def test_a_nesting_that_does_not_fit_is_refused(reduce: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="does not fit the result"):
        segments(reduce, PAIR)


def test_a_dict_names_all_parts() -> None:
    key = describe({"a": [1.0, 2.0], "b": 3.0}, [], "p")
    for reduce in ({"a": "sum"}, {"a": "sum", "b": None, "c": None}, {"a": "sum", "c": None}):
        with pytest.raises(ArgumentTypeError, match="does not fit the result"):
            segments(reduce, key)


def test_another_word_is_refused() -> None:
    with pytest.raises(ArgumentError, match="reduce is 'max': expected 'mean', 'sum' or None"):
        segments("max", PAIR)


def test_what_is_reduced_is_nested_once() -> None:
    assert assemble("mean", PAIR, [1.0, 2.0, 3.0], 5, None) == Pair(1.0, [2.0, 3.0])


def test_lists_have_a_sample_each() -> None:
    found = assemble(None, PAIR, [ONE, TWO, 7.0], 3, None)
    assert found == [Pair(1.0, [4.0, 7.0]), Pair(2.0, [5.0, 7.0]), Pair(3.0, [6.0, 7.0])]
    assert type(found[0].cost) is float


def test_arrays_have_a_leading_axis() -> None:
    cost, slopes = assemble(None, PAIR, [ONE, TWO, 7.0], 3, np.dtype(float))
    np.testing.assert_array_equal(cost, ONE)
    np.testing.assert_array_equal(slopes, [[4.0, 7.0], [5.0, 7.0], [6.0, 7.0]])


def test_each_part_is_nested_in_its_own_way() -> None:
    found = assemble(("sum", None), PAIR, [9.0, ONE, TWO], 3, None)
    assert found == Pair(9.0, [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])


def test_no_samples() -> None:
    empty = np.zeros(0)
    assert assemble(None, PAIR, [empty, empty, empty], 0, None) == []
    assert assemble(None, PAIR, [empty, empty, empty], 0, np.dtype(float)).slopes.shape == (0, 2)
