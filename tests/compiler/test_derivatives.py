"""Compiled derivatives of any order, and derivatives of what was compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from classics import CLASSICS, rosenbrock
from compiled import Interpreted, assert_within, flat

import tinygrad_nn
from tinygrad_nn import (
    Value,
    compile,
    exp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    tanh,
    value_and_grad,
    vjp,
)
from tinygrad_nn.check import check_grad
from tinygrad_nn.errors import ArgumentError


def f(x: Any) -> Any:
    return tanh(x[0] * x[1]) + exp(x[2] / 2) * x[0] ** 3


def g(x: Any) -> Any:
    return [x[0] * x[1], tanh(x[2]), x[0] ** 2 + x[2]]


POINTS = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]]
V = [1.0, -0.5, 0.25]

COMPILED_OF = {
    "grad": (grad(f), ()),
    "value_and_grad": (value_and_grad(f), ()),
    "hessian": (hessian(f), ()),
    "jacobian": (jacobian(g), ()),
    "jacfwd": (jacfwd(g), ()),
    "jacrev": (jacrev(g), ()),
    "hvp": (hvp(f), (V,)),
    "jvp": (lambda x, v: jvp(g, (x,), (v,)), (V,)),
    "vjp": (lambda x, v: vjp(g, x)[1](v), (V,)),
    "third": (jacobian(hessian(f)), ()),
    "grad of hvp": (lambda x, v: grad(lambda y: hvp(f)(y, v)[0])(x), (V,)),
}


@pytest.mark.parametrize("name", COMPILED_OF)
def test_transforms_are_compiled(name: str) -> None:
    transformed, more = COMPILED_OF[name]
    compiled = compile(transformed)
    for x in POINTS:
        expected = transformed(x, *more)
        found = compiled(x, *more)
        sizes = [size for (size,) in Interpreted(compiled, x, *more).sizes]
        assert_within(flat(found), flat(expected), sizes)
        assert type(found) is type(expected)


@pytest.mark.parametrize("name", COMPILED_OF)
def test_what_was_compiled_is_transformed(name: str) -> None:
    compiled = compile(f)
    vector = compile(g)
    transformed = {
        "grad": grad(compiled),
        "value_and_grad": value_and_grad(compiled),
        "hessian": hessian(compiled),
        "jacobian": jacobian(vector),
        "jacfwd": jacfwd(vector),
        "jacrev": jacrev(vector),
        "hvp": hvp(compiled),
        "jvp": lambda x, v: jvp(vector, (x,), (v,)),
        "vjp": lambda x, v: vjp(vector, x)[1](v),
        "third": jacobian(hessian(compiled)),
        "grad of hvp": lambda x, v: grad(lambda y: hvp(compiled)(y, v)[0])(x),
    }[name]
    eager, more = COMPILED_OF[name]
    for x in POINTS:
        found = flat(transformed(x, *more))
        assert found == pytest.approx(flat(eager(x, *more)), rel=1e-9, abs=1e-12)
        again = flat(compile(transformed)(x, *more))
        assert again == pytest.approx(found, rel=1e-9, abs=1e-12)


def test_numbers_in_numbers_out_values_in_values_out() -> None:
    assert type(grad(compile(lambda x: x**3))(2.0)) is float
    slope = grad(compile(lambda x: x**3))(Value(2.0))
    assert isinstance(slope, Value)
    assert grad(grad(compile(lambda x: x**3)))(2.0) == 12.0
    assert grad(compile(grad(lambda x: x**3)))(2.0) == 12.0
    assert grad(compile(grad(compile(lambda x: x**3))))(2.0) == 12.0


def test_value_and_grad_of_a_compiled_function() -> None:
    compiled = compile(f)
    for x in POINTS:
        value, slopes = compiled.value_and_grad(x)
        expected = value_and_grad(f)(x)
        assert [value, *slopes] == pytest.approx(flat(expected), rel=1e-12)
        assert type(value) is float
    power = compile(lambda x, n: x**n, static="n")
    assert power.value_and_grad(2.0, 3) == (8.0, 12.0)


def test_gradients_are_those_of_differences() -> None:
    assert check_grad(lambda *x: compile(f)(x), *POINTS[0], order=2, seed=0)
    compiled = compile(f)
    h = 1e-6
    for x in POINTS:
        slopes = compile(grad(f))(x)
        for i, slope in enumerate(slopes):
            ends = [[v + s * (i == j) for j, v in enumerate(x)] for s in (h, -h)]
            difference = (compiled(ends[0]) - compiled(ends[1])) / (2 * h)
            assert slope == pytest.approx(difference, rel=1e-6, abs=1e-8)


def test_which_arguments() -> None:
    def h(a: Any, b: Any, *, c: Any) -> Any:
        return a["x"] * b**2 + c

    both = compile(value_and_grad(h, argnums=("a", "b", "c")))
    assert both({"x": 3.0}, 2.0, c=1.0) == (13.0, ({"x": 4.0}, 12.0, 1.0))
    assert compile(grad(h, argnums=1))({"x": 3.0}, 2.0, c=0.0) == 12.0


def test_arrays_by_arrays() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(compile(grad(lambda x: (x * x).sum()))(x), 2 * x)
    jac = compile(jacobian(lambda x: x[0] * x[1]))(x)
    assert jac.shape == (2, 2, 2)
    np.testing.assert_array_equal(jac, jacobian(lambda x: x[0] * x[1])(x))


def test_a_gradient_inside_a_function() -> None:
    """A penalty on the slope: its own gradient needs second derivatives."""

    def cost(w: Any, x: Any) -> Any:
        value, slope = value_and_grad(lambda x: tanh(w * x))(x)
        return value + slope**2

    both = value_and_grad(cost)
    assert compile(both)(0.7, 0.4) == pytest.approx(both(0.7, 0.4), rel=1e-12)


# ---- the classics --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CLASSICS if name != "helical_valley"])
def test_hessians_of_the_classics(name: str) -> None:
    function, start = CLASSICS[name]

    def h(x: Any) -> Any:
        return function(x, tinygrad_nn)

    both = value_and_grad(h)
    compiled, second = compile(both), compile(hessian(h))
    for x in (start, [v * 1.01 + 0.03 for v in start]):
        for found, expected, program in (
            (compiled(x), both(x), compiled),
            (second(x), hessian(h)(x), second),
        ):
            sizes = [size for (size,) in Interpreted(program, x).sizes]
            assert_within(flat(found), flat(expected), sizes)
            assert all(map(math.isfinite, flat(found)))


def test_the_hessian_of_rosenbrock_is_tridiagonal() -> None:
    n = 30
    x = np.linspace(-1.0, 1.5, n)
    compiled = compile(hessian(lambda x: rosenbrock(x, tinygrad_nn)))
    exact = np.zeros((n, n))
    first, last = np.arange(n - 1), np.arange(1, n)
    exact[first, first] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    exact[last, last] += 200
    exact[first, last] = exact[last, first] = -400 * x[:-1]
    np.testing.assert_allclose(np.array(compiled(x.tolist())), exact, rtol=1e-12, atol=1e-12)
    assert len(compiled.program.statements) <= 15
    assert sum(math.prod(s.nest) for s in compiled.program.statements) < 10 * n


def test_the_gradient_of_rosenbrock_does_not_grow_with_its_length() -> None:
    counts = []
    for n in (10, 100, 300):
        compiled = compile(value_and_grad(lambda x: rosenbrock(x, tinygrad_nn)))
        x = np.sin(np.arange(n)).tolist()
        value, slope = compiled(x)
        a = np.array(x)
        steps = 100 * (a[1:] - a[:-1] ** 2) ** 2 + (1 - a[:-1]) ** 2
        assert value == pytest.approx(steps.sum(), rel=1e-12)
        assert slope[0] == pytest.approx(-400 * a[0] * (a[1] - a[0] ** 2) - 2 * (1 - a[0]))
        counts.append(len(compiled.program.statements))
    assert counts[0] == counts[1] == counts[2] < 20


def test_samples_of_a_direction() -> None:
    product = compile(hvp(lambda x, s: s * x[0] ** 2 * x[1]), batch=("v", "s"))
    assert product([3.0, 5.0], [[1.0, 0.0], [0.0, 1.0]], [1.0, 10.0]) == [[10.0, 6.0], [60.0, 0.0]]
    with pytest.raises(ArgumentError, match="parameters x, v, s: name one of them"):
        compile(hvp(lambda x, s: s * x), batch="t")
