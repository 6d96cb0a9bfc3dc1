"""Forward and backward differentiation, composed in every order, agree on random functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tinygrad_nn import (
    Value,
    grad,
    gradients,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    value_and_grad,
    vjp,
)
from tinygrad_nn.testing import Expression, expressions, graphs, numbers

some = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
functions = st.one_of(expressions(depth=5), graphs(size=10))
directions = st.lists(numbers(), min_size=3, max_size=3)

Function = Callable[..., Any]


def of_list(f: Expression) -> Function:
    return lambda x: f(*x)


def assert_same(found: Any, expected: Any, scale: float = 0.0) -> None:
    """Equal to 1e-12 of the greatest; of `scale`, if that is greater."""
    found, expected = flat(found), flat(expected)
    size = max([scale, *map(abs, expected)])
    for a, b in zip(found, expected, strict=True):
        assert a == pytest.approx(b, rel=1e-12, abs=1e-12 * size)


def scale_of(function: Function, x: list[float]) -> float:
    """The size of what second derivatives are made from, and may cancel in them."""
    value, slopes = value_and_grad(function)(x)
    return max(map(abs, [value, *slopes]))


def flat(nesting: Any) -> list[float]:
    if isinstance(nesting, list | tuple):
        return [number for part in nesting for number in flat(part)]
    return [nesting.data if isinstance(nesting, Value) else nesting]


def smooth(f: Expression) -> None:
    """Leave out points where derivatives are infinite or undefined: inf - inf depends on order."""
    x = list(f.point)
    assume(all(map(math.isfinite, flat(hessian(of_list(f))(x)))))


@some
@given(functions, directions)
def test_first_derivatives(f: Expression, v: list[float]) -> None:
    smooth(f)
    x, function = list(f.point), of_list(f)
    slopes = grad(function)(x)
    assert_same(jacfwd(function)(x), slopes)
    assert_same(jacrev(function)(x), slopes)
    assert_same(jacobian(function)(x), slopes)
    assert_same(vjp(function, x)[1](1.0)[0], slopes)
    assert_same(value_and_grad(function)(x), (function(x), slopes))
    along = math.fsum(a * b for a, b in zip(slopes, v, strict=True))
    scale = math.fsum(abs(a * b) for a, b in zip(slopes, v, strict=True))
    value, tangent = jvp(function, (x,), (v,))
    assert value == function(x)
    assert tangent == pytest.approx(along, rel=1e-12, abs=1e-12 * scale)
    # forward by backward twice: pulling back is linear, and its own pullback pushes forward
    (twice,) = vjp(lambda u: vjp(function, x)[1](u)[0], 1.0)[1](v)
    assert twice == pytest.approx(along, rel=1e-12, abs=1e-12 * scale)


@some
@given(functions)
def test_second_derivatives_by_all_compositions_of_modes(f: Expression) -> None:
    smooth(f)
    x, function = list(f.point), of_list(f)
    scale = scale_of(function, x)
    expected = jacrev(jacrev(function))(x)  # reverse over reverse
    assert_same(jacfwd(jacrev(function))(x), expected, scale)
    assert_same(jacrev(jacfwd(function))(x), expected, scale)
    assert_same(jacfwd(jacfwd(function))(x), expected, scale)
    assert_same(hessian(function)(x), expected, scale)
    transposed = [list(column) for column in zip(*expected, strict=True)]
    assert_same(transposed, expected, scale)


@some
@given(functions, directions)
def test_products_of_the_hessian_by_all_compositions_of_modes(
    f: Expression, v: list[float]
) -> None:
    smooth(f)
    x, function = list(f.point), of_list(f)
    slope = grad(function)

    def along(y: Any) -> Any:
        return sum(a * b for a, b in zip(slope(y), v, strict=True))

    scale = scale_of(function, x) * max(map(abs, v))
    expected = hvp(function)(x, v)  # forward over reverse
    assert_same(jvp(slope, (x,), (v,))[1], expected, scale)
    assert_same(grad(along)(x), expected, scale)  # reverse over reverse
    pushed = grad(lambda y: jvp(function, (y,), (v,))[1])(x)  # reverse over forward
    assert_same(pushed, expected, scale)
    assert_same(vjp(slope, x)[1](v)[0], expected, scale)  # the Hessian is symmetric
    product = [sum(h * b for h, b in zip(row, v, strict=True)) for row in hessian(function)(x)]
    assert_same(product, expected, scale)


@some
@given(functions)
def test_third_derivatives_along_one_argument(f: Expression) -> None:
    smooth(f)
    rest = f.point[1:]

    def function(t: Any) -> Any:
        return f(t, *rest)

    def forward(g: Function) -> Function:
        return lambda t: jvp(g, (t,), (1.0,))[1]

    t = f.point[0]
    expected = grad(grad(grad(function)))(t)
    assume(math.isfinite(expected))
    scale = max(abs(d) for d in (function(t), grad(function)(t), grad(grad(function))(t)))
    for third in (
        forward(grad(grad(function))),
        grad(forward(grad(function))),
        grad(grad(forward(function))),
        forward(forward(forward(function))),
        forward(hessian(function)),
        hessian(forward(function)),
    ):
        assert third(t) == pytest.approx(expected, rel=1e-12, abs=1e-12 * scale)


@some
@given(functions)
def test_derivatives_of_functions_equal_derivatives_of_graphs(f: Expression) -> None:
    smooth(f)
    leaves = [Value(number) for number in f.point]
    output = f(*leaves)
    assume(isinstance(output, Value))
    slopes = gradients(output, leaves)
    assert_same(slopes, grad(of_list(f))(list(f.point)))
    assert_same(slopes, grad(of_list(f))(leaves))
    curvatures = [gradients(slope, leaves) for slope in slopes]
    x, function = list(f.point), of_list(f)
    assert_same(curvatures, hessian(function)(x), scale_of(function, x))


@some
@given(functions, numbers())
def test_inside_another_derivative(f: Expression, c: float) -> None:
    """The gradient of c f(x), differentiated by c, is that of f."""
    smooth(f)
    x, function = list(f.point), of_list(f)
    expected = grad(function)(x)
    for jac in (jacfwd, jacrev):
        found = jac(lambda c: grad(lambda y: c * function(y))(x))(c)
        assert_same(found, expected)
