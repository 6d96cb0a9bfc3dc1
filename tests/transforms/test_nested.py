"""Transforms inside transforms, and of functions in which Python decides."""

from __future__ import annotations

import math

import pytest

from tinygrad_nn import (
    exp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jvp,
    log,
    relu,
    sin,
    sqrt,
    stop_gradient,
    value_and_grad,
    vjp,
    where,
)

# ---- transforms in transforms: what varies in one must not vary in the other -----------------


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert grad(lambda a: grad(lambda b: a * b)(a))(3.0) == 1.0
    assert grad(lambda x: grad(lambda x: x * x * x)(x))(2.0) == 12.0


def test_perturbations_are_not_confused_three_deep():
    def f(x):
        return x * grad(lambda y: y * grad(lambda z: x * y * z)(1.0))(2.0)

    assert f(3.0) == 36.0  # x * d/dy (y * x y) = x * 2 x y = 4 x^2
    assert grad(f)(3.0) == 24.0
    assert grad(grad(f))(3.0) == 8.0
    assert grad(grad(grad(lambda x: x**5)))(2.0) == 240.0
    assert grad(lambda x: grad(lambda y: grad(lambda z: x**2 * y**3 * z**4)(y))(x))(1.0) == 168.0


def push(f, x):
    """The derivative of a function of one number, forward."""
    return jvp(f, (x,), (1.0,))[1]


def pull(f, x):
    """The same backward, by vjp."""
    return vjp(f, x)[1](1.0)[0]


def by_grad(f, x):
    return grad(f)(x)


def by_jacfwd(f, x):
    return jacfwd(f)(x)


MODES = [push, pull, by_grad, by_jacfwd]


@pytest.mark.parametrize("outer", MODES)
@pytest.mark.parametrize("inner", MODES)
def test_perturbations_are_not_confused_between_modes(outer, inner):
    assert outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0) == 1.0
    assert outer(lambda a: inner(lambda b: a * b, a), 3.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y * y, 2.0), 3.0) == 24.0
    assert outer(lambda x: inner(lambda y: sin(x) * exp(y), x), 0.5) == pytest.approx(
        math.exp(0.5) * (math.sin(0.5) + math.cos(0.5)), rel=1e-15
    )
    assert outer(lambda x: x * inner(lambda y: y * y, 2.0), 3.0) == 4.0  # knows nothing of x


@pytest.mark.parametrize("outer", MODES)
def test_a_direction_may_vary_as_well(outer):
    assert outer(lambda v: jvp(lambda x: x**3, (2.0,), (v,))[1], 5.0) == 12.0
    assert outer(lambda v: vjp(lambda x: x**3, 2.0)[1](v)[0], 5.0) == 12.0
    assert outer(lambda v: hvp(lambda x: x**3)(2.0, v), 5.0) == 12.0
    assert outer(lambda x: jvp(lambda y: y**3, (x,), (x,))[1], 2.0) == 36.0


@pytest.mark.parametrize("outer", MODES)
def test_what_is_pushed_or_pulled_as_well_as_value_and_gradient_may_vary(outer):
    assert outer(lambda x: jvp(lambda y: x * y, (x,), (1.0,))[0], 3.0) == 6.0
    assert outer(lambda x: vjp(lambda y: x * y, x)[0], 3.0) == 6.0
    assert outer(lambda x: sum(value_and_grad(lambda y: x * y * y)(x)), 3.0) == 39.0
    assert outer(lambda x: hessian(lambda y: x * y**3)(x), 3.0) == 36.0


# ---- Python decides ---------------------------------------------------------------------------


def test_branches_loops_and_data_structures():
    def piecewise(x):
        return x * x if x > 0 else -x if x > -1 else 3.0

    assert [grad(piecewise)(x) for x in (2.0, -0.5, -2.0)] == [4.0, -1.0, 0.0]

    def newton(a):  # the square root of a
        x = a
        while abs(x * x - a) > 1e-14:
            x = (x + a / x) / 2
        return x

    assert grad(newton)(2.0) == pytest.approx(0.5 / math.sqrt(2.0), rel=1e-12)
    assert grad(grad(newton))(2.0) == pytest.approx(-0.25 * 2.0**-1.5, rel=1e-9)

    def power(x, n):
        return x * power(x, n - 1) if n else 1.0

    assert grad(power)(2.0, 10) == 5120.0

    def median(values):
        return sorted(values)[1]

    assert grad(median)([3.0, 1.0, 2.0]) == [0.0, 0.0, 1.0]


def test_where_evaluates_one_branch_only_and_is_flat_on_the_other():
    def f(x):
        return where(x > 0, lambda: log(x), 0.0)

    for x in (-1.0, 0.0):
        assert f(x) == 0.0
        assert value_and_grad(f)(x) == (0.0, 0.0)
        assert grad(grad(f))(x) == 0.0
        assert hessian(f)(x) == 0.0
        assert jvp(f, (x,), (1.0,)) == (0.0, 0.0)
    assert value_and_grad(f)(2.0) == (math.log(2.0), 0.5)
    assert grad(grad(f))(2.0) == -0.25


def test_where_with_a_branch_on_each_side():
    def f(x):
        return where(x > 1, lambda: sqrt(x - 1), lambda: sqrt(1 - x))

    assert grad(f)(5.0) == 0.25
    assert grad(f)(-3.0) == -0.25


def test_kinks_and_constants():
    assert [grad(relu)(x) for x in (-1.0, 0.0, 1.0)] == [0.0, 0.0, 1.0]
    assert grad(abs)(0.0) == 0.0
    assert grad(lambda x: stop_gradient(x) * x)(3.0) == 3.0
    assert grad(lambda x: x**0)(0.0) == 0.0
    assert grad(lambda x: 2**x)(3.0) == pytest.approx(8 * math.log(2), rel=1e-15)
    assert grad(lambda x: x**2)(-3.0) == -6.0


def test_mixed_derivatives_of_a_power_at_special_points():
    def power(x, y):
        return x**y

    second = hessian(power, argnums=(0, 1))
    for x, y in [(2.0, 0.0), (2.0, 1.0), (2.0, 2.0), (0.5, -1.0)]:
        mixed = x ** (y - 1) * (1 + y * math.log(x))
        truth = [y * (y - 1) * x ** (y - 2), mixed, mixed, x**y * math.log(x) ** 2]
        assert [d for row in second(x, y) for d in row] == pytest.approx(truth, rel=1e-14)
