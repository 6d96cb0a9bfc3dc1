"""Batches that come again, whose samples all take one path, go through entries alone."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from machine_code import ASKED

from tinygrad_nn import Value, compile, exp, log, value_and_grad
from tinygrad_nn.compiler.paths.samples import Samples
from tinygrad_nn.compiler.plan import Plan
from tinygrad_nn.errors import DomainError

ABOVE, BELOW = [0.5, 1.5, 2.0, 3.0], [-1.0, -0.5, -2.0, -4.0]
MIXED = [0.5, -1.5, 2.0, -3.0]


def either(x: Any, w: Any) -> Any:
    return exp(-x) * w if x > 0 else x * w


def several(x: Any, w: Any) -> Any:
    if x > 0:
        return {"own": x * w, "shared": w * w, "none": 2.0, "more": [x, w, x * x, 0.0, w + x, 1.0]}
    return {"own": x - w, "shared": w, "none": 3.0, "more": [w, x, x, x * w, w, 2.0]}


REDUCES = [
    None,
    "mean",
    {"own": None, "shared": "mean", "none": "mean", "more": "sum"},
    {"own": "mean", "shared": "sum", "none": "sum", "more": "mean"},
]
SLOPES = value_and_grad(either, (0, 1))


@pytest.fixture(params=["numpy", *["machine"] * bool(ASKED)])
def backend(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def no_general_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def forbid() -> None:
        if "TINYGRAD_NN_LOW" in os.environ:  # there entries are made of few terms only
            return

        def fail(*args: Any) -> Any:
            raise AssertionError

        monkeypatch.setattr(Plan, "run", fail)
        monkeypatch.setattr(Samples, "run", fail)

    return forbid


def reduced(reduce: Any, rows: list[Any]) -> Any:
    """Put the results of samples together, by hand; each sample's own as arrays."""
    how = reduce if isinstance(reduce, dict) else dict.fromkeys(rows[0], reduce)
    found = {}
    for name, own in how.items():
        table = np.array([row[name] for row in rows])
        found[name] = {"sum": sum(table), "mean": sum(table) / len(rows), None: table}[own]
    return found


def same(found: Any, expected: Any) -> None:
    assert list(found) == list(expected)
    for name, own in found.items():
        np.testing.assert_allclose(own, expected[name], rtol=1e-14, atol=1e-15)
        assert isinstance(own, np.ndarray | list if name == "more" else np.ndarray | float)


@pytest.mark.parametrize("reduce", REDUCES, ids=str)
def test_what_batches_give(reduce: Any, backend: str, no_general_way: Any) -> None:
    function = compile(several, batch="x", reduce=reduce, backend=backend)
    for batch in [ABOVE] * 6 + [BELOW] * 3 + [MIXED, ABOVE] * 2 + [ABOVE] * 2:
        expected = reduced(reduce, [several(x, 2.0) for x in batch])
        same(function(np.array(batch), 2.0), expected)
        if batch != ABOVE:
            continue
        found = function(batch, 2.0)  # a list of them
        if reduce is None:
            found = reduced(None, found)
        same(
            {name: np.array(own) if own.__class__ is list else own for name, own in found.items()},
            expected,
        )
    expected = reduced(reduce, [several(x, 3.0) for x in ABOVE[::-1]])
    no_general_way()
    same(function(np.array(ABOVE[::-1]), 3.0), expected)


def test_slopes_and_how_often_a_path_is_taken(backend: str, no_general_way: Any) -> None:
    function = compile(SLOPES, batch="x", reduce=("mean", (None, "mean")), backend=backend)
    rows = [SLOPES(x, 2.0) for x in ABOVE]
    for _ in range(6):
        value, (dx, dw) = function(np.array(ABOVE), 2.0)
    assert math.isclose(value, sum(row[0] for row in rows) / 4)
    np.testing.assert_allclose(dx, [row[1][0] for row in rows])
    assert math.isclose(dw, sum(row[1][1] for row in rows) / 4)
    assert "path taken 6 times" in str(function)
    no_general_way()
    again, (dx_again, dw_again) = function(np.array(ABOVE), 2.0)
    assert (value, *dx, dw) == (again, *dx_again, dw_again)
    assert "path taken 7 times" in str(function)


def test_other_numbers_of_samples(backend: str) -> None:
    function = compile(either, batch="x", backend=backend)
    for count in [4, 3, 4, 2, 1, 0] * 6:
        xs = np.array((ABOVE if count % 2 else BELOW)[:count])
        np.testing.assert_allclose(function(xs, 2.0), [either(x, 2.0) for x in xs.tolist()])


def test_numbers_that_are_not_there(backend: str) -> None:
    function = compile(lambda x: log(x) if x < 9 else x, batch="x", check=True, backend=backend)
    for _ in range(8):
        function(np.array(ABOVE))
    with pytest.raises(DomainError):
        function(np.array([*ABOVE[:3], -1.0]))
    np.testing.assert_allclose(function(np.array(ABOVE)), np.log(ABOVE))


def test_values_from_elsewhere(backend: str) -> None:
    w = Value(2.0)
    function = compile(lambda x: x * w if x > 0 else x - w, batch="x", backend=backend)
    for _ in range(8):
        function(np.array(ABOVE))
    w.data = 3.0
    np.testing.assert_array_equal(function(np.array(ABOVE)), 3.0 * np.array(ABOVE))
    np.testing.assert_array_equal(function(np.array(MIXED)), [1.5, -4.5, 6.0, -6.0])
