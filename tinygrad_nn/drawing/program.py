"""The picture of a compiled program: a box for every statement, an arrow for everything read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from ..errors import DrawingError
from .style import Digraph, Theme, literal, new_graph, small, table

if TYPE_CHECKING:
    from ..compiler.listing.listing import Line
    from ..compiler.program import program as data
    from ..compiler.readable import Chain, Program

__all__ = ["draw_program"]

LONGEST = 80  # characters of a formula that are shown; all of it is in the tooltip

_LONG_TABLE = re.compile(r"\[[^\[\]]* in all, #\w+\]")
_BOX = {"shape": "box", "style": "rounded,filled", "margin": "0.13,0.06", "height": "0"}


def draw_program(
    program: Program | Chain, *, rankdir: str, max_nodes: int, theme: Theme
) -> Digraph:
    """Draw the statements of a program; each loop and each part of a chain in a frame."""
    from ..compiler.readable import Chain  # there is a program, so the compiler is imported

    programs = program.programs if isinstance(program, Chain) else (program,)
    parts = [_ProgramBoxes(f"p{number}_", one, theme) for number, one in enumerate(programs)]
    boxes = sum(len(part.lines) for part in parts)
    if boxes > max_nodes:
        raise DrawingError(
            f"the program has {boxes:,} statements and inputs, more than max_nodes={max_nodes:,}: "
            "a picture of so many is hard to read. Read the program as text, with print(program), "
            f"or raise the limit with max_nodes={boxes}"
        )
    graph = new_graph(
        "Compiled program", theme=theme, rankdir=rankdir, nodesep="0.2", ranksep="0.35"
    )
    if isinstance(program, Chain):
        _add_frames(graph, program, parts, theme)
    else:
        parts[0].add_to(graph)
    return graph


def _add_frames(graph: Digraph, chain: Chain, parts: Sequence[_ProgramBoxes], theme: Theme) -> None:
    for (what, _), part in zip(chain.parts, parts, strict=True):
        with _frame(graph, part.prefix, f"for each {what} of a batch", theme) as frame:
            part.add_to(frame)
    for former, latter in pairwise(parts):
        for array, (begin, end) in chain.handed.items():
            for source in former.makers(begin, end):
                for target in latter.boxes_of(array):
                    graph.edge(source, target)


@contextmanager
def _frame(graph: Digraph, name: str, title: str, theme: Theme) -> Iterator[Digraph]:
    with graph.subgraph(name=f"cluster_{name}") as frame:
        frame.attr(
            label=title,
            bgcolor=theme.regions[0],
            color=theme.region_line,
            style="rounded",
            labeljust="l",
            margin="12",
        )
        yield frame


class _ProgramBoxes:
    """The boxes of one program."""

    def __init__(self, prefix: str, program: data.Program, theme: Theme) -> None:
        from ..compiler.listing.listing import lines_of

        self.prefix = prefix
        self.theme = theme
        lines = lines_of(program)
        self._inputs = lines.inputs
        self._sources = [*lines.inputs, *lines.statements]
        self.lines = [*self._sources, *lines.results]
        results = lines.names.results
        self._results = list(zip(results.arrays, results.places, strict=True))
        elsewhere = {p for line in lines.results for p in range(line.low, line.high + 1)}
        self._named = {where for p, where in enumerate(self._results) if p not in elsewhere}

    def add_to(self, graph: Digraph) -> None:
        """Draw the boxes, those of each loop in a frame, and the arrows between them."""
        self._add(graph, range(len(self.lines)), 0)

    def _add(self, graph: Digraph, numbers: Sequence[int], depth: int) -> None:
        """Draw lines that are in the same loops, so many of them."""
        for _, group in groupby(numbers, lambda n: self.lines[n].loops[depth : depth + 1] or n):
            members = list(group)
            inside = self.lines[members[0]].loops[depth:]
            if inside:
                title = inside[0].header.removesuffix(":")
                with _frame(
                    graph, f"{self.prefix}{members[0]}_{depth}", title, self.theme
                ) as frame:
                    self._add(frame, members, depth + 1)
            else:
                self._add_box(graph, members[0])
            if depth == 0:  # within a frame, arrows would draw their tails into it
                for number in members:
                    for source in self._read_by(number):
                        graph.edge(f"{self.prefix}{source}", f"{self.prefix}{number}")

    def _add_box(self, graph: Digraph, number: int) -> None:
        line = self.lines[number]
        graph.node(
            f"{self.prefix}{number}",
            label=_label(line, self.theme),
            tooltip=literal(f"{line.text}  {line.shape}"),
            **_BOX,
            **self._look(number, line),
        )

    def _read_by(self, number: int) -> list[int]:
        """Find what wrote the places that a line reads, or adds to; in a loop, a step before too."""
        line = self.lines[number]
        reads = [*line.reads, (line.array, line.low, line.high)] if line.adds else line.reads
        return [
            other
            for other, source in enumerate(self._sources)
            if other < number or (line.loops[:1] == source.loops[:1] != () and other != number)
            if any(
                source.array == array and source.low <= high and low <= source.high
                for array, low, high in reads
            )
        ]

    def _look(self, number: int, line: Line) -> dict[str, str]:
        if number < len(self._inputs):
            return self.theme.leaf
        ends = number >= len(self._sources)
        places = range(line.low, line.high + 1)
        if ends or any((line.array, place) in self._named for place in places):
            return self.theme.result
        return self.theme.inner

    def makers(self, begin: int, end: int) -> list[str]:
        """Name the boxes that write some results."""
        wanted = set(self._results[begin:end])
        return [
            f"{self.prefix}{number}"
            for number, line in enumerate(self._sources[len(self._inputs) :], len(self._inputs))
            if any((line.array, place) in wanted for place in range(line.low, line.high + 1))
        ]

    def boxes_of(self, array: int) -> list[str]:
        """Name the boxes of an input array."""
        return [
            f"{self.prefix}{number}"
            for number, line in enumerate(self._inputs)
            if line.array == array
        ]


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
