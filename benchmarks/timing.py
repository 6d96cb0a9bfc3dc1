"""Paired timings: every contestant in turn, round after round, in one process."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of one contestant, a number for every round."""

    seconds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure(
    contestants: dict[str, Callable[[], object]], *, rounds: int, collector: bool
) -> dict[str, Timing]:
    """Time each contestant once a round, after one round that does not count.

    Each run begins with a collected heap, so that nobody pays for another's garbage.
    With the collector off, one collection at the end of each run is part of its time.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, run in contestants.items():
            gc.collect()
            if not collector:
                gc.disable()
            try:
                start = time.perf_counter()
                run()
                if not collector:
                    gc.collect()
                elapsed = time.perf_counter() - start
            finally:
                gc.enable()
            if turn:
                seconds[name].append(elapsed)
    return {name: Timing(numbers) for name, numbers in seconds.items()}


def ratio(timings: dict[str, Timing], peer: str, ours: str) -> float:
    """How many times longer the peer takes: the median over rounds of the paired ratios."""
    pairs = zip(timings[peer].seconds, timings[ours].seconds, strict=True)
    return statistics.median(theirs / mine for theirs, mine in pairs)
