"""The NumPy backend: a program bound to a number of samples, as calls on prepared views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...program.program import Program
from ...program.statements import Statement
from .emitter import Emitter
from .places import lookups_of
from .scalars import ScalarWriter, is_scalar
from .statement_writer import StatementWriter
from .views import Buffer

__all__ = ["Bound"]

Array = Any  # an array of float64

_NOWHERE: Mapping[int, Array] = {}


class Bound:
    """A program with memory for a number of samples.

    Parameters
    ----------
    program : Program
    count : int
        The number of samples.
    shared : array of float, optional
        The numbers that all samples share, of another Bound of the program.
    outside : mapping of int to array, optional
        Families that live elsewhere, each in an array that is one piece.

    Attributes
    ----------
    shared : array of float, shape (size,)
        The numbers that all samples share.
    samples : array of float, shape (size, count)
        The numbers of each sample, a sample in each column.
    inputs : list of array, shape (size,) or (size, count)
        The numbers of the arrays of the tape.
    results : list of array
        For whoever runs it, to keep views of results that stay where they are.
    """

    def __init__(
        self,
        program: Program,
        count: int,
        shared: Array | None = None,
        outside: Mapping[int, Array] = _NOWHERE,
    ) -> None:
        self.program = program
        self.count = count
        self._outside = outside
        self._start = program.layout.start
        if shared is None:
            shared = np.zeros(program.layout.shared)
            for family, numbers in program.constants.items():
                shared[self._start[family] : self._start[family] + len(numbers)] = numbers
        self.shared = shared
        self.samples = np.zeros((program.layout.samples, count))
        self.inputs = [self.numbers(array) for array in range(len(program.arrays))]
        self.results: list[Array] = []
        names = [array.name for array in program.arrays]
        self._lookups = lookups_of(program.lookups, names, self.inputs)
        self.calls = 0
        self.before = self._build(program.prologue)
        self.body = self._build(program.body)
        self.after = self._build(program.epilogue)

    def _build(self, statements: Sequence[Statement]) -> Callable[[], Any]:
        emitter = Emitter()
        families = self.program.families
        scalars = {
            id(statement)
            for statement in statements
            if is_scalar(statement, self._is_apart) and not self._is_apart(statement.family)
        }
        writer = ScalarWriter(self, emitter, self._looked_for(scalars))
        for statement in statements:
            emitter.reuse_scratch()
            if id(statement) in scalars:
                writer.write(statement)
            else:
                StatementWriter(self, emitter, statement).write()
                if not self._is_apart(statement.family):
                    family = families[statement.family]
                    writer.forget(self.buffer(statement.family).start, family.size)
        self.calls += emitter.calls
        return emitter.build()

    def _looked_for(self, scalars: set[int]) -> set[int]:
        """Collect the families that live in memory: those of arrays, and the results."""
        found = {family for family, _, _ in self.program.outputs}
        for statement in self.program.statements:
            if id(statement) not in scalars:
                found |= statement.reads() | {statement.family}
        return found

    def _is_apart(self, family: int) -> bool:
        """Tell whether a family is not in the memory that all samples share."""
        return self.program.families[family].per_sample or family in self._outside

    def check_inputs(self) -> None:
        """Refuse arguments that are no places of the tables they choose from."""
        if self._lookups:
            with np.errstate(invalid="ignore"):
                for lookup in self._lookups:
                    lookup.check()

    def buffer(self, family: int) -> Buffer:
        """Give the memory of a family."""
        if family in self._outside:
            unit = self.count if self.program.families[family].per_sample else 1
            return Buffer(self._outside[family], 0, unit)
        if self.program.families[family].per_sample:
            return Buffer(self.samples, self._start[family] * self.count, self.count)
        return Buffer(self.shared, self._start[family], 1)

    def numbers(self, family: int) -> Array:
        """Give the numbers of a family, of shape (size,) or (size, count)."""
        size = self.program.families[family].size
        if family in self._outside:
            numbers = self._outside[family]
            return (
                numbers.reshape(size, -1) if self.program.families[family].per_sample else numbers
            )
        if self.program.families[family].per_sample:
            return self.samples[self._start[family] : self._start[family] + size]
        return self.shared[self._start[family] : self._start[family] + size]
