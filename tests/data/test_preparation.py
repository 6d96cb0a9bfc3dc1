"""Splits, batches, scaling and one-hot rows, against NumPy."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn.data import Standardizer, batches, load, one_hot, train_test_split
from tinygrad_nn.data.preparation import shuffled
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError

NAN = math.nan


# --------------------------------------------------------------------- order


class Reversing(random.Random):
    """Has an order of its own."""

    def shuffle(self, x: Any) -> None:
        x.reverse()


def test_orders_are_those_of_shuffle() -> None:
    for count in (*range(70), 127, 128, 1000):
        own, other = random.Random(count), random.Random(count)
        order = list(range(count))
        other.shuffle(order)
        assert shuffled(count, own) == order
        assert own.getstate() == other.getstate()
    random.seed(5)
    order = shuffled(40, random)  # type: ignore[arg-type]  # it has the methods
    assert order == shuffled(40, random.Random(5))
    assert shuffled(3, Reversing(0)) == [2, 1, 0]


# --------------------------------------------------------------------- split


labels = st.lists(st.integers(0, 3), min_size=2, max_size=60)


@given(labels, st.floats(0.01, 0.99), st.booleans(), st.integers(0, 1000))
def test_split_is_a_partition(y: list[int], fraction: float, stratify: bool, seed: int) -> None:
    X = [[float(i)] for i in range(len(y))]
    options: dict[str, Any] = {"test_fraction": fraction, "stratify": stratify, "seed": seed}
    train, test = train_test_split(X, y, **options)
    assert sorted(train.X + test.X) == X
    for part in (train, test):
        assert [y[int(row[0])] for row in part.X] == part.y
    expected = min(max(round(len(y) * fraction), 1), len(y) - 1)
    assert len(test) == expected
    assert (train, test) == train_test_split(X, y, **options)


@given(labels, st.floats(0.01, 0.99), st.integers(0, 1000))
def test_split_gives_each_class_its_share(y: list[int], fraction: float, seed: int) -> None:
    y = y + y  # a class of one sample cannot be shared out
    counts = Counter(y)
    _, test = train_test_split([[0.0]] * len(y), y, test_fraction=fraction, seed=seed)
    for label, count in counts.items():
        assert abs(test.y.count(label) - count * len(test) / len(y)) < 1


def test_split_is_random_and_even() -> None:
    # Each of 20 samples is in a test part of 5 for a quarter of the seeds.
    for y in ([0, 1] * 10, [0.5 * i for i in range(20)]):
        times = Counter[float]()
        for seed in range(400):
            _, test = train_test_split([[i] for i in range(20)], y, seed=seed)
            times.update(row[0] for row in test.X)
        assert all(60 < times[i] < 140 for i in range(20)), times


@pytest.mark.parametrize("y", [[0, 1] * 10, list(range(20)), [0.5 * i for i in range(20)]])
def test_splits_are_many(y: list[float]) -> None:
    # Which samples are tested on together is drawn, too: nearly no two seeds agree.
    splits = [train_test_split([[i] for i in range(20)], y, seed=seed) for seed in range(50)]
    assert len({frozenset(row[0] for row in test.X) for _, test in splits}) > 40


def test_split_shuffles_and_keeps_names() -> None:
    train, test = train_test_split(load("iris"), test_fraction=0.2, seed=1)
    assert (len(train), len(test)) == (120, 30)
    assert Counter(test.y) == {0: 10, 1: 10, 2: 10}
    assert train.y != sorted(train.y)
    assert test.y != sorted(test.y)
    assert train.target_names == load("iris").target_names
    assert test.name == "iris (test)"


def test_without_a_seed_python_random_decides() -> None:
    X, y = [[i] for i in range(30)], [0, 1] * 15

    def draw() -> Any:
        return train_test_split(X, y), list(batches(X, y, 7)), load("moons", samples=10)

    random.seed(5)
    first = draw()
    random.seed(5)
    assert draw() == first
    assert draw() != first


def test_an_rng_moves_on_and_a_seed_does_not() -> None:
    X, y = [[i] for i in range(30)], [0, 1] * 15
    rng = random.Random(3)
    first, second = train_test_split(X, y, rng=rng), train_test_split(X, y, rng=rng)
    assert first != second
    assert first == train_test_split(X, y, seed=3)
    state = random.getstate()
    train_test_split(X, y, seed=3)
    assert random.getstate() == state


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([[1], [2]], [0, 1]), {"test_fraction": 1.0}, "test_fraction is 1.0: expected a number"),
        (([[1], [2]], [0, 1]), {"test_fraction": 20}, "test_fraction is 20"),
        (([[1], [2]], [0, 1]), {"test_fraction": NAN}, "test_fraction is nan"),
        (([[1], [2]], [0, 1]), {"test_fraction": "half"}, "test_fraction is 'half', of type str"),
        (([[1]], [0]), {}, "X has 1 row: expected two or more"),
        (([[1], [2]],), {}, "y is None"),
        ((load("xor"), [0, 1, 1, 0]), {}, "expected no y beside a Dataset"),
    ],
)
def test_split_names_bad_arguments(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=message):
        train_test_split(*arguments, **options)


# ------------------------------------------------------------------- batches


@given(st.integers(1, 40), st.integers(1, 50), st.booleans(), st.integers(0, 99))
def test_batches_deal_each_sample_once(n: int, size: int, shuffle: bool, seed: int) -> None:
    X, y = [[float(i)] for i in range(n)], list(range(n))
    dealt = list(batches(X, y, size, shuffle=shuffle, seed=seed))
    assert [len(targets) for _, targets in dealt[:-1]] == [size] * ((n - 1) // size)
    assert len(dealt[-1][1]) == (n - 1) % size + 1
    order = [label for _, targets in dealt for label in targets]
    assert [row for rows, _ in dealt for row in rows] == [[float(i)] for i in order]
    assert sorted(order) == y
    if not shuffle:
        assert order == y
    assert dealt == list(batches(np.array(X), np.array(y), size, shuffle=shuffle, seed=seed))


def test_batches_are_shuffled_and_epochs_differ() -> None:
    X, y, rng = [[i] for i in range(50)], list(range(50)), random.Random(0)
    epochs = [[v for _, part in batches(X, y, 8, rng=rng) for v in part] for _ in range(3)]
    assert len({tuple(epoch) for epoch in [*epochs, y]}) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1], [2]], [0], 2), "y has length 1 and X has 2 rows"),
        (([[1]], [0], 0), "batch_size is 0: expected at least 1"),
        (([[1]], [0], 1.5), "batch_size is 1.5, of type float"),
        (([[1]], [0], True), "batch_size is True"),
        (([], [], 2), "X is empty"),
    ],
)
def test_batches_complain_before_the_first(arguments: Any, message: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=message):
        batches(*arguments)


# ----------------------------------------------------- Standardizer, one_hot


@pytest.mark.parametrize("name", ["breast-cancer", "digits"])
def test_standardizer_agrees_with_numpy(name: str) -> None:
    X = load(name).X
    scaler, array = Standardizer().fit(X), np.array(X)
    std = array.std(axis=0)
    np.testing.assert_allclose(scaler.mean, array.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(scaler.scale, np.where(std == 0, 1, std), rtol=1e-12)
    Z = scaler.transform(array)
    np.testing.assert_allclose(np.mean(Z, axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.std(Z, axis=0), std > 0, atol=1e-12)


tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.floats(-1e6, 1e6), min_size=width, max_size=width), min_size=1, max_size=20
    )
)


@given(tables)
def test_inverse_undoes_transform(X: list[list[float]]) -> None:
    scaler = Standardizer().fit(X)
    np.testing.assert_allclose(scaler.inverse(scaler.transform(X)), X, rtol=1e-9, atol=1e-9)


@given(st.floats(-1e300, 1e300), st.integers(1, 30))
def test_a_constant_column_becomes_zero(value: float, n: int) -> None:
    scaler = Standardizer().fit([[value]] * n)
    assert scaler.scale == [1.0]
    assert scaler.transform([[value]]) == [[0.0]]


def test_standardizer_uses_the_samples_it_was_fitted_on() -> None:
    scaler = Standardizer().fit([[0.0], [2.0]])
    assert scaler.transform([[10.0]]) == [[9.0]]
    assert Standardizer(scaler.mean, scaler.scale).transform([[10.0]]) == [[9.0]]


def test_standardizer_at_the_ends_of_the_floats() -> None:
    assert Standardizer().fit([[0.0], [1e200]]).transform([[1e200]]) == [[pytest.approx(1)]]
    with pytest.raises(DataError, match=r"column 1 of X spans -1e\+308 to 1e\+308"):
        Standardizer().fit([[0, 1e308], [0, -1e308]])


def test_standardizer_names_what_is_wrong() -> None:
    with pytest.raises(ArgumentError, match=r"call fit\(X\) first"):
        Standardizer().transform([[1.0]])
    scaler = Standardizer().fit([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(ShapeError, match="X has 1 columns: expected 2"):
        scaler.transform([[1.0]])
    with pytest.raises(ShapeError, match="X has 3 columns: expected 2"):
        scaler.inverse([[1.0, 2.0, 3.0]])
    with pytest.raises(DataError, match=r"X\[0\]\[0\] is nan"):
        scaler.transform([[NAN, 1.0]])


@given(st.lists(st.integers(0, 8), min_size=1), st.integers(9, 12))
def test_one_hot_is_rows_of_the_identity(y: list[int], classes: int) -> None:
    assert one_hot(y, classes) == np.eye(classes)[y].tolist()
    assert one_hot(np.array(y, dtype=float)) == np.eye(max(y) + 1)[y].tolist()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 3], 3), r"labels\[1\] is 3 and there are 3 classes: expected labels from 0 to 2"),
        (([0, -1],), r"labels\[1\] is -1: expected a class index"),
        (([0.5],), r"labels\[0\] is 0.5: expected a class index"),
        ((["a"],), r"labels\[0\] is 'a', which is text"),
        (([0], 0), "classes is 0: expected at least 1"),
        (([],), "labels is empty"),
    ],
)
def test_one_hot_names_bad_labels(arguments: Any, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        one_hot(*arguments)
