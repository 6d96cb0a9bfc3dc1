"""A program computed in the fields: for all places and samples of a statement at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...scalar.ops import add, eq
from ..program.program import Program, Run, indices_of
from ..program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
    is_onto,
    terms_of,
)
from ..program.strides import spread
from .arrays import Numbers, apply, constant, constants, joined, primes, reduced, reduced_runs

__all__ = ["columns_of", "run"]

Indices = tuple[int, ...]
MOST_AT_ONCE = 1 << 20  # numbers of a term


def run(program: Program, inputs: Mapping[int, Numbers], count: int) -> list[Numbers]:
    """Compute all results for some samples: a part of (fields, samples or 1, size) for each run.

    The inputs are of shape (fields, samples or 1, size).
    """
    runner = _Run(program, inputs, count)
    for statement in program.statements:
        runner.run(statement, ())
    return [columns_of(program, runner.memory, one) for one in program.results]


def columns_of(program: Program, memory: Sequence[Numbers], run: Run) -> Numbers:
    """Read neighbours among the results."""
    if isinstance(run.where, float):
        return np.repeat(constant(run.where, 3), run.size, axis=2)
    return memory[run.where.array][:, :, indices_of(program, run)]


class _Run:
    """Runs statements in a memory: each array is of shape (fields, samples or 1, size)."""

    def __init__(self, program: Program, inputs: Mapping[int, Numbers], count: int) -> None:
        self.program = program
        self.count = count
        self.memory: list[Numbers] = []
        for number, array in enumerate(program.arrays):
            if number in inputs:
                self.memory.append(inputs[number])
            elif number in program.constants:
                self.memory.append(constants(program.constants[number])[:, None])
            else:
                columns = count if array.per_sample else 1
                self.memory.append(np.zeros((2, columns, array.size), dtype=np.uint64))

    def run(self, statement: Statement, steps: Indices) -> None:
        """Run a statement in the steps of the loops around it."""
        if isinstance(statement, Loop):
            for step in range(statement.count):
                for one in statement.body:
                    self.run(one, (*steps, step))
        elif isinstance(statement, Map):
            operands = [
                self._read(x, statement.nest, steps) if isinstance(x, Access) else x
                for x in statement.operands
            ]
            self._write(statement, apply(statement.op, operands), steps)
        elif statement.target.chosen is not None:
            self._scatter(statement, steps)
        else:
            self._join(statement, steps)

    # ---- sums, and the greatest and least of many -----------------------------------------------

    def _join(self, statement: Reduce | Runs, steps: Indices) -> None:
        op = statement.op
        parts = [self._joined(statement, term, steps) for term in terms_of(statement)]
        if is_onto(statement):
            parts.insert(0, self._read(statement.target, statement.nest, steps))
        self._write(statement, reduce(lambda x, y: joined(op, x, y), parts), steps)

    def _joined(self, statement: Reduce | Runs, term: Term, steps: Indices) -> Numbers:
        """Join all numbers of a term, for all indices of the nest."""
        if isinstance(statement, Runs):
            everything = self._product(term, term.over, steps)
            found = reduced_runs(statement.op, everything, self.program.tables[statement.ends])
            found = found.reshape(*found.shape[:2], *statement.nest)
        else:
            found = self._over(statement.op, term, statement.nest, term.over, steps)
        if term.samples:
            repeats = 1 if found.shape[1] > 1 else self.count
            found = found.sum(axis=1, keepdims=True) * np.uint64(repeats)
            found %= primes(found.ndim)
        return found

    def _over(self, op: Any, term: Term, nest: Indices, over: Indices, steps: Indices) -> Numbers:
        """Join the numbers of a term over its own axes, in blocks if they are many."""
        if math.prod(nest) * math.prod(over) > MOST_AT_ONCE and (nest or len(over) > 1):
            parts = [
                self._over(op, term, nest[1:], over if nest else over[1:], (*steps, index))
                for index in range(nest[0] if nest else over[0])
            ]
            if nest:
                return np.stack(parts, axis=2)
            return reduce(lambda x, y: joined(op, x, y), parts)
        found = self._product(term, (*nest, *over), steps)
        return reduced(op, found, tuple(range(-len(over), 0))) if over else found

    def _product(self, term: Term, extents: Sequence[int], steps: Indices) -> Numbers:
        found = constant(term.coef, 2 + len(extents))
        for factor in term.factors:
            found = found * self._read(factor, extents, steps) % primes(found.ndim)
        columns = found.shape[1]
        return np.broadcast_to(found, (2, columns, *extents))

    # ---- places -----------------------------------------------------------------------------

    def _read(self, access: Access, extents: Sequence[int], steps: Indices) -> Numbers:
        """Read (fields, samples or 1, *extents); what is chosen is a sum, by weights, of all."""
        chosen = access.chosen
        if chosen is None:
            return self._at(access, tuple(extents), access.strides, steps)
        strides = (*access.strides, chosen.step)
        everything = self._at(access, (*extents, chosen.size), strides, steps)
        weights = self._weights(access, extents, steps)
        found = everything * weights % primes(weights.ndim)
        return reduced(add, found, (-1,))

    def _weights(self, access: Access, extents: Sequence[int], steps: Indices) -> Numbers:
        """Say of each place whether it is chosen, as an unknown number."""
        assert access.chosen is not None
        by = self._read(access.chosen.by, extents, steps)[..., None]
        indices = constants(np.arange(access.chosen.size, dtype=float))
        return apply(eq, [by, indices.reshape(2, *[1] * (by.ndim - 2), -1)])

    def _at(self, access: Access, extents: Indices, strides: Indices, steps: Indices) -> Numbers:
        array = self.memory[access.array]
        start = access.start + sum(map(int.__mul__, strides, steps))
        if access.table >= 0:
            places = spread(start, extents, strides[len(steps) :])
            found: Numbers = array[:, :, self.program.tables[access.table][places]]
            return found
        return _view(array, start, extents, strides[len(steps) :])

    def _write(self, statement: Basic, numbers: Numbers, steps: Indices) -> None:
        target, nest = statement.target, statement.nest
        array = self.memory[target.array]
        start = target.start + sum(map(int.__mul__, target.strides, steps))
        strides = target.strides[len(steps) :]
        if target.table < 0:
            _view(array, start, nest, strides)[...] = numbers
        else:
            array[:, :, self.program.tables[target.table][spread(start, nest, strides)]] = numbers

    def _scatter(self, statement: Reduce | Runs, steps: Indices) -> None:
        """Add to all places that might be chosen, by weights."""
        target = statement.target
        (term,) = terms_of(statement)
        assert target.chosen is not None
        size, step = target.chosen.size, target.chosen.step
        nest = statement.nest
        numbers = self._product(term, nest, steps)[..., None]
        numbers = numbers * self._weights(target, nest, steps) % primes(numbers.ndim)
        numbers = np.broadcast_to(numbers, (2, numbers.shape[1], *nest, size))
        if term.samples:
            repeats = 1 if numbers.shape[1] > 1 else self.count
            numbers = numbers.sum(axis=1, keepdims=True) * np.uint64(repeats) % primes(numbers.ndim)
        start = target.start + sum(map(int.__mul__, target.strides, steps))
        places: Any = spread(start, (*nest, size), (*target.strides[len(steps) :], step))
        array = self.memory[target.array]
        np.add.at(array, np.s_[:, :, places], numbers)
        array %= primes(3)


def _view(array: Numbers, start: int, extents: Indices, strides: Indices) -> Numbers:
    """View an array along axes of its places."""
    fields, samples, place = array.strides
    return as_strided(
        array[:, :, start:],
        (*array.shape[:2], *extents),
        (fields, samples, *[place * stride for stride in strides]),
    )
