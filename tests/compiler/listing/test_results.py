"""Where results lie, one by one."""

from __future__ import annotations

from forms import at, given, made

from tinygrad_nn.compiler.listing.results import Results
from tinygrad_nn.compiler.program.program import Run

program = made(
    [given(9), given(4)],
    [],
    [[5, 2, 7]],
    [
        Run(2, at(0, 1, start=3)),
        Run(3, at(0, 1, table=0)),
        Run(2, 1.5),
        Run(2, at(1, -1, start=2)),
        Run(1, at(0, 1, start=5)),
        Run(1, 1.5),
        Run(1, -0.0),
        Run(1, 0.0),
    ],
)
results = Results(program)


def test_runs_are_spread_out() -> None:
    assert len(results) == 13
    assert results.arrays == [0] * 5 + [-1] * 2 + [1, 1, 0] + [-1] * 3
    assert results.places[:5] == [3, 4, 5, 2, 7]
    assert results.places[7:10] == [2, 1, 5]
    assert [results.numbers[n] for n in (5, 6, 10)] == [1.5, 1.5, 1.5]


def test_an_array_is_found_where_it_follows_itself() -> None:
    assert results.find(0, 3, 3) == 0  # from one run to the next
    assert results.find(0, 5, 1) == 2  # the first of two
    assert results.find(0, 5, 2) == -1
    assert results.find(1, 1, 2) == -1
    assert results.find(0, 5, 9) == -1
    assert results.find(0, 8, 1) == -1


def test_neighbours_of_one_array_or_number_are_alike() -> None:
    assert list(results.alike(0, 13)) == [
        (0, 5),
        (5, 7),
        (7, 9),
        (9, 10),
        (10, 11),
        (11, 12),
        (12, 13),
    ]
    assert list(results.alike(1, 4)) == [(1, 4)]
