"""Paired timings: every contestant in turn, round after round, in one process."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

STEPS = 5
"""Runs in a row: as in a training, each but the first begins with what the last one left."""


@dataclass(frozen=True)
class Timing:
    """Seconds a run of one contestant, a number for every round."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure(
    contestants: dict[str, Callable[[], object]], *, rounds: int, collector: bool
) -> dict[str, Timing]:
    """Time each contestant in turn, several runs in a row, after a round that does not count.

    Each begins with a collected heap, so that nobody pays for another's garbage, but
    everybody for their own. With the collector off, one collection is part of each run.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            elapsed = run_in_a_row(run, collector)
            if turn:
                seconds[name].append(elapsed / STEPS)
    return {name: Timing(numbers) for name, numbers in seconds.items()}


def run_in_a_row(run: Callable[[], object], collector: bool) -> float:
    gc.collect()
    if not collector:
        gc.disable()
    try:
        start = time.perf_counter()
        for _ in range(STEPS):
            run()
            if not collector:
                gc.collect()
        return time.perf_counter() - start
    finally:
        gc.enable()


def ratio(timings: dict[str, Timing], peer: str, ours: str) -> float:
    """How many times longer the peer takes: the median over rounds of the paired ratios."""
    pairs = zip(timings[peer].seconds, timings[ours].seconds, strict=True)
    return statistics.median(theirs / mine for theirs, mine in pairs)
