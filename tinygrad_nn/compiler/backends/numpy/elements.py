"""Elements, joined in as few calls of NumPy as may be: a sum, or the largest or smallest."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...program.statements import Access, Reduce, Term
from ...program.strides import row_major
from .nest import Nest, Operand
from .views import Strided

__all__ = ["ElementsWriter"]

MOST_TERMS = 200  # in a line: Python reads no expression that is nested a thousand times

# The call that joins two operands, and whether they change sides, by their coefficients.
PAIRS = {
    ("add", 1.0, 1.0): ("add", False),
    ("add", 1.0, -1.0): ("subtract", False),
    ("add", -1.0, 1.0): ("subtract", True),
    ("maximum", 1.0, 1.0): ("maximum", False),
    ("minimum", 1.0, 1.0): ("minimum", False),
}


class ElementsWriter:
    """Writes the calls of a statement whose terms neither sum nor choose.

    With `onto`, the results are joined to what is in `out`.
    """

    def __init__(self, nest: Nest, statement: Reduce, out: Strided) -> None:
        self.nest = nest
        self.statement = statement
        self.out = out
        self.ufunc = str(statement.op.array)
        self.written = statement.onto
        self.pending = 1.0  # what the written result is yet to be multiplied by

    def write(self) -> None:
        """Write the calls."""
        if self._is_sum_of_numbers():
            self._add_numbers()
            return
        terms = self._without_first_pair()
        if self.ufunc == "add" and not self.written:  # what is multiplied first needs no copy
            terms = [*sorted(terms[:2], key=_turn), *terms[2:]]
        for term in terms:
            self._term(term)
        self._settle()

    def _term(self, term: Term) -> None:
        coef = self.nest.coefficient(term)
        if not term.factors:
            self._join(coef, 1.0)
        elif len(term.factors) == 1:
            if coef == 1.0 and not self.written and self._is_gathered(term.factors[0]):
                self.written = True
            else:
                self._join(self.nest.along(term.factors[0]), coef)
        else:
            factors: list[Operand] = [self.nest.along(factor) for factor in term.factors]
            if abs(coef) < 1.0:  # first, so that nothing overflows of which it takes a part
                factors.insert(1, coef)
                coef = 1.0
            if self.written:
                self._join(self.nest.multiplied(factors), coef)
                return
            self.nest.multiplied(factors, self.out)
            self.written, self.pending = True, coef
            if self.ufunc != "add" or not math.isfinite(coef):  # inf * a + inf * b is another
                self._settle()

    # ---- in fewer calls ---------------------------------------------------------------------

    def _is_sum_of_numbers(self) -> bool:
        if self.ufunc != "add" or self.nest.samples or math.prod(self.nest.own) > 1:
            return False
        (first, *others) = self.statement.terms
        return self.written or bool(others) or self.nest.coefficient(first) != 1.0

    def _add_numbers(self) -> None:
        """Add up numbers in Python, which takes less than NumPy does for each of them."""
        nest, emit = self.nest, self.nest.emit
        (target,) = nest.views(self.out)
        parts = [f"{emit.name(target.item)}()"] if self.written else []
        for term in self.statement.terms:
            coef = emit.number(nest.coefficient(term))
            numbers = [nest.views(nest.along(factor))[0] for factor in term.factors]
            items = [f"{emit.name(number.item)}()" for number in numbers]
            parts.append(" * ".join(items if items and coef == "1.0" else [coef, *items]))
        for begin in range(0, len(parts), MOST_TERMS):
            before = [f"{emit.name(target.item)}()"] if begin else []
            line = " + ".join([*before, *parts[begin : begin + MOST_TERMS]])
            emit.line(f"{emit.name(target)}[()] = {line}")

    def _without_first_pair(self) -> Sequence[Term]:
        """Write the first two terms at once if that is one call; return the others."""
        terms = self.statement.terms
        factors = [len(term.factors) for term in terms[:2]]
        if self.written or factors not in ([0, 1], [1, 0], [1, 1]):
            return terms
        first, second = [self.nest.coefficient(t) if t.factors else 1.0 for t in terms[:2]]
        name, turned = PAIRS.get((self.ufunc, first, second), ("", False))
        if not name:
            return terms
        left, right = [self._operand(term) for term in terms[:2]]
        if turned:
            left, right = right, left
        self.nest.call(name, left, right, out=self.out)
        self.written = True
        return terms[2:]

    def _operand(self, term: Term) -> Operand:
        if not term.factors:
            return self.nest.coefficient(term)
        return self.nest.along(term.factors[0])

    def _is_gathered(self, access: Access) -> bool:
        """Gather numbers right to where they belong, if they follow each other there."""
        nest = self.nest
        memory = nest.memory
        varies = memory.program.arrays[access.array].per_sample
        if access.table < 0 or varies != nest.samples or access.strides != row_major(nest.own):
            return False
        (target,) = nest.views(self.out)
        if not target.flags.c_contiguous:
            return False
        size = math.prod(nest.own)
        table = memory.program.tables[access.table][access.start : access.start + size]
        source = memory.numbers(access.array)
        nest.take(source, table, target.reshape(size, *source.shape[1:]))
        return True

    # ---- one after the other ----------------------------------------------------------------

    def _settle(self) -> None:
        """Multiply what is written by what it is yet to be multiplied by."""
        if self.pending != 1.0:
            self.nest.call("multiply", self.out, self.pending, out=self.out)
            self.pending = 1.0

    def _join(self, value: Operand, coef: float) -> None:
        """Join coef * value to what is written."""
        if not self.written:
            self._begin(value, coef)
            return
        call, out = self.nest.call, self.out
        if self.pending == coef:
            call(self.ufunc, out, value, out=out)
        elif self.ufunc == "add" and (self.pending, coef) == (-1.0, 1.0):
            call("subtract", value, out, out=out)
            self.pending = 1.0
        elif self.ufunc == "add" and (self.pending, coef) == (1.0, -1.0):
            call("subtract", out, value, out=out)
        else:
            self._settle()
            if coef != 1.0:
                scaled = self.nest.aside()
                call("multiply", value, coef, out=scaled)
                value = scaled
            call(self.ufunc, out, value, out=out)

    def _begin(self, value: Operand, coef: float) -> None:
        """Write coef * value."""
        if coef == 1.0:
            self.nest.copy(self.out, value)
        elif coef == -1.0:
            self.nest.call("negative", value, out=self.out)
        else:
            self.nest.call("multiply", value, coef, out=self.out)
        self.written = True


def _turn(term: Term) -> int:
    """Order terms: products, multiples of a factor, and what is added as it is."""
    if len(term.factors) > 1:
        return 0
    return 1 if term.factors and abs(term.coef) != 1.0 else 2
