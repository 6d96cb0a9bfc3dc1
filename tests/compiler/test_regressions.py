"""Programs that were once computed wrong."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import compile, custom, exp, grad, gradients, log, where


def test_a_grid_with_a_pair_twice_and_another_missing() -> None:
    def f(x: Any, m: Any) -> Any:
        ends = 0 * x[0] + 3 * m[1] + 1, 0.5 * x[1] + m[0]
        return [-x[0] + 3 * m[1], *ends, 0.5 * x[1] + 3 * m[0]]

    assert compile(f)([2.0, 3.0], [5.0, 7.0]) == f([2.0, 3.0], [5.0, 7.0])


def test_derivatives_that_only_some_of_depend_on_the_samples() -> None:
    def f(w: Any, v: Any, x: Any) -> Any:
        a, b = gradients(w * exp(x) + v * v * v, [w, v])
        return a, b, b * b * b

    many = np.linspace(0.0, 1.0, 300_000)  # more than fit one block
    found = compile(f, batch="x", reduce=("mean", None, None))(2.0, 3.0, many)
    assert found[0] == pytest.approx(np.exp(many).mean(), rel=1e-12)
    assert found[1][0] == 27.0
    assert found[2][-1] == 27.0**3


def test_shapes_that_differ_in_what_is_summed_over_samples() -> None:
    f = compile(lambda p, x, q, r, s: (p * x, p * q), batch="x", reduce="mean")
    assert f(2.0, [3.0, 5.0], 10.0, 1.0, 1.0) == (8.0, 20.0)


def test_branches_inside_branches_far_from_one() -> None:
    f = compile(lambda x: where(x > 0, lambda: where(x > 0, lambda: log(x), 0.0), 0.0))
    assert f(1e-200) == pytest.approx(np.log(1e-200), rel=1e-12)


def test_operations_of_the_users_own_keep_to_themselves() -> None:
    ten = custom(lambda x: x * 10.0, lambda x, z: 10.0, name="square")
    assert compile(lambda x: [ten(a) for a in x])([1.0, 2.0, 3.0, 4.0]) == [10.0, 20.0, 30.0, 40.0]
    one = custom(lambda x: x + 1.0, lambda x, z: 1.0, name="foo")
    other = custom(lambda x: x + 100.0, lambda x, z: 1.0, name="foo")
    assert compile(lambda x: one(x) + other(x))(0.0) == 101.0
    unnamed = custom(lambda x: x + 2.0, lambda x, z: 1.0)
    assert compile(lambda x: unnamed(x))(1.0) == 3.0


def test_a_rate_that_looks_at_the_model_does_not_lose_the_step() -> None:
    model = tg.nn.MLP(1, [1], init=lambda nin, nout, rng: 1.0)
    rate = tg.optim.GradientDescent(
        model.parameters(), lr=lambda step: 0.1 / len(model.parameters())
    )
    trainer = tg.Trainer(model, tg.nn.squared_error, rate, engine="compiled")
    costs = [trainer.step([[1.0]], [3.0]) for _ in range(5)]
    assert costs == sorted(costs, reverse=True)
    assert len(set(costs)) == 5


def test_operations_of_the_users_own_have_a_safe_point_in_branches() -> None:
    own = custom(math.log, lambda x, z: 1.0 / x, name="own_log")
    f = compile(grad(lambda x: where(x > 0, lambda: own(x), 0.0)))
    assert [f(-1.0), f(2.0)] == [0.0, 0.5]


@pytest.mark.parametrize("size", [19, 65, 1500])
def test_slopes_of_the_last_of_many_numbers_among_zeros(size: int) -> None:
    x = [0.5 + 0.01 * place for place in range(size)]
    slopes = compile(grad(lambda x: sum(x[-13:]) * x[0]))(x)
    expected = [0.0] * size
    expected[-13:] = [x[0]] * 13
    expected[0] += sum(x[-13:])
    assert slopes == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("size", [19, 65, 1500])
def test_few_of_many_numbers_are_read(size: int) -> None:
    def f(x: Any) -> Any:
        return (x[0] + (x[1] + x[0])) * (x[-1] + (x[0] + x[-1])) + (x[9] + x[10])

    x = [0.5 + 0.01 * place for place in range(size)]
    value, slopes = compile(tg.value_and_grad(f))(x)
    expected, exact = tg.value_and_grad(f)(x)
    assert value == pytest.approx(expected, rel=1e-14)
    assert slopes == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("depth", [5, 6, 7])
def test_a_grid_with_a_pair_missing_of_numbers_that_are_nested_deeply(depth: int) -> None:
    places = [sum(3**k for k in range(depth) if n >> k & 1) for n in range(2**depth)]

    def f(t: Any, v: Any) -> Any:
        return [t[i] * v[j] for i in places for j in range(3)][:-1]

    t, v = [float(i) for i in range(3**depth)], [1.0, 2.0, 3.0]
    assert compile(f)(t, v) == f(t, v)


def test_infinite_constants_give_nan_without_a_warning() -> None:
    assert math.isnan(compile(lambda x: x * math.inf)(0.0))
    assert math.isnan(compile(lambda x: (x - math.inf) + math.inf)(0.0))


@pytest.mark.parametrize("count", [1, 20])
def test_what_has_no_constant_keeps_the_sign_of_zero_beside_sums_with_one(count: int) -> None:
    def f(x: Any) -> Any:
        return [1.0 - x, 1.0 + x, 4.0 * x] * count

    assert math.copysign(1.0, compile(f)(-0.0)[2]) == -1.0
