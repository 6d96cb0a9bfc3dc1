from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

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
)
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    ConvergenceError,
    DomainError,
    ShapeError,
    TraceError,
)
from tinygrad_nn.solvers import ode, root

Function = Callable[..., Any]


def growth(t: Any, y: Any, rate: Any, capacity: Any) -> Any:
    return rate * y * (1.0 - y / capacity)


def logistic(p: Any, **options: Any) -> Any:
    first, rate, capacity, begin, end = p
    return ode(growth, first, [begin, end], (rate, capacity), **options)[-1]


def logistic_in_closed_form(p: Any) -> Any:
    first, rate, capacity, begin, end = p
    return capacity / (1.0 + (capacity - first) / first * exp(-rate * (end - begin)))


P = [0.5, 1.3, 2.0, 0.2, 1.7]


def test_states_arguments_and_times_have_the_derivatives_of_the_closed_form() -> None:
    f, known = logistic, logistic_in_closed_form
    assert f(P) == pytest.approx(known(P), rel=1e-9)
    assert grad(f)(P) == pytest.approx(grad(known)(P), rel=1e-9)
    assert np.allclose(hessian(f)(P), hessian(known)(P), rtol=1e-9, atol=1e-9)


def test_an_equation_that_knows_the_time_has_derivatives_by_times() -> None:
    def f(times: Any) -> Any:
        return ode(lambda t, y: 2.0 * t * y, 1.0, times, rtol=1e-8)[-1]

    def known(times: Any) -> Any:
        return exp(times[1] ** 2 - times[0] ** 2)

    times = [0.3, 0.9]
    assert grad(f)(times) == pytest.approx(grad(known)(times), rel=1e-7)
    assert np.allclose(hessian(f)(times), hessian(known)(times), rtol=1e-7)


def test_all_transforms_give_the_same_derivatives() -> None:
    def f(x: Any) -> Any:
        return ode(lambda t, y, x: -x * y, x, [0.0, 0.5], (x,), rtol=1e-4)[-1]

    def known(x: Any) -> Any:
        return x * exp(-0.5 * x)

    first = [grad(f)(1.3), jacfwd(f)(1.3), jvp(f, (1.3,), (1.0,))[1], derivative(f)(1.3)]
    assert first == pytest.approx([grad(known)(1.3)] * 4, rel=1e-5)
    for found in (grad(grad(f))(1.3), derivative(f, 2)(1.3), hvp(f)(1.3, 1.0)):
        assert found == pytest.approx(hessian(known)(1.3), rel=1e-5)


def test_values_give_the_number_of_floats() -> None:
    rate = Value(1.3)
    y = ode(growth, 0.5, [0.0, 1.0, 2.0], (rate, 2.0))
    assert y[0] == 0.5
    assert [state.data for state in y[1:]] == ode(growth, 0.5, [0.0, 1.0, 2.0], (1.3, 2.0))[1:]
    y[1].backward()
    slope = grad(lambda rate: logistic_in_closed_form([0.5, rate, 2.0, 0.0, 1.0]))(1.3)
    assert rate.grad == pytest.approx(slope, rel=1e-8)
    with no_grad():
        assert ode(growth, 0.5, [0.0, 1.0], (rate, 2.0))[-1].args == ()


def predation(t: Any, y: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    return {"foxes": d * y["hares"] * y["foxes"] - c * y["foxes"], "hares": a * y["hares"] - b * y["hares"] * y["foxes"]}  # fmt: skip


def test_what_is_conserved_has_no_derivatives() -> None:
    """Lotka and Volterra: a combination of both populations and all rates stays as it is."""

    def conserved(y: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
        return d * y["hares"] - c * log(y["hares"]) + b * y["foxes"] - a * log(y["foxes"])

    def change(p: Any) -> Any:
        first = {"hares": p[4], "foxes": 5.0}  # in another order than f gives them
        last = ode(predation, first, [0.0, 0.5], p[:4], rtol=1e-8)[-1]
        return conserved(last, *p[:4]) - conserved(first, *p[:4])

    p = [1.1, 0.4, 0.4, 0.1, 10.0]
    assert change(p) == pytest.approx(0.0, abs=1e-7)
    assert grad(change)(p) == pytest.approx([0.0] * 5, abs=1e-7)
    assert hvp(change)(p, [1.0, 2.0, -1.0, 0.5, 3.0]) == pytest.approx([0.0] * 5, abs=1e-6)


def test_a_stiff_equation_has_the_derivatives_of_its_closed_form() -> None:
    def f(mu: Any) -> Any:
        follow = lambda t, y, mu: mu * (cos(t) - y)  # noqa: E731
        return ode(follow, 0.0, [0.0, 1.0], (mu,), method="Radau", rtol=1e-4)[-1]

    def known(mu: Any) -> Any:
        return (mu * mu * math.cos(1.0) + mu * math.sin(1.0)) / (1.0 + mu * mu)

    assert f(1e4) == pytest.approx(known(1e4), rel=1e-4)
    assert grad(f)(1e4) == pytest.approx(grad(known)(1e4), rel=1e-4)


def test_the_time_of_an_event() -> None:
    def landing(g: Any) -> Any:
        def height(t: Any, g: Any) -> Any:
            return ode(lambda t, y, g: [y[1], -g], [1.0, 0.5], [0.0, t], (g,), rtol=1e-3)[-1][0]

        return root(height, 0.6, (g,))

    def known(g: Any) -> Any:
        return (0.5 + sqrt(0.25 + 2.0 * g)) / g

    assert landing(9.81) == pytest.approx(known(9.81), rel=1e-10)
    assert grad(landing)(9.81) == pytest.approx(grad(known)(9.81), rel=1e-9)
    assert hessian(landing)(9.81) == pytest.approx(hessian(known)(9.81), rel=1e-8)


def test_arrays_go_in_and_out() -> None:
    A = np.array([[0.0, 1.0], [-1.0, 0.0]])

    def f(p: Any) -> Any:
        turn = lambda t, y, p: p * (A @ y)  # noqa: E731
        return ode(turn, np.array([0.0, 1.0]), np.array([0.0, 0.5]), (p,), rtol=1e-6)[-1]

    assert np.allclose(f(2.0), [math.sin(1.0), math.cos(1.0)], rtol=1e-6)
    assert np.allclose(jacobian(f)(2.0), [math.cos(1.0) / 2.0, -math.sin(1.0) / 2.0], rtol=1e-6)


def test_a_solver_inside_of_an_equation_is_called_as_it_is() -> None:
    def f(p: Any) -> Any:
        slope = lambda t, y, p: y * root(lambda x, p: x * x - p, 2.0, (p,))  # noqa: E731
        return ode(slope, 1.0, [0.0, 0.1], (p,), rtol=1e-5)[-1]

    assert grad(f)(4.0) == pytest.approx(0.025 * math.exp(0.2), rel=1e-4)


def test_what_an_equation_takes_from_outside_is_looked_at_anew() -> None:
    rates = [1.0]

    def decay(t: Any, y: Any, p: Any) -> Any:
        return -p * rates[0] * y

    slope = grad(lambda p: ode(decay, 1.0, [0.0, 1.0], (p,), rtol=1e-6)[-1])
    assert slope(1.0) == pytest.approx(-math.exp(-1.0), rel=1e-5)
    rates[0] = 2.0
    assert slope(1.0) == pytest.approx(-2.0 * math.exp(-2.0), rel=1e-5)


def test_times_may_meet_and_run_backward() -> None:
    y = ode(lambda t, y: [-y[0]], (1.0,), [1.0, 1.0, 0.0, 0.0])
    assert [state[0] for state in y] == pytest.approx([1.0, 1.0, math.e, math.e], rel=1e-8)
    assert ode(sin, 1.0, [2.0]) == [1.0]


def test_series_are_told_by_their_labels() -> None:
    pandas = pytest.importorskip("pandas")
    y0 = pandas.Series({"p": 1.0, "q": 2.0})
    for slope in (pandas.Series({"p": 0.0, "q": 1.0}), [0.0, 1.0]):
        assert ode(lambda t, y: slope, y0, [0.0, 1.0])[-1].tolist() == pytest.approx([1.0, 3.0])  # noqa: B023
    with pytest.raises(ShapeError, match="same labels in the same order"):
        ode(lambda t, y: pandas.Series({"q": 1.0, "p": 0.0}), y0, [0.0, 1.0])


@dataclass(frozen=True)
class Falling:
    name: str
    speed: float = field(default=1.0, compare=False)

    def __call__(self, t: Any, y: Any, a: Any) -> Any:
        return -self.speed * a


class Medium(str):
    def __new__(cls, speed: float) -> Medium:
        return super().__new__(cls, "air")

    def __init__(self, speed: float) -> None:
        self.speed = speed


def by_medium(t: Any, y: Any, a: Any, medium: Medium) -> Any:
    return -medium.speed * a


def test_objects_that_are_equal_have_derivatives_of_their_own() -> None:
    for speed in (1.0, 2.0):
        fall = Falling("ball", speed)
        slope = grad(lambda a: ode(fall, 1.0, [0.0, 1.0], (a,))[-1])(0.5)  # noqa: B023
        assert slope == pytest.approx(-speed, rel=1e-9)
        slope = grad(lambda a: ode(by_medium, 1.0, [0.0, 1.0], (a, Medium(speed)))[-1])(0.5)  # noqa: B023
        assert slope == pytest.approx(-speed, rel=1e-9)


# ---- steps and kinks ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slope",
    [
        lambda t, y, k: 1.0 if y < k else 2.0,
        lambda t, y, k: 2.0 + (y - k) / sqrt((y - k) ** 2),  # of smooth operations only
    ],
)
def test_a_step_that_moves_is_never_lost(slope: Function) -> None:
    def f(k: Any) -> Any:
        return ode(slope, 0.0, [0.0, 1.0], (k,), method="RK45", rtol=1e-3)[-1]

    with pytest.raises(ConvergenceError, match="find its time by root"):
        grad(f)(0.5)


# ---- refusals ----------------------------------------------------------------------------------


def test_what_is_no_solution_is_refused() -> None:
    a = Value(1.0, label="a")
    delayed = lambda a: a * ode(lambda t, y: 1.0 if t > a else 0.0, 0.0, [0.0, 1.0])[-1]  # noqa: E731
    counted = lambda a: ode(lambda t, y, a, n: a * y * len(range(n)), 1.0, [0.0, 1.0], (a, 3))[-1]  # noqa: E731
    late: Function = lambda t, y: -y if t < 0.5 else -a * y  # noqa: E731
    cases: list[tuple[type[Exception], str, Function]] = [
        (ArgumentError, "a Value, a", lambda: ode(lambda t, y: -a * y, 1.0, [0.0, 1.0])),
        (ArgumentError, "looks at", lambda: grad(delayed)(0.5)),
        (ConvergenceError, "no derivative at .*integer", lambda: grad(counted)(0.5)),
        (ArgumentError, "a Value, a", lambda: ode(late, 1.0, [0.0, 1.0])),
        (ConvergenceError, "not come to t = 2.0", lambda: ode(lambda t, y: y * y, 1.0, [0.0, 2.0], rtol=1e-3)),
        (ConvergenceError, "smaller atol", lambda: ode(lambda t, y: -y, 1e-11, [0.0, 1.0])),
        (ConvergenceError, "not come to", lambda: ode(lambda t, y: -1 / sqrt(y), 1.0, [0.0, 1.0], rtol=1e-3)),
        (ConvergenceError, "not finite", lambda: ode(lambda t, y: math.inf, 1.0, [0.0, 1.0], method="LSODA")),
        (ConvergenceError, "not finite", lambda: grad(lambda a: ode(lambda t, y, a: sqrt(y) + a, 0.0, [0.0, 1.0], (a,), method="Radau")[-1])(1.0)),
        (DomainError, "sqrt", lambda: ode(lambda t, y: sqrt(y), -1.0, [0.0, 1.0])),
        (ShapeError, "nested alike", lambda: ode(lambda t, y: [y, y], 1.0, [0.0, 1.0])),
        (ShapeError, "nested alike", lambda: ode(lambda t, y: {"b": 1.0}, {"a": 1.0}, [0.0, 1.0])),
        (ArgumentTypeError, "the result of", lambda: ode(lambda t, y: "f", 1.0, [0.0, 1.0])),
        (ArgumentError, "in order", lambda: ode(growth, 1.0, [0.0, 1.0, 0.5], (1.0, 2.0))),
        (ArgumentError, "t has no number", lambda: ode(growth, 1.0, [], (1.0, 2.0))),
        (ArgumentError, "y0 has no number", lambda: ode(growth, [], [0.0, 1.0], (1.0, 2.0))),
        (ArgumentError, "one of RK45", lambda: ode(growth, 1.0, [0.0], method="Euler")),
        (ArgumentError, "rtol is 0.0", lambda: ode(growth, 1.0, [0.0], rtol=0.0)),
        (ArgumentError, "atol is -1.0", lambda: ode(growth, 1.0, [0.0], atol=-1.0)),
        (ArgumentError, "order 3", lambda: derivative(lambda t: logistic([0.5, 1.0, 2.0, 0.0, t]), 3)(1.0)),
        (ArgumentError, "order 3", lambda: derivative(lambda y: logistic([y, 1.0, 2.0, 0.0, 1.0]), 3)(1.0)),
        (TraceError, "ode", lambda: compile(logistic)(P)),
    ]  # fmt: skip
    for kind, text, call in cases:
        with pytest.raises(kind, match=text):
            call()
