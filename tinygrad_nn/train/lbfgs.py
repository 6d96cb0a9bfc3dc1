"""Iterations of SciPy's L-BFGS in place of epochs of steps."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeAlias

from ..errors import ArgumentError, StateError
from ..extras import load_extra
from ..nn import Module
from ..nn.noise import Noisy
from ..optim.lbfgs import LBFGS
from .engines.engine import Engine, Step
from .history import Epoch, History
from .length import length_of
from .prediction import classifies
from .samples import Samples
from .terms import Terms

__all__ = ["check_certain", "check_whole", "iterate"]

NDArray: TypeAlias = Any  # a NumPy array of floats

LEAST = 50  # evaluations of an iteration, at most, on average


def check_whole(batch_size: int | None, terms: Terms, is_written: bool) -> None:
    """Refuse what L-BFGS cannot do."""
    unfit = {
        "batch_size": batch_size is not None,
        "clip_norm": terms.clip_norm is not None,
        "clip_value": terms.clip_value is not None,
        "checkpoint": is_written,
    }
    for name, is_given in unfit.items():
        if is_given:
            raise ArgumentError(
                f"{name} is given and the optimizer is LBFGS, which takes all samples at once, their "
                "gradient as it is, and begins anew in each fit: leave it out, or take another "
                "optimizer"
            )


def check_certain(learner: Module) -> None:
    """Refuse a model that takes random numbers: its cost is another at each look."""
    if isinstance(learner, Noisy):
        raise ArgumentError(
            f"{learner.inner!r} leaves numbers out at random and the optimizer is LBFGS, which needs "
            "the same cost at each look: train without Dropout, or take another optimizer, as Adam"
        )


class Descent:
    """The cost and its gradient at points of SciPy's, computed by an engine that moves nothing."""

    def __init__(self, engine: Engine, samples: Samples) -> None:
        import numpy as np

        self._engine = engine
        self._samples = samples
        moved = set(engine.optimizer.parameters)
        self._moved = np.array([parameter in moved for parameter in engine.row()])
        self._all: NDArray = np.array(engine.read(), dtype=float)
        self.start: NDArray = self._all[self._moved]
        self._latest: tuple[NDArray, Step] | None = None

    def at(self, x: NDArray) -> Step:
        """Give what a step there is like; the model has these numbers then."""
        if self._latest is None or (self._latest[0] != x).any():
            self.go(x)
            step = self._engine.step(self._samples, True)
            self._latest = x.copy(), step
        return self._latest[1]

    def go(self, x: NDArray) -> None:
        """Give the model these numbers."""
        self._latest = None
        self._all[self._moved] = x
        self._engine.write(self._all)

    def __call__(self, x: NDArray) -> tuple[float, NDArray]:
        """Give the cost and its gradient."""
        import numpy as np

        step = self.at(x)
        return step.cost, np.array(step.gradient, dtype=float)


def iterate(
    engine: Engine,
    optimizer: LBFGS,
    samples: Samples,
    held_out: Samples | None,
    most: int,
    is_over: Callable[[Epoch], bool],
    history: History,
) -> None:
    """Make iterations, at most so many, until `is_over` says so of one, or it has converged."""
    optimize = load_extra("scipy.optimize", "compile", "train with LBFGS")
    descent = Descent(engine, samples)
    reached, started = descent.start, perf_counter()

    def after(x: NDArray) -> None:
        nonlocal reached, started
        step = descent.at(x)
        reached = x.copy()
        optimizer.steps += 1
        tested = (None, None) if held_out is None else engine.evaluate(held_out)
        now = perf_counter()
        epoch = Epoch(
            cost=step.cost,
            gradient_norm=length_of(step.gradient),
            seconds=now - started,
            accuracy=step.right / samples.weight if classifies(engine.loss) else None,
            validation_cost=tested[0],
            validation_accuracy=tested[1],
        )
        started = now
        before = list(engine.read())
        if is_over(epoch):
            raise StopIteration
        if list(engine.read()) != before:
            raise StateError(
                "a callback has changed parameters while the optimizer is LBFGS, which goes on from "
                "its own: stop the training, change them, and call fit again"
            )

    options = {
        "maxiter": most,
        "maxfun": LEAST * most,
        "maxcor": optimizer.memory,
        "gtol": optimizer.gtol,
        "ftol": optimizer.ftol,
    }
    try:
        found = optimize.minimize(
            descent, descent.start, jac=True, method="L-BFGS-B", callback=after, options=options
        )
    finally:
        descent.go(reached)  # the latest that was tried may be another
    if history.stopped == "epochs" and found.status != 1:
        history.stopped = "tolerance" if found.success else "line search"
