"""Transforms: how arguments and results are nested, what varies, and what comes out."""

from __future__ import annotations

import inspect
import math
import random
from typing import Any, NamedTuple

import pytest

from tinygrad_nn import (
    Value,
    cos,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    sin,
    tanh,
    value_and_grad,
    vjp,
)
from tinygrad_nn.errors import ArgumentError


class Line(NamedTuple):
    slope: Any
    shift: Any


JACOBIANS = [jacobian, jacfwd, jacrev]
every_jacobian = pytest.mark.parametrize("jac", JACOBIANS, ids=lambda jac: jac.__name__)


# ---- how arguments and results are nested ----------------------------------------------------


def test_a_gradient_is_nested_as_its_argument():
    assert grad(lambda x: x[0] * x[1])([2.0, 3.0]) == [3.0, 2.0]
    assert grad(lambda x: x[0] * x[1])((2.0, 3.0)) == (3.0, 2.0)
    assert grad(lambda x: x["a"] * x["b"] ** 2)({"a": 2.0, "b": 3.0}) == {"a": 9.0, "b": 12.0}
    found = grad(lambda line: line.slope * 5.0 + line.shift)(Line(2.0, 1.0))
    assert found == Line(5.0, 1.0)
    assert type(found) is Line
    deep = {"w": [[1.0, 2.0], (3.0,)], "b": Line(4.0, [5.0])}
    total = grad(
        lambda p: sum(
            place * x
            for place, x in enumerate([*p["w"][0], *p["w"][1], p["b"].slope, *p["b"].shift])
        )
    )
    assert total(deep) == {"w": [[0.0, 1.0], (2.0,)], "b": Line(3.0, [4.0])}
    assert deep == {"w": [[1.0, 2.0], (3.0,)], "b": Line(4.0, [5.0])}


def test_an_argument_without_numbers_has_a_gradient_without_numbers():
    assert grad(lambda x, y: y * y, argnums=(0, 1))([], 3.0) == ([], 6.0)
    assert grad(lambda x: 3.0)({}) == {}


def test_arrays_in_arrays_out():
    np = pytest.importorskip("numpy")
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = grad(lambda a: (a * a).sum())(x)
    np.testing.assert_array_equal(found, 2 * x)
    assert found.dtype == float
    assert found.shape == (2, 2)
    inside = grad(lambda p: p["w"] @ p["w"] * p["b"])({"w": np.array([3.0, 4.0]), "b": 2})
    np.testing.assert_array_equal(inside["w"], [12.0, 16.0])
    assert inside["b"] == 25.0
    assert grad(lambda a: a[()] ** 2)(np.array(3.0)) == 6.0
    assert grad(lambda a: a**2)(np.float32(3.0)) == 6.0


@every_jacobian
def test_a_jacobian_of_arrays_has_the_joined_shape(jac):
    np = pytest.importorskip("numpy")
    A = np.arange(6.0).reshape(2, 3)
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(jac(lambda x: A @ x)(x), A)
    found = jac(lambda x: np.outer(x, x))(x)
    assert found.shape == (3, 3, 3)
    for k in range(3):
        unit = np.eye(3)[k]
        np.testing.assert_array_equal(found[:, :, k], np.outer(unit, x) + np.outer(x, unit))
    found = jac(lambda X: X @ [5.0, 7.0])(np.ones((3, 2)))
    np.testing.assert_array_equal(found, np.einsum("ij,k->ijk", np.eye(3), [5.0, 7.0]))


@every_jacobian
def test_a_jacobian_is_nested_as_the_result_and_each_part_as_the_argument(jac):
    f = jac(lambda p: {"sum": p[0] + p[1], "rest": (p[0] * p[1], 7.0)})
    assert f([2.0, 3.0]) == {"sum": [1.0, 1.0], "rest": ([3.0, 2.0], [0.0, 0.0])}
    assert jac(lambda x: x * x)(3.0) == 6.0
    assert jac(lambda x: Line(x * x, x))(3.0) == Line(6.0, 1.0)
    assert jac(lambda x, y: [x * y, x], argnums=(0, 1))(2.0, 3.0) == [(3.0, 2.0), (1.0, 0.0)]
    assert jac(lambda x: [])([1.0]) == []


@every_jacobian
def test_the_jacobians_are_one(jac):
    rng = random.Random(0)
    for rows, columns in [(1, 4), (4, 1), (3, 3), (2, 5)]:
        A = [[rng.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)]
        x = [rng.uniform(-1, 1) for _ in range(columns)]

        def f(x, A=A):
            return [tanh(sum(a * xj for a, xj in zip(row, x, strict=True))) for row in A]

        truth = [
            [a / math.cosh(sum(a * xj for a, xj in zip(row, x, strict=True))) ** 2 for a in row]
            for row in A
        ]
        for found, true in zip(jac(f)(x), truth, strict=True):
            assert found == pytest.approx(true, rel=1e-13)


# ---- which arguments vary --------------------------------------------------------------------


def area(width, height=2.0, *, depth=3.0):
    return width * height**2 * depth**3


def test_argnums_by_position_by_name_and_several():
    assert grad(area)(5.0, 2.0) == 4 * 27
    assert grad(area, argnums=1)(5.0, 2.0) == 20 * 27
    assert grad(area, argnums=-1)(5.0, 2.0) == 20 * 27
    assert grad(area, argnums="height")(5.0, 2.0) == 20 * 27
    assert grad(area, argnums="height")(5.0, height=2.0) == 20 * 27
    assert grad(area, argnums="depth")(5.0, 2.0, depth=3.0) == 20 * 27
    assert grad(area, argnums=(1, 0))(5.0, 2.0) == (20 * 27, 4 * 27)
    assert grad(area, argnums=(0, "depth"))(5.0, 2.0, depth=3.0) == (4 * 27, 20 * 27)
    assert grad(area, argnums=(0,))(5.0, 2.0) == (4 * 27,)


def test_argnums_of_second_derivatives():
    def f(x, y):
        return x**2 * y[0] ** 3 * y[1]

    assert hessian(f, argnums=1)(2.0, [3.0, 5.0]) == [[360.0, 108.0], [108.0, 0.0]]
    assert hessian(f, argnums="x")(2.0, [3.0, 5.0]) == 270.0
    both = hessian(f, argnums=(0, 1))(2.0, [3.0, 5.0])
    assert both == (
        (270.0, [540.0, 108.0]),
        [(540.0, [360.0, 108.0]), (108.0, [108.0, 0.0])],
    )


def test_a_named_argument_of_no_call_is_named():
    for argnums in (2, -3, "depth", "nothing"):
        with pytest.raises(ArgumentError, match=f"argnums names argument {argnums!r}"):
            grad(area, argnums=argnums)(5.0, 2.0)


def test_arguments_that_do_not_vary_may_be_anything():
    seen = []
    gradient = grad(lambda x, name, flags, none: seen.append((name, flags, none)) or x * x)
    assert gradient(3.0, "text", {"a"}, None) == 6.0
    assert seen == [("text", {"a"}, None)]


# ---- numbers and Values ----------------------------------------------------------------------


def test_numbers_in_numbers_out():
    assert type(grad(lambda x: x * x)(3.0)) is float
    assert type(grad(lambda x: x * x)(3)) is float
    assert type(grad(lambda x: 5)(3)) is float
    value, slope = value_and_grad(lambda x: x * x)(3)
    assert (type(value), type(slope)) == (float, float)
    assert type(hessian(lambda x: x * x)(3.0)) is float
    assert type(hvp(lambda x: x * x)(3.0, 1.0)) is float
    assert [type(part) for part in jvp(lambda x: x * x, (3.0,), (1.0,))] == [float, float]
    value, pull = vjp(lambda x: x * x, 3.0)
    assert (type(value), type(pull(1.0)[0])) == (float, float)


def test_values_in_values_out_to_be_differentiated_again():
    x = Value(3.0, label="x")
    slope = grad(lambda a: a**3)(x)
    assert isinstance(slope, Value)
    assert slope.data == 27.0
    (curvature,) = gradients(slope, [x])
    assert curvature.data == 18.0
    curvature.backward()
    assert x.grad == 6.0
    second = hessian(lambda p: p[0] ** 2 * p[1])([x, Value(2.0)])
    assert [[entry.data for entry in row] for row in second] == [[4.0, 6.0], [6.0, 0.0]]
    second[0][1].backward()
    assert x.grad == 8.0


def test_transforms_leave_gradients_alone():
    x = Value(3.0)
    x.grad = 7.0
    w = Value(2.0)
    assert grad(lambda a: a * a * w)(x).data == 12.0
    hessian(lambda a: a * a * w)(x)
    vjp(lambda a: a * a * w, x)[1](1.0)
    assert (x.grad, w.grad) == (7.0, 0.0)


def test_values_that_the_function_finds_by_itself_are_held():
    w = Value(2.0)
    assert grad(lambda x: w * x * x)(3.0) == 12.0
    assert jacobian(lambda x: [w, w * x])(3.0) == [0.0, 2.0]


def test_a_derivative_by_one_input_given_twice_is_told_apart():
    x = Value(3.0)
    found = grad(lambda p: p[0] * p[1] ** 2)([x, x])
    assert [d.data for d in found] == [9.0, 18.0]
    assert [d.data for d in grad(lambda a, b: a - 2 * b, argnums=(0, 1))(x, x)] == [1.0, -2.0]


def test_the_name_and_text_of_the_function_are_kept():
    def cube(x):
        """The cube."""
        return x**3

    for transform in (grad, value_and_grad, jacobian, jacfwd, jacrev, hessian):
        assert transform(cube).__name__ == "cube"
        assert transform(cube).__doc__ == "The cube."


# ---- the signatures of jvp and vjp ---------------------------------------------------------------


def test_jvp():
    value, tangent = jvp(lambda x, y: [x * y, sin(x)], (2.0, 3.0), (1.0, 10.0))
    assert value == [6.0, math.sin(2.0)]
    assert tangent == pytest.approx([23.0, math.cos(2.0)], rel=1e-15)
    value, tangent = jvp(
        lambda p: {"y": p["a"] * p["b"]}, [{"a": 2.0, "b": 3.0}], [{"a": 1.0, "b": 0.0}]
    )
    assert (value, tangent) == ({"y": 6.0}, {"y": 3.0})
    assert jvp(lambda x: 5.0, (2.0,), (1.0,)) == (5.0, 0.0)


def test_vjp():
    value, pull = vjp(lambda x, y: [x * y, sin(x)], 2.0, 3.0)
    assert value == [6.0, math.sin(2.0)]
    assert pull([1.0, 0.0]) == (3.0, 2.0)
    assert pull([0.0, 1.0]) == (math.cos(2.0), 0.0)
    value, pull = vjp(lambda p: p["a"] * p["b"], {"a": 2.0, "b": 3.0})
    assert (value, pull(10.0)) == (6.0, ({"a": 30.0, "b": 20.0},))


def test_jvp_and_vjp_are_the_rows_and_columns_of_the_jacobian():
    def f(x):
        return [x[0] * x[1], exp(x[1]), cos(x[0] * x[2])]

    x = [0.3, -0.7, 1.1]
    J = jacobian(f)(x)
    for k in range(3):
        unit = [float(i == k) for i in range(3)]
        assert jvp(f, (x,), (unit,))[1] == pytest.approx([row[k] for row in J], rel=1e-14)
        assert vjp(f, x)[1](unit)[0] == pytest.approx(J[k], rel=1e-14)


def test_hvp_is_the_hessian_times_a_vector():
    def f(p, scale=1.0):
        return scale * exp(p["a"] * p["b"][0]) * sin(p["b"][1])

    x = {"a": 0.3, "b": [0.5, -0.4]}
    v = {"a": 2.0, "b": [-1.0, 0.5]}
    H = hessian(f)(x)

    def times(row):
        return row["a"] * v["a"] + row["b"][0] * v["b"][0] + row["b"][1] * v["b"][1]

    found = hvp(f)(x, v)
    assert found["a"] == pytest.approx(times(H["a"]), rel=1e-13)
    assert found["b"] == pytest.approx([times(row) for row in H["b"]], rel=1e-13)
    assert hvp(f)(x, v, 2.0)["a"] == pytest.approx(2 * found["a"], rel=1e-15)
    assert hvp(f)(x, v, scale=2.0)["a"] == pytest.approx(2 * found["a"], rel=1e-15)


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x, "(x, /, v)"),
        (lambda theta=1.0, s=2.0, *, t=3.0: s, "(theta, /, v, s=2.0, *, t=3.0)"),
        (lambda x, v: x, "(x, /, v, *args, **kwargs)"),
        (lambda *x: x[0], "(x, /, v, *args, **kwargs)"),
    ],
)
def test_the_signature_of_hvp_has_the_direction(f, expected):
    assert str(inspect.signature(hvp(f))) == expected
