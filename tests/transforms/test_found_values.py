"""What transforms return where the function depends on Values that it found by itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, grad, hessian, jacfwd, jacrev, nn, no_grad, value_and_grad
from tinygrad_nn.optim import SGD
from tinygrad_nn.train import Trainer

# Each gives the derivative of w x^2 by x at x = 2: 4 w, of which the slope by w is 4.
SLOPES: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
    "grad": lambda f: grad(f)(2.0),
    "value_and_grad": lambda f: value_and_grad(f)(2.0)[1],
    "jacfwd": lambda f: jacfwd(f)(2.0),
    "jacrev": lambda f: jacrev(f)(2.0),
    "jacobian of a list": lambda f: tg.jacobian(lambda x: [f(x), 1.0])(2.0)[0],
    "hessian": lambda f: hessian(f)(2.0) * 2.0,
    "jvp": lambda f: tg.jvp(f, (2.0,), (1.0,))[1],
    "vjp": lambda f: tg.vjp(f, 2.0)[1](1.0)[0],
    "hvp": lambda f: tg.hvp(f)(2.0, 2.0),
    "derivative": lambda f: tg.derivative(f, 1)(2.0),
    "nested": lambda f: grad(lambda x: grad(f)(x) * x)(2.0) * 0.5,
}


@pytest.mark.parametrize("name", SLOPES)
def test_what_depends_on_a_weight_can_be_differentiated_by_it(name: str) -> None:
    w = Value(3.0)
    slope = SLOPES[name](lambda x: w * x * x)
    assert isinstance(slope, Value)
    slope.backward()
    assert (slope.data, w.grad) == (12.0, 4.0)


@pytest.mark.parametrize("name", SLOPES)
def test_within_no_grad_all_are_plain_numbers(name: str) -> None:
    w = Value(3.0)
    with no_grad():
        slope = SLOPES[name](lambda x: w * x * x)
    assert type(slope) is float
    assert slope == 12.0


@pytest.mark.parametrize("name", SLOPES)
def test_what_depends_on_constants_only_is_plain(name: str) -> None:
    with no_grad():
        three = Value(1.0) * 3.0
    slope = SLOPES[name](lambda x: three * x * x)
    assert type(slope) is float
    assert slope == 12.0


def test_each_number_is_judged_by_itself() -> None:
    w = Value(3.0)
    value, (first, second) = value_and_grad(lambda x: w * x[0] + x[1] ** 2)([2.0, 5.0])
    assert isinstance(value, Value)
    assert isinstance(first, Value)
    assert type(second) is float
    assert (value.data, first.data, second) == (31.0, 3.0, 10.0)


def test_values_in_values_out_though_nothing_depends_on_them() -> None:
    slope = grad(lambda x: 3.0 * x)(Value(2.0))
    assert isinstance(slope, Value)
    assert slope.data == 3.0


def test_within_no_grad_values_give_constants() -> None:
    x = Value(3.0)
    with no_grad():
        slope = grad(lambda x: x * x)(x)
    assert isinstance(slope, Value)
    assert slope.is_constant
    assert slope.data == 6.0


def test_within_no_grad_nothing_goes_into_an_outer_derivative() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            slope = grad(lambda y: y * y)(x)
        return slope * x

    assert grad(f)(3.0) == 6.0
    assert hessian(f)(3.0) == 0.0


def test_a_plain_number_that_varies_is_no_leaf_of_what_is_returned() -> None:
    w = Value(3.0)
    slope = grad(lambda x: w * x * x)(2.0)
    assert tg.compile(slope, inputs=[w])([5.0]) == 20.0


def test_a_rule_may_ask_for_a_derivative() -> None:
    cube = tg.custom(lambda x: x**3, [lambda x, z: grad(lambda y: y**3)(x)], name="by_a_rule")
    assert grad(cube)(2.0) == pytest.approx(12.0, rel=1e-12)
    assert grad(grad(cube))(2.0) == pytest.approx(12.0, rel=1e-12)


class Residual(nn.Module):
    """A network u that is to obey u' = -u: what it gives is u'(x) + u(x)."""

    def __init__(self) -> None:
        self.u = nn.MLP(1, [3, 1], activation="tanh", seed=2)

    def __call__(self, x: Any) -> Any:
        def u(t: Any) -> Any:
            return self.u([t])

        return grad(u)(x[0]) + u(x[0])


def cost_by_hand(weights: list[float], points: list[float]) -> float:
    """The mean of the squared residuals, from the weights alone."""
    w, v = weights[0:6:2], weights[6:9]
    b, c = weights[1:6:2], weights[9]
    total = 0.0
    for x in points:
        residual = c
        for wj, bj, vj in zip(w, b, v, strict=True):
            t = math.tanh(wj * x + bj)
            residual += vj * (t + (1.0 - t * t) * wj)
        total += residual * residual
    return total / len(points)


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_model_that_differentiates_its_own_input_trains_alike(engine: str) -> None:
    points = [-1.0, -0.25, 0.5, 1.0]
    model = Residual()
    weights = [p.data for p in model.parameters()]
    trainer = Trainer(model, nn.squared_error, SGD(model.parameters(), lr=0.1), engine=engine)
    trainer.fit([[x] for x in points], [0.0] * 4, epochs=1, progress=False)
    for k, parameter in enumerate(model.parameters()):
        h = 1e-5
        up = [w + h * (j == k) for j, w in enumerate(weights)]
        down = [w - h * (j == k) for j, w in enumerate(weights)]
        slope = (cost_by_hand(up, points) - cost_by_hand(down, points)) / (2.0 * h)
        assert parameter.data == pytest.approx(weights[k] - 0.1 * slope, rel=1e-7, abs=1e-9)
