"""Arrays as people write them: masks, methods, stacks of matrices, NaN."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, asarray, compile, jacobian, value_and_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError

V = np.array([0.3, -0.8, 1.7, 0.2, -0.4, 0.9])
W = np.array([1.0, 2.0, -1.0, 0.5, 3.0, -2.0])
GRID = W.reshape(2, 3) > 0.0


def _stack(x: Any) -> Any:
    """Two matrices that are positive definite."""
    a = x[:4].reshape(2, 2)
    one = a @ a.T + np.eye(2)
    return np.stack([one, one @ one + x[4] ** 2 * np.eye(2)])


HABITS: dict[str, Callable[[Any], Any]] = {
    "largest of a grid": lambda x: np.max(x.reshape(2, 3)) + np.nanmin(x.reshape(2, 3)),
    "spread of a grid": lambda x: np.ptp(x.reshape(2, 3)) + np.logaddexp.reduce(x),
    "median of axes": lambda x: np.median(x.reshape(2, 3), axis=(0, 1)) * x[0],
    "median kept": lambda x: (np.median(x.reshape(2, 3), axis=0, keepdims=True) * x[:3]).sum(),
    "quantiles kept": lambda x: (
        np.quantile(x.reshape(2, 3), [0.1, 0.6], axis=-1, keepdims=True) * x[:3]
    ).sum(),
    "clip as a method": lambda x: (x.clip(-0.5, 0.5) * W).sum() + x.clip(0.0).sum(),
    "not": lambda x: np.where(~(x > 0.0), x * x, 3.0 * x).sum(),
    "mask as floats": lambda x: ((x > 0.0).astype(float) * x**2).sum() + (x < 0.0).astype(int) @ x,
    "asked for floats": lambda x: (x.astype(float) * W).sum(),
    "where of a sum": lambda x: np.sum(x.reshape(2, 3) ** 2, where=GRID) + np.prod(x, where=W > 0),
    "where of a mean": lambda x: np.mean(x.reshape(2, 3), where=GRID),
    "mask of a deviation": lambda x: np.std(x, where=W > 0),
    "either": lambda x: np.where((x > 0.0) + (x < -0.6), x * x, 3 * x) @ ((x > 0) ^ (x < 1)),
    "means": lambda x: np.mean(x > 0.0) * x[0] + x.mean() * x.std() + np.var(x[:2]),
    "line": lambda x: (np.linspace(x[0], x[1], 4) * W[:4]).sum() + np.linspace(0, x[:2], 3).sum(),
    "kernel": lambda x: _kernel(x),
    "ellipsis": lambda x: _with_ellipsis(x),
    "in place": lambda x: _in_place(x),
    "inverses": lambda x: np.linalg.inv(_stack(x)).sum(),
    "determinants": lambda x: np.linalg.det(_stack(x)) @ np.array([1.0, 2.0]),
    "logarithms": lambda x: np.linalg.slogdet(_stack(x)).logabsdet.sum(),
    "factors": lambda x: (np.linalg.cholesky(_stack(x)) * W[:2]).sum(),
    "systems": lambda x: np.linalg.solve(_stack(x), x[:4].reshape(2, 2)).sum(),
    "right sides": lambda x: np.linalg.solve(_stack(x), x[:2, None]).sum(),
    "norm of a matrix": lambda x: np.linalg.norm(x.reshape(2, 3), 1) * np.linalg.norm(_stack(x)),
    "norms of a stack": lambda x: (
        np.linalg.norm(_stack(x), np.inf, axis=(1, 2)) * np.linalg.norm(_stack(x), axis=(0, 2))
    ).sum(),
    "doubled points": lambda x: np.interp(x, [-1.0, 0.0, 0.0, 2.0], [1.0, 3.0, 0.0, 5.0]).sum(),
}


def _kernel(x: Any) -> Any:
    """A Gaussian process: numbers times arrays of floats."""
    distances = (W[:4, None] - W[:4]) / np.exp(x[1])
    K = np.exp(x[0]) * np.exp(-0.5 * distances**2) + np.exp(x[2]) * np.eye(4)
    return np.linalg.slogdet(K)[1] + x[2:] @ np.linalg.solve(K, x[2:])


def _with_ellipsis(x: Any) -> Any:
    y = np.array([x[0], x[1] * 2.0, 1.0])
    y -= y.sum() * 0.5
    z = x * 2.0
    z[0, ...] = y[1]
    z[..., W > 0] *= 3.0
    return (z * W).sum() + (y * y).sum()


def _in_place(x: Any) -> Any:
    y = x.copy()
    y[1:] += y[:-1] ** 2
    np.multiply(y, x, out=y)
    y[y < 0.0] *= -0.5
    y.sort()
    return (y * W).sum()


def _differences(f: Callable[[Any], Any]) -> Any:
    h = 1e-6
    return [(f(V + h * e) - f(V - h * e)) / (2 * h) for e in np.eye(len(V))]


@pytest.mark.parametrize("name", HABITS)
def test_habits(name: str) -> None:
    f = HABITS[name]
    value, slope = value_and_grad(f)(V)
    np.testing.assert_allclose(value, f(V), rtol=1e-12)
    np.testing.assert_allclose(slope, _differences(f), rtol=1e-5, atol=1e-6)


COMPILED = ["clip as a method", "not", "mask as floats", "inverses", "either", "means", "line"]


@pytest.mark.parametrize("name", COMPILED)
def test_habits_compile(name: str) -> None:
    f = HABITS[name]
    value, slope = compile(value_and_grad(f))(V)
    again, other = value_and_grad(f)(V)
    np.testing.assert_allclose(value, again, rtol=1e-12)
    np.testing.assert_allclose(slope, other, rtol=1e-12)


WITH_NAN: dict[str, Callable[[Any], Any]] = {
    "sort": np.sort,
    "sort in place": lambda x: _sorted_copy(x),
    "argsort": lambda x: x[np.argsort(x)],
    "method": lambda x: x[x.argsort()],
    "argmax": lambda x: x[np.argmax(x)],
    "argmin": lambda x: x[x.argmin()],
    "partition": lambda x: np.partition(x, 1)[:2],
    "argpartition": lambda x: x[np.argpartition(x, 2)[:3]].sum(),
    "unique": np.unique,
    "median": np.median,
    "quantile": lambda x: np.quantile(x.reshape(2, 2), 0.3, axis=1),
    "nan_to_num": lambda x: np.nan_to_num(x, nan=7.0),
    "clip": lambda x: np.clip(x, 0.5, 2.0),
    "interp": lambda x: np.interp(x, [0.0, 4.0], [0.0, 8.0]),
}


def _sorted_copy(x: Any) -> Any:
    y = x.copy()
    y.sort()
    return y


@pytest.mark.parametrize("name", WITH_NAN)
def test_nan_is_where_numpy_puts_it(name: str) -> None:
    f = WITH_NAN[name]
    x = np.array([1.0, np.nan, 3.0, 0.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(_values(f, x), f(x))


def test_nan_that_comes_later_takes_another_path() -> None:
    f = compile(lambda x: np.sort(x) * 1.0)
    for x in ([3.0, 1.0, 2.0], [3.0, np.nan, 2.0], [np.nan, np.nan, 1.0]):
        np.testing.assert_array_equal(f(np.array(x)), np.sort(x))


def _values(f: Callable[[Any], Any], x: Any) -> Any:
    found: list[Any] = []

    def g(x: Any) -> Any:
        result = f(x)
        found.append([getattr(y, "data", y) for y in np.ravel(result)])
        return x[0]

    value_and_grad(g)(x)
    return np.reshape(np.array(found[0], dtype=float), np.shape(f(x)))


def test_infinite_numbers_become_finite() -> None:
    x = np.array([np.inf, -np.inf, 1.0])
    np.testing.assert_array_equal(_values(np.nan_to_num, x), np.nan_to_num(x))


def test_results_within_a_tuple_are_plain_arrays() -> None:
    rows, total = jacobian(lambda x: (x.reshape(2, 3)[0] ** 2, x.sum()))(V)
    assert (rows.dtype, rows.shape, total.shape) == (float, (3, 6), (6,))
    np.testing.assert_allclose(rows, np.eye(3, 6) * 2 * V[:3, None])


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(ArgumentError, match="do not increase"):
        value_and_grad(lambda x: np.interp(0.5, x, W))(V)
    with pytest.raises(ArgumentError, match="ord=2"):
        value_and_grad(lambda x: np.linalg.norm(x.reshape(2, 3), 2, axis=(0, 1)))(V)
    with pytest.raises(ShapeError, match="matrices"):
        value_and_grad(np.linalg.det)(V)
    with pytest.raises(ArgumentTypeError, match="asarray of the array"):
        value_and_grad(lambda x: np.sum(np.array([*x]), where=W > 0))(V)
    with pytest.raises(ArgumentTypeError, match="asarray of the array"):
        value_and_grad(lambda x: np.linalg.det(np.array([[x[0], 1.0], [x[1], x[2]]])))(V)
    with pytest.raises(ArgumentTypeError, match="imaginary part"):
        value_and_grad(lambda x: abs(1j * x).sum())(V)
    with pytest.raises(ShapeError, match="axis=3"):
        value_and_grad(lambda x: np.median(x, axis=3))(V)
    with pytest.raises(ArgumentTypeError, match="array of float64 to change"):
        value_and_grad(lambda x: np.add.at(np.zeros(3), [0, 1], x[:2]))(V)
    with pytest.raises(ArgumentTypeError, match="conditions has no meaning"):
        compile(lambda x: (x > 0) - (x > 1))(V)


def test_elements_are_taken_alike_before_and_after_masks_are_asked() -> None:
    numbers = asarray([Value(1.0), Value(2.0)])

    def kinds() -> list[type]:
        return [
            type(numbers[key]) for key in (0, slice(1), ..., (0, ...), [1], np.array([True, False]))
        ]

    before = kinds()
    assert compile(lambda x: (x[x > 0] ** 2).sum())(np.array([1.0, -2.0])) == 1.0
    assert kinds() == before
