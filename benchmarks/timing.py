"""Interleaved timings: every contestant in turn, round after round, in one process."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .job import Job

TURN = 0.2
"""Seconds that a turn takes at least: far more than the clock can miss."""

IN_A_ROW = 5
"""Runs in a turn at least: as in a training, each but the first finds what the last one left."""

LONG = 2.0
"""Seconds from which on one run is a turn."""

LONG_ROUNDS = 3
"""Rounds at most where a contestant takes so long."""

FREE = "free"
"""The last phase of every job: what it made is dropped."""


@dataclass(frozen=True)
class Contestant:
    """A job, with the garbage collector on or off."""

    job: Job
    collector: bool = True


@dataclass(frozen=True)
class Timing:
    """Seconds a run: for each phase a number for every round."""

    phases: dict[str, list[float]]

    @property
    def whole(self) -> list[float]:
        """All phases together, for every round."""
        return [sum(parts) for parts in zip(*self.phases.values(), strict=True)]

    @property
    def median(self) -> float:
        return statistics.median(self.whole)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The ends of the middle half of the rounds."""
        low, _, high = statistics.quantiles(self.whole, n=4, method="inclusive")
        return low, high

    def phase(self, name: str) -> float:
        return statistics.median(self.phases[name])


def measure(contestants: Mapping[str, Contestant], rounds: int) -> dict[str, Timing]:
    """Time each contestant in turn, after runs that only tell how long one takes.

    What stands in memory before is set aside: a full collection then walks what the
    contestant has made, and not whatever happens to be imported. Each begins with a
    collected heap, so that nobody pays for another's garbage, but everybody for their own.
    """
    gc.collect()
    gc.freeze()
    try:
        single = {name: seconds_of_a_run(who) for name, who in contestants.items()}
        if max(single.values()) >= LONG:
            rounds = min(rounds, LONG_ROUNDS)
        turns = [
            {name: turn(who, runs_in_a_turn(single[name])) for name, who in contestants.items()}
            for _ in range(rounds)
        ]
    finally:
        gc.unfreeze()
    return {
        name: Timing({phase: [each[name][phase] for each in turns] for phase in turns[0][name]})
        for name in contestants
    }


def seconds_of_a_run(contestant: Contestant) -> float:
    """Run a few times: the first may prepare what later ones have at hand."""
    first = sum(turn(contestant, 1).values())
    return first if first >= LONG else sum(turn(contestant, IN_A_ROW).values())


def runs_in_a_turn(seconds: float) -> int:
    """Choose how often to run in a turn what takes so long."""
    return 1 if seconds >= LONG else max(IN_A_ROW, math.ceil(TURN / seconds))


def turn(contestant: Contestant, runs: int) -> dict[str, float]:
    """Run so many times in a row; give the seconds of each phase of a run, on average.

    With the collector off, one full collection belongs to each run.
    """
    phases = contestant.job.phases.items()
    spent = dict.fromkeys([*contestant.job.phases, FREE], 0.0)
    clock = time.perf_counter
    state = None
    gc.collect()
    if not contestant.collector:
        gc.disable()
    try:
        for _ in range(runs):
            start = clock()
            for name, phase in phases:
                state = phase(state)
                end = clock()
                spent[name] += end - start
                start = end
            state = None
            if not contestant.collector:
                gc.collect()
            spent[FREE] += clock() - start
    finally:
        gc.enable()
    return {name: seconds / runs for name, seconds in spent.items()}
