"""Derivatives of high order by power series, against mpmath and against nested grad."""

import math
import sys

import mpmath as mp
import pytest
from truth import TRUTH

from tinygrad_nn import (
    Value,
    atan,
    check_grad,
    compile,
    derivative,
    exp,
    ge,
    grad,
    gt,
    log,
    relu,
    sin,
    sqrt,
    tanh,
    where,
)
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError
from tinygrad_nn.scalar.ops import TABLE

FUNCTIONS = [
    (lambda x: exp(sin(x)), lambda x: mp.exp(mp.sin(x)), 0.7),
    (lambda x: sqrt(1 + x**2) / atan(x), lambda x: mp.sqrt(1 + x**2) / mp.atan(x), 0.8),
    (lambda x: x**x, lambda x: x**x, 1.3),
    (lambda x: tanh(x) * log(x), lambda x: mp.tanh(x) * mp.log(x), 1.1),
]


def true_derivative(function, x, n):
    with mp.workdps(80):
        return mp.taylor(function, mp.mpf(x), n)[n] * mp.factorial(n)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10, 20])
@pytest.mark.parametrize(("f", "truth", "x"), FUNCTIONS)
def test_derivatives_of_any_order(f, truth, x, n):
    expected = true_derivative(truth, x, n)
    assert abs(derivative(f, n)(x) - expected) <= 1e-12 * abs(expected)


SMOOTH = [row for row in TABLE.values() if any(row.partials) and row.arity == 1]


@pytest.mark.parametrize("row", SMOOTH, ids=lambda row: row.name)
def test_every_row_to_order_six(row):
    low, high = row.sample[0]
    x = low + 0.37 * (high - low)
    for n in range(1, 7):
        expected = true_derivative(TRUTH[row.name][0], x, n)
        scale = max(abs(expected), abs(true_derivative(TRUTH[row.name][0], x, n + 1)))
        assert abs(derivative(row, n)(x) - expected) <= 1e-11 * scale + 1e-15, n


@pytest.mark.parametrize("row", [r for r in TABLE.values() if r.arity == 2 and any(r.partials)],
                         ids=lambda row: row.name)  # fmt: skip
def test_rows_of_two_arguments_agree_with_nested_gradients(row):
    (low, high), (low2, high2) = row.sample
    x, y = low + 0.61 * (high - low), low2 + 0.43 * (high2 - low2)
    for f in (lambda t: row(t, y), lambda t: row(x, t), lambda t: row(x + t - x, y * t / x)):
        nested = f
        for n in range(1, 4):
            nested = grad(nested)
            assert derivative(f, n)(x) == pytest.approx(nested(x), rel=1e-11, abs=1e-13)


def test_values_in_values_out():
    x = Value(0.5)
    second = derivative(lambda t: t**4, 2)(x)
    assert second.data == 3.0
    second.backward()
    assert x.grad == 12.0
    assert grad(derivative(sin, 2))(0.3) == pytest.approx(-math.cos(0.3), rel=1e-14)
    assert derivative(grad(sin), 3)(0.3) == pytest.approx(math.sin(0.3), rel=1e-14)
    assert derivative(lambda a: a * derivative(lambda b: a * b**2)(a), 2)(3.0) == 36.0
    assert check_grad(derivative(lambda t: exp(t * t), 3), 0.4)


POWERS = [-3, -1.0, 0, 1, 2, 3, 5, -2.5, 0.5, 1.5, 3.7]
BASES = [-3.0, -1e-8, -1e-80, 0.0, 1e-80, 1e-8, 1.0, 30.0, 1e50]


def true_power(base, exponent, n):
    """The n-th derivative of a power; infinite at 0 where the exponent has been passed."""
    factor = mp.ff(exponent, n)
    if not factor:
        return mp.mpf(0)
    if not base:
        return mp.inf if exponent < n else factor * mp.mpf(exponent == n)
    return factor * mp.mpf(base) ** (mp.mpf(exponent) - n)


@pytest.mark.parametrize("exponent", POWERS)
@pytest.mark.parametrize(
    ("inner", "point", "slope"),
    [
        (lambda x: x, lambda base: base, 1),
        (lambda x: x + 1, lambda base: base - 1, 1),
        (lambda x: 1 - 4 * x, lambda base: (1 - base) / 4, -4),
    ],
    ids=["itself", "shifted", "scaled"],
)
def test_constant_powers_of_any_base_to_any_order(inner, point, slope, exponent):
    for x in map(point, BASES):
        base = inner(x)
        if (base < 0 and exponent != int(exponent)) or (base == 0 and exponent < 0):
            continue
        for n in range(8):
            truth = true_power(base, exponent, n) * slope**n
            found = derivative(lambda x: inner(x) ** exponent, n)(x)
            if abs(truth) > sys.float_info.max:
                assert not math.isfinite(found), (x, n)
            else:
                assert abs(found - truth) <= 1e-12 * abs(truth) + 5e-308, (x, n)


def test_powers_of_values_in_programs_and_nested():
    assert derivative(lambda x: x**3, 2)(Value(-2.0)).data == -12.0
    assert grad(derivative(lambda x: x**5, 3))(-2.0) == -240.0
    assert derivative(grad(lambda x: (x + 1) ** 3), 2)(-1.0) == 6.0
    assert derivative(lambda x, a: x**a, 2)(-2.0, 3.0) == -12.0
    assert compile(derivative(lambda x: x**5, 3))(-2.0) == 240.0
    assert compile(derivative(lambda x: (x + 1) ** 3, 4))(-1.0) == 0.0


@pytest.mark.parametrize(
    "f", [lambda x: x * abs(x), lambda x: x**2 * ge(x, 0.0), lambda x: where(gt(x, 0), x**3, x**2)]
)
def test_choices_beside_powers_of_negative_numbers(f):
    assert derivative(f, 2)(-2.0) == grad(grad(f))(-2.0)
    assert derivative(f, 3)(2.0) == grad(grad(grad(f)))(2.0)


@pytest.mark.parametrize("n", [101, 170, 171, 300])
def test_orders_whose_factorial_is_no_float(n):
    assert derivative(sin, n)(0.0) == pytest.approx([0, 1, 0, -1][n % 4], abs=1e-12)
    assert derivative(exp, n)(1.5) == pytest.approx(math.exp(1.5), rel=1e-10)
    assert derivative(lambda x: exp(x / 2), n)(1.0) == pytest.approx(
        math.exp(0.5) / 2.0**n, rel=1e-10
    )


def test_polynomials_end():
    assert derivative(lambda x: x**3 + x, 3)(2.0) == 6.0
    assert derivative(lambda x: x**3 + x, 4)(2.0) == 0.0
    assert derivative(lambda x: 5.0, 2)(1.0) == 0.0
    assert derivative(lambda x: x, 1)(1.0) == 1.0


def test_the_path_taken_at_kinks():
    assert derivative(relu, 1)(2.0) == 1.0
    assert derivative(relu, 1)(-2.0) == 0.0
    assert derivative(relu, 2)(2.0) == 0.0


def test_a_deep_graph_does_not_recurse():
    def f(x):
        y = x
        for _ in range(20_000):
            y = y + x
        return y * y

    assert derivative(f, 2)(1.0) == 2 * 20_001**2


def test_further_arguments_are_held():
    assert derivative(lambda x, a: a * x**2, 2)(1.0, 5.0) == 10.0
    assert derivative(lambda x, a: a * x**2, 2)(1.0, a=5.0) == 10.0


def test_errors():
    with pytest.raises(ArgumentError, match="n must be a whole number"):
        derivative(sin, -1)
    with pytest.raises(ArgumentError, match="n must be a whole number"):
        derivative(sin, 1.5)
    with pytest.raises(ShapeError, match="got 2 that vary"):
        derivative(lambda x: x[0] * x[1])([1.0, 2.0])
    with pytest.raises(ArgumentTypeError):
        derivative(lambda x: [x, x])(1.0)


def test_a_derivative_that_does_not_exist_is_nan():
    assert math.isnan(derivative(lambda x: sqrt(x * x))(0.0))
