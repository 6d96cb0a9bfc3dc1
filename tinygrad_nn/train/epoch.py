"""One epoch: every sample once."""

from __future__ import annotations

import math
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from .engines.engine import Engine
from .history import Epoch
from .prediction import classifies
from .samples import Samples

__all__ = ["run_epoch"]


def run_epoch(
    engine: Engine, batches: Iterable[Samples], count: int, held_out: Samples | None
) -> Epoch:
    """Make a step for each batch.

    Parameters
    ----------
    engine : Engine
    batches : iterable of Samples
    count : int
        How many samples there are in all of them.
    held_out : Samples, optional
        What to test on afterwards.

    Returns
    -------
    Epoch
    """
    started = perf_counter()
    cost, hits = 0.0, 0
    gradient: Any = None
    for batch in batches:
        share = len(batch) / count
        step = engine.step(batch, True)
        cost += share * step.cost
        hits += step.right
        gradient = _added(gradient, share, step.gradient)
    tested = (None, None) if held_out is None else engine.evaluate(held_out)
    return Epoch(
        cost=cost,
        gradient_norm=math.hypot(*gradient),
        seconds=perf_counter() - started,
        accuracy=hits / count if classifies(engine.loss) else None,
        validation_cost=tested[0],
        validation_accuracy=tested[1],
    )


def _added(total: Any, share: float, gradient: Any) -> Any:
    """Add the share of a batch to a gradient, a list or an array; None is none yet."""
    if hasattr(gradient, "tolist"):
        return share * gradient if total is None else total + share * gradient
    if total is None:
        return [share * slope for slope in gradient]
    return [before + share * slope for before, slope in zip(total, gradient, strict=True)]
