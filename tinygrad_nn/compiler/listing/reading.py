"""What a statement reads: named arrays, and how the axes of the result run through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple

from ..program.statements import Choice, Factor, Statement, Term
from ..program.strides import strides_of
from .algebra import Indices
from .names import Names, is_run
from .notation import View, natural, table_text

__all__ = ["Part", "Reader", "common_shape", "target_view"]


class Axis(NamedTuple):
    """How far an index runs, and its strides.

    Attributes
    ----------
    size : int
    step : int or None
        In the run of results; None where it is summed over.
    strides : tuple of int
        In each array that is read.
    """

    size: int
    step: int | None
    strides: tuple[int, ...]

    def inside(self, size: int, scale: int) -> Axis:
        """Every `scale`-th element of it, `size` of them."""
        step = None if self.step is None else self.step * scale
        return Axis(size, step, tuple([stride * scale for stride in self.strides]))


class Source(NamedTuple):
    """A named array that is read, and the place in it of the first element."""

    name: str
    shape: tuple[int, ...]
    offset: int
    varies: bool


@dataclass
class Part:
    """A term of a sum or an extreme, or all operands of an operation.

    Attributes
    ----------
    sources : list of Source
    axes : list of Axis
    coef : float
    term : Term or None
    chosen : Axis, optional
        Along which elements or results are chosen, by the last of the sources.
    """

    sources: list[Source]
    axes: list[Axis]
    coef: float = 1.0
    term: Term | None = None
    chosen: Axis | None = None

    @property
    def flat(self) -> bool:
        """Whether the results come out in one run, whatever the axes."""
        return self.term is not None and (
            self.term.offsets is not None or self.term.select is not None
        )

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
            met = tuple([axis for axis in axes if axis[2]])
            views.append(View(source.name, source.shape, source.offset, met, source.varies))
        sizes = {index: axis.size for index, axis in enumerate(ordered)}
        return views, Indices(sizes, list(range(len(self.kept()))))


class Reader:
    """Takes the terms and operands of one statement apart.

    Attributes
    ----------
    reads : list of (int, int, int)
        The family, the first and the last place of everything that is read.
    """

    def __init__(self, statement: Statement, names: Names) -> None:
        self.statement = statement
        self.names = names
        self.reads: list[tuple[int, int, int]] = []

    def operands(self) -> Part:
        """Take all operands of an operation as one part."""
        statement = self.statement
        steps = strides_of([n for n, _ in statement.axes])
        axes: list[Axis] = []
        for place, ((n, _), step) in enumerate(zip(statement.axes, steps, strict=True)):
            strides = [o.strides[place] for o in statement.operands if o.factor is not None]
            axes.append(Axis(n, step, tuple(strides)))
        return self._part([o.factor for o in statement.operands if o.factor is not None], axes)

    def term(self, term: Term) -> Part:
        """Take a term as a part."""
        if term.choice is not None:
            return self._choice(term, term.choice)
        factors = term.factors()
        if term.offsets is not None:
            length = max(len(f.table) for f in factors if f.table is not None)
            axes = [Axis(length, 1, (1,) * len(factors))]
        else:
            steps = self._steps(term)
            axes = [
                Axis(n, step, (a, b)[: len(factors)])
                for (n, _, a, b), step in zip(term.axes, steps, strict=True)
            ]
            axes += [Axis(n, None, (a, b)[: len(factors)]) for n, a, b in term.reduced]
        part = self._part(factors, axes)
        part.coef *= term.coef
        part.term = term
        return part

    def _choice(self, term: Term, choice: Choice) -> Part:
        """Take a term that chooses as a part; what chooses is its last source."""
        steps: list[int | None] = [*self._steps(term), *[None] * len(term.reduced)]
        own = [(n, a) for n, _, a, _ in term.axes] + [(n, a) for n, a, _ in term.reduced]
        first = 1 if term.left is None else 0
        axes = [
            Axis(n, step, (a, index)[first:])
            for (n, a), step, index in zip(own, steps, choice.strides, strict=True)
        ]
        target = replace(term, axes=[(choice.size, choice.target, 0, 0)])
        step = self._steps(target)[0] if term.scatters else None
        part = self._part(term.factors(), axes, Axis(choice.size, step, (choice.source, 0)[first:]))
        part.coef *= term.coef
        part.term = term
        return part

    def _steps(self, term: Term) -> list[int]:
        """Turn the strides of a term's results into strides in the run of all members."""
        if term.select is not None:
            return [out for _, out, _, _ in term.axes]
        places = self.statement.axes
        runs = strides_of([n for n, _ in places])
        steps = []
        for _, out, _, _ in term.axes:
            for (n, stride), run in zip(places, runs, strict=True):
                if out % stride == 0 and abs(out) < n * abs(stride):
                    steps.append(out // stride * run)
                    break
            else:
                steps.append(out)
        return steps

    def _part(
        self, factors: Sequence[Factor], axes: Sequence[Axis], chosen: Axis | None = None
    ) -> Part:
        """Find what factors are read from, all axes running forwards in the result."""
        starts = [factor.start for factor in factors]
        ahead: list[Axis] = []
        count = 1
        for axis in axes:
            if axis.size == 1:
                continue
            if axis.step is None and not any(axis.strides):
                count *= axis.size
            elif axis.step is not None and axis.step < 0:
                last = axis.size - 1
                starts = [s + last * d for s, d in zip(starts, axis.strides, strict=True)]
                ahead.append(axis.inside(axis.size, -1))
            else:
                ahead.append(axis)
        sources = []
        for where, (factor, start) in enumerate(zip(factors, starts, strict=True)):
            met = ahead if chosen is None else [*ahead, chosen]
            reach = [(axis.size - 1) * axis.strides[where] for axis in met]
            low = start + sum(r for r in reach if r < 0)
            high = start + sum(r for r in reach if r > 0)
            sources.append(self._source(factor, start, low, high))
        return Part(sources, _split(ahead, sources), float(count), chosen=chosen)

    def _source(self, factor: Factor, start: int, low: int, high: int) -> Source:
        varies = self.names.program.families[factor.family].per_sample
        table: Any = factor.table
        if table is not None:
            low, high = int(table.min()), int(table.max())
        self.reads.append((factor.family, low, high))
        piece = self.names.find(factor.family, low, high)
        if table is None:
            return Source(piece.name, piece.shape, start - piece.start, varies)
        name = f"take({piece.name}, {table_text(table - piece.start)})"
        if factor.scale is not None:
            name = f"({name} * {table_text(factor.scale)})"
        return Source(name, (len(table),), start, varies)


def common_shape(statement: Statement, parts: Sequence[Part], names: Names) -> tuple[int, ...]:
    """Find the shape of which the axes of all parts are products, and split those.

    Where there is none, or the results go to places that are no slice, it has one axis.
    """
    size = statement.size
    sizes = [n for n, _ in statement.axes]
    own = [] if is_run(statement) else list(zip(sizes, strides_of(sizes), strict=True))
    if target_view(statement, sizes, names) is None:
        chain = [1, size]
    else:
        chain = _chain(parts, own, size) or _chain(parts[:1], own, size) or [1, size]
    for part in parts:
        part.axes = [piece for axis in part.axes for piece in _cut_at(axis, chain)]
    return tuple([outer // inner for inner, outer in pairwise(chain)][::-1])


def target_view(statement: Statement, shape: Sequence[int], names: Names) -> View | None:
    """Find the slice of a named array that results of a shape are written to.

    Returns
    -------
    View or None
        None if the places are no slice.
    """
    if statement.scatter is not None:
        return None
    start = statement.start
    high = start + sum((n - 1) * stride for n, stride in statement.axes)
    piece = names.find(statement.family, start, high)
    runs = strides_of([n for n, _ in statement.axes])
    axes = []
    for index, (n, step) in enumerate(zip(shape, strides_of(shape), strict=True)):
        for (size, stride), run in zip(statement.axes, runs, strict=True):
            if run <= step and step * n <= run * size:
                axes.append((index, n, step // run * stride))
                break
        else:
            return None
    view = View(piece.name, piece.shape, start - piece.start, tuple(axes), False)
    return None if natural(view) is None else view


def _chain(parts: Sequence[Part], own: Sequence[tuple[int, int]], size: int) -> list[int] | None:
    """Collect where axes end in the run of results, if they nest."""
    ends = {1, size}
    kept = [(axis.size, axis.step or 0) for part in parts for axis in part.kept()]
    for n, step in [*own, *kept]:
        ends |= {step, step * n}
    chain = sorted(ends)
    return chain if all(outer % inner == 0 for inner, outer in pairwise(chain)) else None


def _cut_at(axis: Axis, chain: Sequence[int]) -> list[Axis]:
    """Split an axis of the result where others end within it."""
    if axis.step is None:
        return [axis]
    ends = [end for end in chain if axis.step <= end <= axis.step * axis.size]
    if ends[:1] != [axis.step] or ends[-1] != axis.step * axis.size:
        return [axis]
    found = [axis.inside(outer // inner, inner // axis.step) for inner, outer in pairwise(ends)]
    return found[::-1]


def _split(axes: Sequence[Axis], sources: Sequence[Source]) -> list[Axis]:
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


def _row_length(axis: Axis, sources: Sequence[Source]) -> int:
    """Find after how many elements an axis reaches the end of a row of an array; 0 if never."""
    for stride, source in zip(axis.strides, sources, strict=True):
        for place, own in enumerate(strides_of(source.shape)):
            length = source.shape[place]
            first = source.offset // own % length
            fits = 1 < length < axis.size and axis.size % length == 0
            if stride == own and place and not first and fits:
                return length
    return 0
