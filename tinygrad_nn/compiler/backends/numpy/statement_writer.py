"""One statement as calls of NumPy: an operation, or terms added up in as few calls as may be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...program.statements import Operand, Statement, Term
from ...roll.flatten import OPERATION, SUM
from .choice_writer import ChoiceWriter
from .contraction import Side
from .emitter import Emitter
from .term_writer import ufunc_name
from .views import Buffer

if TYPE_CHECKING:
    from .bound import Bound

__all__ = ["StatementWriter"]

Array = Any  # an array of float64


class StatementWriter(ChoiceWriter):
    """Writes the calls of one statement."""

    def __init__(self, bound: Bound, emitter: Emitter, statement: Statement) -> None:
        super().__init__(bound, emitter, statement)
        self.written = statement.accumulates
        self.pending = 1.0  # what the written result is yet to be multiplied by

    def write(self) -> None:
        """Write the calls."""
        statement = self.statement
        if statement.kind == OPERATION:
            self._operation()
        else:
            if statement.kind == SUM:
                self._sum()
            else:
                self._extreme()
            self._settle()
        if statement.scatter is not None:
            numbers = self.bound.numbers(statement.family)
            dims = [(statement.size, self.unit)]
            source = self.out.view(dims + self._samples_dim(1))
            emit = self.emit
            emit.line(f"{emit.name(numbers)}[{emit.name(statement.scatter)}] = {emit.name(source)}")

    def _operation(self) -> None:
        statement, emit = self.statement, self.emit
        row = statement.row
        assert row is not None
        views = [self._operand(operand) for operand in statement.operands]
        out = self._out_view(statement.axes)
        form = row.array
        if callable(form):
            function = emit.name(form)
            names = ", ".join(emit.number(v) if type(v) is float else emit.name(v) for v in views)
            emit.line(f"{emit.name(out)}[...] = {function}({emit.name(np)}, {names})")
            return
        if not form:  # as for the rows of a user
            function = emit.name(np.frompyfunc(row.quiet, row.arity, 1))
            names = ", ".join(emit.number(v) if type(v) is float else emit.name(v) for v in views)
            emit.line(f"{emit.name(out)}[...] = {function}({names})")
            return
        emit.call(form.replace("special.", "special_"), *views, out=out)

    def _operand(self, operand: Operand) -> Any:
        if operand.factor is None:
            return operand.number
        side, unit = self._side(operand.factor)
        sizes = [n for n, _ in self.statement.axes]
        dims = [(n, s * unit) for n, s in zip(sizes, operand.strides, strict=True)]
        varies = self.bound.program.families[operand.factor.family].per_sample
        return side.view(dims + self._samples_dim(1 if varies else 0))

    # ---- sums ------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Multiply what is written by what it is yet to be multiplied by."""
        if self.pending != 1.0:
            self.emit.call("multiply", self._target(), self.pending, out=self._target())
            self.pending = 1.0

    def _sum(self) -> None:
        if self._is_sum_of_numbers():
            self._add_numbers()
            return
        for term in self._first_pair():
            coef = term.coef * self._repeats(term)
            if term.scatters:
                if not self.written:
                    self.emit.line(f"{self.emit.name(self._target().fill)}(0.0)")
                    self.written = True
                self._settle()
                self._scatter(term, coef)
            elif term.is_number:
                self._add(coef, 1.0)
            elif self._is_plain(term):
                self._add(self._plain_view(term), coef, self._out_view_of(term))
            elif not self.written:
                self._compute(term, self.out)
                self.written, self.pending = True, coef
            else:
                self._add(self._temporary(term), coef)

    def _is_sum_of_numbers(self) -> bool:
        statement = self.statement
        if statement.size > 1 or statement.per_sample or statement.accumulates:
            return False
        if any(term.scatters for term in statement.terms):
            return False
        return len(statement.terms) > 1 or statement.terms[0].coef != 1.0

    def _add_numbers(self) -> None:
        """Add up numbers in Python, which takes less than NumPy does for each of them."""
        emit = self.emit
        parts = []
        for term in self.statement.terms:
            coef = emit.number(term.coef * self._repeats(term))
            if term.is_number:
                parts.append(coef)
                continue
            view = self._plain_view(term) if self._is_plain(term) else self._temporary(term)
            item = f"{emit.name(view.item)}()"
            parts.append(item if coef == "1.0" else f"{coef} * {item}")
        emit.line(f"{emit.name(self._target())}[()] = {' + '.join(parts)}")

    def _first_pair(self) -> list[Term]:
        """Write the first two terms at once if that is one call; return the others."""
        terms = self.statement.terms
        if len(terms) < 2 or self.written or self.statement.reduces or not self._is_plain(terms[0]):
            return terms
        first, second = terms[:2]
        number = second.is_number
        if not number:
            if not self._is_plain(second):
                return terms
            first, second = _along(first, second), _along(second, first)
            if _places(first) != _places(second):
                return terms
        c, d = first.coef, 1.0 if number else second.coef
        if abs(c) != 1.0 or abs(d) != 1.0 or c + d == -2.0:
            return terms
        left: Any = self._plain_view(first)
        right: Any = second.coef if number else self._plain_view(second)
        if c < 0.0:
            left, right = right, left
        self.emit.call("add" if c == d else "subtract", left, right, out=self._out_view_of(first))
        self.written = True
        return terms[2:]

    def _repeats(self, term: Term) -> float:
        """How often a term counts: of a sum over samples, what they share counts for each."""
        if not self.statement.reduces:
            return 1.0
        families = self.bound.program.families
        varies = any(families[factor.family].per_sample for factor in term.factors())
        return 1.0 if varies else float(self.count)

    def _is_plain(self, term: Term) -> bool:
        """Tell whether a term is a view of its factor, with nothing to compute."""
        if term.left is None or len(term.factors()) > 1 or term.reduced:
            return False
        return term.select is None and term.offsets is None and not self._over_samples(term)

    def _plain_view(self, term: Term) -> Array:
        assert term.left is not None
        side, unit = self._side(term.left)
        varies = self.bound.program.families[term.left.family].per_sample
        dims = [(n, a * unit) for n, _, a, _ in term.axes]
        return side.view(dims + self._samples_dim(1 if varies else 0))

    def _out_view_of(self, term: Term) -> Array:
        return self._out_view([(n, o) for n, o, _, _ in term.axes], self._placed(term))

    def _placed(self, term: Term) -> Side:
        return Side(self.out.buffer, term.start)

    def _add(self, value: Any, coef: float, out: Array | None = None) -> None:
        """Add coef * value to what is written."""
        emit = self.emit
        if out is None:
            out = self._target()
        if not self.written:
            if coef == 1.0 or type(value) is float:
                emit.copy(out, coef * value if type(value) is float else value)
            elif coef == -1.0:
                emit.call("negative", value, out=out)
            else:
                emit.call("multiply", value, coef, out=out)
            self.written = True
            return
        if type(value) is float and coef != 1.0:
            value, coef = coef * value, 1.0
        if self.pending == coef and type(value) is not float:
            emit.call("add", out, value, out=out)
        elif self.pending == -1.0 and coef == 1.0:
            emit.call("subtract", value, out, out=out)
            self.pending = 1.0
        elif self.pending == 1.0 and coef == -1.0:
            emit.call("subtract", out, value, out=out)
        else:
            if self.pending != 1.0:
                emit.call("multiply", out, self.pending, out=out)
                self.pending = 1.0
            if coef != 1.0:
                scaled = emit.scratch(max(1, value.size)).reshape(value.shape)
                emit.call("multiply", value, coef, out=scaled)
                value = scaled
            emit.call("add", out, value, out=out)

    def _temporary(self, term: Term) -> Array:
        """Compute a term aside."""
        size = self.statement.size
        side = Side(Buffer(self.emit.scratch(size * self.unit), 0, self.unit), 0)
        self._compute(_packed(term), side, packed=True)
        sizes = [n for n, _ in self.statement.axes]
        dims, step = [], 1
        for n in reversed(sizes):
            dims.append((n, step * self.unit))
            step *= n
        return side.view(dims[::-1] + self._samples_dim(1))

    # ---- extremes --------------------------------------------------------------------------

    def _extreme(self) -> None:
        emit = self.emit
        ufunc = ufunc_name(self.statement)
        for term in self.statement.terms:
            if term.is_number:
                value: Any = term.coef
            elif not self.written:
                self._compute(term, self.out)
                self.written = True
                continue
            else:
                value = self._temporary(term)
            if self.written:
                emit.call(ufunc, self._target(), value, out=self._target())
            else:
                emit.copy(self._target(), value)
                self.written = True


def _packed(term: Term) -> Term:
    """Renumber a term's axes for a result of its own, in the order of the places."""
    if term.select is not None or term.offsets is not None:
        return term
    strides: dict[int, int] = {}
    step, start = 1, 0
    for axis in sorted(term.axes, key=lambda axis: abs(axis[1])):
        backward = axis[1] < 0
        strides[id(axis)] = -step if backward else step
        start += (axis[0] - 1) * step if backward else 0
        step *= axis[0]
    axes = [(axis[0], strides[id(axis)], axis[2], axis[3]) for axis in term.axes]
    return replace(term, axes=axes, start=start)


def _along(term: Term, other: Term) -> Term:
    """Cut the axes of a view where another's end; leave them as they are if they do not nest."""
    axes = []
    for n, out, _, _ in other.axes:
        for size, stride, left, right in term.axes:
            if 0 < stride <= out and out % stride == 0 and out * n <= stride * size:
                axes.append((n, out, left * (out // stride), right))
                break
        else:
            return term
    return replace(term, axes=axes)


def _places(term: Term) -> list[tuple[int, int]]:
    """List the axes of a term's results."""
    return [(n, out) for n, out, _, _ in term.axes]
