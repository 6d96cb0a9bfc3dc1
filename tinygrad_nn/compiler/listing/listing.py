"""A program written out as linear algebra.

One line is one array statement: its name, its formula, the shape of what it computes, and
how many numbers of the graph it stands for. The same program has the same text; two
programs with one text compute the same things in the same way. The notation is NumPy's
as far as it goes::

    line      target = formula        or target += formula, which adds to what is there
    formula   sum of terms, each a number times an array or a product; or function(arrays)
              and then added to: target = formula; target[index] += formula
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

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..program.statements import Statement
from ..program.strides import joint_axes, strides_of
from .algebra import broadcast
from .choice_text import added
from .formula import formula
from .names import Names, Piece, is_run
from .notation import View, arranged, number_text, table_text
from .reading import target_view

if TYPE_CHECKING:
    from ..program.program import Program

__all__ = ["Line", "input_lines", "listing", "result_lines", "statement_lines"]

WIDEST = 72  # columns, up to which shapes stand below each other


@dataclass(frozen=True, slots=True)
class Line:
    """An input, a constant, a statement or a result as text.

    Attributes
    ----------
    target, formula, shape : str
        What is computed, how, and of which shape it is; an input has no formula.
    nodes : int
        How many numbers of the graph it stands for.
    family, low, high : int
        Where it lies, from the first to the last place.
    reads : tuple of (int, int, int)
        The family, the first and the last place of everything that is read.
    adds : bool
        Whether it adds to what is there.
    """

    target: str
    formula: str
    shape: str
    nodes: int
    family: int
    low: int
    high: int
    reads: tuple[tuple[int, int, int], ...] = ()
    adds: bool = False

    @property
    def text(self) -> str:
        """The target and how it is computed."""
        sign = "+=" if self.adds else "="
        return f"{self.target} {sign} {self.formula}" if self.formula else self.target


def listing(program: Program) -> str:
    """Write a program out.

    Parameters
    ----------
    program : Program

    Returns
    -------
    str
        What goes in, the statements, and those results that no statement is named after.
    """
    names = Names(program)
    statements = statement_lines(program, names)
    found = [*input_lines(program, names, statements), *statements]
    found += result_lines(program, names)
    width = max([len(line.text) for line in found if len(line.text) <= WIDEST], default=0)
    shapes = max([len(line.shape) for line in found], default=0)
    rows = []
    for line in found:
        nodes = f"{line.nodes:>9,} node{'s' * (line.nodes > 1)}" if line.nodes else ""
        rows.append(f"{line.text:<{width}}  {line.shape:<{shapes}}{nodes}".rstrip())
    return "\n".join(rows)


def statement_lines(program: Program, names: Names) -> list[Line]:
    """Write the statements."""
    found = []
    for statement in program.statements:
        made = formula(statement, names)
        target, low, high = _target(statement, made.shape, names)
        shape = _shape_text(made.shape, statement.per_sample)
        texts = [made.text, *[added(part, target, made.shape, statement) for part in made.added]]
        found.append(
            Line(
                target,
                "; ".join(texts),
                shape,
                statement.nodes,
                statement.family,
                low,
                high,
                tuple(made.reads),
                statement.accumulates,
            )
        )
    return found


def input_lines(program: Program, names: Names, statements: list[Line]) -> list[Line]:
    """Write the inputs and constants that statements read."""
    read = {names.find(f, low, high): f for line in statements for f, low, high in line.reads}
    inputs = len(program.arrays)
    found = []
    for piece, number in sorted(read.items(), key=lambda item: (item[1], item[0].start)):
        if number < inputs or number in program.constants:
            numbers = program.constants.get(number)
            formula = "" if numbers is None else table_text(numbers)
            shape = _shape_text(piece.shape, program.families[number].per_sample)
            found.append(Line(piece.name, formula, shape, 0, number, piece.start, piece.end - 1))
    return found


def result_lines(program: Program, names: Names) -> list[Line]:
    """Write the results that are inputs, numbers, or parts of what was named otherwise."""
    found: list[Line] = []
    for first, end in names.unnamed_results():
        while first < end:
            last = first + 1
            while last < end and _alike(program, first, last):
                last += 1
            found.append(_result_line(program, names, first, last))
            first = last
    return found


def _alike(program: Program, first: int, other: int) -> bool:
    """Tell whether two results are of one family, or the same number."""
    family, _, number = program.outputs[first]
    return program.outputs[other][0] == family and (
        family >= 0 or number_text(program.outputs[other][2]) == number_text(number)
    )


def _result_line(program: Program, names: Names, first: int, end: int) -> Line:
    """Write a run of results that lie in one family, or are one number."""
    family, _, number = program.outputs[first]
    target, shape = names.result(first, end - first)
    if family < 0:
        return Line(target, number_text(number), _shape_text(shape, False), 0, -1, first, end - 1)
    places = np.array([place for _, place, _ in program.outputs[first:end]])
    low, high = int(places.min()), int(places.max())
    return Line(
        target,
        _run_text(names.find(family, low, high), places, shape),
        _shape_text(shape, program.families[family].per_sample),
        0,
        -1,
        first,
        end - 1,
        ((family, low, high),),
    )


def _run_text(piece: Piece, places: Any, shape: tuple[int, ...]) -> str:
    """Write the elements of an array at some places, in a shape."""
    gaps = np.zeros(1, dtype=np.int64)  # a run of places that breaks where axes of the shape end
    for n, stride in zip(shape, strides_of([n + 1 for n in shape]), strict=True):
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
    return text if len(shape) < 2 else f"{text}.reshape({', '.join(map(str, shape))})"


def _target(statement: Statement, shape: tuple[int, ...], names: Names) -> tuple[str, int, int]:
    """Name what a statement writes, with the first and the last place of it."""
    start = statement.start
    high = start + sum((n - 1) * stride for n, stride in statement.axes)
    if is_run(statement) and not statement.accumulates:
        return names.define(statement, shape).name, start, high
    view = target_view(statement, shape, names)
    if view is not None:
        return arranged(view, range(len(shape))) or "", start, high
    places = statement.scatter
    if places is None:
        places = np.array([start])
        for n, stride in statement.axes:
            places = (places[:, None] + stride * np.arange(n)).ravel()
    text = f"{names.whole(statement.family).name}[{table_text(places)}]"
    return text, int(places.min()), int(places.max())


def _shape_text(shape: tuple[int, ...], per_sample: bool) -> str:
    sizes = [str(n) for n in shape] + ["batch"] * per_sample
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
