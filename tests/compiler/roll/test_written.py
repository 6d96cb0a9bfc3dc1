"""Runs of terms, and the ranks of classes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tinygrad_nn.compiler.roll.cancelling import Contents
from tinygrad_nn.compiler.roll.flatten import SUM
from tinygrad_nn.compiler.roll.written import FEW, ranks, runs_apart, shape_of_ranks

RUN = 1 << 44
S, Y, Z, T = range(4)  # S and Y are inputs, Z is S + Y, T is Z - Y


def contents() -> Contents:
    flat: Any = SimpleNamespace(
        kind=[0, 0, SUM, SUM],
        start=[0, 0, 0, 2],
        count=[0, 0, 2, 2],
        first=[S, Y, Z, Y],
        second=[-1] * 4,
        coefs=[1.0, 1.0, 1.0, -1.0],
        written=[0, 0, 1, 1],
        origin=[0, 0, 0, 1],
    )
    return Contents(flat)


def runs(
    codes: str, places: list[int], signs: str, second: list[int] | None = None, colours: Any = 0
) -> list[int]:
    """The runs of the terms of one sum: how many of its code each comes after."""
    code = np.array([ord(letter) for letter in codes])
    origin = 2 * np.broadcast_to(colours, len(code)) + [sign == "-" for sign in signs]
    other = np.full(len(code), -1) if second is None else np.array(second)
    owner = np.zeros(len(code), dtype=np.int64)
    entries = np.array(places)
    found = runs_apart(code, entries, other, origin, owner, np.array([True]), contents())
    assert (found % RUN == code).all()
    return (found // RUN).tolist()


def test_what_follows_with_one_sign_is_a_run() -> None:
    assert runs("xxyx", [1, 2, 1, 3], "++++") == [0, 0, 0, 1]
    assert runs("xxx", [1, 2, 3], "+-+") == [0, 1, 2]


def test_what_a_sum_has_added_up_is_taken_off_one_by_one() -> None:
    assert runs("zss", [Z, S, Y], "+--") == [0, 0, 1]
    assert runs("zss", [Z, S, Y], "-++") == [0, 0, 1]
    assert runs("ssss", [S, Y, S, Y], "++--") == [0, 0, 1, 2]
    assert runs("0ssss", [-1, S, Y, S, Y], "+++--") == [0, 0, 0, 1, 2]
    assert runs("tss", [T, S, Y], "+--") == runs("tss", [T, S, Y], "+++") == [0, 0, 1]


def test_what_a_sum_goes_on_with_is_a_run() -> None:
    assert runs("zss", [Z, S, Y], "+++") == [0, 0, 0]
    assert runs("ssz", [S, Y, Z], "++-") == [0, 0, 0]


def test_one_number_twice_is_two_runs() -> None:
    assert runs("xx", [1, 1], "++") == [0, 1]


def test_products_are_one_run_wherever_they_stand() -> None:
    assert runs("pxp", [1, 2, 3], "+++", [5, -1, 6], [7, 0, 8]) == [0, 0, 0]


def test_products_of_other_colours_are_apart_where_signs_differ() -> None:
    assert runs("xppp", [1, 2, 3, 4], "+---", [-1, 5, 6, 7], [0, 8, 9, 8]) == [0, 0, 1, 0]


def test_a_long_chain_has_no_runs_but_for_what_cancels() -> None:
    count = FEW + 1
    places = list(range(1, count + 1))
    signs = "+-" * (count // 2) + "+" * (count % 2)
    assert runs("x" * count, places, signs) == [0] * count
    places[-1] = 2
    assert runs("x" * count, places, signs) == [sign == "-" for sign in signs]


def test_ranks_are_those_of_the_first_terms() -> None:
    owner, earliest = np.array([0, 0, 0, 1, 1]), np.array([2, 0, 1, 4, 3])
    nothing = np.zeros(5, dtype=bool)
    assert ranks(owner, nothing, earliest).tolist() == [4, 0, 2, 2, 0]


def test_a_number_is_ranked_between_others() -> None:
    for place, rank in ((0, 1), (1, 1), (2, 3)):
        earliest = np.array([place, *[n for n in range(3) if n != place]])
        is_number = np.array([True, False, False])
        assert ranks(np.zeros(3, dtype=np.int64), is_number, earliest).tolist() == [rank, 0, 2]


def test_ranks_count_from_the_third_class_on() -> None:
    owner = np.zeros(3, dtype=np.int64)
    marks = shape_of_ranks(owner, np.array([0, 2, 4]), np.array([True]))
    assert (marks > 0).tolist() == [False, False, True]
    assert not shape_of_ranks(owner, np.array([0, 2, 4]), np.array([False])).any()
