"""Batches: functions of one sample, compiled for any number of them."""

from __future__ import annotations

import math
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from compiled import flat
from small_network import B, Output, P, V, W, by_numpy, loss, network, samples

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, tanh, value_and_grad
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError

RNG = np.random.default_rng(1)


@pytest.mark.parametrize("reduce", ["sum", "mean"])
@pytest.mark.parametrize("as_list", [True, False])
def test_cost_and_gradient_are_those_of_linear_algebra(reduce: str, as_list: bool) -> None:
    compiled = compile(value_and_grad(loss), batch=("x", "y"), reduce=reduce)
    for count in (3, 1, 2, 33):
        X, y = samples(count)
        value, gradient = compiled(P, *((X.tolist(), y.tolist()) if as_list else (X, y)))
        expected, slopes = by_numpy(X, y)
        scale = 1.0 if reduce == "sum" else 1.0 / count
        assert value == pytest.approx(expected * scale, rel=1e-9)
        for name, slope in slopes.items():
            np.testing.assert_allclose(gradient[name], slope * scale, rtol=1e-9, atol=1e-12)


def test_a_step_of_training_is_a_few_products() -> None:
    compiled = compile(value_and_grad(loss), batch=("x", "y"), reduce="mean")
    compiled(P, *samples(5))
    assert len(compiled.program.statements) < 20


def test_a_step_of_training_gathers_nothing() -> None:
    compiled = compile(value_and_grad(loss), batch=("x", "y"), reduce="mean")
    compiled(P, *samples(5))
    assert not compiled.program.stats.gathers


# ---- how results are nested ----------------------------------------------------------------------


def test_lists_in_lists_out() -> None:
    X = samples(4)[0].tolist()
    found = compile(network, batch="x")(P, X)
    assert [type(one) for one in found] == [Output] * 4
    assert flat(found) == pytest.approx(flat([network(P, x) for x in X]), rel=1e-12)
    assert type(found[0].score) is float
    assert type(found[0].hidden) is list


def test_arrays_in_arrays_out() -> None:
    X = samples(4)[0]
    found = compile(network, batch="x")(P, X)
    assert type(found) is Output
    assert (found.score.shape, found.hidden.shape) == ((4,), (4, 4))
    h = np.tanh(X @ W.T + B)
    np.testing.assert_allclose(found.hidden, h, rtol=1e-12)
    np.testing.assert_allclose(found.score, h @ V, rtol=1e-12, atol=1e-12)


def test_arrays_of_any_shape() -> None:
    images, a = RNG.normal(size=(5, 2, 3)), RNG.normal(size=(4, 2))
    found = compile(lambda a, image: a @ image, batch="image")(a, images)
    np.testing.assert_allclose(found, a @ images, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(compile(lambda x: x * x, batch="x")(a[:, 0]), a[:, 0] ** 2)


def test_whole_numbers_and_flags_and_single_precision() -> None:
    for dtype in (int, bool, np.float32, np.uint8):
        x = np.array([1, 0, 1], dtype=dtype)
        np.testing.assert_array_equal(compile(lambda x: 2 * x + 1, batch="x")(x), [3.0, 1.0, 3.0])


def test_lists_of_arrays_and_of_dicts() -> None:
    f = compile(lambda s: s["a"][0] * s["b"], batch="s")
    assert f([{"a": [1.0, 9.0], "b": 2.0}, {"a": [3.0, 9.0], "b": 4.0}]) == [2.0, 12.0]
    assert compile(lambda x: x[0] * x[1], batch="x")([np.array([3.0, 2.0])] * 2) == [6.0, 6.0]


def test_samples_with_arrays_in_them() -> None:
    f = compile(lambda s: s["a"][0] * s["b"], batch="s")
    rows = [{"a": np.array([1.0, 9.0]), "b": 2.0}, {"a": np.array([3.0, 9.0]), "b": 4.0}]
    assert f(rows) == [2.0, 12.0]


def test_each_part_is_reduced_in_its_own_way() -> None:
    X = samples(4)[0]

    def f(x: Any) -> Any:
        return {"sum": x[0], "mean": (x[1], [x[2], 1.0]), "each": (x[0] * 2, 3.0)}

    reduce = {"sum": "sum", "mean": "mean", "each": (None, None)}
    found = compile(f, batch="x", reduce=reduce)(X)
    assert found["sum"] == pytest.approx(X[:, 0].sum(), rel=1e-12)
    assert flat(found["mean"]) == pytest.approx([*X[:, 1:].mean(axis=0), 1.0], rel=1e-12)
    np.testing.assert_array_equal(found["each"][0], X[:, 0] * 2)
    np.testing.assert_array_equal(found["each"][1], [3.0] * 4)
    listed = compile(f, batch="x", reduce=reduce)(X.tolist())
    assert listed["each"] == ((X[:, 0] * 2).tolist(), [3.0] * 4)


def test_what_does_not_depend_on_the_sample_counts_once_for_each() -> None:
    for reduce, factor in (("sum", 5.0), ("mean", 1.0)):
        f = compile(lambda w, x: (w * w, 7.0, x), batch="x", reduce=reduce)
        expected = [9.0 * factor, 7.0 * factor, 2.0 * factor]
        assert flat(f(3.0, [2.0] * 5)) == pytest.approx(expected, rel=1e-12)
    each = compile(lambda w, x: w * w, batch="x")
    assert each(3.0, [1.0, 2.0]) == [9.0, 9.0]


def test_sums_of_different_length_over_what_samples_share() -> None:
    def f(p: Any, x: Any) -> Any:
        return (x[0] + p[0]) + (x[1] + p[1]), (x[1] + p[0]) + (x[2] + p[1]) + (x[0] + p[2])

    p, X = [1.0, 2.0, 4.0], samples(5)[0]
    found = compile(f, batch="x", reduce="sum")(p, X)
    assert found == pytest.approx([X[:, :2].sum() + 15.0, X.sum() + 35.0], rel=1e-12)


def test_a_cost_with_a_penalty_that_all_samples_share() -> None:
    def cost(w: Any, x: Any) -> Any:
        return (w[0] * x - 1.0) ** 2 + 0.5 * (w[0] ** 2 + w[1] ** 2)

    x = np.array([1.0, 2.0, 4.0])
    for reduce in ("sum", "mean"):
        scale = 3.0 if reduce == "sum" else 1.0
        value, slope = compile(value_and_grad(cost), batch="x", reduce=reduce)([2.0, 3.0], x)
        assert value == pytest.approx(scale * (np.mean((2 * x - 1) ** 2) + 6.5), rel=1e-12)
        first = np.mean(2 * (2 * x - 1) * x) + 2.0
        assert slope == pytest.approx([scale * first, scale * 3.0], rel=1e-12)


# ---- how many ------------------------------------------------------------------------------------


def test_no_samples() -> None:
    f = compile(lambda w, x: w * x[0], batch="x")
    with pytest.raises(
        ShapeError, match="x has no samples, and the function has not been recorded"
    ):
        f(2.0, [])
    assert f(2.0, np.zeros((0, 2))).shape == (0,)
    assert f(2.0, [[1.0, 0.0]]) == [2.0]
    assert f(2.0, []) == []
    total = compile(lambda w, x: (w * x, w), batch="x", reduce=("sum", "sum"))
    assert total(2.0, np.zeros(0)) == (0.0, 0.0)
    mean = compile(lambda w, x: w * x, batch="x", reduce="mean")
    assert math.isnan(mean(2.0, np.zeros(0)))


@pytest.mark.parametrize("reduce", ["mean", "sum", ["mean", "sum"], [None, "mean"]])
def test_of_no_samples_there_is_what_the_function_itself_gives(reduce: Any) -> None:
    for function in (lambda w, x: [w * x, w], value_and_grad(lambda w, x: w * x * x)):
        compiled = compile(function, batch="x", reduce=reduce)
        compiled(2.0, [1.0, 2.0])
        expected = repr(flat(compiled(Value(2.0), [])))  # is called as it is
        for none in ([], np.zeros(0)):
            found = flat(compiled(2.0, none))
            assert repr(found) == expected
            assert isinstance(reduce, list) or set(map(type, found)) == {float}
        assert expected.count("nan") == str(reduce).count("mean") * (1 + isinstance(reduce, str))


def test_sizes_may_change_from_call_to_call_without_recording() -> None:
    calls = 0

    def f(x: Any) -> Any:
        nonlocal calls
        calls += 1
        return x * x

    compiled = compile(f, batch="x", reduce="sum")
    for count in [*range(1, 20), 3, 1, 7]:
        assert compiled(np.full(count, 2.0)) == 4.0 * count
    assert calls == 1


@pytest.mark.parametrize("reduce", ["sum", "mean", None, "parts"])
def test_long_batches_in_blocks(reduce: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CACHE", 8)  # bytes: blocks are as small as they may be
    count = 333
    x = np.random.default_rng(1).normal(size=count)

    def f(w: Any, x: Any) -> Any:
        return tanh(w[0] * x) + w[1] ** 2, w[1] * 3.0, x * w[0]

    hows = ("mean", "sum", None) if reduce == "parts" else (reduce,) * 3
    found = compile(f, batch="x", reduce=hows)([0.5, 2.0], x)
    columns = [np.tanh(0.5 * x) + 4.0, np.full(count, 6.0), 0.5 * x]
    for part, column, how in zip(found, columns, hows, strict=True):
        expected = column if how is None else getattr(np, how)(column)
        np.testing.assert_allclose(part, expected, rtol=1e-12, atol=1e-13)


def test_gradients_of_long_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CACHE", 8)
    X, y = samples(333)
    decayed = compile(
        value_and_grad(lambda p, x, y: loss(p, x, y) + 0.5 * tg.dot(p["b"], p["b"])),
        batch=("x", "y"),
        reduce="sum",
    )
    for _ in range(2):
        gradient = decayed(P, X, y)[1]
        slopes = by_numpy(X, y)[1]
        np.testing.assert_allclose(gradient["W"], slopes["W"], rtol=1e-9)
        np.testing.assert_allclose(gradient["b"], slopes["b"] + 333 * B, rtol=1e-9)


def test_batched_arguments_must_have_as_many_samples() -> None:
    f = compile(lambda x, y: x * y, batch=("x", "y"))
    with pytest.raises(ShapeError, match="as many samples: x has 2, y has 3"):
        f([1.0, 2.0], [1.0, 2.0, 3.0])


def test_samples_must_be_alike() -> None:
    with pytest.raises(ShapeError, match=r"x\[1\] is nested in another way than x\[0\]"):
        compile(lambda x: x[0], batch="x")([[1.0], [1.0, 2.0]])
    with pytest.raises(ArgumentTypeError, match=r"x is 3.0: expected one entry for each sample"):
        compile(lambda x: x, batch="x")(3.0)


@pytest.mark.parametrize("array", [np.array([1j]), np.array(["a"])])
def test_arrays_of_other_things_are_refused(array: np.ndarray) -> None:
    with pytest.raises(ArgumentTypeError, match=f"x is an array of dtype {array.dtype}"):
        compile(lambda x: x * 2, batch="x")(array)


def test_parts_are_reduced_by_their_names() -> None:
    f = compile(lambda x: {"a": x, "b": -x}, batch="x", reduce={"b": "mean", "a": "sum"})
    assert f([1.0, 3.0]) == {"a": 4.0, "b": -2.0}


@pytest.mark.parametrize("reduce", ["median", ("sum",), ("sum", "sum", "sum"), ("sum", 1)])
def test_reduce_must_fit_the_result(reduce: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match="reduce is "):
        compile(lambda x: (x, x), batch="x", reduce=reduce)([1.0])


class Frame:
    """What pandas and PyTorch hand over: no array of NumPy's, but it makes one."""

    def __init__(self, rows):
        self.rows = np.array(rows)
        self.ndim, self.shape, self.dtype = self.rows.ndim, self.rows.shape, "of its own"

    def __array__(self, dtype=None, copy=None):
        return self.rows

    def __iter__(self):
        return iter("column names")


def test_tables_of_other_libraries_are_batches():
    f = compile(lambda w, x: w[0] * x[0] + w[1] * x[1], batch="x")
    assert f([1.0, 2.0], Frame([[1.0, 2.0], [3.0, 4.0]])).tolist() == [5.0, 11.0]
    g = compile(lambda w, x: w * x, batch="x")
    assert g(2.0, Frame([1.0, 2.0])).tolist() == [2.0, 4.0]
    with pytest.raises(ArgumentTypeError, match=r"x has .*Frame.*numpy\.asarray"):
        compile(lambda x: x[0])(Frame([1.0, 2.0]))


@pytest.mark.parametrize("backend", ["numpy", "machine"])
def test_results_of_samples_in_blocks_are_the_callers(backend: str) -> None:
    if backend == "machine":
        pytest.importorskip("llvmlite")

    def function(w: Any, x: Any) -> Any:
        return {"both": [w * x[0], x[1] - w], "shared": w, "one": x[0] * x[1]}

    with patch.object(runner, "CACHE", 0), patch.object(runner, "LEAST", 4):
        compiled = compile(function, batch="x", reduce=None, backend=backend)
        x = np.random.default_rng(1).normal(size=(21, 2))
        first = compiled(2.0, x)
        kept = {name: array.copy() for name, array in first.items()}
        compiled(3.0, -x)
    for name, expected in {
        "both": np.stack([2.0 * x[:, 0], x[:, 1] - 2.0], axis=1),
        "shared": np.full(21, 2.0),
        "one": x[:, 0] * x[:, 1],
    }.items():
        assert np.array_equal(first[name], expected)
        assert np.array_equal(kept[name], expected)
