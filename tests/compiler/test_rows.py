"""Every row of the table in compiled code: values and derivatives, at all points of interest."""

from __future__ import annotations

import itertools
import math
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from truth import TRUTH

import tinygrad_nn as tg
from tinygrad_nn import TABLE, compile, custom, gradients
from tinygrad_nn.scalar.arities import Unary
from tinygrad_nn.scalar.operation import Op, forget
from tinygrad_nn.scalar.reverse import local_partial

NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e-300, 1e300, math.inf, -math.inf, math.nan]
MANY = [float(n) for n in range(1, 31)]


def sampled(row: Op, count: int = 7) -> list[tuple[float, ...]]:
    axes = [np.linspace(low, high, count + 2)[1:-1].tolist() for low, high in row.sample]
    return list(itertools.product(*axes))


def same(found: float, expected: float) -> bool:
    if math.isnan(expected) or math.isinf(expected):
        return found == expected or (math.isnan(found) and math.isnan(expected))
    return math.isclose(found, expected, rel_tol=1e-13, abs_tol=1e-323)


def all_of(row: Op) -> Any:
    """The row applied to a list of points."""
    return compile(lambda points: [row(*point) for point in points])


def singly(row: Op) -> Any:
    return compile(lambda points: row(*points[0]))


def by_sample(row: Op) -> Any:
    return compile(lambda points: row(*points), batch="points")


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("make", [all_of, by_sample, singly])
def test_values_are_those_of_the_row(row: Op, make: Any) -> None:
    points = [*sampled(row, 3), *row.special, *itertools.product(NUMBERS, repeat=row.arity)]
    if row.name == "where":
        points = [point for point in points if point[0] in (0.0, 1.0)][::3]
    compiled = make(row)
    if make is singly:
        found = [compiled([point]) for point in points[:: max(1, len(points) // 12)]]
        points = points[:: max(1, len(points) // 12)]
    else:
        found = compiled(points)
    for point, number in zip(points, found, strict=True):
        expected = row.quiet(*point)
        assert same(number, expected), f"{row.name}{point}: {number!r} for {expected!r}"


def beside(row: Op, y: float) -> Any:
    """The row applied to numbers and one that is known."""
    return compile(lambda x: [row(a, y) for a in x])


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_unusual_numbers_and_one_for_all(row: Op) -> None:
    """NumPy takes a way of its own where an operand is one number, as for the exponent 0.5."""
    points: list[tuple[float, ...]] = [(x,) for x in NUMBERS]
    if row.arity == 1:
        found = [
            all_of(row)(points),
            [compile(lambda x: row(x), batch="x")([x])[0] for x in NUMBERS],
        ]
    elif row.arity == 2:
        alone = compile(lambda x, y: row(x, y), batch=("x", "y"))
        points = [(x, y) for y in NUMBERS for x in NUMBERS]
        one = compile(lambda x, y: [row(a, y) for a in x])
        found = [
            [number for y in NUMBERS for number in beside(row, y)(NUMBERS)],
            [number for y in NUMBERS for number in one(NUMBERS, y)],
            [alone([x], [y])[0] for x, y in points],
        ]
    else:
        return
    signed = row.name not in ("max", "min", "add", "sub")  # of zeros the sign is left open there
    for numbers in found:
        for point, number in zip(points, numbers, strict=True):
            expected = row.quiet(*point)
            assert number == pytest.approx(expected, rel=2e-15, abs=0.0, nan_ok=True), point
            if number == 0.0 and signed:
                assert math.copysign(1.0, number) == math.copysign(1.0, expected), point


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_derivatives_are_those_of_the_row(row: Op) -> None:
    points = [*sampled(row, 3), *row.special]

    def slopes(point: Any) -> Any:
        return gradients(row(*point), point)

    for found in (
        compile(lambda points: [slopes(list(point)) for point in points])(points),
        compile(lambda point: slopes(list(point)), batch="point")(points),
    ):
        for point, numbers in zip(points, found, strict=True):
            z = row.quiet(*point)
            expected = [local_partial(row, i, point, z) for i in range(row.arity)]
            for a, b in zip(numbers, expected, strict=True):
                if math.isfinite(b):  # where there is none, IEEE's depends on the order
                    assert math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-300), (point, a, b)


@pytest.mark.parametrize("name", TRUTH)
def test_values_and_derivatives_are_those_of_textbooks(name: str) -> None:
    row = TABLE[name]
    points = sampled(row, 4)[:: max(1, len(sampled(row, 4)) // 12)]
    if name == "log_binom":  # whose slope is 0 there in floats, and nearly 0 in many digits
        points = [(n, k) for n, k in points if n != 2.0 * k]
    both = compile(lambda point: (row(*point), gradients(row(*point), list(point))), batch="point")
    value, *slopes = TRUTH[name]
    for point, (number, derivatives) in zip(points, both(points), strict=True):
        exact = [mp.mpf(x) for x in point]
        assert number == pytest.approx(float(value(*exact)), rel=1e-12, abs=1e-300)
        for slope, derivative in zip(slopes, derivatives, strict=True):
            assert derivative == pytest.approx(float(slope(*exact)), rel=1e-9, abs=1e-300)


# ---- rows of the user's own ----------------------------------------------------------------------


def add_cube(**options: Any) -> Unary:
    return Unary("cube", lambda x: x * x * x, lambda x, z: 3.0 * x * x, **options)


@pytest.mark.parametrize("points", [[2.0], MANY])
def test_a_new_row_with_an_array_form(points: list[float]) -> None:
    row = add_cube(array=lambda np, x: np.power(x, 3))
    try:
        compiled = compile(lambda x: [(row(v), gradients(row(v), [v])[0]) for v in x])
        assert compiled(points) == [(x**3, 3 * x * x) for x in points]
    finally:
        forget(row)


def test_a_new_row_without_an_array_form() -> None:
    row = add_cube()
    try:
        assert compile(lambda x: [row(v) for v in x])(MANY) == [x**3 for x in MANY]
    finally:
        forget(row)


@pytest.mark.parametrize("name", ["reciprocal", "positive"])
def test_a_new_row_that_is_called_like_a_function_of_numpys(name: str) -> None:
    row = Unary(name, lambda x: x * 10.0, lambda x, z: 10.0)
    try:
        assert compile(lambda x: [row(v) for v in x])(MANY) == [10.0 * x for x in MANY]
    finally:
        forget(row)


def test_an_operation_of_the_users_own() -> None:
    gamma = custom(math.lgamma, lambda x, z: tg.log(x) - 0.5 / x, name="log of gamma")
    slopes = compile(lambda x: [gradients(gamma(v), [v])[0] for v in x])
    assert slopes(MANY) == pytest.approx([math.log(x) - 0.5 / x for x in MANY], rel=1e-12)
    assert compile(lambda x: [gamma(v) for v in x])(MANY) == [math.lgamma(x) for x in MANY]


# ---- coefficients --------------------------------------------------------------------------------

SCALED = {
    "products": lambda x: x * 1e300 * 1e300,
    "quotients": lambda x: x / 1e-300 / 1e-300,
    "sums": lambda x: (x * 1e308 + x * 1e308) * 1e292,
    "both factors": lambda x: (x * 1e200) * (x * 1e200) * 1e200,
    "one factor": lambda x: (x * 1e300) * (x * 1e-10),
    "to nothing": lambda x: x * 1e300 * 1e-200 * 1e-200 * 1e300,
    "differences": lambda x: (x * 1e10 - x * 1e9) * 1e299,
    "sums in sums": lambda x: ((((x * 1e70 + x) * 1e70 + x) * 1e70 + x) * 1e70 + x) * 1e70,
    "a tiny divisor": lambda x: x / 1e-310 * 1e-300,
    "negatives": lambda x: -(x * 1e300) * 1e-300 * -1e300,
}


@pytest.mark.parametrize("name", SCALED)
def test_coefficients_do_not_overflow_where_the_results_do_not(name: str) -> None:
    f = SCALED[name]
    assert compile(f)(1e-300) == pytest.approx(f(1e-300), rel=1e-12)


@pytest.mark.parametrize("name", SCALED)
def test_derivatives_with_coefficients_that_would_overflow(name: str) -> None:
    f = tg.grad(lambda x: SCALED[name](x * x))
    assert compile(f)(1e-150) == pytest.approx(f(1e-150), rel=1e-12)


@pytest.mark.parametrize("name", SCALED)
def test_many_numbers_with_coefficients_that_would_overflow(name: str) -> None:
    f = SCALED[name]
    points = [n * 1e-303 for n in MANY]
    assert compile(lambda x: [f(v) for v in x])(points) == pytest.approx(
        [f(v) for v in points], rel=1e-12
    )


def test_zeros_of_both_signs_are_two_constants() -> None:
    f = compile(lambda y: [tg.atan2(y, 0.0), tg.atan2(tg.sin(y), -0.0)])
    assert f(0.0) == [0.0, math.pi]


def test_zeros_of_both_signs_in_one_statement() -> None:
    f = compile(lambda y: [tg.atan2(y, 0.0), tg.atan2(y, -0.0)])
    assert f(0.0) == [0.0, math.pi]


def test_zero_times_infinity_stays() -> None:
    f = compile(lambda x: [x * 0.0, x - x, 0.0 * x + 1.0, -x, x * 1.0])
    np.testing.assert_array_equal(f(math.inf), [math.nan] * 3 + [-math.inf, math.inf])


def test_a_broken_power_of_minus_zero() -> None:
    assert compile(tg.pow)(-0.0, -2.5) == TABLE["pow"].quiet(-0.0, -2.5) == math.inf
