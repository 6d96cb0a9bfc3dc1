"""``python -m benchmarks``: our speed and memory beside micrograd's, measured here and now."""

from __future__ import annotations

import platform
import sys

import typer
from rich.console import Console
from rich.table import Table

from .memory import bytes_per_node
from .timing import measure, ratio
from .workloads import ENGINES, OURS, WORKLOADS


def main(rounds: int = typer.Option(7, min=1, help="Counted rounds of each workload.")) -> None:
    """Time every workload with the garbage collector on and off, and print the medians."""
    table = Table(title=f"Python {platform.python_version()}, medians of {rounds} rounds")
    for heading in ("workload", "collector", *ENGINES, "ratio"):
        table.add_column(heading)
    for name, workload in WORKLOADS.items():
        contestants = {engine: workload(kind) for engine, kind in ENGINES.items()}
        results = {engine: run() for engine, run in contestants.items()}
        check_equal(name, results)
        for collector in (True, False):
            timings = measure(contestants, rounds=rounds, collector=collector)
            table.add_row(
                name,
                "on" if collector else "off, one collection a run",
                *(f"{timings[engine].median * 1e3:.1f} ms" for engine in ENGINES),
                f"{ratio(timings, 'micrograd', OURS):.1f}",
            )
    console = Console()
    console.print(table)
    kept, peak = bytes_per_node()
    console.print(f"Memory: {kept:.0f} bytes per kept node, {peak:.0f} at the peak of backward.")


def check_equal(workload: str, results: dict[str, float]) -> None:
    """Refuse to time engines that do not compute the same number."""
    for engine, number in results.items():
        if abs(number - results[OURS]) > 1e-9 * abs(number):
            sys.exit(f"{workload}: {engine} gives {number!r}, {OURS} {results[OURS]!r}")


if __name__ == "__main__":
    typer.run(main)
