from __future__ import annotations

import math
from collections.abc import Callable
from math import inf
from typing import Any

import mpmath
import numpy as np
import pytest

pytest.importorskip("scipy")

from tinygrad_nn import (
    Value,
    abs,
    atan,
    compile,
    cos,
    derivative,
    exp,
    grad,
    hessian,
    jacfwd,
    jvp,
    log,
    max,
    no_grad,
    sin,
    tanh,
    where,
)
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ConvergenceError, TraceError
from tinygrad_nn.solvers import gauss_legendre, quad, root

Function = Callable[..., Any]


def decay(a: Any) -> Any:
    return quad(lambda x, a: exp(-a * x), 0.0, 1.0, (a,))


def decay_in_closed_form(a: Any) -> Any:
    return (1.0 - exp(-a)) / a


def waves(p: Any) -> Any:
    return quad(lambda x, scale, rates: scale * sin(rates[0] * x), p[0], p[1], (p[2], [p[3]]))


def waves_in_closed_form(p: Any) -> Any:
    return p[2] * (cos(p[3] * p[0]) - cos(p[3] * p[1])) / p[3]


def test_all_transforms_give_the_same_derivatives() -> None:
    f, a = decay_in_closed_form, 3.0
    assert decay(a) == pytest.approx(f(a), rel=1e-14)
    first = [grad(decay)(a), jacfwd(decay)(a), jvp(decay, (a,), (1.0,))[1], derivative(decay)(a)]
    assert first == pytest.approx([grad(f)(a)] * 4, rel=1e-13)
    for second in (grad(grad(decay)), hessian(decay), derivative(decay, 2), jacfwd(grad(decay))):
        assert second(a) == pytest.approx(hessian(f)(a), rel=1e-12)


def test_limits_and_arguments_have_the_derivatives_of_the_closed_form() -> None:
    p = [0.3, 1.9, -2.0, 1.4]
    assert waves(p) == pytest.approx(waves_in_closed_form(p), rel=1e-14)
    assert grad(waves)(p) == pytest.approx(grad(waves_in_closed_form)(p), rel=1e-13)
    found, expected = np.array(hessian(waves)(p)), np.array(hessian(waves_in_closed_form)(p))
    assert np.allclose(found, expected, rtol=1e-13, atol=1e-15)
    assert derivative(lambda t: waves([t, t * t, t, 1.0]), 2)(1.3) == pytest.approx(
        derivative(lambda t: waves_in_closed_form([t, t * t, t, 1.0]), 2)(1.3), rel=1e-12
    )


def test_infinite_limits_have_derivatives() -> None:
    def bell(a: Any) -> Any:
        return quad(lambda x, a: exp(-a * x * x), -inf, inf, (a,))

    assert grad(bell)(3.0) == pytest.approx(-0.5 * math.sqrt(math.pi) * 3.0**-1.5, rel=1e-13)

    def tail(low: Any, high: Any) -> Any:
        return quad(lambda x: exp(-2.0 * x), low, high)

    assert grad(tail, (0, 1))(0.5, inf) == (pytest.approx(-math.exp(-1.0), rel=1e-14), 0.0)
    assert grad(tail)(inf, 0.5) == 0.0
    assert tail(inf, 0.5) == pytest.approx(-math.exp(-1.0) / 2.0, rel=1e-12)


def test_values_give_the_number_of_floats() -> None:
    p = list(map(Value, [0.3, 1.9, -2.0, 1.4]))
    area = waves(p)
    assert area.data == waves([0.3, 1.9, -2.0, 1.4])
    area.backward()
    assert [x.grad for x in p] == grad(waves)([0.3, 1.9, -2.0, 1.4])
    with no_grad():
        assert waves(p).args == ()


def test_an_integral_with_singular_ends_is_that_of_mpmath() -> None:
    def f(a: Any) -> Any:
        return quad(lambda x, a: x ** (a - 1.0) * log(1.0 + x), 0.0, 1.0, (a,))

    with mpmath.workdps(20):
        truth = mpmath.mpf(0.6)

        def at(a: Any, order: int) -> float:
            g = lambda x: x ** (a - 1) * mpmath.log(x) ** order * mpmath.log(1 + x)  # noqa: E731
            return float(mpmath.quad(g, [0, 1]))

        expected = [at(truth, order) for order in range(2)]
    found = [f(0.6), grad(f)(0.6)]
    assert found == pytest.approx(expected, rel=1e-10)


def test_an_integral_of_an_integral() -> None:
    """Over a triangle, of a function without a closed form in x alone."""

    def f(a: Any) -> Any:
        inner = lambda y, x, a: exp(a * (x + y))  # noqa: E731
        return quad(lambda x, a: quad(inner, 0.0, 1.0 - x, (x, a)), 0.0, 1.0, (a,), rtol=1e-9)

    def known(a: Any) -> Any:  # the integral of s exp(a s) from 0 to 1
        return (exp(a) * (a - 1.0) + 1.0) / a**2

    assert f(0.7) == pytest.approx(known(0.7), rel=1e-12)
    assert grad(f)(0.7) == pytest.approx(grad(known)(0.7), rel=1e-11)


def test_a_root_of_an_integral() -> None:
    """The median of an exponential distribution is log(2) / rate."""

    def median(rate: Any) -> Any:
        below = lambda m, rate: quad(lambda x, r: r * exp(-r * x), 0.0, m, (rate,)) - 0.5  # noqa: E731
        return root(below, 0.3, (rate,))

    assert grad(median)(1.5) == pytest.approx(-math.log(2.0) / 1.5**2, rel=1e-12)
    assert hessian(median)(1.5) == pytest.approx(2.0 * math.log(2.0) / 1.5**3, rel=1e-11)


# ---- steps and kinks ---------------------------------------------------------------------------


def option(k: Any) -> Any:
    return quad(lambda x, k: max(x - k, 0.0) * exp(-x), 0.0, 2.0, (k,), rtol=1e-5)


def test_a_kink_has_a_first_derivative_and_no_second_one() -> None:
    assert grad(option)(0.4) == pytest.approx(math.exp(-2.0) - math.exp(-0.4), rel=1e-5)
    with pytest.raises(ConvergenceError, match="Split the integral"):
        hessian(option)(0.4)

    def split(k: Any) -> Any:
        return quad(lambda x, k: (x - k) * exp(-x), k, 2.0, (k,), rtol=1e-8)

    assert hessian(split)(0.4) == pytest.approx(math.exp(-0.4), rel=1e-12)


STEPS: dict[str, Function] = {
    "where": lambda x, k: where(x > k, exp(-x), 0.0),
    "a branch": lambda x, k: exp(-x) if x > k else 0.0,
    "a branch far from its argument": lambda x, k: (
        1.0 if (((k + 1.0) * 2.0) - 2.0) / 2.0 > x else 0.0
    ),
    "absolute": lambda x, k: abs(x - k) / (x - k),
    "smooth operations only": lambda x, k: atan(1.0 / (x - k)),
    "a staircase": lambda x, k: (x + k) // 1.0,
}


@pytest.mark.parametrize("case", STEPS)
def test_a_step_that_moves_is_never_lost(case: str) -> None:
    with pytest.raises(ConvergenceError, match="differences do not confirm"):
        grad(lambda k: quad(STEPS[case], 0.0, 2.0, (k,), rtol=1e-5))(0.4)


def test_a_narrow_slope_is_seen() -> None:
    """Of what is nearly a step: its derivative is 0 nearly everywhere."""
    nearly = lambda x, k: tanh(1e5 * (x - k))  # noqa: E731
    found = grad(lambda k: quad(nearly, 0.0, 1.0, (k,), rtol=1e-8))(0.37)
    assert found == pytest.approx(-2.0, rel=1e-7)


def test_derivatives_that_vanish_are_no_steps() -> None:
    assert grad(lambda p: quad(lambda x, p: 1.0 + p**3 * x, 0.0, 1.0, (p,)))(0.0) == 0.0
    assert grad(lambda p: quad(lambda x, p: sin(1e4 * p) * x, 0.0, 1.0, (p,)))(0.5) == (
        pytest.approx(5e3 * math.cos(5e3), rel=1e-12)
    )


def test_steps_that_stay_are_no_harm() -> None:
    assert grad(lambda k: quad(lambda x, k: k * k if x > 0.5 else 0.0, 0.0, 2.0, (k,)))(0.4) == (
        pytest.approx(1.2, rel=1e-12)
    )
    assert grad(lambda k: quad(lambda x, k: max(k, 0.0) * x, 0.0, 2.0, (k,)))(0.4) == (
        pytest.approx(2.0, rel=1e-12)
    )


# ---- refusals ----------------------------------------------------------------------------------


def test_what_is_no_integral_is_refused() -> None:
    a = Value(2.0, label="a")

    def beyond(k: Any) -> Any:
        assert k > 0.0  # which leaves a note, so that the next look makes none
        return quad(lambda x: where(x > k, 1.0, 0.0), 0.0, 2.0) + 0.0 * k

    def of_floats_only(k: Any) -> Any:
        return quad(lambda x, k: k * x if isinstance(k, float) else int("float"), 0.0, 1.0, (k,))

    cases: list[tuple[type[Exception], str, Function]] = [
        (ArgumentError, "a Value, a", lambda: quad(lambda x: a * x, 0.0, 1.0)),
        (ArgumentError, "looks at", lambda: grad(beyond)(0.4)),
        (ArgumentError, "looks at", lambda: beyond(Value(0.4))),
        (ConvergenceError, "no derivative at .*float", lambda: grad(of_floats_only)(2.0)),
        (ConvergenceError, "error of about", lambda: quad(lambda x: 1.0 / x, 0.0, 1.0)),
        (ConvergenceError, "error of about", lambda: quad(lambda x: x, 0.0, inf)),
        (ArgumentTypeError, "the result of", lambda: quad(lambda x: "f", 0.0, 1.0)),
        (ArgumentTypeError, "^b must be", lambda: quad(cos, 0.0, "1")),
        (ArgumentError, "the limits are", lambda: quad(cos, 0.0, math.nan)),
        (ArgumentError, "order 3", lambda: grad(grad(grad(decay)))(3.0)),
        (ArgumentError, "order 3", lambda: derivative(lambda b: quad(exp, 0.0, b), 3)(1.0)),
        (TraceError, "gauss_legendre", lambda: compile(decay)(3.0)),
        (ArgumentError, "looked at", lambda: compile(quad(exp, 0.0, a), inputs=[a])),
        (ArgumentError, "expected a finite", lambda: gauss_legendre(exp, 0.0, inf)),
        (ArgumentError, "n is 0", lambda: gauss_legendre(exp, 0.0, 1.0, n=0)),
    ]
    for kind, text, call in cases:
        with pytest.raises(kind, match=text):
            call()


def test_parts_that_cancel_are_measured_by_their_size() -> None:
    assert quad(lambda x: x**3 * exp(-x * x), -inf, inf) == pytest.approx(0.0, abs=1e-14)
    assert quad(lambda x: x**3, 1.0, -1.0) == pytest.approx(0.0, abs=1e-14)


# ---- the plain sum -----------------------------------------------------------------------------


def test_the_sum_is_exact_for_polynomials_and_compiles() -> None:
    def area(p: Any) -> Any:
        f = lambda x, a: a[0] + a[1] * x + a[2] * x**3 + x**5  # noqa: E731
        return gauss_legendre(f, p[0], p[1], (p[2:],), n=3)

    p = [0.5, 2.0, 1.0, -3.0, 0.25]
    exact = 1.5 - 3.0 * 3.75 / 2.0 + 0.25 * (16.0 - 0.0625) / 4.0 + (64.0 - 0.015625) / 6.0
    assert area(p) == pytest.approx(exact, rel=1e-14)
    assert compile(area)(p) == pytest.approx(exact, rel=1e-14)
    third = derivative(lambda b: gauss_legendre(sin, 0.0, b), 3)
    assert third(1.0) == pytest.approx(-math.sin(1.0), rel=1e-12)
