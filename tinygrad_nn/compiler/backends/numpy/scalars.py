"""Statements with few results: Python floats in local variables, far faster than arrays."""

from __future__ import annotations

import math
from itertools import product
from typing import TypeAlias

from ...program.statements import (
    Access,
    Basic,
    Map,
    Runs,
    Term,
    accesses_of,
    is_onto,
    sums_samples,
    terms_of,
)
from ..memory import Memory
from .emitter import Emitter

__all__ = ["ScalarWriter", "is_scalar"]

MOST_RESULTS = 3
MOST_PRODUCTS = 8

Indices: TypeAlias = tuple[int, ...]


def is_scalar(memory: Memory, statement: Basic) -> bool:
    """Tell whether a statement is a few floats, each made from a few others."""
    if isinstance(statement, Runs) or math.prod(statement.nest) > MOST_RESULTS:
        return False
    if is_onto(statement) or sums_samples(statement):
        return False
    for access in accesses_of(statement):
        if access.table >= 0 or access.chosen is not None or memory.is_apart(access.array):
            return False
    return sum(math.prod((*statement.nest, *t.over)) for t in terms_of(statement)) <= MOST_PRODUCTS


class ScalarWriter:
    """Writes statements with few results as lines of plain arithmetic.

    Parameters
    ----------
    memory : Memory
    emitter : Emitter
    kept : set of int
        The arrays whose numbers others look for in memory.
    """

    def __init__(self, memory: Memory, emitter: Emitter, kept: set[int]) -> None:
        self.memory = memory
        self.emit = emitter
        self.kept = kept
        self._locals: dict[int, str] = {}

    def forget(self, array: int) -> None:
        """Note that something was added to an array: locals no longer hold its numbers."""
        if not self.memory.is_apart(array):
            start = self.memory.start[array]
            end = start + self.memory.program.arrays[array].size
            for place in [p for p in self._locals if start <= p < end]:
                del self._locals[place]

    def write(self, statement: Basic) -> None:
        """Write one statement."""
        values = [
            (self._place(statement.target, indices), self._value(statement, indices))
            for indices in product(*map(range, statement.nest))
        ]
        kept = statement.target.array in self.kept
        for place, value in values:
            if not statement.nodes and not kept:  # it stands inside of the next line
                self._locals[place] = f"({value})"
                continue
            name = f"s{place}"
            self._locals[place] = name
            self.emit.line(f"{name} = {value}", 0)
            if kept:
                self.emit.line(f"{self.emit.name(self.memory.shared)}[{place}] = {name}", 0)

    def _place(self, access: Access, indices: Indices) -> int:
        offset = sum(stride * i for stride, i in zip(access.strides, indices, strict=True))
        return self.memory.start[access.array] + access.start + offset

    def _read(self, access: Access, indices: Indices) -> str:
        place = self._place(access, indices)
        name = self._locals.get(place)
        if name is None:
            name = f"s{place}"
            item = self.emit.function("item", self.memory.shared.item)
            self.emit.line(f"{name} = {item}({place})", 0)
            self._locals[place] = name
        return name

    def _value(self, statement: Basic, indices: Indices) -> str:
        if isinstance(statement, Map):
            return self._applied(statement, indices)
        parts = [
            self._product(term, indices + inner)
            for term in terms_of(statement)
            for inner in product(*map(range, term.over))
        ]
        if statement.op.array == "add":
            return " + ".join(parts)
        function = self.emit.function(f"{statement.op.name}_", statement.op.compute)
        value = parts[0]
        for part in parts[1:]:
            value = f"{function}({value}, {part})"
        return value

    def _applied(self, statement: Map, indices: Indices) -> str:
        op, emit = statement.op, self.emit
        operands = [
            self._read(x, indices) if isinstance(x, Access) else emit.number(x)
            for x in statement.operands
        ]
        if op.listed:
            function = emit.function(f"{op.name}_", op.quiet if op.remedy else op.compute)
        else:  # the user's own: its name may be any text, and it may raise
            function = emit.name(op.quiet)
        call = f"{function}({', '.join(operands)})"
        if op.name == "div":  # the operator, where it does not raise
            x, y = operands
            return f"({x} / {y} if {y} else {call})"
        return call

    def _product(self, term: Term, indices: Indices) -> str:
        factors = [self._read(factor, indices) for factor in term.factors]
        if term.coef == 1.0 and factors:
            return " * ".join(factors)
        return " * ".join([self.emit.number(term.coef), *factors])
