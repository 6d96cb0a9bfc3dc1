"""Rules of users' own optimisers, each odd in its own way."""

from __future__ import annotations

import math
from typing import Any

import tinygrad_nn as tg
from tinygrad_nn.optim import SGD, Adam, GradientDescent, Optimizer


class Signs(Optimizer):
    """No state, and a choice."""

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * tg.where(g > 0.0, 1.0, -1.0) / t, ()


class ThreeStates(Optimizer):
    initial_state = (0.0, 1.0, -2.0)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        m, v, u = state
        m, v = 0.9 * m + 0.1 * g, 0.9 * v + 0.1 * g * g
        return a - lr * m / tg.sqrt(v + 1e-3), (m, v, u + lr)


class NoGradient(Optimizer):
    initial_state = (1.0,)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a * (1.0 - lr), (0.5 * state[0],)


class SameState(Optimizer):
    initial_state = (0.5, 2.0)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * g * state[0], state


class Swapped(Optimizer):
    initial_state = (0.25, -0.5)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * (g + 0.1 * state[0]), (state[1], state[0])


class Standing(Optimizer):
    """The parameter itself comes back, and the gradient is kept."""

    initial_state = (0.0,)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a, (g,)


class Delayed(Optimizer):
    """The gradient of the step before."""

    initial_state = (0.0,)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * state[0], (g,)


class Twice(Optimizer):
    """One number in two states, and the parameter in the third."""

    initial_state = (0.0, 0.0, 0.0)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        v = 0.5 * state[0] + g
        return a - lr * v, (v, v, a)


class OnlyGradient(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return g, ()


class Exchanged(Optimizer):
    initial_state = (0.125,)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return state[0], (a - lr * g,)


class Constants(Optimizer):
    initial_state = (0.0, 1.0)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return 0.5, (1.0, t)


class Rates(Optimizer):
    initial_state = (0.125,)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return lr, (a - lr * g,)


class FailsAtStepSix(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * g * tg.sqrt(5.5 - t), ()


class OverflowsInState(Optimizer):
    initial_state = (1.0,)

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * g, (state[0] * 1e60,)


class FailsForSome(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * g + tg.log(a + 1.0) * 1e-3, ()


RULES: dict[str, Any] = {
    "descent": GradientDescent,
    "sgd": SGD,
    "nesterov": lambda p, lr: SGD(p, lr, momentum=0.9, weight_decay=0.01, nesterov=True),
    "adam": lambda p, lr: Adam(p, lr, weight_decay=0.01),
    **{
        kind.__name__: kind
        for kind in (
            Signs, ThreeStates, NoGradient, SameState, Swapped, Standing, Delayed, Twice,
            OnlyGradient, Exchanged, Constants, Rates, FailsAtStepSix, OverflowsInState,
            FailsForSome,
        )
    },
}  # fmt: skip


def close(found: Any, expected: Any) -> bool:
    """Tell whether flat lists of numbers are equal up to rounding."""
    return len(found) == len(expected) and all(
        one == other
        or math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-9)
        or (math.isnan(one) and math.isnan(other))
        for one, other in zip(found, expected, strict=True)
    )
