"""Learning rates: a number, or a function of the number of steps made so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from ..arguments import check_count
from .arguments import not_negative

__all__ = [
    "SCHEDULES",
    "LearningRate",
    "Schedule",
    "constant",
    "cosine",
    "rate_at",
    "step_decay",
    "warmup",
]

Schedule: TypeAlias = Callable[[int], float]
LearningRate: TypeAlias = float | Schedule


def constant(lr: float) -> Schedule:
    """The same learning rate at every step; `warmup` takes it to begin slowly.

    Examples
    --------
    >>> constant(0.1)(1000)
    0.1
    """
    rate = not_negative(lr, "lr")
    return partial(_constant, rate)


def step_decay(lr: float, every: int, factor: float = 0.1) -> Schedule:
    """A rate that falls in stairs: lr factor^k from step k `every` on.

    Examples
    --------
    >>> schedule = step_decay(0.8, every=100, factor=0.5)
    >>> schedule(99), schedule(100), schedule(200)
    (0.8, 0.4, 0.2)
    """
    rate, scale = not_negative(lr, "lr"), not_negative(factor, "factor")
    length = check_count(every, "every")
    return partial(_step_decay, rate, length, scale)


def cosine(lr: float, steps: int, final: float = 0.0) -> Schedule:
    """A rate that falls from `lr` to `final` along half a cosine, and stays there.

    final + (lr - final) (1 + cos(pi step / steps)) / 2

    Examples
    --------
    >>> schedule = cosine(0.2, steps=100)
    >>> schedule(0), schedule(50), schedule(100), schedule(500)
    (0.2, 0.1, 0.0, 0.0)
    """
    start, end = not_negative(lr, "lr"), not_negative(final, "final")
    length = check_count(steps, "steps")
    return partial(_cosine, start, length, end)


def warmup(lr: LearningRate, steps: int) -> Schedule:
    """A rate that rises evenly over the first `steps` steps, and then is that of `lr`.

    Parameters
    ----------
    lr : float or function
        The rate to rise to; a schedule begins when the rise is over.
    steps : int
        How many steps are made at lower rates.

    Examples
    --------
    >>> schedule = warmup(step_decay(0.8, every=100), steps=3)
    >>> schedule(0), schedule(2), schedule(3), schedule(102), schedule(103)
    (0.2, 0.6000000000000001, 0.8, 0.8, 0.08000000000000002)
    """
    return partial(_warmup, lr, check_count(steps, "steps"))


# What they compute: functions by name, so that optimisers can be pickled.


def _constant(rate: float, step: int) -> float:
    return rate


def _step_decay(rate: float, every: int, factor: float, step: int) -> float:
    return rate * factor ** (step // every)


def _cosine(start: float, steps: int, end: float, step: int) -> float:
    progress = min(step / steps, 1.0)
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * progress))


def _warmup(lr: LearningRate, steps: int, step: int) -> float:
    return rate_at(lr, max(step - steps, 0)) * min((step + 1) / (steps + 1), 1.0)


# By name: what makes each, of the same arguments as what computes it.
SCHEDULES: dict[str, tuple[Callable[..., Schedule], Callable[..., float]]] = {
    "constant": (constant, _constant),
    "cosine": (cosine, _cosine),
    "step_decay": (step_decay, _step_decay),
    "warmup": (warmup, _warmup),
}


def rate_at(lr: LearningRate, step: int) -> float:
    """Evaluate a learning rate after so many steps; refuse one that is negative or not finite."""
    return not_negative(lr(step), f"lr({step})") if callable(lr) else not_negative(lr, "lr")
