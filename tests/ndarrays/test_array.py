from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from tests.support.numpy_cases import CASES, POINT, REFUSED, differences
from tinygrad_nn import Value, asarray, compile, grad, hessian, jacobian, value_and_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError, TinygradNNError
from tinygrad_nn.ndarrays.array import NumberArray

NEEDS_SCIPY = {"sinc"}
# Compiling takes longer: those that people ask for; all of them are in tests.sweeps.numpy.
COMPILED = (
    *(
        "where",
        "select",
        "clip",
        "sort",
        "cumsum",
        "cumprod",
        "prod",
        "diff",
        "interp",
        "percentile",
    ),
    *("logaddexp", "trapezoid", "convolve", "einsum", "cross", "kron", "pad", "extract", "append"),
    *("linalg.norm", "linalg.solve", "linalg.slogdet", "linalg.cholesky", "linalg.lstsq"),
)


@pytest.mark.parametrize("name", CASES)
def test_functions_of_numpy_have_its_value_and_a_derivative(name: str) -> None:
    f = CASES[name]
    if name in NEEDS_SCIPY:
        pytest.importorskip("scipy")
    if name in REFUSED:
        with pytest.raises(TinygradNNError):
            value_and_grad(f)(POINT)
        return
    value, slope = value_and_grad(f)(POINT)
    assert type(slope) is np.ndarray
    assert slope.dtype == float
    np.testing.assert_allclose(float(value), float(f(POINT)), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(slope, differences(f), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", COMPILED)
def test_they_compile(name: str) -> None:
    f = CASES[name]
    value, slope = compile(value_and_grad(f))(POINT)
    again, other = value_and_grad(f)(POINT)
    np.testing.assert_allclose(value, again, rtol=1e-12)
    np.testing.assert_allclose(slope, other, rtol=1e-12, atol=1e-15)


def test_values_and_floats_side_by_side() -> None:
    x, y = Value(0.5), Value(2.0)
    mixed = asarray([[x, 1.0], [3.0, y]])
    total = (np.exp(mixed) * np.array([[1.0, 2.0], [3.0, 4.0]])).sum() + np.linalg.det(mixed)
    total.backward()
    assert x.grad == pytest.approx(np.exp(0.5) + 2.0)
    assert y.grad == pytest.approx(4 * np.exp(2.0) + 0.5)


def test_single_values_take_the_same_ways() -> None:
    x = Value(0.5)
    y = np.interp(x, [0.0, 1.0, 2.0], [0.0, 3.0, 5.0]) + np.median([x, 0.0, 1.0])
    y.backward()
    assert (y.data, x.grad) == (2.0, 4.0)


def test_it_lasts_through_slices_and_arithmetic() -> None:
    seen = []

    def f(x: Any) -> Any:
        parts = (x[1:], x[None] * 2.0, np.ones(3) - x, x.reshape(3, 1).T, x.copy(), -x, x > 0)
        seen.extend(map(type, parts[:-1]))
        assert type(parts[-1]) is np.ndarray
        y = x * 1.0
        y += 1.0
        seen.append(type(y))
        return (np.exp(y) * np.append(x[:1], [1.0, 2.0])).sum()

    found = grad(f)(POINT)
    assert set(seen) == {NumberArray}
    assert type(found) is np.ndarray
    assert type(jacobian(lambda x: np.outer(x, x))(POINT)) is np.ndarray
    assert type(hessian(lambda x: (np.exp(x) ** 2).sum())(POINT)) is np.ndarray


def test_iteration_gives_what_a_plain_array_gives() -> None:
    table = asarray([[Value(1.0), 2.0], [3.0, 4.0]])
    rows = list(table)
    assert all(type(row) is NumberArray for row in rows)
    assert [x for row in rows for x in row] == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(TypeError, match="0-d"):
        iter(np.array(Value(1.0), dtype=object).view(NumberArray))


def test_arrays_in_nestings_are_handed_over_too() -> None:
    def f(p: Any) -> Any:
        return np.median(p["w"][0]) + np.percentile(p["w"][1], 50)

    found = grad(f)({"w": [POINT, 2 * POINT]})
    assert [g.tolist() for g in found["w"]] == [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]


def test_compiled_masks_and_conditions() -> None:
    def f(x: Any) -> Any:
        return (x[x > 0] ** 2).sum() + np.where((x > -1) & (x < 1), x, 0.0).sum()

    compiled = compile(value_and_grad(f))
    for point in (POINT, -POINT, 2 * POINT):
        value, slope = compiled(point)
        again, other = value_and_grad(f)(point)
        assert value == pytest.approx(again)
        assert slope.tolist() == pytest.approx(other.tolist())


def test_interpolation_at_points_and_beyond() -> None:
    xp, fp = [0.0, 1.0, 3.0], [1.0, 2.0, -1.0]
    x = np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0])
    compiled = compile(lambda x, xp, fp: np.interp(x, xp, fp, left=7.0))
    np.testing.assert_array_equal(compiled(x, xp, fp), np.interp(x, xp, fp, left=7.0))
    eager = np.interp(asarray([Value(number) for number in x]), xp, fp, left=7.0)
    assert [getattr(y, "data", y) for y in eager] == np.interp(x, xp, fp, left=7.0).tolist()
    slopes = grad(lambda fp: np.interp(asarray([0.5, 2.0]), xp, fp).sum())(fp)
    assert slopes == [0.5, 1.0, 0.5]
    with pytest.raises(ArgumentError, match="period"):
        grad(lambda x: np.interp(x, xp, fp, period=3.0))(0.5)
    with pytest.raises(ShapeError, match="3 points and 2 values"):
        grad(lambda x: np.interp(x, xp, fp[:2]))(0.5)


def test_quantiles_along_axes() -> None:
    a = np.arange(12.0).reshape(3, 4) ** 1.5
    for axis in (None, 0, 1, -1):
        found = np.quantile(asarray(a), [0.25, 0.6], axis=axis)
        np.testing.assert_allclose(found.astype(float), np.quantile(a, [0.25, 0.6], axis=axis))
    with pytest.raises(ArgumentError, match="linear"):
        np.quantile(asarray(a), 0.5, method="nearest")
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        np.quantile(asarray(a), 1.5)


def test_least_squares_are_those_of_numpy() -> None:
    rng = np.random.default_rng(0)
    A, b = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    x, residuals, rank, _ = np.linalg.lstsq(asarray(A), b, rcond=None)
    right = np.linalg.lstsq(A, b, rcond=None)
    np.testing.assert_allclose(x.astype(float), right[0], rtol=1e-12)
    np.testing.assert_allclose(residuals.astype(float), right[1], rtol=1e-12)
    assert rank == 3
    with pytest.raises(ShapeError, match="at least as many rows"):
        np.linalg.lstsq(asarray(A[:2]), b[:2], rcond=None)


def test_mistakes_are_said_plainly() -> None:
    with pytest.raises(ArgumentTypeError, match="numbers holds 'a'"):
        asarray(["a"])
    with pytest.raises(ShapeError, match="takes matrices"):
        np.linalg.det(asarray(np.ones(2)))
    with pytest.raises(ShapeError, match="2 conditions and 1 choices"):
        np.select([asarray([1.0]) > 0, asarray([1.0]) > 2], [asarray([1.0])])
    with pytest.raises(ArgumentError, match=r"np\.linalg\.norm"):
        np.linalg.norm(asarray(np.eye(2)), 2)
    with pytest.raises(ValueError, match="broadcast"):
        asarray([1.0, 2.0]) + np.ones(3)


def test_pickles_and_shows() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Values leave their graph
        again = pickle.loads(pickle.dumps(asarray([1.0, 2.0])))
    assert type(again) is NumberArray
    assert "1.0" in repr(asarray([Value(1.0)]))
