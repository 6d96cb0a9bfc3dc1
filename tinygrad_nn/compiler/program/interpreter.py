"""What a program means: nested loops over plain numbers, or numbers of any other kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from ...scalar.operation import Op
from .program import Program, indices_of
from .statements import Access, Basic, Loop, Map, Runs, Statement, Term, is_onto, terms_of

__all__ = ["Memory", "interpret", "results_of"]

Number: TypeAlias = Any  # what `number` makes
Columns: TypeAlias = list[Number]  # what is at a place: one number, or one for each sample
Memory: TypeAlias = list[list[Columns]]  # of each array its places
Indices: TypeAlias = tuple[int, ...]


def _quiet(op: Op, *operands: float) -> float:
    return op.quiet(*operands)


def interpret(
    program: Program,
    inputs: Mapping[int, Iterable[Iterable[float]]],
    count: int,
    number: Callable[[float], Number] = float,
    apply: Callable[..., Number] = _quiet,
) -> Memory:
    """Compute all arrays of a program, from the columns at each place of those that are given.

    `number` makes numbers of another kind of floats: exact fractions, intervals, Values; `apply`
    applies an operation to them. They are multiplied with `*`, and those that choose are compared
    and turned into an int.
    """
    memory = [
        [[number(0.0)] * (count if array.per_sample else 1) for _ in range(array.size)]
        for array in program.arrays
    ]
    for array, numbers in program.constants.items():
        memory[array] = [[number(float(one))] for one in numbers]
    for array, rows in inputs.items():
        memory[array] = [[number(one) for one in row] for row in rows]
    interpreter = _Interpreter(program, memory, count, number, apply)
    for statement in program.statements:
        interpreter.run(statement, ())
    return memory


def results_of(program: Program, memory: Memory) -> list[Columns]:
    """Read all results, in order."""
    found: list[Columns] = []
    for run in program.results:
        if isinstance(run.where, float):
            found += [[run.where]] * run.size
        else:
            everything = memory[run.where.array]
            places = np.arange(len(everything))[indices_of(program, run)]
            found += [everything[place] for place in places.tolist()]
    return found


@dataclass(frozen=True, slots=True)
class _Interpreter:
    """Runs statements in a memory."""

    program: Program
    memory: Memory
    count: int
    number: Callable[[float], Number]
    apply: Callable[..., Number]

    def run(self, statement: Statement, steps: Indices) -> None:
        """Run a statement in the steps of the loops around it."""
        if isinstance(statement, Loop):
            for step in range(statement.count):
                for one in statement.body:
                    self.run(one, (*steps, step))
            return
        varies = self.program.arrays[statement.target.array].per_sample
        for member, own in enumerate(product(*map(range, statement.nest))):
            for sample in range(self.count) if varies else (0,):
                if isinstance(statement, Map):
                    self._map(statement, steps + own, sample)
                else:
                    inner = self._inner(statement, member, steps, own)
                    self._join(statement, inner, steps + own, sample)

    def _map(self, statement: Map, indices: Indices, sample: int) -> None:
        operands = [
            self._read(x, indices, sample) if isinstance(x, Access) else self.number(x)
            for x in statement.operands
        ]
        place = self._place(statement.target, indices, sample)
        assert place is not None, "only what is joined onto may choose its place"
        self.memory[statement.target.array][place][sample] = self.apply(statement.op, *operands)

    def _inner(
        self, statement: Basic, member: int, steps: Indices, own: Indices
    ) -> Iterator[tuple[Term, Indices]]:
        """Walk through the terms, and for each through the indices of its factors."""
        for term in terms_of(statement):
            if isinstance(statement, Runs):
                ends = self.program.tables[statement.ends]
                for index in range(int(ends[member - 1]) if member else 0, int(ends[member])):
                    yield term, (*steps, index)
            else:
                for indices in product(*map(range, term.over)):
                    yield term, steps + own + indices

    def _join(
        self, statement: Basic, inner: Iterable[tuple[Term, Indices]], indices: Indices, sample: int
    ) -> None:
        """Join all numbers of all terms to one target, or to those that they choose."""
        written = is_onto(statement)
        for term, at in inner:
            for column in range(self.count) if term.samples else (sample,):
                found = self._product(term, at, column)
                place = self._place(statement.target, indices, column)
                if place is None:
                    continue
                columns = self.memory[statement.target.array][place]
                if written:
                    found = self.apply(statement.op, columns[sample], found)
                columns[sample] = found
                written = True

    def _product(self, term: Term, indices: Indices, sample: int) -> Number:
        found = self.number(term.coef)
        for factor in term.factors:
            one = self._read(factor, indices, sample)
            if one is None:
                return self.number(0.0)
            found = found * one
        return found

    # ---- places -----------------------------------------------------------------------------

    def _read(self, access: Access, indices: Indices, sample: int) -> Number | None:
        place = self._place(access, indices, sample)
        if place is None:
            return None
        columns = self.memory[access.array][place]
        return columns[sample if self.program.arrays[access.array].per_sample else 0]

    def _place(self, access: Access, indices: Indices, sample: int) -> int | None:
        place = access.start + sum(map(int.__mul__, access.strides, indices))
        if access.chosen is not None:
            chosen = _whole(self._read(access.chosen.by, indices, sample), access.chosen.size)
            if chosen is None:
                return None
            place += access.chosen.step * chosen
        return place if access.table < 0 else int(self.program.tables[access.table][place])


def _whole(number: Number, size: int) -> int | None:
    """Give a number as an int if it is one of 0 ... size - 1."""
    if not 0 <= number < size:
        return None
    whole = int(number)
    return whole if whole == number else None
