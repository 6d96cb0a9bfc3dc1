"""Data sets by name and from files, against scikit-learn's own arrays."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets

from tinygrad_nn.data import load, read_csv
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError

NAN = math.nan


# ---------------------------------------------------------------------- load


@pytest.mark.parametrize(
    ("name", "loader"),
    [
        ("breast-cancer", sklearn.datasets.load_breast_cancer),
        ("digits", sklearn.datasets.load_digits),
        ("iris", sklearn.datasets.load_iris),
    ],
)
def test_load_gives_what_scikit_learn_has(name: str, loader: Any) -> None:
    data, truth = load(name), loader()
    assert data.name == name
    np.testing.assert_array_equal(data.X, truth.data)
    np.testing.assert_array_equal(data.y, truth.target)
    assert list(data.feature_names) == list(truth.feature_names)
    assert list(data.target_names) == [str(t) for t in truth.target_names]
    assert {type(label) for label in data.y} == {int}


def test_load_xor() -> None:
    X, y = load("xor")
    assert [(a != b) == label for (a, b), label in zip(X, y, strict=True)] == [True] * 4
    assert len({tuple(row) for row in X}) == 4


def test_moons_are_two_half_circles() -> None:
    X, y = load("moons", samples=80, noise=0.0, seed=3)
    centres = [(0.0, 0.0), (1.0, 0.5)]
    for (a, b), label in zip(X, y, strict=True):
        ca, cb = centres[label]
        assert math.hypot(a - ca, b - cb) == pytest.approx(1)
        assert (b - cb >= -1e-9) == (label == 0) or abs(b - cb) < 1e-9
    assert Counter(y) == {0: 40, 1: 40}


def test_spirals_are_turned_against_each_other() -> None:
    X, y = load("spirals", samples=81, noise=0.0)
    assert y == [k % 2 for k in range(81)]
    for first, second in zip(X[::2], X[1::2], strict=False):
        assert second == pytest.approx([-a for a in first], abs=1e-12)
    sizes = [math.hypot(*x) for x in X[::2]]
    assert sizes == pytest.approx([k / 40 for k in range(41)])
    turned = sum(
        math.atan2(a * d - b * c, a * c + b * d)
        for (a, b), (c, d) in zip(X[2::2], X[4::2], strict=False)
    )
    assert abs(turned) == pytest.approx(2 * math.pi * 1.75 * 39 / 40)
    assert load("spirals", seed=1) == load("spirals", rng=random.Random(1))
    with pytest.raises(ArgumentError, match="noise is -1"):
        load("spirals", noise=-1)


def test_moons_noise_has_the_deviation_asked_for() -> None:
    X, y = load("moons", samples=4000, noise=0.1, seed=0)
    radii = [math.hypot(a - c, b - c / 2) for (a, b), c in zip(X, y, strict=True)]
    assert np.std(radii) == pytest.approx(0.1, rel=0.1)


def test_moons_obey_the_seed() -> None:
    assert load("moons", seed=1) == load("moons", rng=random.Random(1))
    assert load("moons", seed=1) != load("moons", seed=2)


def test_load_names_what_it_does_not_know() -> None:
    with pytest.raises(ArgumentError, match=r"'brest-cancer'.*did you mean 'breast-cancer'\?"):
        load("brest-cancer")
    with pytest.raises(ArgumentError, match="choose one of breast-cancer, digits"):
        load("zzz")
    with pytest.raises(ArgumentTypeError, match="name is 3, of type int"):
        load(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match=r"noise is 1: .* 'iris', whose options are: none"):
        load("iris", noise=1)
    with pytest.raises(ArgumentTypeError, match="options are: samples, noise, seed, rng"):
        load("moons", size=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 1}, "samples is 1: expected at least 2"),
        ({"samples": 2.5}, "samples is 2.5, of type float"),
        ({"noise": -1}, "noise is -1: expected 0 or more"),
        ({"noise": NAN}, "noise is nan"),
        ({"noise": "much"}, "noise is 'much'"),
        ({"seed": 1.5}, "seed is 1.5, of type float"),
        ({"seed": 1, "rng": random.Random()}, "expected one of them"),
        ({"rng": np.random.default_rng(0)}, "rng is Generator.*: expected a random.Random"),
    ],
)
def test_moons_names_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=message):
        load("moons", **options)


# ----------------------------------------------------------------------- CSV


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("text", "options", "X", "y", "features", "classes"),
    [
        ("a,b,k\n1,2,0\n3,4,1\n", {}, [[1, 2], [3, 4]], [0, 1], ("a", "b"), ()),
        ("1,2,0\n3,4,1\n", {}, [[1, 2], [3, 4]], [0, 1], ("x1", "x2"), ()),
        ("1,2,dog\n3,4,cat\n", {}, [[1, 2], [3, 4]], [1, 0], ("x1", "x2"), ("cat", "dog")),
        ("k,a\ndog,1\ncat,2\n", {"target": "k"}, [[1], [2]], [1, 0], ("a",), ("cat", "dog")),
        ("a,p\n1,0.5\n2,1\n", {}, [[1], [2]], [0.5, 1.0], ("a",), ()),
        (
            "\ufeffa;k\r\n1; -1\r\n\r\n 2;+1\r\n",
            {"delimiter": ";"},
            [[1], [2]],
            [-1, 1],
            ("a",),
            (),
        ),
        ('"a, b",k\n"1e-3","x ""y"""\n2,z\n', {}, [[1e-3], [2]], [0, 1], ("a, b",), ('x "y"', "z")),
        ("2020,2021\n1,0\n", {"target": "2020"}, [[0]], [1], ("2021",), ()),
    ],
)
def test_csv(
    tmp_path: Path, text: str, options: Any, X: Any, y: Any, features: Any, classes: Any
) -> None:
    data = load(write(tmp_path, text), **options)
    assert (data.X, data.y) == (X, y)
    assert (data.feature_names, data.target_names, data.name) == (features, classes, "table")
    assert [type(v) for v in data.y] == [type(v) for v in y]
    assert load(str(tmp_path / "table.csv"), **options) == data


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "table.csv is empty"),
        ("a,k\n", {}, "has no line after its names"),
        ("1,0\n?,1\n", {}, r"line 2 has nothing in the column 'x1': expected a finite number"),
        ("a,k\n1,0\n\n,1\n", {}, "line 4 has nothing in the column 'a'"),
        ("1,0\nnan,1\n", {}, "line 2 has nothing in"),
        ("1,0.5\n1,inf\n", {}, "line 2 holds 'inf'"),
        ("1,cat\n2,\n", {}, "line 2 has no target"),
        ("1,2,0\n3,1\n", {}, "line 2 has 2 cells: expected 3"),
        ("1:0\n2:1\n", {}, "one column.*pass delimiter="),
        ("size,k\n1,0\n", {"target": "sise"}, "target is 'sise'.*did you mean 'size'"),
        ("size,k\n1,0\n", {"target": "zz"}, "choose one of size, k"),
        ("1,0\n", {"delimiter": "::"}, "delimiter is '::': expected one character"),
    ],
)
def test_csv_names_the_place(tmp_path: Path, text: str, options: Any, message: str) -> None:
    with pytest.raises((ArgumentError, DataError), match=message):
        read_csv(write(tmp_path, text), **options)


def test_csv_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        load("no/such/file.csv")
    with pytest.raises(DataError, match="cannot be read"):
        load(tmp_path)
    path = tmp_path / "latin.csv"
    path.write_bytes("größe,k\n1,0\n".encode("latin-1"))
    with pytest.raises(DataError, match="expected a CSV file in UTF-8"):
        load(path)
