"""``python -m benchmarks``: our speed and memory beside micrograd's, measured here and now."""

from __future__ import annotations

import argparse
import platform
import sys
from typing import Any

from .memory import bytes_per_node
from .timing import measure, ratio
from .workloads import ENGINES, OURS, WORKLOADS

HEADINGS = ("workload", "collector", *ENGINES, "ratio")


def main() -> None:
    """Time every workload with the garbage collector on and off, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="counted rounds of each workload")
    rounds = parser.parse_args().rounds
    rows = [row for name in WORKLOADS for row in compare(name, rounds)]
    kept, peak = bytes_per_node()
    show(rows, f"Python {platform.python_version()}, medians of {rounds} rounds")
    print(f"Memory: {kept:.0f} bytes per kept node, {peak:.0f} at the peak of backward.")


def compare(name: str, rounds: int) -> list[tuple[str, ...]]:
    """Time one workload on every engine, after checking that all compute the same."""
    workload = WORKLOADS[name]
    contestants = {engine: workload(kind) for engine, kind in ENGINES.items()}
    check_equal(name, {engine: run() for engine, run in contestants.items()})
    rows = []
    for collector, said in ((True, "on"), (False, "off, one collection a step")):
        timings = measure(contestants, rounds=rounds, collector=collector)
        times = (f"{timings[engine].median * 1e3:.1f} ms" for engine in ENGINES)
        rows.append((name, said, *times, f"{ratio(timings, 'micrograd', OURS):.2f}"))
    return rows


def check_equal(workload: str, results: dict[str, float]) -> None:
    """Refuse to time engines that do not compute the same number."""
    for engine, number in results.items():
        if abs(number - results[OURS]) > 1e-9 * abs(number):
            sys.exit(f"{workload}: {engine} gives {number!r}, {OURS} {results[OURS]!r}")


def show(rows: list[tuple[str, ...]], title: str) -> None:
    """Print the table."""
    from rich.console import Console  # after measuring: full collections walk what is imported
    from rich.table import Table

    table = Table(*HEADINGS, title=title)
    for row in rows:
        table.add_row(*row)
    console: Any = Console()
    console.print(table)


if __name__ == "__main__":
    main()
