"""What a statement reads: named arrays, and how the axes of the result run through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..program.program import Floats
from ..program.statements import Access, Basic, Chosen, Map, Reduce, Runs, Term
from ..program.strides import row_major
from .algebra import Indices
from .entries import scaled
from .names import Names
from .notation import View, table_text
from .steps import Move, moves_of, reach_of

__all__ = ["Axis", "Part", "Reader"]

Factors = list[tuple[Access, Floats | None]]  # what is read, and what it is multiplied with


class Axis(NamedTuple):
    """How far an index runs, and its strides."""

    size: int
    step: int | None  # in the run of results; None where it is summed over
    strides: tuple[int, ...]  # in each array that is read

    @property
    def is_backwards(self) -> bool:
        """Whether it runs backwards in the results."""
        return self.step is not None and self.step < 0

    def inside(self, size: int, scale: int) -> Axis:
        """Every `scale`-th element of it, `size` of them."""
        step = None if self.step is None else self.step * scale
        return Axis(size, step, tuple([stride * scale for stride in self.strides]))


@dataclass
class Part:
    """A term of a sum or an extreme, or all operands of an operation."""

    sources: list[View]  # what is read, from the first elements on, without axes
    axes: list[Axis]
    coef: float = 1.0
    chosen: Axis | None = None  # along which the last of the sources chooses
    start: int = 0  # where in the run of results those begin that are chosen
    moves: tuple[Move, ...] = ()  # of the start, with the steps of loops

    def kept(self) -> list[Axis]:
        """List the axes of the result, the outermost first."""
        found = [axis for axis in self._all_axes() if axis.step is not None]
        return sorted(found, key=lambda axis: -abs(axis.step or 0))

    def _all_axes(self) -> list[Axis]:
        return self.axes if self.chosen is None else [*self.axes, self.chosen]

    def numbered(self) -> list[Axis]:
        """List all axes, those of the result first: the place of each is its index."""
        return self.kept() + [axis for axis in self._all_axes() if axis.step is None]

    def views(self) -> tuple[list[View], Indices]:
        """Number the axes, those of the result first, and view the sources along them."""
        ordered = self.numbered()
        views = []
        for where, source in enumerate(self.sources):
            axes = [(i, axis.size, axis.strides[where]) for i, axis in enumerate(ordered)]
            views.append(source._replace(axes=tuple([axis for axis in axes if axis[2]])))
        sizes = {index: axis.size for index, axis in enumerate(ordered)}
        return views, Indices(sizes, list(range(len(self.kept()))))


class Reader:
    """Takes the terms and operands of statements apart, and notes which places are read."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.program = names.program
        self.reads: list[tuple[int, int, int]] = []

    def operands(self, statement: Map) -> Part:
        """Take all operands of an operation as one part."""
        factors: Factors = [(x, None) for x in statement.operands if isinstance(x, Access)]
        return self._part(factors, statement.nest, row_major(statement.nest))

    def term(self, statement: Reduce | Runs, term: Term, steps: Sequence[int]) -> Part:
        """Take a term as a part.

        `steps` says how far neighbours along the nest lie apart in the run of results. Of a
        `Runs` the results are all numbers that it joins.
        """
        factors = scaled(self.program, term.factors)
        if isinstance(statement, Runs):
            return self._part(factors, term.over, (1,), term.coef, rows=False)
        sizes = (*statement.nest, *term.over)
        chosen = next((f.chosen for f in term.factors if f.chosen is not None), None)
        along = [*steps, *[None] * len(term.over)]
        return self._part(factors, sizes, along, term.coef, chosen)

    def addition(self, statement: Reduce, base: Basic) -> Part:
        """Take what is added to chosen results of another statement as a part."""
        (term,) = statement.terms
        chosen = statement.target.chosen
        assert chosen is not None
        steps = [_step(base, stride) or None for stride in statement.target.strides]
        factors = scaled(self.program, term.factors)
        step = _step(base, chosen.step)
        part = self._part(factors, statement.nest, steps, term.coef, chosen, step)
        part.start = _step(base, statement.target.start - base.target.start)
        along = {letter: stride for letter, _, stride in moves_of(base.target)}
        for letter, count, stride in moves_of(statement.target):
            if stride != along.get(letter, 0):
                move = letter, count, _step(base, stride - along.get(letter, 0))
                part.moves = (*part.moves, move)
        return part

    def _part(
        self,
        factors: Factors,
        sizes: Sequence[int],
        steps: Sequence[int | None],
        coef: float = 1.0,
        chosen: Chosen | None = None,
        step: int | None = None,
        rows: bool = True,
    ) -> Part:
        """Find what factors are read from, all axes running forwards in the result.

        What chooses is the last of them, and `step` that of chosen results; `rows` says whether
        axes may be split.
        """
        chooses: list[Axis] = []
        if chosen is not None:
            own = [0 if factor.chosen is None else factor.chosen.step for factor, _ in factors]
            chooses = [Axis(chosen.size, step, (*own, 0))]
            factors = [*factors, (chosen.by, None)]
        axes: list[Axis] = []
        for place, (size, out) in enumerate(zip(sizes, steps, strict=True)):
            strides = tuple([factor.strides[place] for factor, _ in factors])
            if out is None and not any(strides):
                coef *= size
            else:
                axes.append(Axis(size, out, strides))
        sources = []
        for where, (factor, scale) in enumerate(factors):
            runs = [("", axis.size, axis.strides[where]) for axis in (*axes, *chooses)]
            back = [(axis.size - 1) * axis.strides[where] for axis in axes if axis.is_backwards]
            sources.append(self._source(factor, scale, sum(back), runs))
        ahead = [axis.inside(axis.size, -1) if axis.is_backwards else axis for axis in axes]
        axes = _split(ahead, sources) if rows else ahead
        return Part(sources, axes, coef, chooses[0] if chooses else None)

    def _source(
        self, factor: Access, scale: Floats | None, back: int, runs: Sequence[Move]
    ) -> View:
        """View what a factor is read from, so far from its start, along runs that reach so far."""
        varies, moves = self.program.arrays[factor.array].per_sample, moves_of(factor)
        if factor.table < 0:
            low, high = (factor.start + end for end in reach_of([*runs, *moves]))
        else:
            table = self.program.tables[factor.table]
            low, high = int(table.min()), int(table.max())
        self.reads.append((factor.array, low, high))
        piece, start = self.names.find(factor.array, low, high), factor.start + back
        if factor.table < 0:
            return View(piece.name, piece.shape, start - piece.start, (), varies, moves)
        name = f"take({piece.name}, {table_text(table - piece.start)})"
        if scale is not None:
            name = f"({name} * {table_text(scale)})"
        return View(name, (len(table),), start, (), varies, moves)


def _step(statement: Basic, stride: int) -> int:
    """Turn a stride of places into one in the run of a statement's results."""
    step = 0
    nest = zip(statement.target.strides, row_major(statement.nest), strict=True)
    for own, run in sorted(nest, key=lambda axis: -abs(axis[0])):
        count = int(stride / own)
        step += count * run
        stride -= count * own
    return step


def _split(axes: Sequence[Axis], sources: Sequence[View]) -> list[Axis]:
    """Split axes that run through several rows of an array that is read."""
    found: list[Axis] = []
    for axis in axes:
        left, scale = axis.size, 1
        inside: list[Axis] = []
        while cut := _row_length(axis.inside(left, scale), sources):
            inside.append(axis.inside(cut, scale))
            left, scale = left // cut, scale * cut
        found += [axis.inside(left, scale), *inside[::-1]]
    return found


def _row_length(axis: Axis, sources: Sequence[View]) -> int:
    """Find after how many elements an axis reaches the end of a row of an array; 0 if never."""
    for stride, source in zip(axis.strides, sources, strict=True):
        for place, own in enumerate(row_major(source.shape)):
            length = source.shape[place]
            first = source.offset // own % length
            fits = 1 < length < axis.size and axis.size % length == 0
            if stride == own and place and not first and fits:
                return length
    return 0
