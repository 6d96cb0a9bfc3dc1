"""Measures special functions and their derivatives against mpmath; writes the table of the docs.

python -m tests.sweeps.special --count 2000 [--only erfcx] [--write]
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path
from typing import Any

import mpmath as mp

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from special_truth import DIGITS, TRUTH, Orders, Point, Truth, worst  # noqa: E402

from tinygrad_nn import Value, gradients, special  # noqa: E402
from tinygrad_nn.errors import DomainError  # noqa: E402

PAGE = ROOT / "docs" / "accuracy.md"
INTRODUCTION = """\
# Accuracy of special functions

<!-- Written by python -m tests.sweeps.special --write: change that, not this. -->

Each [special function](special.md) and its derivatives to order 3, mixed ones too, against mpmath at 50
digits and more: at points inside of the domain, in the tails, and beside zeros and ends. The table has
the greatest error of each order and where it was met. An error counts relative to the derivative
itself plus what it would change by, were its arguments changed relatively by as much,
|f| + Σ |xᵢ ∂f/∂xᵢ|: floats can do no better, as their arguments are rounded already. Derivatives that
are no normal floats are left out.

| function | points | value | order 1 | order 2 | order 3 | bound | where it is worse |
| --- | ---: | --- | --- | --- | --- | ---: | --- |"""
Worst = dict[int, tuple[float, Point]]


def derivatives(row: Any, truth: Truth, point: Point) -> dict[Orders, float]:
    """Compute all derivatives up to the order that is tried, by gradients of gradients."""
    leaves = [Value(x) for x in point]
    found = {(0,) * len(point): row(*leaves)}
    for total in range(truth.orders):
        for orders in [o for o in found if sum(o) == total]:
            for place, leaf in enumerate(leaves):
                more = tuple(o + (n == place) for n, o in enumerate(orders))
                if more not in found:
                    found[more] = gradients(found[orders], [leaf])[0]
    return {orders: value.data for orders, value in found.items()}


def is_normal(number: Any) -> bool:
    return number == 0 or bool(sys.float_info.min <= abs(number) <= sys.float_info.max)


def measure(name: str, truth: Truth, count: int) -> tuple[Worst, int]:
    """Give the greatest error of each order, with the point, and the number of points."""
    row: Any = special.find_row(name)
    found: Worst = dict.fromkeys(range(truth.orders + 1), (0.0, ()))
    tried = 0
    for point in truth.points(count, name):
        try:
            ours = derivatives(row, truth, point)
        except DomainError:
            exact = truth.derivatives(point, [(0,) * truth.arity])
            assert not is_normal(exact[(0,) * truth.arity]), (name, point)
            continue
        with mp.workdps(DIGITS):
            exact = truth.derivatives(point, ours)
            tried += 1
            for orders, number in ours.items():
                if not is_normal(exact[orders]):
                    continue
                error = math.inf
                if math.isfinite(number):
                    error = float(worst(number, point, exact, orders))
                if not error <= found[sum(orders)][0]:
                    found[sum(orders)] = error, point
    return found, tried


def main() -> None:
    """Measure, and print what was found; write it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--write", action="store_true", help="into the page of the docs")
    options = parser.parse_args()
    lines = _written()
    bad = []
    for name, truth in TRUTH.items():
        if options.only and name not in options.only:
            continue
        found, tried = measure(name, truth, options.count)
        lines[name] = _line(name, truth, found, tried)
        print(lines[name], flush=True)
        bad += [name for error, _ in found.values() if not error <= truth.limit]
        if options.write:
            table = [lines[name] for name in TRUTH if name in lines]
            PAGE.write_text("\n".join([INTRODUCTION, *table]) + "\n", encoding="utf-8")
    if bad:
        sys.exit(f"beyond the limit: {', '.join(dict.fromkeys(bad))}")


def _written() -> dict[str, str]:
    """Read the lines that the page has already."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return {m[1]: m[0] for m in re.finditer(r"^\| `([^`]+)` .*$", text, re.MULTILINE)}


def _line(name: str, truth: Truth, found: Worst, tried: int) -> str:
    cells = [f"{error:.0e} at {_at(point)}" for error, point in found.values()]
    cells += ["not offered"] * (4 - len(cells))
    return f"| `{name}` | {tried:,} | {' | '.join(cells)} | {truth.limit:.0e} | {truth.note} |"


def _at(point: Point) -> str:
    return "(" + ", ".join(f"{x:.6g}" for x in point) + ")"


if __name__ == "__main__":
    main()
