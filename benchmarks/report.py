"""Tables in Markdown, and their place in the documentation."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from tinygrad_nn.files import write_whole

from .problems import Workload
from .timing import FREE, Timing

REFERENCES = (
    "micrograd",
    "micrograd, collector off",
    "usual Value",
    "usual Value, collector off",
    "PyTorch, scalars",
    "PyTorch",
    "JAX",
)
"""What all times are compared with, where it has been measured."""

UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def duration(seconds: float) -> str:
    """Write a time with three digits.

    >>> duration(0.01234), duration(4.2e-8), duration(12.0)
    ('12.3 ms', '42.0 ns', '12.0 s')
    """
    factor, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return f"{digits(seconds / factor)} {unit}"


def digits(number: float) -> str:
    """Write a number with three digits, or all of those before the point.

    >>> digits(2283.1), digits(12.34), digits(1.0), digits(0.00633)
    ('2,283', '12.3', '1.00', '0.00633')
    """
    if number == 0.0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(number)))
    return f"{number:,.{decimals}f}"


def section(workload: Workload, timings: Mapping[str, Timing], units: int) -> str:
    """The title, the text and the table of one workload."""
    first = next(iter(timings.values()))
    phases = list(first.phases) if len(first.phases) > 2 else []
    references = [name for name in REFERENCES if name in timings]
    headings = [
        f"time per {workload.unit}",
        *(_phase_heading(phase) for phase in phases),
        "whole" if phases else "median",
        "middle half",
        *(f"× {name}" for name in references),
    ]
    rows = []
    for name, timing in timings.items():
        parts = [
            duration(timing.phase(phase) / units) if phase in timing.phases else "–"
            for phase in phases
        ]
        low, high = timing.quartiles
        spread = f"{duration(low / units)} – {duration(high / units)}"
        ratios = [digits(timings[r].median / timing.median) for r in references]
        rows.append([name, *parts, duration(timing.median / units), spread, *ratios])
    return f"### {workload.title}\n\n{workload.text}\n\n{table(headings, rows)}"


def _phase_heading(phase: str) -> str:
    return "freeing" if phase == FREE else phase


def memory_section(nodes: int, measured: Mapping[str, tuple[float, float]]) -> str:
    """The table of memory."""
    headings = ["bytes per node", "built", "at the peak of backward"]
    rows = [[name, *(f"{number:.0f}" for number in pair)] for name, pair in measured.items()]
    text = f"What the process grows by for a chain of {nodes:,} operations."
    return f"### Memory\n\n{text}\n\n{table(headings, rows)}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out a table in Markdown, the numbers to the right."""
    laid_out = Table(box=box.MARKDOWN, show_edge=True)
    for position, heading in enumerate(headings):
        laid_out.add_column(heading, justify="right" if position else "left", no_wrap=True)
    for row in rows:
        laid_out.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=1000).print(laid_out)
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())


def around(page: Path, engine: str) -> tuple[str, str]:
    """Split a page at what was measured with one of our engines: the text before it, and after.

    It stands between two comments of HTML, `measured: ENGINE` and `end: ENGINE`.
    """
    begin, end = f"<!-- measured: {engine} -->", f"<!-- end: {engine} -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found_too, after = rest.partition(end)
    if not (found and found_too):
        raise SystemExit(f"{page} has no place for the measurements: add {begin} and {end}")
    return before + begin, end + after


def write(page: Path, engine: str, text: str) -> None:
    """Put what was measured with one of our engines in its place on a page."""
    before, after = around(page, engine)
    write_whole(page, f"{before}\n\n{text}\n\n{after}".encode())
