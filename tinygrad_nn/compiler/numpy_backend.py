"""The NumPy backend: a program bound to a number of samples, as calls on prepared views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .emitter import Emitter
from .program import Program
from .scalars import ScalarWriter, is_scalar
from .statement_writer import StatementWriter
from .statements import Statement
from .views import Buffer

__all__ = ["Bound"]

Array = Any  # an array of float64


class Bound:
    """A program with memory for a number of samples.

    Attributes
    ----------
    shared : array of float, shape (size,)
        The numbers that all samples share.
    samples : array of float, shape (size, count)
        The numbers of each sample, a sample in each column.
    """

    def __init__(self, program: Program, count: int, shared: Array | None = None) -> None:
        self.program = program
        self.count = count
        self._start = program.layout.start
        if shared is None:
            shared = np.zeros(program.layout.shared)
            for family, numbers in program.constants.items():
                shared[self._start[family] : self._start[family] + len(numbers)] = numbers
        self.shared = shared
        self.samples = np.zeros((program.layout.samples, count))
        self.calls = 0
        self.before = self._build(program.prologue)
        self.body = self._build(program.body)
        self.after = self._build(program.epilogue)

    def _build(self, statements: Sequence[Statement]) -> Callable[[], Any]:
        emitter = Emitter()
        families = self.program.families
        scalars = {id(s) for s in statements if is_scalar(s, lambda f: families[f].per_sample)}
        writer = ScalarWriter(self, emitter, self._looked_for(scalars))
        for statement in statements:
            emitter.reuse_scratch()
            if id(statement) in scalars:
                writer.write(statement)
            else:
                StatementWriter(self, emitter, statement).write()
                if not statement.per_sample:
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

    def buffer(self, family: int) -> Buffer:
        """Give the memory of a family."""
        if self.program.families[family].per_sample:
            return Buffer(self.samples, self._start[family] * self.count, self.count)
        return Buffer(self.shared, self._start[family], 1)

    def numbers(self, family: int) -> Array:
        """Give the numbers of a family, of shape (size,) or (size, count)."""
        size = self.program.families[family].size
        if self.program.families[family].per_sample:
            return self.samples[self._start[family] : self._start[family] + size]
        return self.shared[self._start[family] : self._start[family] + size]
