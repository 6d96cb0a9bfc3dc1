"""A program computed in the fields: for all places and samples of a statement at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np

from ...errors import ProofError
from ...scalar.operation import Op
from ...scalar.ops import add, eq, power
from ..program.distinct import distinct
from ..program.phases import phases_of
from ..program.program import Program, Run
from ..program.statements import (
    Access,
    Chosen,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
    is_onto,
    terms_of,
    unnested,
)
from ..program.strides import spread
from .arrays import (
    Numbers,
    apply,
    constant,
    constants,
    joined,
    reduced,
    reduced_runs,
    residues,
)
from .memory import Indices, Memory
from .places import are_apart, check, check_inside, view
from .steps import is_quick, run_steps

__all__ = ["run"]

MOST_AT_ONCE = 1 << 20  # numbers of a term


def run(program: Program, inputs: Mapping[int, Numbers], count: int) -> Numbers:
    """Compute all results for some samples, of shape (fields, samples, results).

    The inputs are of shape (fields, samples or 1, size). Statements run in the order of phases, as
    those of backends do.
    """
    runner = _Run(program, inputs, count)
    try:
        phases = phases_of(program)
        for statement in (*phases.before, *phases.body, *phases.after):
            runner.run(statement, ())
        parts = [runner.result(one) for one in program.results]
    except (LookupError, ValueError) as error:
        raise ProofError(f"a statement of the program means nothing: {error}") from error
    found = np.empty((2, count, sum([part.shape[2] for part in parts])), dtype=np.uint64)
    return np.concatenate(parts, axis=2, out=found) if parts else found


class _Run:
    """Runs statements in a memory."""

    def __init__(self, program: Program, inputs: Mapping[int, Numbers], count: int) -> None:
        self.program = program
        self.count = count
        self.memory = Memory(program, inputs, count)

    def result(self, run: Run) -> Numbers:
        """Read neighbours among the results."""
        if isinstance(run.where, float):
            numbers = constant(run.where, 3)
        else:
            numbers = self.memory.at(run.where, (run.size,), run.where.strides, ())
        return np.broadcast_to(numbers, (2, self.count, run.size))

    def run(self, statement: Statement, steps: Indices) -> None:
        """Run a statement in the steps of the loops around it."""
        if isinstance(statement, Loop) and not steps and is_quick(statement, self.memory.arrays):
            for inner in unnested([statement]):
                self.memory.check_target(inner.target)
            run_steps(statement, self.memory.arrays, self.program.constants)
        elif isinstance(statement, Loop):
            for step in range(statement.count):
                for one in statement.body:
                    self.run(one, (*steps, step))
        elif isinstance(statement, Map):
            self.memory.write(statement, self._mapped(statement, steps), steps)
        elif statement.target.chosen is not None:
            self._scatter(statement, steps)
        else:
            self._join(statement, steps)

    def _mapped(self, statement: Map, steps: Indices) -> Numbers:
        op, nest = statement.op, statement.nest
        operands = [
            self._read(x, nest, steps) if isinstance(x, Access) else x for x in statement.operands
        ]
        exponent = statement.operands[-1]
        if op is not power or not isinstance(exponent, Access):
            return apply(op, operands)
        known = self.program.constants.get(exponent.array)
        if known is None:
            return apply(op, operands)
        # Each exponent that is a plain number is one by itself, as in a program of numbers.
        base = (
            operands[0]
            if isinstance(operands[0], np.ndarray)
            else constant(operands[0], 2 + len(nest))
        )
        powers = self.memory.known(exponent, known, nest, steps)
        found = np.empty(np.broadcast_shapes(base.shape, (2, 1, *nest)), dtype=np.uint64)
        for one in distinct(powers).tolist():
            np.copyto(found, apply(op, [base, one]), where=powers == one)
        return found

    # ---- sums, and the greatest and least of many -----------------------------------------------

    def _join(self, statement: Reduce | Runs, steps: Indices) -> None:
        op = statement.op
        parts = [self._joined(statement, term, steps) for term in terms_of(statement)]
        if is_onto(statement):
            parts.insert(0, self._read(statement.target, statement.nest, steps))
        self.memory.write(statement, reduce(lambda x, y: joined(op, x, y), parts), steps)

    def _joined(self, statement: Reduce | Runs, term: Term, steps: Indices) -> Numbers:
        """Join all numbers of a term, for all indices of the nest."""
        if isinstance(statement, Runs):
            everything = self._product(term, term.over, steps)
            found = reduced_runs(statement.op, everything, self.program.tables[statement.ends])
            found = found.reshape(*found.shape[:2], *statement.nest)
        else:
            found = self._over(statement.op, term, statement.nest, steps)
        if term.samples:
            repeats = 1 if found.shape[1] > 1 else self.count
            found = residues(found.sum(axis=1, keepdims=True) * np.uint64(repeats))
        return found

    def _over(self, op: Op, term: Term, nest: Indices, steps: Indices) -> Numbers:
        """Join the numbers of a term over its own axes, in blocks if they are many."""
        extents = (*nest, *term.over)
        size = math.prod(extents)
        if size <= MOST_AT_ONCE or not extents:
            found = self._product(term, extents, steps)
            return reduced(op, found, len(term.over)) if term.over else found
        first = extents[0]
        length = max(1, MOST_AT_ONCE * first // size)
        parts = []
        for begin in range(0, first, length):
            block = min(length, first - begin)
            moved = _from(term, len(steps), begin)
            if length == 1:  # it is one step more, and what is inside may be parted as well
                over = term.over if nest else term.over[1:]
                part = self._over(op, replace(moved, over=over), nest[1:], (*steps, 0))
                parts.append(part[:, :, None] if nest else part)
            elif nest:
                parts.append(self._over(op, moved, (block, *nest[1:]), steps))
            else:
                over = (block, *term.over[1:])
                parts.append(self._over(op, replace(moved, over=over), (), steps))
        if nest:
            return np.concatenate(parts, axis=2)
        return reduce(lambda x, y: joined(op, x, y), parts)

    def _product(
        self, term: Term, extents: Sequence[int], steps: Indices, by: Chosen | None = None
    ) -> Numbers:
        """Multiply the factors of a term, for all its indices, and all that `by` may choose.

        What chooses by the same number is there already, and needs no weights.
        """
        axes = 2 + len(extents) + (by is not None)
        found = None if term.coef == 1.0 and term.factors else constant(term.coef, axes)
        for factor in term.factors:
            if by is None:
                one = self._read(factor, extents, steps)
            elif factor.chosen is not None and replace(factor.chosen, step=by.step) == by:
                one = self._everything(factor, extents, steps)
            else:
                one = self._read(factor, extents, steps)[..., None]
            found = one if found is None else residues(found * one)
        assert found is not None
        all_extents = extents if by is None else (*extents, by.size)
        shape = 2, found.shape[1], *all_extents
        return found if found.shape == shape else np.broadcast_to(found, shape)

    # ---- places -----------------------------------------------------------------------------

    def _read(self, access: Access, extents: Sequence[int], steps: Indices) -> Numbers:
        """Read (fields, samples or 1, *extents); what is chosen is a sum, by weights, of all."""
        if access.chosen is None:
            return self.memory.at(access, tuple(extents), access.strides, steps)
        weights = self._weights(access, extents, steps)
        return reduced(add, residues(self._everything(access, extents, steps) * weights))

    def _everything(self, access: Access, extents: Sequence[int], steps: Indices) -> Numbers:
        """Read all that might be chosen, along a last axis."""
        assert access.chosen is not None
        # The step that chooses is that of a last index.
        strides = (*access.strides, access.chosen.step)
        return self.memory.at(access, (*extents, access.chosen.size), strides, steps)

    def _weights(self, access: Access, extents: Sequence[int], steps: Indices) -> Numbers:
        """Say of each place whether it is chosen, as an unknown number.

        An index that does not matter has an extent of 1.
        """
        assert access.chosen is not None
        first = len(steps)
        own = [n if _moves(access.chosen.by, first + k) else 1 for k, n in enumerate(extents)]
        by = self._read(access.chosen.by, own, steps)[..., None]
        indices = constants(np.arange(access.chosen.size, dtype=float))
        return apply(eq, [by, indices.reshape(2, *[1] * (by.ndim - 2), -1)])

    def _scatter(self, statement: Reduce | Runs, steps: Indices) -> None:
        """Add to all places that might be chosen, by weights."""
        target = statement.target
        (term,) = terms_of(statement)
        assert target.chosen is not None
        size, step = target.chosen.size, target.chosen.step
        nest = statement.nest
        numbers = self._product(term, nest, steps, target.chosen)
        numbers = residues(numbers * self._weights(target, nest, steps))
        if term.samples:
            repeats = 1 if numbers.shape[1] > 1 else self.count
            numbers = residues(numbers.sum(axis=1, keepdims=True) * np.uint64(repeats))
        start = target.start + sum(map(int.__mul__, target.strides, steps))
        everything = (*nest, size), (*target.strides[len(steps) :], step)
        check(target.table < 0, "a table names places that are chosen")
        check_inside(start, *everything, self.memory.arrays[target.array].shape[2])
        array = self.memory.arrays[target.array]
        if are_apart(*everything):
            found = view(array, start, *everything)
            found[...] = residues(found + numbers)
            return
        index: Any = np.s_[:, :, spread(start, *everything)]
        np.add.at(array, index, numbers)
        residues(array)


def _moves(access: Access, index: int) -> bool:
    """Tell whether what is read depends on an index."""
    if access.strides[index] != 0:
        return True
    return access.chosen is not None and _moves(access.chosen.by, index)


def _from(term: Term, index: int, begin: int) -> Term:
    """Give a term that begins at a place of one of its indices."""

    def moved(access: Access) -> Access:
        chosen = access.chosen
        if chosen is not None:
            chosen = replace(chosen, by=moved(chosen.by))
        return replace(access, start=access.start + begin * access.strides[index], chosen=chosen)

    return replace(term, factors=tuple(map(moved, term.factors)))
