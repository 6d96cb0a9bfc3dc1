"""Results and lookups as runs of places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tinygrad_nn.compiler.program.program import Lookup, Run
from tinygrad_nn.compiler.program.statements import Access
from tinygrad_nn.compiler.roll.writing import Writer, lookups_of, runs_of

NUMBER = -2  # the array of a plain number


def runs(*found: tuple[int, int, float]) -> tuple[list[Run], list[list[int]]]:
    """The runs of results, each an array, a place and a number; and the tables they need."""
    writer = Writer([], {})
    arrays, places, numbers = (np.array([one[n] for one in found]) for n in range(3))
    made = runs_of(writer, arrays.astype(int), places.astype(int), numbers.astype(float))
    return made, [table.tolist() for table in writer.tables]


def of(array: int, *places: int) -> list[tuple[int, int, float]]:
    return [(array, place, 0.0) for place in places]


@pytest.mark.parametrize(
    ("places", "start", "stride"),
    [([3, 4, 5], 3, 1), ([7, 5, 3], 7, -2), ([2, 2], 2, 0), ([6], 6, 1)],
)
def test_neighbours_along_a_stride(places: Sequence[int], start: int, stride: int) -> None:
    assert runs(*of(4, *places)) == ([Run(len(places), Access(4, start, (stride,)))], [])


def test_places_in_no_order_are_a_table() -> None:
    assert runs(*of(4, 3, 4, 9, 1)) == ([Run(4, Access(4, 0, (1,), 0))], [[3, 4, 9, 1]])


def test_runs_end_where_another_array_begins() -> None:
    found, tables = runs(*of(4, 0, 1), *of(2, 2, 3), *of(4, 4))
    assert found == [
        Run(2, Access(4, 0, (1,))),
        Run(2, Access(2, 2, (1,))),
        Run(1, Access(4, 4, (1,))),
    ]
    assert not tables


def test_numbers_are_the_same_bit_by_bit() -> None:
    numbers = [0.5, 0.5, 0.0, -0.0, -0.0, float("nan"), float("nan")]
    found, _ = runs(*of(1, 0), *[(NUMBER, 0, number) for number in numbers], *of(1, 1))
    assert [run.size for run in found] == [1, 2, 1, 2, 2, 1]
    assert str([run.where for run in found[1:-1]]) == "[0.5, 0.0, -0.0, nan]"


def test_nothing_is_wanted() -> None:
    assert runs() == ([], [])


def test_lookups_of_one_array_and_size_are_one() -> None:
    writer = Writer([], {})
    found = lookups_of(
        writer, {(1, 3, 6), (0, 2, 4), (1, 2, 6), (1, 4, 6), (1, 0, 9), (0, 7, 4), (0, 3, 4)}
    )
    assert found == [
        Lookup(Run(3, Access(0, 0, (1,), 0)), 4),
        Lookup(Run(1, Access(1, 0, (1,))), 9),
        Lookup(Run(3, Access(1, 2, (1,))), 6),
    ]
    assert writer.tables[0].tolist() == [2, 3, 7]
