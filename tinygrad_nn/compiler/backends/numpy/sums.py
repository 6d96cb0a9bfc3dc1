"""Numbers along more axes than the results have, joined: contractions, reductions, runs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...program.program import Floats
from ...program.statements import Reduce, Runs
from .choices import elements
from .contraction import contract, matmul
from .emitter import Emitter
from .nest import Nest, Operand
from .views import Dim, Strided, joint

__all__ = ["write_runs", "write_sum"]

LONGEST_DOT = 1 << 14  # beyond, NumPy adds up in pairs, and more exactly


def write_sum(nest: Nest, statement: Reduce, out: Strided) -> None:
    """Write a statement of one term that sums or chooses."""
    (term,) = statement.terms
    ufunc, coef = str(statement.op.array), nest.coefficient(term)
    samples = nest.samples or (term.samples and nest.is_varying(*term.factors))
    inner = nest.within(term.over, samples)
    alone = len(term.factors) == 1 and inner.sizes == nest.sizes
    factors = [
        elements(inner, factor, out if alone else None)
        if factor.chosen is not None
        else inner.along(factor)
        for factor in term.factors
    ]
    if not factors:
        nest.copy(out, coef * math.prod(term.over) if ufunc == "add" else coef)
    elif ufunc != "add" or not math.isfinite(coef):  # a sum of infinities may be no number
        scaled: list[Operand] = [*factors, *([coef] if coef != 1.0 else [])]
        value = inner.multiplied(scaled)
        assert isinstance(value, Strided)
        _Joined(nest, inner, out, [value]).write(ufunc)
    elif coef != 1.0 and math.prod(nest.sizes) == 1 and not nest.samples:
        aside = nest.aside()
        _Joined(nest, inner, aside, factors).write(ufunc)
        number, target = nest.views(aside, out)
        emit = nest.emit
        emit.line(f"{emit.name(target)}[()] = {emit.number(coef)} * {emit.name(number.item)}()")
    else:
        _Joined(nest, inner, out, factors).write(ufunc)
        if coef != 1.0:
            nest.call("multiply", out, coef, out=out)


class _Joined:
    """One or two factors along the axes of the results and more, those that are joined.

    `inner` has the axes of `nest` and those that are joined, before the samples if these are kept.
    """

    def __init__(self, nest: Nest, inner: Nest, out: Strided, factors: Sequence[Strided]) -> None:
        self.emit = nest.emit
        self.out = out
        self.factors = factors
        own, end = len(nest.own), len(inner.own)
        kept = [*range(own), *([end] if nest.samples else [])]
        summed = range(own, len(inner.sizes) - (1 if nest.samples else 0))
        self.kept, (self.out_kept, *self.kept_strides) = joint(
            nest.sizes, (out.strides, *[_some(factor.strides, kept) for factor in factors])
        )
        self.summed, self.summed_strides = joint(
            _some(inner.sizes, summed), tuple([_some(f.strides, summed) for f in factors])
        )

    def write(self, ufunc: str) -> None:
        """Write the calls."""
        if len(self.factors) == 1:
            self._reduce(ufunc)
            return
        left, right = self.factors
        dims: list[Dim] = list(zip(self.kept, self.out_kept, *self.kept_strides, strict=True))
        dims += [(n, None, a, b) for n, a, b in zip(self.summed, *self.summed_strides, strict=True)]
        contract(self.emit, self.out.buffer, left.buffer, right.buffer, dims)

    def _reduce(self, ufunc: str) -> None:
        (factor,), (kept,), (summed,) = self.factors, self.kept_strides, self.summed_strides
        view = Strided(factor.buffer, (*kept, *summed)).view((*self.kept, *self.summed))
        target = Strided(self.out.buffer, self.out_kept).view(self.kept)
        axes = tuple(range(len(self.kept), view.ndim))
        if axes:
            add_up(self.emit, ufunc, view, axes, target)
        elif factor is not self.out:
            self.emit.copy(target, view)


def _some(numbers: Sequence[int], places: Sequence[int]) -> tuple[int, ...]:
    return tuple([numbers[place] for place in places])


def add_up(emit: Emitter, ufunc: str, view: Floats, axes: tuple[int, ...], target: Floats) -> None:
    """Join numbers along axes, or add them up as a product with ones where that is faster."""
    axis = axes[0] if len(axes) == 1 else axes
    if ufunc == "add" and len(axes) == 1 and view.shape[axes[0]] <= LONGEST_DOT:
        ones = np.ones(view.shape[axes[0]], view.dtype)
        if view.ndim == 1:
            emit.line(f"{emit.name(target)}[()] = {emit.name(view.dot)}({emit.name(ones)})")
            return
        if view.ndim == 2 and (view.flags.c_contiguous or view.flags.f_contiguous):
            if not view.flags.c_contiguous:
                view, axis = view.T, 1 - axes[0]
            left, right = (view, ones) if axis == 1 else (ones, view)
            matmul(emit, left, right, target)
            return
    function = emit.function(f"{ufunc}_reduce", getattr(np, ufunc).reduce)
    emit.line(f"{function}({emit.name(view)}, {axis}, None, {emit.name(target)})")


def write_runs(nest: Nest, statement: Runs, out: Strided) -> None:
    """Write a statement whose members join runs of different lengths."""
    term, emit, memory = statement.term, nest.emit, nest.memory
    ufunc, coef = str(statement.op.array), nest.coefficient(term)
    varies = nest.is_varying(*term.factors)
    inner = Nest(memory, emit, term.over, varies)
    factors: list[Operand] = [inner.along(factor) for factor in term.factors]
    if coef != 1.0 and (ufunc != "add" or not factors or not math.isfinite(coef)):
        factors.append(coef)
        coef = 1.0
    value = inner.multiplied(factors or [1.0])
    shape = inner.sizes
    values: Floats = (
        value.view(shape) if isinstance(value, Strided) else np.full(shape, value, emit.dtype)
    )
    if varies and not nest.samples:
        values, each = emit.scratch(len(values)), values
        add_up(emit, ufunc, each, (1,), values)
    elif nest.samples and not varies:
        values = np.broadcast_to(values[:, None], (len(values), memory.count))
    run, aside = nest.deliver(out)
    starts = np.append(0, memory.program.tables[statement.ends][:-1])
    function = emit.function(f"{ufunc}_at", getattr(np, ufunc).reduceat)
    emit.line(
        f"{function}({', '.join(map(emit.name, (values, starts)))}, 0, None, {emit.name(run)})"
    )
    if aside is not None:
        nest.copy(out, aside)
    if coef != 1.0:
        nest.call("multiply", out, coef, out=out)
