"""Sums and extremes in the one form: terms along one nest, and what that takes in other arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from ...scalar.ops import add
from ..program import statements as old
from ..roll.flatten import SUM
from .making import Making
from .statements import Access, Chosen, Reduce, Runs, Term
from .strides import Axis, common_nest, row_major, spread, strides_along

__all__ = ["SumConverter"]

# Of strides along the axes of a term and what it is summed over: those in the one form, and what
# to add to where a factor begins.
Along: TypeAlias = Callable[[old.Term, Sequence[int]], tuple[list[int], int]]


class SumConverter:
    """Writes one statement that joins terms.

    Its members are counted in the order of its axes; a step is how far two of them are apart.
    """

    def __init__(self, making: Making, statement: old.Statement) -> None:
        self.making = making
        self.statement = statement
        self.op = add if statement.kind == SUM or statement.row is None else statement.row
        sizes = [size for size, _ in statement.axes]
        strides = [stride for _, stride in statement.axes]
        self.places = spread(statement.start, sizes, strides).ravel()
        steps = row_major(sizes)
        axes = map(Axis, sizes, steps, strides)
        self.axes = [axis for axis in axes if axis.size != 1]
        self.nest = self._nest()

    def write(self) -> None:
        """Write all of it; the last statement stands for the numbers of the graph."""
        statement, made = self.statement, self.making.statements
        scatters = [term for term in statement.terms if term.scatters]
        others = [term for term in statement.terms if not term.scatters]
        onto = statement.accumulates or scatters or statement.reduces
        if len(others) == 1 and others[0].offsets is not None and not onto:
            self._runs(others[0], self._target(), others[0].coef)
        else:
            self._join(others, scatters)
        last = made[-1]
        assert isinstance(last, Reduce | Runs)
        made[-1] = replace(last, nodes=statement.nodes)

    def _join(self, others: Sequence[old.Term], scatters: Sequence[old.Term]) -> None:
        statement = self.statement
        terms = [self._term(term) for term in others]
        if scatters and (statement.scatter is not None or (terms and statement.reduces)):
            terms.append(self._scattered_apart(scatters))
            scatters = []
        onto = statement.accumulates
        if scatters and not terms and not onto:
            terms = [Term(0.0, (), (), statement.reduces)]
        # What waits for all samples is no statement with what is summed over them.
        early = tuple([term for term in terms if term.samples or not statement.reduces])
        late = tuple([term for term in terms if not term.samples and statement.reduces])
        for some in (early, late):
            if some:
                joined = Reduce(self._target(), self.nest, self.op, some, onto)
                self.making.statements.append(joined)
                onto = True
        for term in scatters:
            assert term.choice is not None
            strides = [out for _, out, _, _ in term.axes]
            target = Access(statement.family, int(term.start), tuple(strides))
            self._scatter(term, target, term.choice.target)

    # ---- axes -------------------------------------------------------------------------------

    def _nest(self) -> tuple[int, ...]:
        """Cut the axes of all terms that run along the members; note those that do not."""
        self.apart: set[int] = set()
        cuts = [(axis.size, axis.step) for axis in self.axes]
        for term in self.statement.terms:
            if term.scatters or term.is_number:
                continue
            runs_along = term.offsets is None and term.select is None
            own = [(size, abs(step)) for size, step in self._steps(term)] if runs_along else []
            if runs_along and common_nest([*cuts, *own]) is not None:
                cuts += own
            else:
                self.apart.add(id(term))
        nest = common_nest(cuts)
        assert nest is not None
        return nest

    def _member(self, place: int) -> int:
        return int(np.flatnonzero(self.places == place)[0])

    def _step(self, start: int, stride: int) -> int:
        """Turn a stride of places into one of members."""
        return self._member(start + stride) - self._member(start)

    def _steps(self, term: old.Term) -> list[tuple[int, int]]:
        """List the axes of the members of a term, each a size and a step."""
        return [(size, self._step(term.start, out)) for size, out, _, _ in term.axes if size != 1]

    def _target(self) -> Access:
        return self.making.target(self.statement, strides_along(self.nest, self.axes))

    def _along_nest(self, term: old.Term, strides: Sequence[int]) -> tuple[list[int], int]:
        sizes = [axis[0] for axis in term.axes]
        kept = [stride for size, stride in zip(sizes, strides, strict=False) if size != 1]
        axes, shift = [], 0
        for (size, step), stride in zip(self._steps(term), kept, strict=True):
            shift += (size - 1) * stride if step < 0 else 0
            axes.append(Axis(size, abs(step), stride if step > 0 else -stride))
        summed = zip(term.reduced, strides[len(sizes) :], strict=True)
        inner = [stride for (size, _, _), stride in summed if size != 1]
        return [*strides_along(self.nest, axes), *inner], shift

    # ---- terms ------------------------------------------------------------------------------

    def _term(self, term: old.Term) -> Term:
        reduces = self.statement.reduces
        if term.is_number:
            return Term(term.coef, (), (), reduces)
        if id(term) not in self.apart:
            return Term(term.coef, self._factors(term, self._along_nest), _over(term), reduces)
        array = self.making.inner(self._size_apart(term), self.statement.per_sample)
        access = Access(array, 0, row_major(self.nest))
        summed = self._is_summed(term)
        if term.offsets is not None:
            self._runs(term, access, 1.0)
        else:
            start, strides = term.start, [out for size, out, _, _ in term.axes if size != 1]
            if term.select is None:
                start, strides = self._member(start), [step for _, step in self._steps(term)]
            one = Term(1.0, self._factors(term, _as_it_is), _over(term), summed)
            target = Access(array, start, tuple(strides))
            nest = tuple([axis[0] for axis in term.axes if axis[0] != 1])
            self.making.statements.append(Reduce(target, nest, self.op, (one,)))
        if term.select is not None:
            access = replace(access, table=self.making.table(term.select))
        return Term(term.coef, (access,), (), reduces and not summed)

    def _size_apart(self, term: old.Term) -> int:
        if term.select is None:
            return self.statement.size
        return math.prod(size for size, *_ in term.axes)

    def _is_summed(self, term: old.Term) -> bool:
        """Tell whether a term is summed over the samples before others are added."""
        arrays = self.making.arrays
        return self.statement.reduces and any(arrays[f.family].per_sample for f in term.factors())

    def _runs(self, term: old.Term, target: Access, coef: float) -> None:
        lengths = [len(f.table) for f in term.factors() if f.table is not None]
        factors = self._factors(term, lambda term, strides: ([1], 0))
        ends = self.making.table([*term.offsets[1:], lengths[0]])
        made = Term(coef, factors, (lengths[0],), self._is_summed(term))
        self.making.statements.append(Runs(target, self.nest, self.op, made, ends))

    # ---- factors ----------------------------------------------------------------------------

    def _factors(self, term: old.Term, along: Along) -> tuple[Access, ...]:
        """Give the factors of a term; constants that scale one right after it."""
        found: list[Access] = []
        for which, factor in enumerate((term.left, term.right), 1):
            if factor is None:
                continue
            strides = [axis[1 + which] for axis in term.axes]
            strides += [axis[which] for axis in term.reduced]
            chosen = self._chosen(term, along) if which == 1 else None
            access = self.making.access(factor, *along(term, strides), chosen)
            found.append(access)
            if factor.scale is not None:
                assert chosen is None
                scale = self.making.numbers(factor.scale)
                found.append(replace(access, array=scale, table=-1))
        return tuple(found)

    def _chosen(self, term: old.Term, along: Along) -> Chosen | None:
        choice = term.choice
        if choice is None or not choice.source:
            return None
        by = self.making.access(choice.index, *along(term, choice.strides))
        return Chosen(int(choice.source), int(choice.size), by)

    # ---- what is added to chosen results ----------------------------------------------------

    def _scattered_apart(self, terms: Sequence[old.Term]) -> Term:
        """Add to chosen places of an array of its own; give the term that reads it."""
        statement = self.statement
        array = self.making.inner(statement.size, statement.per_sample)
        whole = Access(array, 0, row_major(self.nest))
        zeros = (Term(0.0, (), (), statement.reduces),)
        self.making.statements.append(Reduce(whole, self.nest, add, zeros))
        for term in terms:
            assert term.choice is not None
            strides = [self._step(term.start, out) for _, out, _, _ in term.axes]
            target = Access(array, self._member(term.start), tuple(strides))
            self._scatter(term, target, self._step(term.start, term.choice.target))
        return Term(1.0, (whole,))

    def _scatter(self, term: old.Term, target: Access, step: int) -> None:
        """Add a term to places that are chosen; the strides are those of its members."""
        choice = term.choice
        assert choice is not None
        strides, _ = _as_it_is(term, [*target.strides, *[0] * len(term.reduced)])
        by = self.making.access(choice.index, *_as_it_is(term, choice.strides))
        chosen = Chosen(int(step), int(choice.size), by)
        target = replace(target, strides=tuple(strides), chosen=chosen)
        nest = tuple([axis[0] for axis in (*term.axes, *term.reduced) if axis[0] != 1])
        made = Term(term.coef, self._factors(term, _as_it_is), (), self.statement.reduces)
        self.making.statements.append(Reduce(target, nest, add, (made,), True))


def _as_it_is(term: old.Term, strides: Sequence[int]) -> tuple[list[int], int]:
    """Leave axes as they are, but for those of one element."""
    axes = (*term.axes, *term.reduced)
    return [stride for axis, stride in zip(axes, strides, strict=True) if axis[0] != 1], 0


def _over(term: old.Term) -> tuple[int, ...]:
    return tuple([size for size, _, _ in term.reduced if size != 1])
