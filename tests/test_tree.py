"""Nestings: flattened, named, and rebuilt."""

from __future__ import annotations

import sys
from collections import namedtuple
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from tinygrad_nn import Value
from tinygrad_nn.tree import by_place, flatten, is_array, leaf_paths, nest

Point = namedtuple("Point", "x y")

LEAVES = st.floats(allow_nan=False) | st.integers() | st.none() | st.text(max_size=3)
ARRAYS = st_numpy.arrays(float, st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
                         elements=st.floats(-5, 5))  # fmt: skip


def containers(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(part, max_size=3)
        | st.lists(part, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.integers(), part, max_size=3)
        | st.builds(Point, part, part)
    )


NESTINGS = st.recursive(LEAVES, containers, max_leaves=12)
NESTINGS_WITH_ARRAYS = st.recursive(LEAVES | ARRAYS, containers, max_leaves=8)


def count(nesting: Any) -> int:
    """Count leaves, written apart from the module."""
    if isinstance(nesting, Point):
        return sum(0 if is_text(part) else count(part) for part in nesting)
    if isinstance(nesting, dict):
        return sum(map(count, nesting.values()))
    if isinstance(nesting, (list, tuple)):
        return sum(map(count, nesting))
    return nesting.size if isinstance(nesting, np.ndarray) else 1


def is_text(part: Any) -> bool:
    """Tell whether a field holds texts and None alone, and so is no leaf."""
    if isinstance(part, (list, tuple, dict)) and not isinstance(part, Point):
        inside = list(part.values() if isinstance(part, dict) else part)
        return bool(inside) and all(map(is_text, inside))
    return part is None or isinstance(part, str)


def same(a: Any, b: Any) -> bool:
    """Compare with types; `==` of arrays is none, and that of tuples forgets their names."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and bool((a == b).all())
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


@given(NESTINGS_WITH_ARRAYS)
def test_rebuilt_from_its_own_leaves_it_is_the_same(nesting: Any) -> None:
    leaves, rebuild = flatten(nesting)
    assert len(leaves) == count(nesting)
    assert same(rebuild(leaves), nesting)


@given(NESTINGS)
def test_other_leaves_take_the_places_of_the_old(nesting: Any) -> None:
    leaves, rebuild = flatten(nesting)
    numbers = list(range(len(leaves)))
    again = rebuild(numbers)
    assert flatten(again)[0] == numbers
    assert leaf_paths(again, "x") == leaf_paths(nesting, "x")


@given(NESTINGS_WITH_ARRAYS)
def test_a_path_is_how_python_reaches_the_leaf(nesting: Any) -> None:
    leaves, _ = flatten(nesting)
    paths = leaf_paths(nesting, "x")
    assert len(paths) == len(leaves)
    for path, leaf in zip(paths, leaves, strict=True):
        assert eval(path, {"x": nesting}) == leaf


def test_the_nesting_itself_is_left_alone() -> None:
    nesting = {"w": [1.0, 2.0], "b": np.zeros(2)}
    _, rebuild = flatten(nesting)
    again = rebuild([5.0, 6.0, 7.0, 8.0])
    again["b"][0] = 9.0
    assert nesting["w"] == [1.0, 2.0]
    assert nesting["b"].tolist() == [0.0, 0.0]


def test_named_tuples_keep_their_names() -> None:
    leaves, rebuild = flatten(Point(1.0, [2.0, 3.0]))
    assert leaves == [1.0, 2.0, 3.0]
    assert rebuild([4.0, 5.0, 6.0]) == Point(x=4.0, y=[5.0, 6.0])
    assert rebuild([4.0, 5.0, 6.0]).y == [5.0, 6.0]


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_are_leaves_in_row_major_order(order: Any) -> None:
    array = np.array([[1.0, 2.0], [3.0, 4.0]], order=order)
    leaves, rebuild = flatten(array)
    assert leaves == [1.0, 2.0, 3.0, 4.0]
    assert rebuild([5.0, 6.0, 7.0, 8.0]).tolist() == [[5.0, 6.0], [7.0, 8.0]]
    assert rebuild([5, 6, 7, 8]).dtype == float


def test_an_array_of_values_holds_objects() -> None:
    _, rebuild = flatten(np.zeros((2, 1)))
    a = Value(1.0)
    array = rebuild([a, 2.0])
    assert array.dtype == object
    assert array[0, 0] is a


def test_values_are_leaves() -> None:
    a = Value(1.0)
    leaves, _ = flatten([a, (a,)])
    assert leaves[0] is leaves[1] is a


@pytest.mark.parametrize(
    ("nesting", "paths"),
    [
        (1.0, ["x"]),
        ([], []),
        (np.zeros((1, 2)), ["x[0, 0]", "x[0, 1]"]),
        (np.float64(1.0), ["x"]),
        ({"a": (1.0, [2.0])}, ["x['a'][0]", "x['a'][1][0]"]),
    ],
)
def test_paths(nesting: Any, paths: list[str]) -> None:
    assert leaf_paths(nesting, "x") == paths


LISTS = st.recursive(st.floats(allow_nan=False), lambda p: st.lists(p, min_size=1, max_size=3))


@given(LISTS)
def test_lists_are_made_again_from_the_places_of_their_leaves(nesting: Any) -> None:
    places = by_place(nesting)
    assert nest(places) == nesting
    for place, leaf in places.items():
        found = nesting
        for step in place:
            found = found[step]
        assert found == leaf


class Row(list):
    pass


class Shape(tuple):
    pass


def test_lists_and_tuples_of_classes_of_their_own_become_plain_ones() -> None:
    for nesting, expected in ((Row([1.0, [2.0]]), [3.0, [4.0]]), (Shape((1.0, 2.0)), (3.0, 4.0))):
        leaves, rebuild = flatten(nesting)
        assert leaves == [1.0, 2.0]
        assert same(rebuild([3.0, 4.0]), expected)


def test_nothing_is_an_array_while_numpy_is_being_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", ModuleType("numpy"))
    assert not is_array([1.0])
