"""Epochs of training, until there is a reason to stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Any

from .engines.engine import Engine
from .history import Epoch, History
from .prediction import classifies
from .progress import progress_bar
from .samples import Samples

__all__ = ["fit", "length_of"]

LEAST_SQUARE = 1e-200  # so much that what is lost below the least float does not count


def fit(
    engine: Engine,
    batches: Callable[[], Iterable[Samples]],
    weight: float,
    epochs: int,
    *,
    held_out: Samples | None,
    tol: float,
    patience: int | None,
    progress: bool,
) -> History:
    """Train as `Trainer.fit` says; `batches` deals samples of this weight anew for each epoch."""
    history = History(stopped="epochs")
    best = Best(engine.read)
    try:
        with progress_bar(epochs, progress) as advance:
            for _ in range(epochs):
                epoch = _run_epoch(engine, batches(), weight, held_out)
                history.epochs.append(epoch)
                advance(epoch)
                if patience is not None and epoch.validation_cost is not None:
                    best.offer(epoch.validation_cost)
                if epoch.gradient_norm < tol:
                    history.stopped = "tolerance"
                    break
                if patience is not None and best.age >= patience:
                    history.stopped = "patience"
                    break
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        engine.sync()
    if best.numbers is not None:
        engine.write(best.numbers)
    return history


class Best:
    """Remembers the parameters, as `read` gives them, at the lowest cost that it was offered."""

    def __init__(self, read: Callable[[], Sequence[float]]) -> None:
        self._read = read
        self._lowest = math.inf
        self.age = 0  # how many offers ago the lowest cost was
        self.numbers: Sequence[float] | None = None

    def offer(self, cost: float) -> None:
        """Remember the parameters as they are, if `cost` is the lowest."""
        self.age += 1
        if cost < self._lowest:
            self._lowest, self.numbers, self.age = cost, self._read(), 0


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


def length_of(gradient: Any) -> float:
    """Give the length of a gradient, a list or an array."""
    if hasattr(gradient, "tolist"):
        import numpy as np  # which is there, as the array is

        square = float(np.vdot(gradient, gradient))
        if LEAST_SQUARE < square < math.inf:
            return math.sqrt(square)
    return math.hypot(*gradient)


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
