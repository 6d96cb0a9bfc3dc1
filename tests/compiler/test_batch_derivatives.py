"""Derivatives in batches, and of compiled batches."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from compiled import Interpreted, flat
from small_network import P, by_numpy, loss, network, samples

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, grad, tanh, value_and_grad
from tinygrad_nn.errors import ArgumentError


def test_a_derivative_by_the_sample_is_not_reduced() -> None:
    by_x = value_and_grad(lambda x, w: tanh(w * x))
    with pytest.raises(ArgumentError, match="reduce is 'mean' for a derivative by an argument"):
        compile(by_x, batch="x", reduce="mean")([1.0, 2.0], 0.5)
    x = np.array([1.0, 2.0])
    value, slope = compile(by_x, batch="x", reduce=("mean", None))(x, 0.5)
    assert value == pytest.approx(np.tanh(0.5 * x).mean(), rel=1e-12)
    np.testing.assert_allclose(slope, 0.5 / np.cosh(0.5 * x) ** 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("argnums", "reduce"),
    [
        (1, "mean"),
        (-1, "sum"),
        ("x", ("mean", "sum")),
        ((0, 1), "mean"),
        ((1, 0), ("mean", ("sum", None))),
        ("x", (None, ["mean", None])),
    ],
)
def test_nor_is_one_of_several(argnums: Any, reduce: Any) -> None:
    f = value_and_grad(lambda w, x: x[0] * w, argnums=argnums)
    with pytest.raises(ArgumentError, match=r"named in batch: each sample has its own; give None"):
        compile(f, batch="x", reduce=reduce)


@pytest.mark.parametrize("how", ["mean", "sum"])
def test_what_a_function_makes_of_a_derivative_by_the_sample_is_reduced(how: str) -> None:
    """The function says what a sample gives: that it is a derivative makes no difference."""

    def slope(w: Any, x: Any) -> Any:
        return grad(lambda v: tanh(w * v))(x)

    x = np.array([1.0, 2.0, -0.5])
    exact = 0.5 / np.cosh(0.5 * x) ** 2
    expected = exact.mean() if how == "mean" else exact.sum()
    found, by_w = compile(value_and_grad(slope), batch="x", reduce=how)(0.5, x)
    assert found == pytest.approx(expected, rel=1e-12)
    assert compile(slope, batch="x", reduce=how)(0.5, x) == pytest.approx(expected, rel=1e-12)
    each = [grad(slope)(0.5, one) for one in x.tolist()]
    assert by_w == pytest.approx(sum(each) / (len(x) if how == "mean" else 1), rel=1e-12)


def test_a_cost_made_of_derivatives_by_the_sample() -> None:
    """The residual of a differential equation, u' = -u, and its gradient by the weights."""

    def residual(w: Any, t: Any) -> Any:
        u, slope = value_and_grad(lambda t: tg.exp(w * t))(t)
        return (slope + u) ** 2

    t = np.linspace(0.0, 1.0, 7)
    for w in (0.5, -1.0):
        cost, by_w = compile(value_and_grad(residual), batch="t", reduce="mean")(w, t)
        u = np.exp(w * t)
        assert cost == pytest.approx(np.mean(((w + 1) * u) ** 2), rel=1e-12)
        exact = np.mean(2 * (w + 1) * u * (u + (w + 1) * t * u))
        assert by_w == pytest.approx(exact, rel=1e-9, abs=1e-15)


def test_slopes_by_what_has_no_effect_beside_sums_of_several_lengths() -> None:
    def total(w: Any, x: Any) -> Any:
        return sum(reduce(tg.max, x[i:]) for i in range(len(x)))

    x = [[1.0, 3.0, 2.0, -1.0, 0.5, 0.25]] * 2
    f = compile(value_and_grad(total), batch="x", reduce="sum", strict=True)
    assert f([1.0, 2.0], x) == (2 * (3.0 + 3.0 + 2.0 + 0.5 + 0.5 + 0.25), [0.0, 0.0])


def test_equal_derivatives_by_what_is_shared_and_what_is_not() -> None:
    f = value_and_grad(lambda w, x: (w + x) ** 2, argnums=(0, 1))
    found = compile(f, batch="x", reduce=("mean", ("mean", None)))(1.0, [1.0, 3.0])
    assert found == (10.0, (6.0, [4.0, 8.0]))


# ---- Values --------------------------------------------------------------------------------------


def test_values_in_a_batch() -> None:
    compiled = compile(loss, batch=("x", "y"), reduce="mean")
    X, y = samples(3)
    p = {name: [Value(v) for v in row] for name, row in P.items() if name != "W"}
    p["W"] = [[Value(v) for v in row] for row in P["W"]]
    cost = compiled(p, X, y)
    cost.backward()
    value, slopes = by_numpy(X, y)
    assert cost.data == pytest.approx(value / 3, rel=1e-9)
    assert [v.grad for v in p["v"]] == pytest.approx((slopes["v"] / 3).tolist(), rel=1e-9)


def test_derivatives_of_a_compiled_batch() -> None:
    compiled = compile(loss, batch=("x", "y"), reduce="mean")
    X, y = samples(3)
    expected = by_numpy(X, y)[1]["W"] / 3
    np.testing.assert_allclose(grad(compiled)(P, X, y)["W"], expected, rtol=1e-9)
    np.testing.assert_allclose(grad(compiled)(P, X.tolist(), y.tolist())["W"], expected, rtol=1e-9)
    np.testing.assert_allclose(compiled.value_and_grad(P, X, y)[1]["W"], expected, rtol=1e-9)


def test_the_order_of_the_samples_does_not_count() -> None:
    compiled = compile(value_and_grad(loss), batch=("x", "y"), reduce="mean")
    X, y = samples(33)
    order = np.random.default_rng(5).permutation(33)
    once, again = compiled(P, X, y), compiled(P, X[order], y[order])
    sizes = [size for (size,) in Interpreted(compiled, P, X, y).sizes]
    for a, b, size in zip(flat(once), flat(again), sizes, strict=True):
        assert abs(a - b) <= 1e-12 * size
    each = compile(network, batch="x")
    np.testing.assert_allclose(each(P, X[order]).score, each(P, X).score[order], rtol=1e-12)
