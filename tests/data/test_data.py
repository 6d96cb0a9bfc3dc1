"""Data is checked before anything is learnt from it."""

from __future__ import annotations

import copy
import math
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tinygrad_nn.data import Dataset, validate
from tinygrad_nn.errors import ArgumentTypeError, DataError, ShapeError

NAN, INF = math.nan, math.inf


# ------------------------------------------------------------------ validate


@pytest.mark.parametrize(
    "X",
    [
        [[0, 1], [2, 3]],
        ((0, 1), (2, 3)),
        (row for row in [[0, 1], [2, 3]]),
        [range(2), range(2, 4)],
        [[False, True], [Fraction(2), 3.0]],
        np.array([[0, 1], [2, 3]]),
        np.array([[0, 1], [2, 3]], dtype=np.float32),
        [np.array([0, 1]), np.array([2, 3])],
        [[np.int8(0), np.float16(1)], [np.array(2.0), np.float64(3)]],
    ],
)
def test_validate_makes_plain_floats(X: Any) -> None:
    table, targets = validate(X, np.array([1, 0]))
    assert table == [[0.0, 1.0], [2.0, 3.0]]
    assert {type(x) for row in table for x in row} == {float}
    assert targets == [1, 0]
    assert {type(v) for v in targets} == {int}


def test_validate_keeps_real_targets_and_copies() -> None:
    X, y = [[1.0]], [0.5]
    table, targets = validate(X, y)
    assert targets == [0.5]
    assert table is not X
    assert table[0] is not X[0]
    assert targets is not y


class Frame:
    """As a pandas frame: iterating gives the names of the columns."""

    def __iter__(self) -> Any:
        return iter(["a", "b"])

    def to_numpy(self) -> Any:
        return np.array([[1.0, 2.0]])


def test_validate_reads_the_rows_of_a_frame() -> None:
    assert validate(Frame(), [0])[0] == [[1.0, 2.0]]


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        ([[1, NAN]], [0], DataError, r"X\[0\]\[1\] is nan: expected a finite number; fill it in"),
        ([[1], [-INF]], [0, 1], DataError, r"X\[1\]\[0\] is -inf"),
        (np.array([[1.0, np.inf]]), [0], DataError, r"X\[0\]\[1\] is inf"),
        ([[10**400]], [0], DataError, r"X\[0\]\[0\] is 1000.*000: expected a finite"),
        ([[None]], [0], DataError, r"X\[0\]\[0\] is None"),
        ([["3"]], [0], DataError, r"X\[0\]\[0\] is '3', which is text"),
        ([[1]], ["cat"], DataError, r"y\[0\] is 'cat', which is text"),
        ([[1]], [NAN], DataError, r"y\[0\] is nan"),
        ([], [], DataError, "X is empty"),
        ([[]], [0], DataError, r"X\[0\] is empty"),
        (np.zeros((0, 3)), [], DataError, "X is empty"),
        ([[1]], [], DataError, "y is empty"),
        ([[1, 2], [3]], [0, 1], ShapeError, r"X\[1\] has length 1 and X\[0\] has length 2"),
        ([[1], [2, 3]], [0, 1], ShapeError, r"X\[1\] has length 2"),
        ([[1], [2]], [0], ShapeError, "y has length 1 and X has 2 rows"),
        ([1, 2], [0, 1], ShapeError, r"X\[0\] is 1: expected a row .* \[\[x\] for x in X\]"),
        (np.zeros((1, 2, 2)), [0], ShapeError, r"X\[0\]\[0\] is \[0.0, 0.0\], a list"),
        ([[1]], [[0, 1]], ShapeError, r"y\[0\] is \[0, 1\], a list"),
        ("abc", [0], ArgumentTypeError, "X is 'abc', of type str"),
        ({"a": [1]}, [0], ArgumentTypeError, "X is .*, of type dict"),
        ({(1.0, 2.0)}, [0], ArgumentTypeError, "X is .*, of type set"),
        (None, [0], ArgumentTypeError, "X is None, of type NoneType"),
        ([[1]], 3, ArgumentTypeError, "y is 3, of type int"),
        ([[1j]], [0], ArgumentTypeError, r"X\[0\]\[0\] is 1j, of type complex"),
        ([[Decimal(1)]], [0], ArgumentTypeError, r"X\[0\]\[0\] is Decimal\('1'\)"),
    ],
)
def test_validate_names_what_is_wrong(X: Any, y: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        validate(X, y)
    assert caught.type is error


# ------------------------------------------------------------------- Dataset


def test_dataset_takes_arrays_and_unpacks() -> None:
    data = Dataset(np.eye(2), np.array([0.0, 1.0]), target_names=np.array(["no", "yes"]))
    X, y = data
    assert X == [[1.0, 0.0], [0.0, 1.0]]
    assert [data.target_names[label] for label in y] == ["no", "yes"]
    assert data.feature_names == ("x1", "x2")
    assert len(data) == 2
    assert data == copy.deepcopy(data)
    with pytest.raises(AttributeError):
        data.X = []  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"feature_names": ["a"]}, ShapeError, "feature_names has length 1 and X has 2 columns"),
        ({"target_names": ["a"]}, DataError, r"y\[1\] is 1 and there are 1 classes"),
        ({"y": [0, -1], "target_names": "ab"}, DataError, r"y\[1\] is -1: expected a class index"),
        ({"y": [0, 0.5], "target_names": "ab"}, DataError, r"y\[1\] is 0.5: expected a class"),
    ],
)
def test_dataset_names_what_does_not_fit(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Dataset(**{"X": [[1, 2], [3, 4]], "y": [0, 1], **options})


# ------------------------------------------------------------------- imports


def test_data_is_light_and_stands_alone() -> None:
    # A fresh interpreter: this one has loaded everything already.
    code = (
        "import sys, tinygrad_nn.data as d; d.train_test_split(d.load('xor'), seed=0); "
        "print([m for m in ('numpy', 'sklearn', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_quick_way_is_for_what_is_right_alone() -> None:
    for wrong, words in (
        ([[1.0, math.inf], [-math.inf, 2.0]], r"X\[0\]\[1\] is inf"),
        ([[1.0, 2.0], [math.nan, 2.0]], r"X\[1\]\[0\] is nan"),
    ):
        with pytest.raises(DataError, match=words):
            validate(wrong, [0, 1])
    with pytest.raises(DataError, match=r"y\[1\] is -inf"):
        validate([[1.0], [2.0]], [1.0, -math.inf])
    with pytest.raises(DataError, match=r"y\[0\] is 1000"):
        validate([[1.0], [2.0]], [10**400, 1])
    with pytest.raises(ShapeError, match="length 1 and X"):
        validate([[1.0, 2.0], [1.0]], [0, 1])
    huge = [[1e308, 1e308], [1e308, -1e308]]
    given, targets = [[1.0, 2.0], [3.0, 4.0]], [0, 1]
    rows, y = validate(given, targets)
    assert validate(huge, [2**60, True]) == (huge, [2**60, 1])
    assert (rows, y) == (given, targets)
    assert all(one is not other for one, other in zip([*rows, y], [*given, targets], strict=True))
    assert [type(n) for n in validate([[1, 2.5], [True, 0.0]], [1, 2.0])[0][0]] == [float, float]
