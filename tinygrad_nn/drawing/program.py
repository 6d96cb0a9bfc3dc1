"""The picture of a compiled program: a box for every statement, an arrow for everything read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..errors import DrawingError
from .style import Digraph, Theme, literal, new_graph, small, table

if TYPE_CHECKING:
    from ..compiler.listing import Line
    from ..compiler.program import Program

__all__ = ["draw_program"]

LONGEST = 80  # characters of a formula that are shown; all of it is in the tooltip

_LONG_TABLE = re.compile(r"\[[^\[\]]* in all, #\w+\]")
_BOX = {"shape": "box", "style": "rounded,filled", "margin": "0.13,0.06", "height": "0"}


def draw_program(program: Program, *, rankdir: str, max_nodes: int, theme: Theme) -> Digraph:
    """Draw the statements of a program.

    Parameters
    ----------
    program : Program
    rankdir, max_nodes
        As for `draw`.
    theme : Theme

    Raises
    ------
    DrawingError
        When there are more than `max_nodes` boxes to draw.
    """
    from ..compiler.listing import input_lines, result_lines, statement_lines
    from ..compiler.names import Names

    names = Names(program)
    statements = statement_lines(program, names)
    inputs = input_lines(program, names, statements)
    results = result_lines(program, names)
    boxes = len(inputs) + len(statements) + len(results)
    if boxes > max_nodes:
        raise DrawingError(
            f"the program has {boxes:,} statements and inputs, more than max_nodes={max_nodes:,}: "
            "a picture of so many is hard to read. Read the program as text, with print(program), "
            f"or raise the limit with max_nodes={boxes}"
        )
    graph = new_graph(
        "Compiled program", theme=theme, rankdir=rankdir, nodesep="0.2", ranksep="0.35"
    )
    elsewhere = {p for first, end in names.unnamed_results() for p in range(first, end)}
    outputs = {
        (family, place)
        for position, (family, place, _) in enumerate(program.outputs)
        if position not in elsewhere
    }
    sources = [*inputs, *statements]
    for number, line in enumerate([*sources, *results]):
        ends = number >= len(sources)
        if number < len(inputs):
            look = theme.leaf
        elif ends or any((line.family, p) in outputs for p in range(line.low, line.high + 1)):
            look = theme.result
        else:
            look = theme.inner
        tooltip = f"{line.text}  {line.shape}"
        graph.node(
            f"s{number}", label=_label(line, theme), tooltip=literal(tooltip), **_BOX, **look
        )
        for source in _sources(line, sources[:number]):
            graph.edge(f"s{source}", f"s{number}")
    return graph


def _label(line: Line, theme: Theme) -> str:
    shape = small(literal(line.shape), color=theme.muted)
    rows = [f'<TD ALIGN="LEFT"><B>{literal(line.target)}</B> {shape}</TD>']
    if line.formula:
        sign = "+=" if line.adds else "="
        formula = small(literal(f"{sign} {_shortened(line.formula)}"), 10.5, theme.ink)
        rows.append(f'<TD ALIGN="LEFT">{formula}</TD>')
    if line.nodes:
        nodes = f"{line.nodes:,} node{'s' if line.nodes > 1 else ''}"
        rows.append(f'<TD ALIGN="LEFT">{small(nodes, color=theme.muted)}</TD>')
    return f"<{table(rows)}>"


def _shortened(text: str) -> str:
    text = _LONG_TABLE.sub("[…]", text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _sources(line: Line, before: Sequence[Line]) -> list[int]:
    """Find what wrote the places that a line reads, or adds to."""
    reads = [*line.reads, (line.family, line.low, line.high)] if line.adds else line.reads
    return [
        number
        for number, other in enumerate(before)
        if any(
            other.family == family and other.low <= high and low <= other.high
            for family, low, high in reads
        )
    ]
