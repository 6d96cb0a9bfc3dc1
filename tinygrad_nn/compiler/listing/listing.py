"""A program written out as linear algebra.

One line is one array statement: its name, its formula, the shape of what it computes, and
how many numbers of the graph it stands for. The same program has the same text; two
programs with one text compute the same things in the same way. The notation is NumPy's
as far as it goes::

    line      target = formula        or target += formula, which adds to what is there
    formula   sum of terms, each a number times an array or a product; or function(arrays)
              and then added to: target = formula; target[index] += formula
    loop      for t in range(n): and below it, indented, what is computed in each step
    product   A * B                   element by element
              A @ B                   the matrix product, also with vectors and stacks
              outer(a, b)             all products of an element of a and one of b
    array     W, W.T, W[2:5, :], b[:, None], p[0:6].reshape(2, 3)
              take(A, places)         the elements of A.ravel() at these places
              A[y], A[y[i], j]        the rows or elements that the numbers y say: 0 where they
                                      say none; an index that is met twice is added to twice
              [W[i] * x[i + j] for i < 3, j < 4]         an array by its elements
    reduction sum(A), sum(A, axis=0), max(A, axis=0), sum(W[k] * x[k] for k < 3)
              sum_runs(a, lengths)    sums of runs of neighbours, of these lengths
              sum_batch(A)            the sum over the samples of a batch

A formula is that of one sample where its shape ends in `batch`. One thing else has to do
with samples: of vectors, ``a @ b.T`` is ``sum_batch(outer(a, b))``: with a sample in each
column, a and b are matrices. Long tables show their first places and a fingerprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..program.nests import joint_axes
from ..program.program import Piece, Program, Role
from ..program.strides import row_major, spread
from .algebra import broadcast
from .choice_text import added
from .entries import Entry, entries_of, is_run
from .formula import formula
from .names import Names, end_of
from .notation import View, arranged, number_text, places_text, reshaped, table_text
from .shapes import reach, target_view
from .steps import Steps, moves_of

__all__ = ["Cells", "Line", "Lines", "cells_of", "laid_out", "lines_of", "listing"]

WIDEST = 72  # columns, up to which shapes stand below each other
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Line:
    """An input, a constant, a statement or a result as text; an input has no formula."""

    target: str
    formula: str
    shape: str
    nodes: int  # how many numbers of the graph it stands for
    array: int  # -1 of a result, of which low and high are positions among all results
    low: int
    high: int
    reads: tuple[tuple[int, int, int], ...] = ()  # arrays, with the first and the last place
    adds: bool = False  # whether it adds to what is there
    loops: tuple[Steps, ...] = ()  # around it, the outermost first

    @property
    def text(self) -> str:
        """The target and how it is computed."""
        sign = "+=" if self.adds else "="
        return f"{self.target} {sign} {self.formula}" if self.formula else self.target


class Lines(NamedTuple):
    """A program as text."""

    inputs: list[Line]  # and constants, as far as they are read
    statements: list[Line]  # one for each of the entries
    results: list[Line]  # that are inputs, numbers, or pieces of what is named otherwise
    entries: list[Entry]
    names: Names


class Cells(NamedTuple):
    """One line of the text, in columns, below the headers of loops that begin with it."""

    headers: tuple[str, ...]
    text: str
    shape: str
    nodes: int


def listing(program: Program) -> str:
    """Write what goes in, the statements, and those results that no statement is named after."""
    return laid_out(cells_of(program))


def cells_of(program: Program) -> list[Cells]:
    """Write all lines of a program."""
    lines = lines_of(program)
    found = []
    around: tuple[Steps, ...] = ()
    for line in [*lines.inputs, *lines.statements, *lines.results]:
        begun = [n for n, steps in enumerate(line.loops) if around[n : n + 1] != (steps,)]
        headers = tuple([INDENT * depth + line.loops[depth].header for depth in begun])
        around = line.loops
        found.append(Cells(headers, INDENT * len(around) + line.text, line.shape, line.nodes))
    return found


def laid_out(cells: Sequence[Cells]) -> str:
    """Put lines below each other, in columns."""
    width = max([len(line.text) for line in cells if len(line.text) <= WIDEST], default=0)
    shapes = max([len(line.shape) for line in cells], default=0)
    rows: list[str] = []
    for headers, text, shape, count in cells:
        nodes = f"{count:>9,} node{'s' * (count > 1)}" if count else ""
        rows += [*headers, f"{text:<{width}}  {shape:<{shapes}}{nodes}".rstrip()]
    return "\n".join(rows)


def lines_of(program: Program) -> Lines:
    """Write what goes in, what is computed, and what comes out."""
    entries = entries_of(program)
    names = Names(program, entries)
    statements = [_statement_line(entry, names) for entry in entries]
    inputs = _input_lines(names, statements)
    return Lines(inputs, statements, _result_lines(names), entries, names)


def _statement_line(entry: Entry, names: Names) -> Line:
    made = formula(entry, names)
    target, low, high = _target(entry, made.shape, names)
    array = entry.first.target.array
    texts = [made.text, *[added(part, target, made.shape, each) for part, each in made.added]]
    return Line(
        target,
        "; ".join(texts),
        _shape_text(made.shape, names.program.arrays[array].per_sample),
        entry.nodes,
        array,
        low,
        high,
        tuple(made.reads),
        entry.adds,
        entry.loops,
    )


def _input_lines(names: Names, statements: list[Line]) -> list[Line]:
    program = names.program
    read = {names.find(a, low, high): a for line in statements for a, low, high in line.reads}
    found = []
    for piece, array in sorted(read.items(), key=lambda item: (item[1], item[0].start)):
        if program.arrays[array].role is not Role.INNER:
            numbers = program.constants.get(array)
            text = "" if numbers is None else table_text(numbers)
            shape = _shape_text(piece.shape, program.arrays[array].per_sample)
            found.append(Line(piece.name, text, shape, 0, array, piece.start, end_of(piece) - 1))
    return found


def _result_lines(names: Names) -> list[Line]:
    """Write the results that no line is named after, those of one array or number together."""
    found: list[Line] = []
    for first, end in names.unnamed_results():
        for begin, last in names.results.alike(first, end):
            found.append(_result_line(names, begin, last))
    return found


def _result_line(names: Names, first: int, end: int) -> Line:
    results = names.results
    array = results.arrays[first]
    target, shape = names.result(first, end - first)
    if array < 0:
        text = number_text(results.numbers[first])
        return Line(target, text, _shape_text(shape, False), 0, -1, first, end - 1)
    places = np.array(results.places[first:end])
    low, high = int(places.min()), int(places.max())
    text = _run_text(names.find(array, low, high), places, shape)
    shown = _shape_text(shape, names.program.arrays[array].per_sample)
    return Line(target, text, shown, 0, -1, first, end - 1, ((array, low, high),))


def _run_text(piece: Piece, places: Any, shape: tuple[int, ...]) -> str:
    """Write the elements of an array at some places, in a shape."""
    gaps = np.zeros(1, dtype=np.int64)  # a run of places that breaks where axes of the shape end
    for n, stride in zip(shape, row_major([n + 1 for n in shape]), strict=True):
        gaps = (gaps[:, None] + stride * np.arange(n)).ravel()
    axes = joint_axes([places, gaps])
    order = [index for index, n in enumerate(shape) if n > 1]
    if axes is not None and [axis[0] for axis in axes] == [shape[index] for index in order]:
        runs = [(index, axis[0], axis[1]) for index, axis in zip(order, axes, strict=True)]
        met = tuple([run for run in runs if run[2]])
        view = View(piece.name, piece.shape, int(places[0]) - piece.start, met, False)
        text = broadcast(view, range(len(shape)))
        if text is not None:
            return text
    text = f"take({piece.name}, {table_text(places - piece.start)})"
    return text if len(shape) < 2 else reshaped(text, shape)


def _target(entry: Entry, shape: tuple[int, ...], names: Names) -> tuple[str, int, int]:
    """Name what a line writes, with the first and the last place of it."""
    statement = entry.first
    target = statement.target
    low, high = reach(statement)
    if is_run(statement) and not entry.adds and target.array not in names.rows:
        return names.define(statement, shape).name, low, high
    view = target_view(statement, shape, names)
    if view is not None:
        return arranged(view, range(len(shape))) or "", low, high
    places, moves = spread(target.start, statement.nest, target.strides).ravel(), moves_of(target)
    text = places_text(places, moves)
    if target.table >= 0:
        table = names.program.tables[target.table]
        places = table if moves else table[places]
        low, high = int(places.min()), int(places.max())
        text = table_text(places) + (f"[{text}]" if moves else "")
    whole = names.whole(target.array)
    name = whole.name if len(whole.shape) == 1 else f"{whole.name}.ravel()"
    return f"{name}[{text}]", low, high


def _shape_text(shape: tuple[int, ...], per_sample: bool) -> str:
    sizes = [str(n) for n in shape] + ["batch"] * per_sample
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
