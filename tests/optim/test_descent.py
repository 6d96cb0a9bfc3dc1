"""Gradient descent on functions."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import optim
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DomainError


@given(lr=st.floats(0.05, 0.45), x0=st.floats(-10.0, 10.0))
def test_descent_on_a_parabola_has_a_closed_form(lr: float, x0: float) -> None:
    found = optim.minimize(lambda x: x * x, x0, lr=lr, tol=1e-6, max_steps=1000)
    assert found.converged
    assert found.gradient_norm == abs(2 * found.x) < 1e-6
    assert found.f == found.x * found.x
    expected = [(1 - 2 * lr) ** n * x0 for n in range(found.steps + 1)]
    assert found.path == pytest.approx(expected, rel=1e-9)
    assert found.values == pytest.approx([x * x for x in expected], rel=1e-9)
    assert found.steps == 0 or abs(2 * found.path[-2]) >= 1e-6


def test_several_numbers_and_forms_of_the_start() -> None:
    def rosenbrock(p: Any) -> Any:
        x, y = p
        return (1 - x) ** 2 + 5 * (y - x * x) ** 2

    for x0 in ([0.0, 0.0], (0, 0), np.zeros(2)):
        found = optim.minimize(rosenbrock, x0, lr=0.03, tol=1e-8, max_steps=5000)
        assert found.converged
        assert found.x == pytest.approx([1.0, 1.0], abs=1e-6)
        assert found.path[0] == [0.0, 0.0]
        assert len(found.path) == len(found.values) == found.steps + 1
    one = optim.minimize(lambda p: p[0] ** 2, [1.0])
    assert isinstance(one.x, list)
    assert len(one.x) == 1


def test_the_steps_may_not_suffice() -> None:
    found = optim.minimize(lambda x: x * x, 1.0, lr=0.25, max_steps=3)
    assert (found.converged, found.steps, found.x) == (False, 3, 0.125)
    assert "max_steps = 3" in found.reason
    assert optim.minimize(lambda x: x * x, 1.0, max_steps=0).path == (1.0,)


def test_a_schedule_for_minimize() -> None:
    found = optim.minimize(lambda x: x * x, 1.0, lr=lambda step: 0.5 if step == 2 else 0.1)
    assert found.path == pytest.approx((1.0, 0.8, 0.64, 0.0))
    assert found.converged


@pytest.mark.parametrize(
    ("f", "x0", "lr"),
    [
        (lambda x: x * x, 1.0, 1.5),  # overflows without an error
        (lambda x: x**2, 1.0, 1.5),  # raises
        (lambda x: tg.log(x) * 1.0, 1.0, 1.5),  # leaves the domain
        (lambda p: -(p[0] ** 2) - p[1] ** 4, [1.0, 1.0], 1.0),
        (lambda x: tg.sqrt(x), 1.0, 2.0),  # at 0 the gradient is infinite
    ],
)
def test_divergence_returns_the_last_finite_point(f: Any, x0: Any, lr: float) -> None:
    found = optim.minimize(f, x0, lr=lr, max_steps=5000)
    assert not found.converged
    assert found.reason.startswith(f"diverged at step {found.steps + 1}: ")
    numbers = [found.f, found.gradient_norm, *np.ravel(found.x)]
    assert all(map(math.isfinite, numbers[:1] + numbers[2:]))
    assert found.x == found.path[-1]
    assert len(found.path) == found.steps + 1


def test_the_start_must_be_finite() -> None:
    with pytest.raises(DomainError, match=r"log at x = -1\.0"):
        optim.minimize(tg.log, -1.0)
    with pytest.raises(DomainError, match="x is nan"):
        optim.minimize(lambda x: x * x, math.nan)
    with pytest.raises(DomainError, match="its gradient is inf"):
        optim.minimize(tg.sqrt, 0.0)


@pytest.mark.parametrize(
    ("arguments", "keywords", "words"),
    [
        ((lambda x: 1.0, 0.0), {}, "f returned 1.0"),
        ((lambda x: x * x, []), {}, "x0 is empty"),
        ((lambda x: x * x, None), {}, "x0 is None"),
        ((lambda x: x[0], ["a"]), {}, r"x0\[0\]"),
        ((lambda x: x * x, 0.0), {"lr": -1.0}, "lr is -1.0"),
        ((lambda x: x * x, 0.0), {"max_steps": -1}, "max_steps is -1"),
        ((lambda x: x * x, 0.0), {"tol": "small"}, "tol must be a number"),
    ],
)
def test_bad_arguments_of_minimize(arguments: Any, keywords: Any, words: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
        optim.minimize(*arguments, **keywords)


def test_ctrl_c_returns_what_was_reached() -> None:
    calls = []

    def f(x: Any) -> Any:
        calls.append(x)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return x * x

    found = optim.minimize(f, 1.0, lr=0.25)
    assert (found.steps, found.x, found.converged, found.reason) == (3, 0.125, False, "interrupted")


def test_the_result_is_frozen_and_readable() -> None:
    found = tg.minimize(lambda x: x * x, 1.0, lr=0.5)
    assert repr(found) == (
        "Descent(x=0.0, f=0.0, gradient_norm=0.0, steps=1, converged=True, "
        "reason='the gradient is shorter than tol')"
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.x = 1.0  # type: ignore[misc]  # that is the mistake
