"""Gradients and Hessian matrices of classic test functions against outside truths."""

from __future__ import annotations

import math
import random

import mpmath as mp
import pytest
from classics import CLASSICS

import tinygrad_nn
from tinygrad_nn import grad, hessian, hvp, value_and_grad

np = pytest.importorskip("numpy")


def ours(name):
    return lambda x: CLASSICS[name].function(x, tinygrad_nn)


def points(name):
    """The standard starting point, where all is special, and one nearby, where nothing is."""
    start = CLASSICS[name].start
    rng = random.Random(name)
    return [start, [x + 0.1 * (abs(x) + 1.0) * rng.uniform(0.1, 1.0) for x in start]]


def true_derivative(name, point, orders):
    def function(*x):
        return CLASSICS[name].function(x, mp)

    with mp.workdps(50):
        return mp.diff(function, tuple(map(mp.mpf, point)), orders)


def orders(count, *places):
    """How often to differentiate by each argument."""
    return tuple(places.count(i) for i in range(count))


def assert_close(found, truth, rtol):
    """Equal entry by entry; where an entry is far below the others, to their rounding."""
    found, truth = np.array(found, float), np.array(truth, float)
    np.testing.assert_allclose(found, truth, rtol=rtol, atol=1e-15 * np.abs(truth).max())


# ---- against 50 digits -----------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSICS)
def test_gradient_and_hessian_equal_those_in_50_digits(name):
    for point in points(name):
        n = len(point)
        value, gradient = value_and_grad(ours(name))(point)
        assert value == pytest.approx(float(true_derivative(name, point, (0,) * n)), rel=1e-12)
        assert_close(
            gradient, [true_derivative(name, point, orders(n, i)) for i in range(n)], 1e-11
        )
        matrix = hessian(ours(name))(point)
        truth = [
            [true_derivative(name, point, orders(n, *sorted((i, j)))) for j in range(n)]
            for i in range(n)
        ]
        assert_close(matrix, truth, 1e-11)


@pytest.mark.parametrize("name", CLASSICS)
def test_hessian_is_symmetric_and_its_products_are_right(name):
    point = points(name)[1]
    rng = random.Random(name)
    v = [rng.uniform(-1.0, 1.0) for _ in point]
    matrix = np.array(hessian(ours(name))(point))
    assert_close(matrix, matrix.T, 1e-12)
    assert_close(hvp(ours(name))(point, v), matrix @ v, 1e-11)


# ---- against closed forms --------------------------------------------------------------------


def test_rosenbrock_of_100_numbers_equals_scipys_own_derivatives():
    optimize = pytest.importorskip("scipy.optimize")
    rng = random.Random(0)
    point = np.array([rng.uniform(-2.0, 2.0) for _ in range(100)])
    value, gradient = value_and_grad(ours("rosenbrock"))(point)
    assert value == pytest.approx(optimize.rosen(point), rel=1e-13)
    np.testing.assert_allclose(gradient, optimize.rosen_der(point), rtol=1e-12)
    v = np.array([rng.uniform(-2.0, 2.0) for _ in range(100)])
    found = hvp(ours("rosenbrock"))(point, v)
    np.testing.assert_allclose(found, optimize.rosen_hess_prod(point, v), rtol=1e-12)


def test_hessian_of_rosenbrock_of_100_numbers_equals_scipys():
    optimize = pytest.importorskip("scipy.optimize")
    rng = random.Random(0)
    point = np.array([rng.uniform(-2.0, 2.0) for _ in range(100)])
    matrix = hessian(ours("rosenbrock"))(point)
    np.testing.assert_allclose(matrix, optimize.rosen_hess(point), rtol=1e-12)


def booth(x):
    A = np.array([[10.0, 8.0], [8.0, 10.0]])
    return A @ x - [34.0, 38.0], A


def matyas(x):
    A = np.array([[0.52, -0.48], [-0.48, 0.52]])
    return A @ x, A


def himmelblau(x):
    a, b = x
    p, q = a * a + b - 11, a + b * b - 7
    return (
        [4 * a * p + 2 * q, 2 * p + 4 * b * q],
        [[4 * p + 8 * a * a + 2, 4 * (a + b)], [4 * (a + b), 4 * q + 8 * b * b + 2]],
    )


def powell_singular(x):
    r = np.array([x[0] + 10 * x[1], x[2] - x[3], x[1] - 2 * x[2], x[0] - x[3]])
    J = np.array([[1, 10, 0, 0], [0, 0, 1, -1], [0, 1, -2, 0], [1, 0, 0, -1.0]])
    slope = [2 * r[0], 10 * r[1], 4 * r[2] ** 3, 40 * r[3] ** 3]
    curvature = [2, 10, 12 * r[2] ** 2, 120 * r[3] ** 2]
    return J.T @ slope, J.T @ np.diag(curvature) @ J


def penalty(x):
    rest = x @ x - 0.25
    gradient = 2e-5 * (x - 1) + 4 * rest * x
    return gradient, (2e-5 + 4 * rest) * np.eye(len(x)) + 8 * np.outer(x, x)


def variably_dimensioned(x):
    i = np.arange(1, len(x) + 1)
    s = i @ (x - 1)
    return (
        2 * (x - 1) + (2 * s + 4 * s**3) * i,
        2 * np.eye(len(x)) + (2 + 12 * s**2) * np.outer(i, i),
    )


def rastrigin(x):
    turn = 2 * math.pi
    return 2 * x + 10 * turn * np.sin(turn * x), np.diag(2 + 10 * turn**2 * np.cos(turn * x))


def broyden_tridiagonal(x):
    n = len(x)
    padded = np.pad(x, 1)
    r = (3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1
    J = np.diag(3 - 4 * x) - np.eye(n, k=-1) - 2 * np.eye(n, k=1)
    return 2 * J.T @ r, 2 * J.T @ J - 8 * np.diag(r)


def three_hump_camel(x):
    a, b = x
    return (
        [4 * a - 4.2 * a**3 + a**5 + b, a + 2 * b],
        [[4 - 12.6 * a**2 + 5 * a**4, 1], [1, 2]],
    )


@pytest.mark.parametrize(
    "closed_form",
    [
        booth,
        matyas,
        himmelblau,
        powell_singular,
        penalty,
        variably_dimensioned,
        rastrigin,
        broyden_tridiagonal,
        three_hump_camel,
    ],
    ids=lambda closed_form: closed_form.__name__,
)
def test_gradient_and_hessian_equal_closed_forms(closed_form):
    name = closed_form.__name__
    for point in points(name):
        gradient, matrix = closed_form(np.array(point))
        assert_close(grad(ours(name))(point), gradient, 1e-12)
        assert_close(hessian(ours(name))(point), matrix, 1e-12)
