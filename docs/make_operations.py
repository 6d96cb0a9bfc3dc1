"""Writes the page of operations and its pictures from the table: python docs/make_operations.py.

A test compares the page with the table, so that neither is changed without the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

from tinygrad_nn import Value, gradients
from tinygrad_nn.latex import to_latex
from tinygrad_nn.plotting.operations import plot_operation, slopes
from tinygrad_nn.scalar.operation import TABLE, Op
from tinygrad_nn.scalar.reverse import is_cut

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER / "operations.md"
PICTURES = "images/operations"

INTRODUCTION = """\
# Operations

<!-- Written by docs/make_operations.py from the table of operations: change that, not this. -->

Every number of a graph was made by one of these operations. Each is one row of a table: how it
is computed and one partial derivative for each argument. Everything below was computed from
the rows: the formulas of the derivatives, their numbers at kinks, ties and limits, and the
curves (the second argument held fixed, as the legend says).

Comparisons are written in brackets, which are 1 where they hold and 0 elsewhere. Where a
derivative does not exist, as at a kink or a tie, the tables show the one that is used, the same
in every mode; "none" where there is none that would be of use.

To add an operation, write its row. It is differentiated to any order, tested, drawn and
written like the others at once:

```python
>>> import math
>>> from tinygrad_nn import Value, gradients
>>> from tinygrad_nn.latex import to_latex
>>> from tinygrad_nn.operation import Unary, forget
>>> bell = Unary(
...     "bell",
...     lambda x: math.exp(-x * x),
...     lambda x, z: -2.0 * x * z,
...     "The bell curve exp(-x^2).",
... )
>>> x = Value(0.5, label="x")
>>> print(to_latex(gradients(bell(x), [x])[0]))
-2 x \\operatorname{bell}\\left(x\\right)
>>> forget(bell)  # takes it out of the table again
```
"""


def page(rows: Iterable[Op]) -> str:
    """Write the page, a section for each operation."""
    return "\n".join([INTRODUCTION, *(section(row) for row in rows)])


def section(row: Op) -> str:
    """Write what is known of an operation."""
    parts = [
        f"## {row.name}",
        row.summary,
        formulas(row),
        f"![{row.name} and its derivative]({PICTURES}/{row.name}.svg){{ loading=lazy }}",
    ]
    if domain := domains(row):
        parts.append(f"Defined for {domain}.")
    if points := special_points(row):
        parts.append(table(row, points))
    if row.remedy:
        parts.append(f"A bad argument: {row.remedy}.")
    return "\n\n".join(parts) + "\n"


def formulas(row: Op) -> str:
    """Write the operation and its derivatives as MathML, which needs no script to be shown."""
    leaves = [
        Value(low + 0.7 * (high - low), label=letter)
        for letter, (low, high) in zip(row.letters, row.sample, strict=True)
    ]
    operation: Any = row
    node = operation(*leaves)
    d = r"\mathrm{d}" if row.arity == 1 else r"\partial"
    lines = [f"z = {to_latex(node)}"]
    for position, (leaf, slope) in enumerate(zip(leaves, gradients(node, leaves), strict=True)):
        written = "0" if is_cut(node, position) else to_latex(slope)
        lines.append(rf"\frac{{{d} z}}{{{d} {leaf.label}}} = {written}")
    return "\n\n".join(f"<p>{mathml(line)}</p>" for line in lines)


def mathml(latex: str) -> str:
    """Convert LaTeX; the converter sets names of operators letter by letter, but not these."""
    written = convert(re.sub(r"\\operatorname\b", r"\\mathrm", latex))
    return written.replace('display="inline"', 'displaystyle="true"')


def domains(row: Op) -> str:
    """Say between which ends each argument must lie, and whether the ends belong to it."""
    inside = [0.5 * (low + high) for low, high in row.sample]
    found = []
    for position, (letter, (low, high)) in enumerate(zip(row.letters, row.domain, strict=True)):
        text = letter
        if math.isfinite(low):
            text = f"{_written(low)} {_sign(row, inside, position, low)} {text}"
        if math.isfinite(high):
            text += f" {_sign(row, inside, position, high)} {_written(high)}"
        if text != letter:
            found.append(text)
    return ", ".join(found)


def _sign(row: Op, inside: Sequence[float], position: int, end: float) -> str:
    point = [*inside[:position], end, *inside[position + 1 :]]
    return "≤" if math.isfinite(row.quiet(*point)) else "<"


def special_points(row: Op) -> list[tuple[float, ...]]:
    """List kinks, ties and limits, and the ends of the domain of a function of one number."""
    ends = [end for end in row.domain[0] if row.arity == 1 and math.isfinite(end)]
    return [*row.special, *((end,) for end in ends if math.isfinite(row.quiet(end)))]


def table(row: Op, points: Sequence[tuple[float, ...]]) -> str:
    """Tabulate the value and the derivatives at some points."""
    d = "d" if row.arity == 1 else "∂"
    header = [*row.letters, "z", *(f"{d}z/{d}{letter}" for letter in row.letters)]
    lines = [header, ["---:"] * len(header)]
    for point in points:
        numbers = [*point, row.quiet(*point), *slopes(row, point)]
        lines.append([_written(number) for number in numbers])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _written(number: float) -> str:
    """Write a number in digits that every platform agrees on."""
    text = f"{number + 0.0:.6g}".replace("inf", "∞").replace("nan", "none")
    return text.replace("-", "\N{MINUS SIGN}")


def main() -> None:
    """Write the page and the pictures; remove pictures of operations that are gone."""
    from matplotlib import rc_context

    PAGE.write_text(page(TABLE.values()), encoding="utf-8")
    folder = FOLDER / PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    # Text stays text, and nothing depends on the time: small files that change only with the row.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "tinygrad_nn"}):
        for row in TABLE.values():
            figure = plot_operation(row).figure
            picture = folder / f"{row.name}.svg"
            figure.savefig(picture, transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
