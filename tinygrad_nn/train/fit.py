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
    count: int,
    epochs: int,
    *,
    held_out: Samples | None,
    tol: float,
    patience: int | None,
    progress: bool,
) -> History:
    """Train as `Trainer.fit` says; `batches` deals `count` samples anew for each epoch."""
    history = History(stopped="epochs")
    best = Best(engine.read)
    try:
        with progress_bar(epochs, progress) as advance:
            for _ in range(epochs):
                epoch = _run_epoch(engine, batches(), count, held_out)
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
    engine: Engine, batches: Iterable[Samples], count: int, held_out: Samples | None
) -> Epoch:
    """Make a step for each batch; `count` is how many samples there are in all of them."""
    started = perf_counter()
    cost, hits = 0.0, 0
    sums: dict[int, Any] = {}  # of the gradients of batches of a size
    for batch in batches:
        size = len(batch)
        step = engine.step(batch, True)
        cost += size / count * step.cost
        hits += step.right
        sums[size] = _added(sums.get(size), step.gradient)
    tested = (None, None) if held_out is None else engine.evaluate(held_out)
    return Epoch(
        cost=cost,
        gradient_norm=length_of(_mean(sums, count)),
        seconds=perf_counter() - started,
        accuracy=hits / count if classifies(engine.loss) else None,
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


def _mean(sums: dict[int, Any], count: int) -> Any:
    """Weigh sums of gradients by the sizes of their batches."""
    mean: Any = None
    for size, total in sums.items():
        share = size / count
        is_array = hasattr(total, "tolist")
        part = share * total if is_array else [share * slope for slope in total]
        mean = part if mean is None else _added(mean, part)
    return mean
