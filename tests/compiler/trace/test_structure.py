"""Arguments taken apart, and put together again."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from tinygrad_nn import Value
from tinygrad_nn.compiler.trace.structure import Nesting, describe, nesting_of
from tinygrad_nn.errors import ArgumentTypeError


class Pair(NamedTuple):
    left: Any
    right: Any


NESTINGS: list[Any] = [
    2.0,
    [],
    [1.0, 2.0],
    (1.0, [2.0, (3.0,)], {}),
    {"a": [1.0], 2: {"b": 3.0}},
    Pair(1.0, [Pair(2.0, 3.0)]),
    [[1.0, 2.0], [3.0, 4.0]],
]


@pytest.mark.parametrize("nesting", NESTINGS, ids=repr)
def test_a_nesting_is_put_together_again(nesting: Any) -> None:
    leaves: list[Any] = []
    found = Nesting(describe(nesting, leaves, "x"))
    assert found.size == len(leaves)
    again = found.rebuild(leaves)
    assert (again, type(again)) == (nesting, type(nesting))
    assert found.rebuild(np.array(leaves)) == nesting


def test_an_array_is_one_leaf_and_a_view_of_what_is_given() -> None:
    leaves: list[Any] = []
    array = np.arange(6.0).reshape(2, 3)
    found = Nesting(describe([array, 7.0], leaves, "x"))
    assert (found.size, len(leaves)) == (7, 2)
    numbers = np.arange(7.0)
    again, last = found.rebuild(numbers)
    np.testing.assert_array_equal(again, array)
    assert np.shares_memory(again, numbers)
    assert last == 6.0


def test_an_array_of_values_is_their_nesting() -> None:
    leaves: list[Any] = []
    array = np.array([Value(1.0), 2.0], dtype=object)
    found = Nesting(describe(array, leaves, "x"))
    assert leaves == array.tolist()
    assert found.rebuild(leaves).tolist() == leaves


def test_keys_tell_structures_and_not_numbers() -> None:
    keys = [describe(nesting, [], "x") for nesting in NESTINGS]
    assert len(set(keys)) == len(keys)
    assert describe([1, 2.0], [], "x") == describe([3.0, 4.0], [], "x")
    assert describe([1.0, 2.0], [], "x") != describe((1.0, 2.0), [], "x")
    assert describe([[1.0], 2.0], [], "x") != describe([1.0, [2.0]], [], "x")
    assert describe({"a": 1.0}, [], "x") != describe({"b": 1.0}, [], "x")


def test_what_is_no_number_is_refused_with_the_remedy() -> None:
    with pytest.raises(ArgumentTypeError, match=r"x has 'one', of type str.*static=\("):
        describe([1.0, "one"], [], "x")
    with pytest.raises(ArgumentTypeError, match=r"the result has 'one'.*return a list"):
        nesting_of("one", [])


def test_none_is_no_number_and_has_a_place() -> None:
    for nesting in (None, [None], [1.0, None, (None, 2.0)], {"a": None, "b": [3.0, None]}):
        leaves: list[Any] = []
        found = Nesting(describe(nesting, leaves, "x"))
        assert found.rebuild(leaves) == nesting
        assert None not in leaves
    assert describe([None], [], "x") != describe([1.0], [], "x") != describe([], [], "x")
