"""Which results of a program depend on which of its inputs: from its statements, not from numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..compiler.program.program import Program, indices_of
from ..compiler.program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Runs,
    Statement,
    Term,
    is_onto,
    terms_of,
)

__all__ = ["Pattern", "dependence"]

Ints: TypeAlias = npt.NDArray[np.int64]
Pattern: TypeAlias = Any  # a csr_array of ones: a row for each number, a column for each input


def dependence(program: Program, by: int, shape: tuple[int, int]) -> Pattern:
    """Tell which results have a slope by which numbers of an input array.

    A number chosen from a table while the program runs may be any of the table's.

    Parameters
    ----------
    program : Program
        Of one sample.
    by : int
        The number of the input array.
    shape : tuple of int
        How many results count, the first ones, and how many numbers the array has.

    Returns
    -------
    csr_array
        Ones, a row for each result and a column for each input.
    """
    height, width = shape
    walk = _Walk(program, width)
    walk.known[by] = sparse.eye_array(width, format="csr")
    for statement in program.statements:
        walk.run(statement, ())
    rows = [walk.result(run) for run in program.results]
    return _ones(sparse.vstack([_none(0, width), *rows], format="csr")[:height])


@dataclass
class _Walk:
    """What each number of the arrays depends on, as far as the statements have run."""

    program: Program
    width: int
    known: dict[int, Pattern] = field(default_factory=dict)  # of arrays that depend on anything

    def run(self, statement: Statement, steps: tuple[int, ...]) -> None:
        if isinstance(statement, Loop):
            for step in range(statement.count):
                for one in statement.body:
                    self.run(one, (*steps, step))
            return
        count = int(np.prod(statement.nest, dtype=np.int64))
        found = self._map(statement, steps, count) if isinstance(statement, Map) else None
        for term, at in [] if isinstance(statement, Map) else self._terms(statement, steps):
            for factor in term.factors:
                found = _either(found, self._gathered(factor, at, count))
        self._write(statement, steps, count, found)

    # ---- reading ----------------------------------------------------------------------------

    def _map(self, statement: Map, steps: tuple[int, ...], count: int) -> Pattern | None:
        found = None
        if statement.op.is_flat:
            return None
        members = np.arange(count)
        at = _Indices(steps, statement.nest, members, members)
        for operand, partial in zip(statement.operands, statement.op.partials, strict=True):
            if partial is not None and isinstance(operand, Access):
                found = _either(found, self._gathered(operand, at, count))
        return found

    def _terms(self, statement: Basic, steps: tuple[int, ...]) -> list[tuple[Term, _Indices]]:
        """List the terms, each with the indices that it takes and the member that each is for."""
        count = int(np.prod(statement.nest, dtype=np.int64))
        if isinstance(statement, Runs):
            ends = self.program.tables[statement.ends][:count]
            lengths = np.diff(ends, prepend=0)
            members = np.repeat(np.arange(count), lengths)
            every = np.arange(len(members))
            return [(statement.term, _Indices(steps, (len(members),), every, members))]
        found = []
        for term in terms_of(statement):
            inner = int(np.prod(term.over, dtype=np.int64))
            every = np.arange(count * inner)
            extents = (*statement.nest, *term.over)
            found.append((term, _Indices(steps, extents, every, every // max(inner, 1))))
        return found

    def _gathered(self, access: Access, at: _Indices, count: int) -> Pattern | None:
        """Join, for each member, what the numbers depend on that are read for it."""
        pattern = self.known.get(access.array)
        if pattern is None:
            return None
        places, members = self._places(access, at)
        if len(members) == count and (members == np.arange(count)).all():
            return pattern[places]
        shape = (count, pattern.shape[0])
        reads = sparse.csr_array((np.ones(len(places)), (members, places)), shape=shape)
        return reads @ pattern

    def _places(self, access: Access, at: _Indices) -> tuple[Ints, Ints]:
        """Give every place that may be read or written, and the member that each is for."""
        places = access.start + at.along(access.strides)
        members = at.members
        if access.chosen is not None:
            choices = access.chosen.step * np.arange(access.chosen.size)
            places = (places[:, None] + choices).ravel()
            members = np.repeat(members, access.chosen.size)
        return (places if access.table < 0 else self.program.tables[access.table][places]), members

    # ---- writing ----------------------------------------------------------------------------

    def _write(
        self, statement: Basic, steps: tuple[int, ...], count: int, found: Pattern | None
    ) -> None:
        target = statement.target
        before = self.known.get(target.array)
        if found is None and (before is None or is_onto(statement)):
            return
        members = np.arange(count)
        places, members = self._places(target, _Indices(steps, statement.nest, members, members))
        size = self.program.arrays[target.array].size
        if before is not None and not is_onto(statement):
            kept = np.ones(size)
            kept[places] = 0.0
            before = sparse.diags_array(kept, format="csr") @ before
        if found is not None:
            shape = (size, count)
            into = sparse.csr_array((np.ones(len(places)), (places, members)), shape=shape)
            found = into @ found
            before = _either(before, found)
        self.known[target.array] = _ones(before)

    def result(self, run: Any) -> Pattern:
        """Give what neighbours among the results depend on."""
        pattern = None if isinstance(run.where, float) else self.known.get(run.where.array)
        return (
            _none(run.size, self.width)
            if pattern is None
            else pattern[indices_of(self.program, run)]
        )


@dataclass(frozen=True)
class _Indices:
    """All indices of a nest in their order, each for a member of it."""

    steps: tuple[int, ...]  # of the loops around it
    extents: tuple[int, ...]
    every: Ints
    members: Ints

    def along(self, strides: Sequence[int]) -> Ints:
        """Sum up indices times strides."""
        outside = len(self.steps)
        found = np.full(len(self.every), sum(map(int.__mul__, self.steps, strides)), dtype=np.int64)
        rest = self.every
        for extent, stride in zip(self.extents[::-1], strides[outside:][::-1], strict=True):
            found += stride * (rest % extent)
            rest = rest // extent
        return found


def _either(one: Pattern | None, other: Pattern | None) -> Pattern | None:
    """Join what numbers depend on; None is nothing."""
    if one is None or other is None:
        return one if other is None else other
    return one + other


def _none(rows: int, width: int) -> Pattern:
    return sparse.csr_array((rows, width))


def _ones(pattern: Pattern) -> Pattern:
    """Count nothing twice."""
    pattern = sparse.csr_array(pattern)
    pattern.sum_duplicates()
    pattern.eliminate_zeros()
    pattern.data[:] = 1.0
    return pattern
