"""What threads bring by the clock on the wall: those of one call, and two callers at once."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import numpy as np

from . import cases, report
from .engines.compiled import BACKENDS
from .problems import options

COUNT = 400_000
BYTES = 20_000_000
TURNS = 9  # of each in a round: the fastest counts


def section(rounds: int) -> str:
    """Measure it, each beside the same work in one thread, and hashing as what could be reached."""
    case = cases.options(options(COUNT))
    backend = [*BACKENDS.values()][-1]
    one, two = (case.compiled(backend, threads=n) for n in (1, 2))
    if not np.array_equal(one(*case.args), two(*case.args)):
        raise SystemExit("threads: two give other numbers than one")
    data = bytes(BYTES)

    def call() -> Any:
        return one(*case.args)

    def hashed() -> Any:
        return hashlib.sha256(data).digest()

    ratios = {
        f"{COUNT:,} Greeks, threads=2": lambda: seconds(call) / seconds(lambda: two(*case.args)),
        f"{COUNT:,} Greeks, two callers": lambda: seconds(in_turn(call)) / seconds(at_once(call)),
        "SHA-256, two callers": lambda: seconds(in_turn(hashed)) / seconds(at_once(hashed)),
    }
    found: dict[str, list[float]] = {name: [] for name in ratios}
    for _ in range(rounds):
        for name, ratio in ratios.items():
            found[name].append(ratio())
    rows = [[name, f"{statistics.median(some):.2f}"] for name, some in found.items()]
    text = f"How many times sooner two threads are done than one does the same, on {backend}."
    return f"### Threads\n\n{text}\n\n{report.table(['work', 'gain'], rows)}"


def seconds(run: Callable[[], Any]) -> float:
    """Measure by the clock on the wall, a few times, and give the least."""
    found = []
    for _ in range(TURNS):
        begin = time.perf_counter()
        run()
        found.append(time.perf_counter() - begin)
    return min(found)


def in_turn(run: Callable[[], Any]) -> Callable[[], None]:
    def both() -> None:
        run()
        run()

    return both


def at_once(run: Callable[[], Any]) -> Callable[[], None]:
    def both() -> None:
        threads = [Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return both
