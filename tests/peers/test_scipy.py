"""Derivatives in the hands of SciPy, and functions written with NumPy."""

from __future__ import annotations

import math
from typing import Any

import pytest

import tinygrad_nn as tn
from tinygrad_nn import grad, hessian, hvp, jacobian, value_and_grad
from tinygrad_nn.errors import ConversionError

np = pytest.importorskip("numpy")
optimize = pytest.importorskip("scipy.optimize")
integrate = pytest.importorskip("scipy.integrate")

X = np.array([0.5, 1.5, 2.5])
A = np.array([[2.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 4.0]])


# ---- minimising -------------------------------------------------------------------------------


def rosenbrock(x: Any) -> Any:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


START = np.array([1.3, 0.7, 0.8, 1.9])


@pytest.mark.parametrize("method", ["trust-exact", "Newton-CG", "trust-ncg", "dogleg"])
def test_minimize_with_gradient_and_hessian_goes_the_same_way_as_with_scipys_own(method):
    start = START if method != "dogleg" else np.full(4, 1.1)  # where the Hessian is positive
    ours = optimize.minimize(
        value_and_grad(rosenbrock), start, jac=True, hess=hessian(rosenbrock), method=method
    )
    theirs = optimize.minimize(
        optimize.rosen, start, jac=optimize.rosen_der, hess=optimize.rosen_hess, method=method
    )
    assert ours.success == theirs.success
    assert ours.nit == theirs.nit
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-6)
    np.testing.assert_allclose(ours.x, 1.0, rtol=1e-4)


def test_minimize_with_products_of_the_hessian():
    found = optimize.minimize(
        value_and_grad(rosenbrock), START, jac=True, hessp=hvp(rosenbrock), method="trust-krylov"
    )
    assert found.success
    np.testing.assert_allclose(found.x, 1.0, rtol=1e-4)


def test_minimize_bfgs_needs_the_gradient_only():
    found = optimize.minimize(value_and_grad(rosenbrock), START, jac=True, method="BFGS")
    np.testing.assert_allclose(found.x, 1.0, rtol=1e-4)


def test_minimize_with_a_constraint():
    """The point of the circle that lies furthest along (1, 1)."""
    found = optimize.minimize(
        value_and_grad(lambda x: -x[0] - x[1]),
        [1.0, 0.0],
        jac=True,
        method="SLSQP",
        constraints={"type": "eq", "fun": circle, "jac": grad(circle)},
    )
    np.testing.assert_allclose(found.x, [math.sqrt(0.5)] * 2, rtol=1e-6)


def circle(x: Any) -> Any:
    return x[0] ** 2 + x[1] ** 2 - 1.0


# ---- fitting and solving -----------------------------------------------------------------------


TIMES = np.linspace(0.0, 4.0, 9)


def decay(p: Any) -> Any:
    return p[0] * np.exp(-p[1] * TIMES) + p[2]


def decay_jacobian(p: Any) -> Any:
    e = np.exp(-p[1] * TIMES)
    return np.stack([e, -p[0] * TIMES * e, np.ones_like(e)], axis=1)


def test_least_squares():
    data = decay([3.0, 0.7, 1.0])

    def residuals(p: Any) -> Any:
        return decay(p) - data

    start = [1.0, 1.0, 0.0]
    ours = optimize.least_squares(residuals, start, jac=jacobian(residuals))
    theirs = optimize.least_squares(residuals, start, jac=decay_jacobian)
    np.testing.assert_allclose(ours.x, [3.0, 0.7, 1.0], rtol=1e-9)
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-12)
    np.testing.assert_allclose(ours.jac, decay_jacobian(ours.x), rtol=1e-12)
    assert ours.nfev == theirs.nfev


def test_curve_fit():
    data = decay([3.0, 0.7, 1.0])

    def model(t: Any, *p: Any) -> Any:
        return decay(p)

    def slopes(t: Any, *p: Any) -> Any:
        return jacobian(decay)(np.array(p))

    found, _ = optimize.curve_fit(model, TIMES, data, p0=[1.0, 1.0, 0.0], jac=slopes)
    np.testing.assert_allclose(found, [3.0, 0.7, 1.0], rtol=1e-9)


def test_root():
    def system(x: Any) -> Any:
        return np.array([x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1.0, 0.5 * (x[1] - x[0]) ** 3 + x[1]])

    def system_jacobian(x: Any) -> Any:
        d = 1.5 * (x[0] - x[1]) ** 2
        return np.array([[1 + d, -d], [-d, 1 + d]])

    ours = optimize.root(system, [0.0, 0.0], jac=jacobian(system))
    theirs = optimize.root(system, [0.0, 0.0], jac=system_jacobian)
    assert ours.success
    np.testing.assert_allclose(ours.x, theirs.x, rtol=1e-12)
    assert (ours.nfev, ours.njev) == (theirs.nfev, theirs.njev)


@pytest.mark.parametrize("method", ["newton", "halley"])
def test_root_scalar(method):
    def f(x: Any) -> Any:
        return tn.exp(x) - 3.0 * x

    found = optimize.root_scalar(f, x0=0.0, fprime=grad(f), fprime2=grad(grad(f)), method=method)
    assert found.converged
    assert f(found.root) == pytest.approx(0.0, abs=1e-14)


# ---- differential equations --------------------------------------------------------------------


def robertson(t: Any, y: Any) -> Any:
    slow, fast = 0.04 * y[0], 1e4 * y[1] * y[2]
    burst = 3e7 * y[1] ** 2
    return np.array([fast - slow, slow - fast - burst, burst])


def robertson_jacobian(t: Any, y: Any) -> Any:
    a, b, c = 1e4 * y[2], 1e4 * y[1], 6e7 * y[1]
    return np.array([[-0.04, a, b], [0.04, -a - c, -b], [0.0, c, 0.0]])


@pytest.mark.parametrize("method", ["Radau", "BDF"])
def test_a_stiff_equation(method):
    def solve(jac: Any) -> Any:
        return integrate.solve_ivp(
            robertson, (0.0, 100.0), [1.0, 0.0, 0.0], method=method, jac=jac, rtol=1e-6, atol=1e-10
        )

    ours, theirs = solve(jacobian(robertson, argnums=1)), solve(robertson_jacobian)
    assert ours.success
    assert (ours.nfev, ours.njev) == (theirs.nfev, theirs.njev)
    np.testing.assert_allclose(ours.y, theirs.y, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(
        jacobian(robertson, argnums=1)(0.0, ours.y[:, -1]),
        robertson_jacobian(0.0, ours.y[:, -1]),
        rtol=1e-13,
    )


# ---- functions written with NumPy ----------------------------------------------------------------


ELEMENTWISE = {
    "exp": np.exp,
    "expm1": np.exp,
    "log": lambda x: 1 / x,
    "log1p": lambda x: 1 / (1 + x),
    "sqrt": lambda x: 0.5 / np.sqrt(x),
    "square": lambda x: 2 * x,
    "sin": np.cos,
    "cos": lambda x: -np.sin(x),
    "arctan": lambda x: 1 / (1 + x * x),
    "sinh": np.cosh,
    "cosh": np.sinh,
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "arcsinh": lambda x: 1 / np.sqrt(1 + x * x),
    "absolute": np.sign,
    "negative": lambda x: -np.ones_like(x),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_numpys_functions_of_each_element(name):
    found = grad(lambda x: getattr(np, name)(x).sum())(X)
    np.testing.assert_allclose(found, ELEMENTWISE[name](X), rtol=1e-13)


OF_ARRAYS = {
    "sum": (lambda x: np.sum(x * x), 2 * X),
    "mean": (lambda x: np.mean(x * x), 2 * X / 3),
    "var": (np.var, 2 * (X - X.mean()) / 3),
    "std": (np.std, (X - X.mean()) / (3 * X.std())),
    "vdot": (lambda x: np.vdot(x, x), 2 * X),
    "prod": (np.prod, np.prod(X) / X),
    "max": (np.max, [0.0, 0.0, 1.0]),
    "min": (np.min, [1.0, 0.0, 0.0]),
    "sort": (lambda x: np.sort(x)[1], [0.0, 1.0, 0.0]),
    "cumsum": (lambda x: np.cumsum(x).sum(), [3.0, 2.0, 1.0]),
    "diff": (lambda x: (np.diff(x) ** 2).sum(), [-2.0, 0.0, 2.0]),
    "matmul": (lambda x: x @ A @ x, 2 * A @ X),
    "dot": (lambda x: np.dot(A, x)[1], A[1]),
    "einsum": (lambda x: np.einsum("i,ij,j", x, A, x), 2 * A @ X),
    "outer": (lambda x: np.outer(x, x)[0, 2], [X[2], 0.0, X[0]]),
    "norm": (np.linalg.norm, X / np.linalg.norm(X)),
    "norm 1": (lambda x: np.linalg.norm(x, 1), [1.0, 1.0, 1.0]),
    "clip": (lambda x: np.clip(x, 1.0, 2.0).sum(), [0.0, 1.0, 0.0]),
    "maximum": (lambda x: np.maximum(x, 1.0).sum(), [0.0, 1.0, 1.0]),
    "minimum": (lambda x: np.minimum(x, 1.0).sum(), [1.0, 0.0, 0.0]),
    "where": (lambda x: np.where(x > 1.0, x * x, 0.0).sum(), [0.0, 3.0, 5.0]),
    "concatenate": (lambda x: np.concatenate([x, 2 * x]).sum(), [3.0, 3.0, 3.0]),
    "array": (lambda x: np.array([x[0] * x[1], x[2]]).sum(), [X[1], X[0], 1.0]),
    "NumPy scalars": (lambda x: np.float64(2.0) * x[0] + x[1] * np.float32(3.0), [2.0, 3.0, 0.0]),
    "polyval": (lambda x: np.polyval([1.0, 2.0, 3.0], x[0]), [2 * X[0] + 2, 0.0, 0.0]),
    "slices": (lambda x: np.sum((x[1:] + x[:-1]) / 2), [0.5, 1.0, 0.5]),
}


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_numpys_functions_of_arrays(name):
    function, truth = OF_ARRAYS[name]
    np.testing.assert_allclose(grad(function)(X), truth, rtol=1e-13)


def test_numpys_functions_on_bare_values():
    x = tn.Value(0.5)
    found = np.exp(x) * np.tanh(x) + np.hypot(x, 2.0)
    found.backward()
    truth = math.exp(0.5) * (math.tanh(0.5) + math.cosh(0.5) ** -2) + 0.5 / math.hypot(0.5, 2.0)
    assert x.grad == pytest.approx(truth, rel=1e-14)


def test_an_array_of_floats_is_refused_where_it_would_lose_derivatives():
    with pytest.raises(ConversionError, match="functions of tinygrad_nn"):
        grad(lambda x: np.asarray(x, dtype=float).sum())(X)
    with pytest.raises(ConversionError):
        grad(lambda x: np.zeros(3).__setitem__(0, x[0]))(X)


def test_an_array_of_objects_can_be_filled_place_by_place():
    def f(x: Any) -> Any:
        table = np.empty((2, 3), dtype=object)
        for i in range(2):
            for j in range(3):
                table[i, j] = x[j] ** (i + 1)
        return table.sum()

    np.testing.assert_allclose(grad(f)(X), 1 + 2 * X)
