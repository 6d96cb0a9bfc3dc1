"""Flags of the places that an access may mean: as if all places were listed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.reach import Listed, Strided
from tinygrad_nn.compiler.program.strides import spread

AXES = st.lists(st.tuples(st.integers(1, 5), st.integers(-6, 6)), max_size=4)


@settings(max_examples=200)
@given(AXES, st.integers(0, 5), st.randoms(use_true_random=False))
def test_flags_are_those_of_the_listed_places(axes: Any, room: int, random: Any) -> None:
    sizes, strides = [size for size, _ in axes], [stride for _, stride in axes]
    start = room - sum(min(0, stride * (size - 1)) for size, stride in axes)
    listed = spread(start, sizes, strides).ravel()
    known = Listed(listed)
    flags = np.array([random.random() < 0.9 for _ in range(known.last + 1 + room)])
    found = Strided(start, sizes, strides)
    assert (found.first, found.last) == (known.first, known.last)
    # An axis that stays where it is, or has one index only, means no place twice here.
    moving = (
        spread(start, *zip(*[a for a in axes if a[1]], strict=True)) if any(strides) else listed
    )
    assert found.count == (moving.size if any(strides) else 1)
    assert found.is_apart() == (len(np.unique(listed)) == found.count)
    assert found.all(flags) == known.all(flags)
    assert found.any(flags) == known.any(flags)
    assert set(found.of(np.arange(len(flags))).ravel().tolist()) == set(listed.tolist())
    marked = np.zeros_like(flags)
    found.mark(marked)
    assert np.flatnonzero(marked).tolist() == sorted(set(listed.tolist()))


def test_more_places_than_there_are_numbers_take_no_memory() -> None:
    found = Strided(0, [400_000, 400_000, 200_000], [1, 1, 1])
    flags = np.zeros(1_000_000, dtype=bool)
    assert not found.is_apart()
    found.mark(flags)
    assert flags.sum() == found.last + 1 == 999_998
    assert found.all(flags)


@pytest.mark.parametrize(("places", "apart"), [([3, 0, 1], True), ([3, 0, 3], False)])
def test_places_of_a_table(places: list[int], apart: bool) -> None:
    assert Listed(np.array(places)).is_apart() == apart
