"""The formula of a statement: what it reads as views along the axes of its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from .algebra import Indices, broadcast, comprehension, product, reduction
from .flatten import OPERATION, SUM
from .names import Names
from .notation import View, number_text, strides_of, table_text
from .statements import Factor, Statement, Term

__all__ = ["Formula", "formula"]

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%", "floordiv": "//"}
INFIX |= {"pow": "**", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "eq": "=="}

Axes = list[tuple[int, int | None, tuple[int, ...]]]


class Formula(NamedTuple):
    """A statement as text.

    Attributes
    ----------
    shape : tuple of int
        Of the result, for one sample.
    text : str
    reads : list of (int, int, int)
        The family of everything that it reads, with the first and the last place.
    """

    shape: tuple[int, ...]
    text: str
    reads: list[tuple[int, int, int]]


class Source(NamedTuple):
    """What a factor is read from: a named array, and where in it the factor begins."""

    name: str
    shape: tuple[int, ...]
    offset: int
    varies: bool


@dataclass
class Part:
    """A term of a sum, or all operands of an operation.

    Attributes
    ----------
    sources : list of Source
    axes : list of (int, int or None, tuple of int)
        Size, stride in the run of results (None where it is summed over) and the strides
        of all sources.
    coef : float
    term : Term or None
    """

    sources: list[Source]
    axes: Axes
    coef: float = 1.0
    term: Term | None = None
    flat: bool = False
    views: list[View] = field(default_factory=list)

    def kept(self) -> list[tuple[int, int]]:
        """The size and the stride of every axis of the result, the outermost first."""
        found = [(n, step) for n, step, _ in self.axes if step is not None]
        return sorted(found, key=lambda axis: -axis[1])


def formula(statement: Statement, names: Names) -> Formula:
    """Write what a statement computes.

    Parameters
    ----------
    statement : Statement
    names : Names
        Those of all that comes before.

    Returns
    -------
    Formula
    """
    return _Writer(statement, names).write()


class _Writer:
    def __init__(self, statement: Statement, names: Names) -> None:
        self.statement = statement
        self.names = names
        self.families = names.program.families
        self.reads: list[tuple[int, int, int]] = []

    def write(self) -> Formula:
        statement = self.statement
        if statement.kind == OPERATION:
            parts = [self._operands()]
        else:
            parts = [self._term(term) for term in statement.terms]
        shape = self._shape([part for part in parts if not part.flat and part.sources])
        if statement.kind == OPERATION:
            text = self._operation(parts[0], shape)
        elif statement.kind == SUM:
            text = _signed([(part.coef, self._text(part, shape)) for part in parts])
        else:
            texts = [self._text(part, shape) or number_text(part.coef) for part in parts]
            text = texts[0] if len(texts) == 1 else f"{_name(statement)}({', '.join(texts)})"
        return Formula(shape, text, self.reads)

    # ---- what is read ---------------------------------------------------------------------

    def _operands(self) -> Part:
        statement = self.statement
        operands = [operand for operand in statement.operands if operand.factor is not None]
        steps = strides_of([n for n, _ in statement.axes])
        axes: Axes = [
            (n, step, tuple([operand.strides[axis] for operand in operands]))
            for axis, ((n, _), step) in enumerate(zip(statement.axes, steps, strict=True))
        ]
        factors = [operand.factor for operand in operands if operand.factor is not None]
        return self._part(factors, axes)

    def _term(self, term: Term) -> Part:
        factors = [factor for factor in (term.left, term.right) if factor is not None]
        which = [factor is not None for factor in (term.left, term.right)]
        if term.offsets is not None:
            length = max(len(f.table) for f in factors if f.table is not None)
            part = self._part(factors, [(length, 1, (1,) * len(factors))])
        else:
            steps = self._steps(term)
            axes: Axes = [
                (n, step, tuple([s for s, there in zip((a, b), which, strict=True) if there]))
                for (n, _, a, b), step in zip(term.axes, steps, strict=True)
            ]
            for n, a, b in term.reduced:
                strides = [s for s, there in zip((a, b), which, strict=True) if there]
                axes.append((n, None, tuple(strides)))
            part = self._part(factors, axes)
        part.coef *= term.coef
        part.term = term
        part.flat = term.offsets is not None or term.select is not None
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

    def _part(self, factors: Sequence[Factor], axes: Axes) -> Part:
        """Name what factors are read from, all axes running forwards in the result."""
        starts = [factor.start for factor in factors]
        ahead: Axes = []
        count = 1
        for n, step, strides in axes:
            if n == 1:
                continue
            if step is None and not any(strides):
                count *= n
                continue
            if step is not None and step < 0:
                starts = [s + (n - 1) * d for s, d in zip(starts, strides, strict=True)]
                step, strides = -step, tuple([-d for d in strides])
            ahead.append((n, step, strides))
        sources = []
        for position, (factor, start) in enumerate(zip(factors, starts, strict=True)):
            reach = [(n - 1) * strides[position] for n, _, strides in ahead]
            low = start + sum(r for r in reach if r < 0)
            high = start + sum(r for r in reach if r > 0)
            sources.append(self._source(factor, start, low, high))
        return Part(sources, _split(ahead, sources), float(count))

    def _source(self, factor: Factor, start: int, low: int, high: int) -> Source:
        varies = self.families[factor.family].per_sample
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

    # ---- the shape of the result ---------------------------------------------------------------

    def _shape(self, parts: Sequence[Part]) -> tuple[int, ...]:
        """Find axes of the result that all parts' axes are products of, and split those."""
        size = self.statement.size
        chain = _chain(parts, size)
        if chain is None:
            chain = _chain(parts[:1], size) or [1, size]
        for part in parts:
            axes: Axes = []
            for axis in part.axes:
                axes += _cut_at(axis, chain)
            part.axes = axes
        return tuple([outer // inner for inner, outer in pairwise(chain)][::-1])

    # ---- text --------------------------------------------------------------------------------

    def _views(self, part: Part) -> tuple[list[View], Indices]:
        """Number the axes of a part: those of the result first, from the outermost."""
        kept = sorted((axis for axis in part.axes if axis[1] is not None), key=lambda a: -a[1])  # type: ignore[operator]  # None was left out
        ordered = kept + [axis for axis in part.axes if axis[1] is None]
        views = [
            View(
                source.name,
                source.shape,
                source.offset,
                tuple([(i, n, d[where]) for i, (n, _, d) in enumerate(ordered) if d[where]]),
                source.varies,
            )
            for where, source in enumerate(part.sources)
        ]
        sizes = {index: axis[0] for index, axis in enumerate(ordered)}
        return views, Indices(sizes, list(range(len(kept))))

    def _operation(self, part: Part, shape: tuple[int, ...]) -> str:
        views, indices = self._views(part)
        remaining = iter(views)
        texts = []
        for operand in self.statement.operands:
            if operand.factor is None:
                texts.append(number_text(operand.number))
                continue
            view = next(remaining)
            text = broadcast(view, indices.out) or comprehension([view], indices, "")
            texts.append(text)
        name = _name(self.statement)
        if name in INFIX:
            return f" {INFIX[name]} ".join(texts)
        return f"{name}({', '.join(texts)})"

    def _text(self, part: Part, shape: tuple[int, ...]) -> str:
        """Write a part without its coefficient; nothing for a plain number."""
        statement, term = self.statement, part.term
        if not part.sources or term is None:
            return "sum_batch(1)" if statement.reduces else ""
        name = "sum" if statement.kind == SUM else _name(statement)
        views, indices = self._views(part)
        if term.offsets is not None:
            text = " * ".join(broadcast(view, indices.out) or "" for view in views)
            ends = np.append(term.offsets[1:], indices.sizes[0])
            text = f"{name}_runs({text}, {table_text(ends - term.offsets)})"
        elif len(views) == 1:
            text = reduction(name, views[0], indices)
        elif self._sums_outer_products(views, indices):
            first, second = sorted(views, key=lambda view: min(view.indices))
            return f"{broadcast(first, [0])} @ {broadcast(second, [1])}.T"
        else:
            text = product(views[0], views[1], indices)
        if term.select is not None:
            text = f"take({text}, {table_text(term.select)})"
        if part.flat and len(shape) > 1:
            text += f".reshape({', '.join(map(str, shape))})"
        elif not part.flat and [n for n, _ in part.kept()] != list(shape) and part.kept():
            text = f"({text}).reshape({', '.join(map(str, shape))})"
        return f"sum_batch({text})" if statement.reduces else text

    def _sums_outer_products(self, views: Sequence[View], indices: Indices) -> bool:
        """Tell whether vectors of all samples, as columns of matrices, are multiplied."""
        return (
            self.statement.reduces
            and all(view.varies and len(view.indices) == 1 for view in views)
            and not indices.summed
            and len(indices.out) == 2
        )


def _chain(parts: Sequence[Part], size: int) -> list[int] | None:
    """Collect where the axes of parts end in the run of results, if they nest."""
    ends = {1, size}
    for part in parts:
        for n, step in part.kept():
            ends |= {step, step * n}
    chain = sorted(ends)
    return chain if all(outer % inner == 0 for inner, outer in pairwise(chain)) else None


def _cut_at(axis: tuple[int, int | None, tuple[int, ...]], chain: Sequence[int]) -> Axes:
    """Split an axis of the result where others end within it."""
    n, step, strides = axis
    if step is None:
        return [axis]
    ends = [end for end in chain if step <= end <= step * n]
    if ends[:1] != [step] or ends[-1] != step * n:
        return [axis]
    return [
        (outer // inner, inner, tuple([d * (inner // step) for d in strides]))
        for inner, outer in pairwise(ends)
    ][::-1]


def _split(axes: Axes, sources: Sequence[Source]) -> Axes:
    """Split axes that run through several rows of an array that is read."""
    found: Axes = []
    for n, step, strides in axes:
        left, scale = n, 1
        inside: Axes = []
        while True:
            cut = _first_row(left, [d * scale for d in strides], sources)
            if cut is None:
                break
            inside.append(_scaled(cut, step, strides, scale))
            left, scale = left // cut, scale * cut
        found += [_scaled(left, step, strides, scale), *inside[::-1]]
    return found


def _scaled(
    n: int, step: int | None, strides: tuple[int, ...], scale: int
) -> tuple[int, int | None, tuple[int, ...]]:
    return n, None if step is None else step * scale, tuple([d * scale for d in strides])


def _first_row(n: int, strides: Sequence[int], sources: Sequence[Source]) -> int | None:
    """Find after how many elements an axis reaches the end of a row of an array."""
    for stride, source in zip(strides, sources, strict=True):
        for axis, own in enumerate(strides_of(source.shape)):
            length = source.shape[axis]
            first = source.offset // own % length
            if stride == own and axis and first == 0 and 1 < length < n and n % length == 0:
                return length
    return None


def _signed(terms: Sequence[tuple[float, str]]) -> str:
    """Write a sum of multiples; what is added comes before what is taken off."""
    text = ""
    for coef, body in sorted(terms, key=lambda term: term[0] < 0.0):
        minus = coef < 0.0 and bool(text)
        size = -coef if minus else coef
        if not body:
            shown = number_text(size)
        elif size == 1.0:
            shown = body
        elif size == -1.0:
            shown = f"-{body}"
        else:
            shown = f"{number_text(size)} * " + (f"({body})" if " @ " in body else body)
        text += shown if not text else f" {'-' if minus else '+'} {shown}"
    return text


def _name(statement: Statement) -> str:
    assert statement.row is not None
    return statement.row.name
