"""What a transform cannot differentiate is refused, and named."""

from __future__ import annotations

import math

import pytest

from tinygrad_nn import (
    Value,
    derivative,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    ConversionError,
    LostGradientWarning,
    ShapeError,
)

JACOBIANS = [jacobian, jacfwd, jacrev]


# ---- a derivative that would silently be lost ---------------------------------------------------


def numpy_floats(x):
    np = pytest.importorskip("numpy")
    return np.asarray([x], dtype=float)[0]


LOSSES = [float, math.exp, math.sqrt, numpy_floats]


@pytest.mark.parametrize("conversion", LOSSES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("transform", [grad, value_and_grad, jacobian, jacfwd, hessian])
def test_a_number_taken_out_of_the_graph_is_refused(conversion, transform):
    with pytest.raises(ConversionError) as caught:
        transform(lambda x: x * conversion(x * x))(1.5)
    assert "which is being differentiated" in str(caught.value)
    assert "functions of tinygrad_nn" in str(caught.value)
    assert ".data" in str(caught.value)


@pytest.mark.parametrize("conversion", LOSSES, ids=lambda f: f.__name__)
def test_a_number_that_does_not_vary_may_be_taken_out(conversion):
    w = Value(2.5)
    plain = conversion(2.5)
    for f in (
        grad(lambda x: x * conversion(w)),
        lambda x: grad(lambda x, y: x * conversion(y))(x, w),
        grad(lambda x: x * conversion(w * 1.0)),
        lambda x: conversion(w),
    ):
        with pytest.warns(LostGradientWarning):  # that by w is lost
            assert f(3.0) == plain
    with no_grad():
        constant = w * 1.0
    assert grad(lambda x: x * conversion(constant))(3.0) == plain


def test_a_number_taken_out_of_an_enclosing_call_is_refused():
    with pytest.raises(ConversionError):
        grad(lambda x: grad(lambda y: y * float(x))(2.0))(3.0)


def test_data_is_the_way_to_mean_a_constant():
    assert grad(lambda x: x * x.data)(3.0) == 3.0


def test_a_refused_call_leaves_nothing_open():
    with pytest.raises(ConversionError):
        grad(lambda x: float(x))(1.0)
    with pytest.warns(LostGradientWarning):
        assert float(Value(2.0) * 3) == 6.0
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 / 0)(1.0)
    with pytest.warns(LostGradientWarning):
        assert float(Value(2.0) * 3) == 6.0
    assert isinstance(Value(2.0) * 3, Value)


# ---- mistakes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
@pytest.mark.parametrize(
    ("result", "described"),
    [(lambda x: [x, x], "list of 2"), (lambda x: [x], "list of 1"), (lambda x: (), "tuple of 0")],
)
def test_a_gradient_needs_one_number(transform, result, described):
    with pytest.raises(ArgumentTypeError, match=f"returned {described}.*use jacobian"):
        transform(result)(1.0)


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, *JACOBIANS])
@pytest.mark.parametrize("result", [None, "text", 1j])
def test_a_result_that_is_no_number_is_named(transform, result):
    def f(x):
        return result

    with pytest.raises(ArgumentTypeError, match=r"the result of f must be a number"):
        transform(f)(1.0)


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, *JACOBIANS])
def test_an_argument_that_is_no_number_is_named(transform):
    with pytest.raises(ArgumentTypeError, match=r"argument 0\['w'\]\[1\] must be a number.*'3'"):
        transform(lambda p: p["w"][0])({"w": [1.0, "3"]})
    with pytest.raises(ArgumentTypeError, match="argument 0 must be a number"):
        transform(lambda p: p)("text")


def test_a_direction_that_does_not_fit_is_named():
    with pytest.raises(ShapeError, match=r"tangents must have 2 numbers.*got 1"):
        jvp(lambda x, y: x * y, (1.0, 2.0), (1.0,))
    with pytest.raises(ShapeError, match=r"cotangents must have 2 numbers.*got 3"):
        vjp(lambda x: [x, x], 1.0)[1]([1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match=r"v must have 2 numbers.*got 1"):
        hvp(lambda x: x[0] * x[1])([1.0, 2.0], [1.0])


def test_a_direction_that_is_no_number_is_named():
    with pytest.raises(ArgumentTypeError, match="tangents"):
        jvp(lambda x: x * x, (1.0,), ("1",))
    with pytest.raises(ArgumentTypeError, match="v"):
        hvp(lambda x: x * x)(1.0, None)


def test_an_argument_is_named_once() -> None:
    for argnums in ((0, 0), (0, -1)):
        with pytest.raises(ArgumentError, match="names an argument twice"):
            grad(lambda x: x**2, argnums=argnums)(3.0)


def test_jvp_takes_tuples() -> None:
    with pytest.raises(ArgumentTypeError, match=r"give jvp\(f, \(x,\), \(v,\)\)"):
        jvp(lambda x: x, 2.0, 1.0)  # type: ignore[arg-type]  # that is what is tested


def test_nothing_varies() -> None:
    assert jacobian(lambda x: [1.0, 2.0])([]) == [[], []]


def test_within_no_grad_derivatives_are_right() -> None:
    with no_grad():
        assert grad(lambda x: x**2)(3.0) == 6.0
        assert hessian(lambda x: x**3)(2.0) == 12.0
        assert derivative(lambda x: x**3, 2)(2.0) == 12.0
        assert jvp(lambda x: x**2, (3.0,), (1.0,)) == (9.0, 6.0)
        assert hvp(lambda x: x[0] ** 3)([2.0], [1.0]) == [12.0]


@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian, *JACOBIANS])
def test_what_is_no_function(transform):
    for thing in (Value(2.0) * 3.0, 3.0, None):
        with pytest.raises(ArgumentTypeError, match=r"expected a function.*gradients\(y, \[x\]\)"):
            transform(thing)(1.0)


def test_argnums_may_be_a_list():
    assert grad(lambda x, y: x * y, argnums=[0, 1])(2.0, 3.0) == (3.0, 2.0)


def test_directions_are_told_by_names():
    def f(x):
        return x["a"] ** 3 + x["b"] ** 3

    x, v = {"a": 1.0, "b": 2.0}, {"b": 0.0, "a": 1.0}
    assert jvp(f, (x,), (v,)) == (9.0, 3.0)
    assert hvp(f)(x, v) == {"a": 6.0, "b": 0.0}
    assert vjp(lambda a: {"u": a, "v": a * a}, 3.0)[1]({"v": 1.0, "u": 0.0}) == (6.0,)
    with pytest.raises(ShapeError, match="names of what"):
        jvp(f, (x,), ({"a": 1.0, "c": 0.0},))
