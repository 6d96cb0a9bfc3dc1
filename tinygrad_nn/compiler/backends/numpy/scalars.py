"""Statements with few results: Python floats in local variables, far faster than arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...program.statements import Factor, Statement, Term
from ...roll.flatten import OPERATION, SUM
from .emitter import Emitter

if TYPE_CHECKING:
    from .bound import Bound

__all__ = ["ScalarWriter", "is_scalar"]

MOST_RESULTS = 3
MOST_PRODUCTS = 8

Places = list[tuple[int, ...]]


def is_scalar(statement: Statement, per_sample: Callable[[int], bool]) -> bool:
    """Tell whether a statement is a few floats, each made from a few others.

    Parameters
    ----------
    statement : Statement
    per_sample : callable
        Tells whether a family has numbers for each sample.
    """
    if statement.size > MOST_RESULTS or statement.per_sample or statement.reduces:
        return False
    if statement.gathered or statement.accumulates or statement.chooses:
        return False
    if sum(term.work for term in statement.terms) > MOST_PRODUCTS:
        return False
    return not any(per_sample(factor.family) for factor in statement.factors())


class ScalarWriter:
    """Writes statements with few results as lines of plain arithmetic.

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

    def forget(self, start: int, size: int) -> None:
        """Note that a run of memory was written, so that locals no longer hold it."""
        if self._locals:
            for place in [p for p in self._locals if start <= p < start + size]:
                del self._locals[place]

    def write(self, statement: Statement) -> None:
        """Write one statement."""
        if statement.kind == OPERATION:
            values = self._operations(statement)
        else:
            values = self._sums(statement)
        begin = self.bound.buffer(statement.family).start
        for place, value in values:
            name = f"s{begin + place}"
            self._locals[begin + place] = name
            self.emit.line(f"{name} = {value}", 0)
            if statement.family in self.kept:
                self.emit.line(f"{self.emit.name(self.bound.shared)}[{begin + place}] = {name}", 0)

    def _read(self, factor: Factor, offset: int) -> str:
        place = self.bound.buffer(factor.family).start + factor.start + offset
        name = self._locals.get(place)
        if name is None:
            name = f"s{place}"
            item = self.emit.function("item", self.bound.shared.item)
            self.emit.line(f"{name} = {item}({place})", 0)
            self._locals[place] = name
        return name

    # ---- operations -------------------------------------------------------------------------

    def _operations(self, statement: Statement) -> list[tuple[int, str]]:
        strides = [operand.strides for operand in statement.operands if operand.factor is not None]
        axes = [(n, out, *[own[i] for own in strides]) for i, (n, out) in enumerate(statement.axes)]
        values: list[tuple[int, str]] = []
        for place, *offsets in _places(axes, 1 + len(strides)):
            rest = iter(offsets)
            operands = [
                self.emit.number(operand.number)
                if operand.factor is None
                else self._read(operand.factor, next(rest))
                for operand in statement.operands
            ]
            values.append((statement.start + place, self._apply(statement, operands)))
        return values

    def _apply(self, statement: Statement, operands: Sequence[str]) -> str:
        row = statement.row
        assert row is not None
        if row.listed:
            quiet = row.quiet if row.remedy else row.compute
            function = self.emit.function(f"{row.name}_", quiet)
        else:  # the user's own: its name may be any text, and it may raise
            function = self.emit.name(row.quiet)
        call = f"{function}({', '.join(operands)})"
        if row.name == "div":  # the operator, where it does not raise
            x, y = operands
            return f"({x} / {y} if {y} else {call})"
        return call

    # ---- sums and extremes --------------------------------------------------------------------

    def _sums(self, statement: Statement) -> list[tuple[int, str]]:
        parts: dict[int, list[str]] = {}
        for (place,) in _places(statement.axes, 1):
            parts[statement.start + place] = []
        for term in statement.terms:
            if term.left is None:
                for found in parts.values():
                    found.append(self._number(term.coef))
                continue
            for place, left, right in _places(term.axes, 3):
                inner = _places([(n, a, b) for n, a, b in term.reduced], 2)
                for a, b in inner:
                    parts[term.start + place].append(self._product(term, left + a, right + b))
        joined = self._joined(statement)
        return [(place, joined(found)) for place, found in parts.items()]

    def _joined(self, statement: Statement) -> Callable[[Sequence[str]], str]:
        if statement.kind == SUM:
            return " + ".join
        row = statement.row
        assert row is not None
        function = self.emit.function(f"{row.name}_", row.compute)

        def nested(values: Sequence[str]) -> str:
            call = values[0]
            for value in values[1:]:
                call = f"{function}({call}, {value})"
            return call

        return nested

    def _product(self, term: Term, left: int, right: int) -> str:
        assert term.left is not None
        factors = [self._read(term.left, left)]
        if term.right is not None:
            factors.append(self._read(term.right, right))
        if term.coef != 1.0:
            factors.insert(0, self._number(term.coef))
        return " * ".join(factors)

    def _number(self, number: float) -> str:
        text = self.emit.number(number)
        return f"({text})" if text.startswith("-") else text


def _places(axes: Sequence[tuple[int, ...]], width: int) -> Places:
    """List the offsets of all members along nested axes, each a size and strides."""
    places: Places = [(0,) * width]
    for size, *strides in axes:
        places = [
            tuple(p + i * s for p, s in zip(place, strides, strict=True))
            for place in places
            for i in range(size)
        ]
    return places
