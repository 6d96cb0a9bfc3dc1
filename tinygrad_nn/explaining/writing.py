"""Explanations as text and as LaTeX."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from ..latex import formula
from ..latex.symbols import label_latex, number_latex
from ..scalar.graph import ALIAS, LEAF, Node, new_node
from ..scalar.ops import add, sub
from .naming import counted, magnitude, number, plural
from .path_sum import Path, PathSum

__all__ = ["columns", "to_latex", "to_table", "to_text"]

PASSING = (add, sub, ALIAS)  # what hands a derivative on unchanged is left out of a path
LONGEST = 9  # nodes of a path, or factors, that are shown
LEGEND = 12  # intermediate results that are explained
TABLE = 20  # gradients of a table

T = TypeVar("T")
Symbols = Mapping[Node, str]


class _Step(NamedTuple):
    """A node on a path, and as which operand it goes on: 0 if that goes without saying."""

    node: Node
    ordinal: int


class _Line(NamedTuple):
    """What is shown of a path; None stands for what is left out."""

    steps: list[_Step | None]
    factors: list[float | None]


# ---- text ----------------------------------------------------------------------------------


def to_text(explanation: PathSum) -> str:
    """Write the sum over paths as a table, with a legend and what is remarkable."""
    lines = [_line(path, explanation) for path in explanation.paths]
    symbols = _symbols(explanation, lines)
    output, wrt = symbols[explanation.output], symbols[explanation.wrt]
    paths = f"the sum of {plural(explanation.count, 'path')}" if explanation.count else "no path"
    text = [f"∂{output}/∂{wrt} = {explanation.gradient:.10g}, {paths}"]
    if lines:
        text += columns(list(_rows(explanation, lines, symbols)))
    text += _legend(explanation, symbols)
    return "\n".join([*text, *(f"why: {reason}" for reason in explanation.reasons)])


def _rows(
    explanation: PathSum, lines: Sequence[_Line], symbols: Symbols
) -> Iterator[tuple[str, ...]]:
    yield "contribution", "share", "path", "local derivatives"
    for path, line in zip(explanation.paths, lines, strict=True):
        route = _route(line, symbols, arrow="→", ordinal="→{}", dots="…")
        factors = " · ".join("…" if f is None else number(f) for f in line.factors)
        yield number(path.contribution), _percent(path.share), route, factors
    if more := explanation.count - len(lines):
        share = explanation.rest / explanation.gradient if explanation.gradient else math.nan
        yield number(explanation.rest), _percent(share), plural(more, "more path"), ""


def _legend(explanation: PathSum, symbols: Symbols) -> Iterator[str]:
    names = explanation.names.and_also(symbols)
    made = _made(explanation, symbols)
    for node in made[:LEGEND]:
        place = names.place(node)
        text = f"  {symbols[node]} = {names.formula(node)} = {number(node.data)}"
        yield f"{text} at {place}" if place else text
    if len(made) > LEGEND:
        yield f"  ... and {plural(len(made) - LEGEND, 'more result')}"


def to_table(explanations: Sequence[PathSum]) -> str:
    """Write one line for each gradient, the greatest first."""
    if not explanations:
        return "no gradients"
    ranked = sorted(explanations, key=lambda each: -magnitude(each.gradient))
    rows = [("by", "gradient", "paths", "greatest path", "remarkable")]
    for each in ranked[:TABLE]:
        greatest = number(each.paths[0].contribution) if each.paths else "–"
        remarks = ", ".join(reason.kind for reason in each.reasons)
        name = each.names.of(each.wrt)
        rows.append((name, number(each.gradient), counted(each.count), greatest, remarks))
    lines = columns(rows)
    if len(ranked) > TABLE:
        lines.append(f"  ... and {counted(len(ranked) - TABLE)} more")
    kinds = Counter(reason.kind for each in ranked for reason in each.reasons)
    if kinds:
        lines.append("  remarkable: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items()))
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %" if math.isfinite(share) else "–"


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Lay out a table: one line for each row, indented."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(("  " + "  ".join(cells)).rstrip())
    return lines


# ---- LaTeX ---------------------------------------------------------------------------------


def to_latex(explanation: PathSum) -> str:
    """Write the sum over paths in an ``aligned`` environment, with a legend."""
    lines = [_line(path, explanation) for path in explanation.paths]
    names = _symbols(explanation, lines)
    symbols = {node: label_latex(name) for node, name in names.items()}
    output, wrt = symbols[explanation.output], symbols[explanation.wrt]
    written = [rf"\frac{{\partial {output}}}{{\partial {wrt}}} &= {_signed(explanation.gradient)}"]
    written += _terms(explanation, lines, symbols)
    for node in _made(explanation, names)[:LEGEND]:
        written.append(rf"{symbols[node]} &= {_formula(node, names)} = {_signed(node.data)}")
    return "\\begin{aligned}\n" + " \\\\\n".join(written) + "\n\\end{aligned}"


def _terms(explanation: PathSum, lines: Sequence[_Line], symbols: Symbols) -> Iterator[str]:
    for path, line in zip(explanation.paths, lines, strict=True):
        route = _route(line, symbols, arrow=r"\to", ordinal=r"\to_{{{}}}", dots=r"\cdots")
        first = path is explanation.paths[0]
        term = f"= {_signed(path.contribution)}" if first else _added(path.contribution)
        yield f"&{term} &&= {_product(line.factors)} && {route}"
    if more := explanation.count - len(lines):
        note = rf"\text{{{plural(more, 'more path')}}}"
        yield f"&{_added(explanation.rest)} && && {note}"


def _added(value: float) -> str:
    """Write a number as a further term of a sum."""
    text = _signed(value)
    return rf"\quad - {text[1:]}" if text.startswith("-") else rf"\quad + {text}"


def _product(factors: Sequence[float | None]) -> str:
    texts = [r"\cdots" if factor is None else _signed(factor) for factor in factors]
    rest = (rf"\left({text}\right)" if text.startswith("-") else text for text in texts[1:])
    return r" \cdot ".join([texts[0], *rest])


def _signed(value: float) -> str:
    rounded = float(number(value))
    return ("-" if rounded < 0.0 else "") + number_latex(abs(rounded))


def _formula(node: Node, names: Symbols) -> str:
    """Write how a node was made from its operands, but not how those were made."""
    operands = []
    for operand in node.args:
        leaf = new_node(Node, LEAF, float(number(operand.data)), ())
        leaf.label = names.get(operand) or operand.label
        operands.append(leaf)
    return formula.to_latex(new_node(Node, node.row, node.data, tuple(operands)))


# ---- what both show ------------------------------------------------------------------------


def _line(path: Path, explanation: PathSum) -> _Line:
    """Choose what is shown of a path: no sums without a name, no factors 1, not too much."""
    steps = []
    for place, node in enumerate(path.nodes):
        handed_on = place > 0 and path.slopes[place - 1] == 1.0 and node.row in PASSING
        named = explanation.names.of(node) or node is explanation.output
        if named or not handed_on:
            steps.append(_Step(node, _ordinal(path, place)))
    factors = [slope for slope in path.slopes if slope != 1.0] or [1.0]
    return _Line(_shortened(steps), _shortened(factors))


def _ordinal(path: Path, place: int) -> int:
    if place == len(path.positions):
        return 0
    node, use = path.nodes[place : place + 2]
    repeated = sum(operand is node for operand in use.args) > 1
    return path.positions[place] + 1 if repeated else 0


def _shortened(items: Sequence[T]) -> list[T | None]:
    if len(items) <= LONGEST:
        return list(items)
    kept = LONGEST // 2
    return [*items[:kept], None, *items[-kept:]]


def _route(line: _Line, symbols: Symbols, *, arrow: str, ordinal: str, dots: str) -> str:
    parts = []
    for step in line.steps:
        parts.append(dots if step is None else symbols[step.node])
        parts.append(ordinal.format(step.ordinal) if step and step.ordinal else arrow)
    return " ".join(parts[:-1])


def _symbols(explanation: PathSum, lines: Sequence[_Line]) -> dict[Node, str]:
    """Give each node that is shown a name of its own."""
    shown = [step.node for line in lines for step in line.steps if step]
    unnamed = {explanation.wrt: "wrt", explanation.output: "output"}
    symbols: dict[Node, str] = {}
    taken: set[str] = set()
    fresh = (name for name in (f"u{k}" for k in itertools.count(1)) if name not in taken)
    for node in (explanation.wrt, explanation.output, *shown):
        if node not in symbols:
            name = explanation.names.of(node) or unnamed.get(node, "")
            symbols[node] = next(fresh) if not name or name in taken else name
            taken.add(symbols[node])
    return symbols


def _made(explanation: PathSum, symbols: Symbols) -> list[Node]:
    """List what the symbols that are no names of the user's stand for, and the output."""
    return [
        node
        for node, symbol in symbols.items()
        if node.args and (node is explanation.output or symbol != explanation.names.of(node))
    ]
