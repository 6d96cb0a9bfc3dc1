"""Tables, constants, loops and structures come out as they went in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.compiler.sizes.lengths import key_of, lengths_of, outline, resized
from tinygrad_nn.compiler.sizes.loops import Entry, rolled, unrolled
from tinygrad_nn.compiler.sizes.tables import described, described_numbers, numbers_of, table_of
from tinygrad_nn.compiler.trace.structure import describe
from tinygrad_nn.errors import SizeError

TABLES = [
    [],
    [5],
    [0, 3, 6, 9],
    [0, 1, 3, 6, 10, 15],
    [0, 1, 2, 10, 11, 12, 20, 21, 22],
    [j for i in range(12) for j in range(i + 1)],
    [10 * i + j for i in range(9) for j in range(i)],
    [7 * i + j for i in range(5) for j in (0, 3, 4)],
]


@pytest.mark.parametrize("values", TABLES)
def test_tables(values: list[int]) -> None:
    table = np.array(values, dtype=np.int64)
    found = described(table)
    assert table_of(found.shape, found.ints).tolist() == values


def test_a_table_has_one_shape_at_all_sizes() -> None:
    for rule in (
        lambda n: [j for i in range(n) for j in range(i + 1)],
        lambda n: [i * n + j for i in range(n) for j in range(n - 1)],
    ):
        shapes = [described(np.array(rule(n), dtype=np.int64)).shape for n in (9, 10, 11)]
        assert shapes[0] == shapes[1] == shapes[2]


def test_a_table_without_a_rule_is_refused() -> None:
    values = np.random.default_rng(0).permutation(200)
    with pytest.raises(SizeError, match="follow no rule"):
        described(values)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.0, 0.1, 0.2, 0.1 * 3],
        [k / 7 for k in range(8)],
        [1 / k for k in range(1, 30)],
        [2 / k for k in range(1, 30)],
        [1.0, -1.0, 1.0, -1.0],
        [1.0, 4.0, 2.0, 4.0, 1.0],
        [-0.0, 0.0, 0.3],
        [float("inf"), 1.0],
    ],
)
def test_constants_come_out_bit_by_bit(values: list[float]) -> None:
    numbers = np.array(values, dtype=float)
    found = described_numbers(numbers)
    assert numbers_of(found.shape, found.ints, found.floats).tobytes() == numbers.tobytes()


def test_constants_without_a_rule_are_refused() -> None:
    with pytest.raises(SizeError, match="follow no rule"):
        described_numbers(np.sin(np.arange(20.0)))


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=30))
def test_loops(pairs: list[tuple[str, int]]) -> None:
    entries = [Entry(shape, (number,), (1.0,)) for shape, number in pairs]
    for order in (1, 2):
        assert unrolled(rolled(entries, order=order)) == entries


def test_steps_are_one_loop() -> None:
    entries = [Entry(s, (i, 2 * i + k), ()) for i in range(40) for k, s in enumerate("abc")]
    (found,) = rolled(entries)
    assert found.ints == (40, 0, 0, 0, 1, 0, 2, 1, 2, 1, 2, 1, 2)


NESTINGS: list[Any] = [
    1.0,
    [1.0, 2.0],
    [],
    (1.0, [2.0, 3.0]),
    {"a": [[1.0, 2.0], [3.0, 4.0]], "b": None},
    [np.zeros((2, 3)), np.zeros((2, 3))],
    [([1.0], 2.0), ([3.0], 4.0)],
]


@pytest.mark.parametrize("nesting", NESTINGS, ids=repr)
def test_structures(nesting: Any) -> None:
    key = describe(nesting, [], "x")
    assert key_of(outline(key)) == key


def test_other_lengths() -> None:
    form = outline(describe({"W": [[0.0] * 3] * 2, "x": np.zeros(3)}, [], "p"))
    assert list(lengths_of(form, "p")) == [
        (2, "len(p['W'])"),
        (3, "len(p['W'][0])"),
        (3, "p['x'].shape[0]"),
    ]
    assert key_of(resized(form, {3: 5})) == describe(
        {"W": [[0.0] * 5] * 2, "x": np.zeros(5)}, [], "p"
    )
