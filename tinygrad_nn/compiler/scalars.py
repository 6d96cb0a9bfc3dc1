"""Statements with one result: Python floats in local variables, far faster than arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .emitter import Emitter
from .flatten import OPERATION, SUM
from .statements import Factor, Statement, Term

if TYPE_CHECKING:
    from .numpy_backend import Bound

__all__ = ["ScalarWriter", "is_scalar"]

MOST_FACTORS = 12


def is_scalar(statement: Statement, places: Callable[[int], bool]) -> bool:
    """Tell whether a statement is one float made from a few others.

    Parameters
    ----------
    statement : Statement
    places : callable
        Tells whether a family has numbers for each sample.
    """
    if statement.size != 1 or statement.per_sample or statement.reduces:
        return False
    factors = statement.factors()
    if len(factors) > MOST_FACTORS or any(places(factor.family) for factor in factors):
        return False
    return not any(term.reduced or term.offsets is not None for term in statement.terms) and not (
        statement.gathered
    )


class ScalarWriter:
    """Writes statements with one result as lines of plain arithmetic.

    Parameters
    ----------
    bound : Bound
    emitter : Emitter
    kept : set of int
        The families whose numbers others look for in memory.
    """

    def __init__(self, bound: Bound, emitter: Emitter, kept: set[int]) -> None:
        self.bound = bound
        self.emit = emitter
        self.kept = kept
        self._locals: dict[int, str] = {}
        self._function = 0

    def forget(self, start: int, size: int) -> None:
        """Note that a run of memory was written, so that locals no longer hold it."""
        if self._locals:
            for place in [p for p in self._locals if start <= p < start + size]:
                del self._locals[place]

    def write(self, statement: Statement) -> None:
        """Write one statement."""
        if statement.kind == SUM:
            value = " + ".join(self._term(term) for term in statement.terms)
        elif statement.kind == OPERATION:
            value = self._operation(statement)
        else:
            value = self._extreme(statement)
        place = self._place(statement.family, statement.start)
        name = f"s{place}"
        self._locals[place] = name
        self.emit.line(f"{name} = {value}", 0)
        if statement.family in self.kept:
            self.emit.line(f"{self.emit.name(self.bound.shared)}[{place}] = {name}", 0)

    def _place(self, family: int, start: int) -> int:
        return self.bound.buffer(family).start + start

    def _read(self, factor: Factor) -> str:
        place = self._place(factor.family, factor.start)
        name = self._locals.get(place)
        if name is None:
            name = f"s{place}"
            item = self.emit.function("item", self.bound.shared.item)
            self.emit.line(f"{name} = {item}({place})", 0)
            self._locals[place] = name
        return name

    def _term(self, term: Term) -> str:
        factors = [self._read(f) for f in (term.left, term.right) if f is not None]
        if term.coef != 1.0 or not factors:
            number = self.emit.number(term.coef)
            factors.insert(0, f"({number})" if number.startswith("-") else number)
        return " * ".join(factors)

    def _operation(self, statement: Statement) -> str:
        operands = [
            self.emit.number(operand.number)
            if operand.factor is None
            else self._read(operand.factor)
            for operand in statement.operands
        ]
        row = statement.row
        assert row is not None
        function = self.emit.function(f"{row.name}_", row.quiet if row.remedy else row.compute)
        call = f"{function}({', '.join(operands)})"
        if row.name == "div":  # the operator, where it does not raise
            x, y = operands
            return f"({x} / {y} if {y} else {call})"
        return call

    def _extreme(self, statement: Statement) -> str:
        row = statement.row
        assert row is not None
        function = self.emit.function(f"{row.name}_", row.compute)
        values: Sequence[str] = [self._term(term) for term in statement.terms]
        call = values[0]
        for value in values[1:]:
            call = f"{function}({call}, {value})"
        return call
