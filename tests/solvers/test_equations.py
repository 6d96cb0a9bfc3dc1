from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

pytest.importorskip("scipy")

from tinygrad_nn import (
    Value,
    compile,
    cos,
    derivative,
    exp,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    log,
    no_grad,
    sin,
    sqrt,
    tan,
    value_and_grad,
    vjp,
)
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    ConvergenceError,
    DomainError,
    MissingExtraError,
    ShapeError,
    TraceError,
)
from tinygrad_nn.solvers import fixed_point, root
from tinygrad_nn.special import ndtr

Function = Callable[..., Any]


def handed_over(a: Any) -> Any:
    return root(lambda x, a: x * x - a, 1.0, (a,))


def captured(a: Any) -> Any:
    return root(lambda x: x * x - a, 1.0)


def behind(a: Any) -> Any:
    half = a / 2.0
    return root(lambda x, p: x * x - p["half"] - half, 1.0, ({"half": half},))


def iterated(a: Any) -> Any:
    return fixed_point(lambda x, a: (x + a / x) / 2.0 + (x - a / x) / 8.0, 1.0, (a,))


ROOTS: list[Function] = [handed_over, captured, behind, iterated]
FIRST: dict[str, Function] = {
    "grad": lambda f: grad(f),
    "value_and_grad": lambda f: lambda a: value_and_grad(f)(a)[1],
    "jacobian": lambda f: jacobian(f),
    "jacfwd": lambda f: jacfwd(f),
    "jvp": lambda f: lambda a: jvp(f, (a,), (1.0,))[1],
    "vjp": lambda f: lambda a: vjp(f, a)[1](1.0)[0],
    "derivative": lambda f: derivative(f),
}
SECOND: dict[str, Function] = {
    "hessian": lambda f: hessian(f),
    "hvp": lambda f: lambda a: hvp(f)(a, 1.0),
    "derivative": lambda f: derivative(f, 2),
}
TWICE = [("grad", "grad"), ("jvp", "grad"), ("vjp", "jvp"), ("derivative", "jacfwd")]
SECOND |= {
    f"{outer} of {inner}": lambda f, outer=outer, inner=inner: FIRST[outer](FIRST[inner](f))
    for outer, inner in TWICE
}


def test_all_transforms_give_the_same_derivatives() -> None:
    assert handed_over(7.0) == pytest.approx(math.sqrt(7.0), rel=1e-15)
    for first in FIRST.values():
        assert first(handed_over)(7.0) == pytest.approx(0.5 / math.sqrt(7.0), rel=1e-13)
    for second in SECOND.values():
        assert second(handed_over)(7.0) == pytest.approx(-0.25 * 7.0**-1.5, rel=1e-12)


@pytest.mark.parametrize("f", ROOTS)
def test_values_give_the_number_of_floats_and_a_gradient(f: Function) -> None:
    a = Value(7.0)
    x = f(a)
    assert x.data == f(7.0)
    x.backward()
    assert a.grad == pytest.approx(0.5 / math.sqrt(7.0), rel=1e-13)
    assert hessian(f)(7.0) == pytest.approx(-0.25 * 7.0**-1.5, rel=1e-12)
    with no_grad():
        assert f(a).args == ()
        assert grad(f)(7.0) == pytest.approx(a.grad, rel=1e-15)


def test_a_third_derivative_is_refused() -> None:
    for f in (grad(grad(grad(captured))), derivative(handed_over, 3), jacfwd(hessian(behind))):
        with pytest.raises(ArgumentError, match="order 3"):
            f(7.0)


def test_nothing_is_baked_into_a_program() -> None:
    f = captured
    with pytest.raises(TraceError, match="outside of what is compiled"):
        compile(f)(7.0)
    with pytest.raises(TraceError, match="outside of what is compiled"):
        compile(lambda a: a * f(4.0))(7.0)
    a = Value(7.0)
    with pytest.raises(ArgumentError, match="looked at"):
        compile(f(a), inputs=[a])


def test_a_compiled_function_is_solved() -> None:
    f = compile(lambda x, a: x * x - a)
    assert root(f, 1.0, (7.0,)) == handed_over(7.0)


# ---- several unknowns --------------------------------------------------------------------------


def conic(p: Any) -> Any:
    """Meet a circle and a hyperbola: closed forms are below."""

    def f(x: Any, radius: Any, product: Any) -> Any:
        u, v = x["u"], x["v"][0]
        return [u * u + v * v - radius * radius, (u * v - product,)]

    return root(f, {"u": 2.0, "v": [0.4]}, (p[0], p[1]))


def conic_in_closed_form(p: Any) -> Any:
    plus, minus = sqrt(p[0] ** 2 + 2.0 * p[1]), sqrt(p[0] ** 2 - 2.0 * p[1])
    return {"u": (plus + minus) / 2.0, "v": [(plus - minus) / 2.0]}


def test_systems_have_the_derivatives_of_their_closed_forms() -> None:
    p = [2.2, 1.1]
    found, expected = conic(p), conic_in_closed_form(p)
    assert found["u"] == pytest.approx(expected["u"], rel=1e-14)
    slopes, known = jacobian(conic)(p), jacobian(conic_in_closed_form)(p)
    assert slopes["u"] == pytest.approx(known["u"], rel=1e-13)
    assert slopes["v"][0] == pytest.approx(known["v"][0], rel=1e-13)

    def total(solve: Function) -> Function:
        return lambda p: sin(solve(p)["u"]) * solve(p)["v"][0]

    assert np.allclose(
        hessian(total(conic))(p), hessian(total(conic_in_closed_form))(p), rtol=1e-12
    )


def test_arrays_go_in_and_out() -> None:
    A = np.array([[3.0, 1.0], [0.5, 2.0]])

    def f(b: Any) -> Any:
        return root(lambda x, b: A @ x + 0.1 * np.sin(x) - b, np.ones(2), (b,), method="lm")

    b = np.array([1.0, 2.0])
    x = f(b)
    expected = np.linalg.inv(A + 0.1 * np.diag(np.cos(x)))
    assert np.allclose(jacobian(f)(b), expected, rtol=1e-13)


def test_roots_of_roots() -> None:
    """The fourth root as the root of a root."""

    def f(a: Any) -> Any:
        return root(
            lambda y, a: root(lambda x, y: x * x - y, 1.0, (y,)) ** 2 - handed_over(a), 2.0, (a,)
        )

    assert f(5.0) == pytest.approx(5.0**0.5, rel=1e-14)
    assert grad(f)(5.0) == pytest.approx(0.5 * 5.0**-0.5, rel=1e-12)


def call_price(spot: Any, strike: float, time: Any, rate: Any, sigma: Any) -> Any:
    spread = sigma * sqrt(time)
    d = (log(spot / strike) + rate * time) / spread + spread / 2.0
    return spot * ndtr(d) - strike * exp(-rate * time) * ndtr(d - spread)


def test_an_implied_volatility_has_the_greeks_of_mpmath() -> None:
    def implied(market: Any) -> Any:
        price, spot, rate = market
        return root(
            lambda sigma, *known: call_price(known[1], 105.0, 0.75, known[2], sigma) - known[0],
            0.2, (price, spot, rate), bracket=(0.01, 3.0),
        )  # fmt: skip

    market = [8.0, 100.0, 0.03]
    with mpmath.workdps(40):

        def price(spot: Any, rate: Any, sigma: Any) -> Any:
            spread = sigma * mpmath.sqrt(0.75)
            d = (mpmath.log(spot / 105) + rate * mpmath.mpf(0.75)) / spread + spread / 2
            rest = 105 * mpmath.exp(-rate * mpmath.mpf(0.75)) * mpmath.ncdf(d - spread)
            return spot * mpmath.ncdf(d) - rest

        def sigma(*market: Any) -> Any:
            return mpmath.findroot(lambda s: price(market[1], market[2], s) - market[0], 0.25)

        point = tuple(map(mpmath.mpf, market))
        expected = [
            float(mpmath.diff(sigma, point, one)) for one in [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
        ]
        mixed = float(mpmath.diff(sigma, point, (1, 1, 0)))
    assert grad(implied)(market) == pytest.approx(expected, rel=1e-9)
    assert hessian(implied)(market)[0][1] == pytest.approx(mixed, rel=1e-9)


def test_a_fixed_point_is_that_of_mpmath() -> None:
    def settled(a: Any) -> Any:
        return fixed_point(lambda x, a: cos(a * x), 0.5, (a,), method="iteration")

    def truth(a: Any) -> Any:
        return mpmath.findroot(lambda x: x - mpmath.cos(a * x), 0.7)

    assert settled(0.9) == pytest.approx(float(truth(mpmath.mpf(0.9))), rel=1e-15)
    with mpmath.workdps(30):
        assert grad(settled)(0.9) == pytest.approx(float(mpmath.diff(truth, 0.9)), rel=1e-12)
        assert hessian(settled)(0.9) == pytest.approx(float(mpmath.diff(truth, 0.9, 2)), rel=1e-11)


# ---- refusals ----------------------------------------------------------------------------------

SINGULAR: dict[str, Function] = {
    "a double root at 0": lambda: root(lambda x: x * x, 1.0),
    "a double root elsewhere": lambda: root(lambda x: (x - 1.0) ** 2, 3.0),
    "a triple root": lambda: root(lambda x: (x - 1.0) ** 3 * 5.0, 3.0),
    "a double root, multiplied out": lambda: root(lambda x: x * x - 6.0 * x + 9.0, 5.0),
    "one equation twice": lambda: root(lambda x: [x[0] + x[1], 2.0 * (x[0] + x[1])], [1.0, 2.0]),
    "all numbers": lambda: root(lambda x: 0.0 * x, 1.0),
    "all fixed points": lambda: fixed_point(lambda x: x, 1.0),
    "no root": lambda: root(lambda x: x * x + 1.0, 1.0),
    "a root at infinity": lambda: root(lambda x: exp(-x), 1.0),
    "a pole": lambda: root(lambda x: tan(x), 1.0, bracket=(1.0, 2.0)),
    "a division by 0": lambda: root(lambda x: 1 / x, 1.0, bracket=(-1.0, 1.0)),
    "an infinite function": lambda: root(lambda x: x + math.inf, 1.0),
    "an iteration that leaves": lambda: fixed_point(lambda x: x + 1.0, 1.0, method="iteration"),
}


@pytest.mark.parametrize("case", SINGULAR)
def test_what_is_no_simple_root_is_refused(case: str) -> None:
    with pytest.raises((ConvergenceError, DomainError), match=r"[Bb]egin closer"):
        SINGULAR[case]()


@pytest.mark.parametrize(
    ("f", "x0", "expected"),
    [
        (lambda x: x**2 - 1e-18, 1.0, 1e-9),
        (lambda x: x**2 - 1e18, 1.0, 1e9),
        (lambda x: x * 1e-30 - 1e-40, 1.0, 1e-10),
        (lambda x: x, 3.0, 0.0),
        (lambda x: x - 1e-9, 0.0, 1e-9),
        (lambda x: (x - 1.0) * (x - 1.0001), 1.2, 1.0001),
        (lambda x: sin(x) + 1e-9, 0.5, -1e-9),
    ],
)
def test_numbers_of_any_size_are_found(f: Function, x0: float, expected: float) -> None:
    assert root(f, x0) == pytest.approx(expected, rel=1e-11)


def test_bad_arguments_are_named() -> None:
    cases: list[tuple[type[Exception], str, Function]] = [
        (ArgumentTypeError, "f is 3", lambda: root(3, 1.0)),  # type: ignore[arg-type]
        (ArgumentTypeError, "args is 2.0", lambda: root(cos, 1.0, 2.0)),  # type: ignore[arg-type]
        (ArgumentTypeError, "the result of <lambda>", lambda: root(lambda x: "f", 1.0)),
        (ArgumentError, "x0 has no number", lambda: root(cos, [])),
        (ShapeError, "2 numbers for 1", lambda: root(lambda x: [x, x], 1.0)),
        (ArgumentError, "one of hybr, lm", lambda: root(cos, 1.0, method="broyden1")),
        (ArgumentError, "one of del2", lambda: fixed_point(cos, 1.0, method="del")),
        (ArgumentError, "different signs", lambda: root(cos, 1.0, bracket=(0.0, 1.0))),
        (ArgumentError, "two numbers", lambda: root(cos, 1.0, bracket=(0.0,))),
        (ArgumentError, "two numbers", lambda: root(lambda x: x, [1.0, 2.0], bracket=(0.0, 1.0))),
        (ArgumentTypeError, "no argument 'tol'", lambda: root(cos, 1.0, tol=1.0)),  # type: ignore[call-arg]
    ]
    for kind, text, call in cases:
        with pytest.raises(kind, match=text):
            call()


def test_scipy_is_missed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingExtraError, match=r"tinygrad-nn\[science\]"):
        root(cos, 1.0)
