"""What a program computes, with all indices of a statement at once: for programs that are large.

The interpreter says the same in a slower way, and they are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from tinygrad_nn.compiler.backends.numpy.writer import takes_out
from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
    extents_of,
    is_onto,
    terms_of,
)
from tinygrad_nn.compiler.program.strides import spread

Numbers = Any  # an array of float64
Extents = Sequence[int]
UFUNCS = {"add": np.add, "max": np.maximum, "min": np.minimum}


class Grid:
    """Memory for some samples: for each array a matrix of its places and columns."""

    def __init__(self, program: Program, inputs: Mapping[int, Numbers], count: int) -> None:
        self.program = program
        self.count = count
        self.steps: tuple[int, ...] = ()
        self.memory: list[Numbers] = []
        for number, array in enumerate(program.arrays):
            known = inputs.get(number, program.constants.get(number))
            columns = count if array.per_sample else 1
            made = np.zeros((array.size, columns))
            if known is not None and array.size:
                made[...] = np.reshape(known, (array.size, -1))
            self.memory.append(made)

    def run(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            if isinstance(statement, Loop):
                for step in range(statement.count):
                    self.steps = (*self.steps, step)
                    self.run(statement.body)
                    self.steps = self.steps[:-1]
            elif isinstance(statement, Map):
                operands = [
                    self._read(x, statement.nest)[0] if isinstance(x, Access) else x
                    for x in statement.operands
                ]
                self._write(statement, applied(statement.op, operands), False)
            else:
                self._join(statement)

    def _join(self, statement: Reduce | Runs) -> None:
        onto = is_onto(statement)
        for term in terms_of(statement):
            value = self._product(statement, term)
            if statement.target.chosen is not None:
                self._scatter(statement, value)
                continue
            ufunc = UFUNCS[statement.op.name]
            if term.samples:
                value = ufunc.reduce(value, axis=-1, keepdims=True)
            if isinstance(statement, Runs):
                ends = self.program.tables[statement.ends]
                value = ufunc.reduceat(value, [0, *ends[:-1]], axis=0)
                value = value.reshape(*statement.nest, -1)
            elif term.over:
                first = len(statement.nest)
                value = ufunc.reduce(value, axis=tuple(range(first, first + len(term.over))))
            self._write(statement, value, onto)
            onto = True

    def _product(self, statement: Reduce | Runs, term: Term) -> Numbers:
        extents = extents_of(statement, term)
        value: Numbers = np.full(1, term.coef)
        wrong: Any = False
        for factor in term.factors:
            one, none = self._read(factor, extents)
            value = value * one
            if none is not False:
                wrong = wrong | none
        if wrong is not False:
            value = np.where(wrong, 0.0, value)
        varies = self._varies(statement.target) or term.samples
        shape = *extents, self.count if varies else 1
        return value if value.shape == shape else np.broadcast_to(value, shape)

    def _write(self, statement: Basic, value: Numbers, onto: bool) -> None:
        places, _ = self._places(statement.target, statement.nest)
        memory = self.memory[statement.target.array]
        if onto:
            assert isinstance(statement, Reduce)
            value = UFUNCS[statement.op.name](memory[places[..., 0]], value)
        memory[places[..., 0]] = value

    def _scatter(self, statement: Reduce | Runs, value: Numbers) -> None:
        places, wrong = self._places(statement.target, statement.nest)
        columns = np.arange(value.shape[-1]) if self._varies(statement.target) else 0
        places, columns, wrong = (np.broadcast_to(x, value.shape) for x in (places, columns, wrong))
        right = ~wrong
        target = self.memory[statement.target.array]
        np.add.at(target, (places[right], columns[right]), value[right])

    # ---- places -----------------------------------------------------------------------------

    def _varies(self, access: Access) -> bool:
        return self.program.arrays[access.array].per_sample

    def _places(self, access: Access, extents: Extents) -> tuple[Any, Any]:
        """Places along the extents and the samples, and which of them are none."""
        strides = access.strides[len(self.steps) :]
        start = access.start + sum(map(int.__mul__, access.strides, self.steps))
        moved = tuple([n if stride else 1 for n, stride in zip(extents, strides, strict=True)])
        places = _spread(start, moved, strides)
        wrong: Any = False
        if access.chosen is not None:
            number, _ = self._read(access.chosen.by, extents)
            wrong = ~np.isin(number, np.arange(access.chosen.size))
            places = places + access.chosen.step * np.where(wrong, 0.0, number).astype(int)
        return (places if access.table < 0 else self.program.tables[access.table][places]), wrong

    def _read(self, access: Access, extents: Extents) -> tuple[Numbers, Any]:
        places, wrong = self._places(access, extents)
        memory = self.memory[access.array]
        if access.chosen is None:  # samples have one place
            return memory[places[..., 0]], wrong
        return memory[places, np.arange(memory.shape[1])], wrong


@lru_cache
def _spread(start: int, sizes: Extents, strides: Extents) -> Numbers:
    return spread(start, sizes, strides)[..., None]


def applied(op: Any, operands: Sequence[Numbers]) -> Numbers:
    """Apply an operation to arrays: by its form on arrays, or number by number."""
    form = op.array
    if callable(form) and takes_out(form):
        out = np.empty(np.broadcast_shapes(*map(np.shape, operands)))
        form(np, *operands, out=out)
        return out
    if callable(form):
        return form(np, *operands)
    if not form:
        return np.frompyfunc(op.quiet, op.arity, 1)(*operands)
    if isinstance(form, tuple):
        first, *rest = [getattr(np, name) for name in form]
        return reduce(lambda found, ufunc: ufunc(found), rest, first(*operands))
    if form.startswith("special."):
        import scipy.special

        return getattr(scipy.special, form.removeprefix("special."))(*operands)
    return getattr(np, form)(*operands)


def results(program: Program, inputs: Mapping[int, Numbers], blocks: Sequence[int]) -> Numbers:
    """Compute all results: a row for each, with a column for each sample.

    Parameters
    ----------
    program : Program
    inputs : mapping of int to array, shape (size, samples) or (size, 1)
    blocks : sequence of int
        How many samples are taken at once, one block after the other; a batch that is coupled
        is taken as a whole.
    """
    phases = phases_of(program)
    count = sum(blocks)
    if phases.coupled:
        blocks = [count]
    whole = Grid(program, inputs, count)
    own = [n for n, array in enumerate(program.arrays) if array.per_sample]
    totals: dict[int, Numbers] = dict.fromkeys(phases.sums, 0.0)
    block = Grid(program, {}, 0)
    block.memory = list(whole.memory)
    block.run(phases.before)
    begin = 0
    for size in blocks:
        block.count = size
        for array in own:
            block.memory[array] = whole.memory[array][:, begin : begin + size]
        block.run(phases.body)
        for array in totals:
            totals[array] = totals[array] + block.memory[array]
        begin += size
    for array, total in totals.items():
        block.memory[array][...] = total
    block.run(phases.after)
    whole.memory = [m if n in own else block.memory[n] for n, m in enumerate(whole.memory)]
    rows = [
        np.broadcast_to(row(program, whole.memory, run), (run.size, count))
        for run in program.results
    ]
    return np.concatenate(rows) if rows else np.zeros((0, count))


def row(program: Program, memory: Sequence[Numbers], run: Run) -> Numbers:
    if isinstance(run.where, float):
        return np.full((run.size, 1), run.where)
    places = spread(run.where.start, (run.size,), run.where.strides)
    if run.where.table >= 0:
        places = program.tables[run.where.table][places]
    return memory[run.where.array][places]


def work(program: Program, count: int) -> int:
    """How many numbers the terms and operations of a program are made of."""

    def of(statements: Sequence[Statement]) -> int:
        total = 0
        for statement in statements:
            if isinstance(statement, Loop):
                total += statement.count * of(statement.body)
                continue
            samples = count if program.arrays[statement.target.array].per_sample else 1
            total += math.prod(statement.nest) * samples
            for term in terms_of(statement):
                width = count if term.samples else samples
                total += math.prod(extents_of(statement, term)) * width
        return total

    return of(program.statements)
