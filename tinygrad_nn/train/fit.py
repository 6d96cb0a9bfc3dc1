"""Epochs of training, until there is a reason to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from ..errors import StateError
from ..optim.lbfgs import LBFGS
from .callbacks import Callback, Training
from .checkpoint import Checkpoint, Progress
from .engines.engine import Engine
from .history import Epoch, History
from .lbfgs import iterate
from .length import length_of
from .prediction import classifies
from .progress import progress_bar
from .samples import Samples

__all__ = ["fit"]


def fit(
    current: Callable[[], Engine],
    batches: Callable[[], Iterable[Samples]],
    weight: float,
    epochs: int,
    *,
    held_out: Samples | None,
    tol: float,
    patience: int | None,
    progress: bool,
    start: Progress,
    checkpoint: Checkpoint | None,
    training: Training,
    callbacks: Sequence[Callback],
) -> History:
    """Train as `Trainer.fit` says; `batches` deals samples of this weight anew for each epoch.

    `current` gives the engine for what the trainer is made of now, which callbacks may change.
    """
    engine = current()
    history = start.history
    is_over = history.stopped in ("tolerance", "patience")
    best = Best(engine, start)
    left = 0 if is_over else max(epochs - len(history.epochs), 0)
    history.stopped = history.stopped if is_over else "epochs"

    def is_last(epoch: Epoch) -> bool:
        nonlocal engine
        history.epochs.append(epoch)
        advance(epoch)
        if patience is not None and epoch.validation_cost is not None:
            best.offer(epoch.validation_cost)
        for callback in callbacks:
            callback(training)
        if callbacks and (now := current()) is not engine:
            if isinstance(optimizer, LBFGS):
                raise StateError(
                    "a callback has changed what is trained while the optimizer is LBFGS, which "
                    "knows slopes of what it was: stop the training, and call fit again"
                )
            engine = now
            best.follow(engine)
        if epoch.gradient_norm < tol:
            history.stopped = "tolerance"
        elif patience is not None and best.age >= patience:
            history.stopped = "patience"
        elif training.is_stopped:
            history.stopped = "callback"
        if checkpoint is not None and checkpoint.is_due(history, epochs):
            best.note(start)
            checkpoint.write(start)
        return history.stopped != "epochs"

    optimizer = training.trainer.optimizer
    try:
        with progress_bar(left, progress) as advance:
            if isinstance(optimizer, LBFGS):
                (samples,) = batches()
                iterate(engine, optimizer, samples, held_out, left, is_last, history)
            else:
                for _ in range(left):
                    if is_last(_run_epoch(engine, batches(), weight, held_out)):
                        break
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        engine.sync()
    if best.numbers is not None:
        engine.write(best.numbers)
    return history


class Best:
    """Remembers the parameters, as an engine has them, at the lowest cost that it was offered."""

    def __init__(self, engine: Engine, start: Progress) -> None:
        self._engine = engine
        self._lowest, self.age = start.lowest, start.age
        self.numbers: Sequence[float] | None = None
        if start.best is not None:
            with self._put_back():
                engine.model.load_state_dict(start.best)
                self.numbers = engine.read()
        self._noted = self.numbers

    def offer(self, cost: float) -> None:
        """Remember the parameters as they are, if `cost` is the lowest."""
        self.age += 1
        if cost < self._lowest:
            self._lowest, self.numbers, self.age = cost, self._engine.read(), 0

    def follow(self, engine: Engine) -> None:
        """Go on with another engine, whose parameters may have another order, or be others."""
        if self.numbers is not None:
            known = dict(zip(self._engine.row(), self.numbers, strict=True))
            self.numbers = None
            if known.keys() == set(engine.row()):
                self.numbers = [known[parameter] for parameter in engine.row()]
            else:
                self._lowest, self.age = math.inf, 0
        self._engine, self._noted = engine, None

    def note(self, progress: Progress) -> None:
        """Write what it remembers where a checkpoint looks for it."""
        progress.lowest, progress.age = self._lowest, self.age
        if self.numbers is not None and self.numbers is not self._noted:
            with self._put_back():
                self._engine.write(self.numbers)
                progress.best = self._engine.model.state_dict()
            self._noted = self.numbers

    @contextmanager
    def _put_back(self) -> Iterator[None]:
        now = self._engine.read()
        try:
            yield
        finally:
            self._engine.write(now)


def _run_epoch(
    engine: Engine, batches: Iterable[Samples], weight: float, held_out: Samples | None
) -> Epoch:
    """Make a step for each batch; `weight` is what all samples count, one each if none has one."""
    started = perf_counter()
    cost, hits = 0.0, 0.0
    sums: dict[float, Any] = {}  # of the gradients of batches of a size
    for batch in batches:
        size = batch.weight
        step = engine.step(batch, True)
        cost += size / weight * step.cost
        hits += step.right
        if batch.weights is None:
            sums[size] = _added(sums.get(size), step.gradient)
        else:  # hardly two batches weigh the same
            sums[1.0] = _added(sums.get(1.0), _scaled(size, step.gradient))
    tested = (None, None) if held_out is None else engine.evaluate(held_out)
    return Epoch(
        cost=cost,
        gradient_norm=length_of(_mean(sums, weight)),
        seconds=perf_counter() - started,
        accuracy=hits / weight if classifies(engine.loss) else None,
        validation_cost=tested[0],
        validation_accuracy=tested[1],
    )


def _added(total: Any, gradient: Any) -> Any:
    """Add a gradient, a list or an array, to those before, which this may change; None is none."""
    if total is None:
        return gradient.copy()
    if not hasattr(gradient, "tolist"):
        return [before + slope for before, slope in zip(total, gradient, strict=True)]
    total += gradient
    return total


def _scaled(factor: float, gradient: Any) -> Any:
    is_array = hasattr(gradient, "tolist")
    return factor * gradient if is_array else [factor * slope for slope in gradient]


def _mean(sums: dict[float, Any], weight: float) -> Any:
    """Weigh sums of gradients by the sizes of their batches."""
    mean: Any = None
    for size, total in sums.items():
        part = _scaled(size / weight, total)
        mean = part if mean is None else _added(mean, part)
    return mean
