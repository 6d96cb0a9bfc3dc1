"""Sequences of places along common nested axes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.nests import Steps, nest_of


def steps(*places: int) -> Steps:
    return Steps(np.array(places))


@pytest.mark.parametrize(
    ("sequences", "nest", "strides"),
    [
        ([steps(7)], (), [()]),
        ([steps(3, 3, 3)], (3,), [(0,)]),
        ([steps(5, 3, 1)], (3,), [(-2,)]),
        ([steps(0, 1, 2, 3), steps(5, 6, 15, 16)], (2, 2), [(2, 1), (10, 1)]),
        ([steps(0, 1, 2, 3), steps(9, 9, 9, 9)], (4,), [(1,), (0,)]),
        (
            [steps(*range(12)), steps(*[0] * 6, *[1] * 6), steps(*[4, 5, 6] * 4)],
            (2, 2, 3),
            [(6, 3, 1), (1, 0, 0), (0, 0, 1)],
        ),
    ],
)
def test_the_fewest_axes_that_all_sequences_have(
    sequences: list[Steps], nest: tuple[int, ...], strides: list[tuple[int, ...]]
) -> None:
    assert nest_of(sequences) == nest
    assert [sequence.strides(nest) for sequence in sequences] == strides


def test_sequences_without_common_axes() -> None:
    assert steps(0, 1, 3).cuts is None
    assert nest_of([steps(0, 1, 3)]) is None
    assert steps(0, 1, 5, 7).cuts is None
    halves, thirds = steps(0, 1, 2, 0, 1, 2), steps(0, 1, 0, 1, 0, 1)
    assert nest_of([halves]) == (2, 3)
    assert nest_of([thirds]) == (3, 2)
    assert nest_of([halves, thirds]) is None


AXES = st.lists(st.tuples(st.integers(1, 4), st.integers(-5, 5)), max_size=4)


@given(AXES, st.integers(0, 50))
def test_places_along_axes_have_a_nest_that_gives_them_back(
    axes: list[tuple[int, int]], start: int
) -> None:
    indices = product(*[range(size) for size, _ in axes])
    places = [
        start + sum(i * s for i, (_, s) in zip(index, axes, strict=True)) for index in indices
    ]
    found = steps(*places)
    nest = nest_of([found])
    assert nest is not None
    assert len(nest) <= len([size for size, _ in axes if size > 1])
    strides = found.strides(nest)
    again = [
        start + sum(i * s for i, s in zip(index, strides, strict=True))
        for index in product(*map(range, nest))
    ]
    assert again == places
