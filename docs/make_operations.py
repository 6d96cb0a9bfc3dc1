"""Writes the pages of operations, with pictures, from the tables: python docs/make_operations.py.

A test compares the page with the table, so that neither is changed without the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

from tinygrad_nn import Value, gradients, special
from tinygrad_nn.latex import to_latex
from tinygrad_nn.plotting.operations import plot_operation, slopes
from tinygrad_nn.scalar.operation import TABLE, Op
from tinygrad_nn.scalar.reverse import is_cut

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER / "operations.md"
SPECIAL_PAGE = FOLDER / "special.md"
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
>>> from tinygrad_nn import Value, gradients, special
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


SPECIAL_INTRODUCTION = """\
# Special functions

<!-- Written by docs/make_operations.py from the table of special functions: change that, not this. -->

`tinygrad_nn.special` has functions of `scipy.special` under their names there, on floats and on
Values. They are operations like [all others](operations.md): differentiated to any order, forward and
backward, compiled, drawn and written.

```python
>>> from tinygrad_nn import compile, grad, value_and_grad
>>> from tinygrad_nn.special import betaln, gammaln, log_binom, xlogy
>>> def negative_binomial(r, p, counts):
...     total = 0.0
...     for k in counts:
...         total += gammaln(k + r) - gammaln(r) - gammaln(k + 1.0) + xlogy(r, p) + xlogy(k, 1.0 - p)
...     return total
>>> fast = compile(value_and_grad(negative_binomial, argnums=(0, 1)))
>>> value, (by_r, by_p) = fast(2.5, 0.4, [3.0, 0.0, 5.0])
>>> print(f"{value:.6f} {by_r:.6f} {by_p:.6f}")
-6.615224 -0.597335 5.416667
```

Values are those of `math` or of SciPy (`pip install "tinygrad-nn[science]"`), which is loaded when a
function is first called that needs it. A derivative that would cancel has a formula of its own, and is
an operation too: `erfcx[2]` is the second derivative of erfcx. How exact all of them are
is [measured](accuracy.md).

The order of `polygamma(n, x)`, `jn(n, x)`, `yn(n, x)` (whole numbers), `ive(v, x)` and `kve(v, x)` and
the branch k of `lambertw(x, k)` are plain numbers. A Value or a symbol there is refused, as there is no
derivative by it; each order is an operation, as `jn[2]`.

Beside these there are the names of what [the table of operations](operations.md) has: `erf`, `erfc`,
`expm1`, `log1p`, `exp2`, `cbrt`, `expit` (sigmoid), `log_expit` (log_sigmoid), and `softmax`,
`log_softmax` and `logsumexp` of a list. `gammaln` is `lgamma`, `psi` is `digamma`, `jv` is `jn`. `gamma`, `lgamma`,
`fmod`, `copysign` and `remainder` are names of `tinygrad_nn` as well, as they are of `math`.
In C, JavaScript and machine code they have no form: exports refuse them by name, and NumPy
computes them between the kernels of a program.
"""


def special_page() -> str:
    """Write the page of special functions."""
    rows = special.TABLE.values()
    return "\n".join([SPECIAL_INTRODUCTION, *(section(row, pictured=False) for row in rows)])


def page(rows: Iterable[Op]) -> str:
    """Write the page, a section for each operation."""
    return "\n".join([INTRODUCTION, *(section(row) for row in rows)])


def section(row: Op, *, pictured: bool = True) -> str:
    """Write what is known of an operation."""
    parts = [f"## {row.name}", row.summary, formulas(row)]
    if pictured:
        parts.append(
            f"![{row.name} and its derivative]({PICTURES}/{row.name}.svg){{ loading=lazy }}"
        )
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
    SPECIAL_PAGE.write_text(special_page(), encoding="utf-8")
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
