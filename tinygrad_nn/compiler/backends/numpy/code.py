"""The NumPy backend: a program in a memory, as calls on prepared views."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ...program.phases import Phases
from ...program.program import Floats, Program
from ...program.statements import Statement
from ...program.unroll import unroll
from ..backend import Code, Maker
from ..memory import Layout, Memory
from ..reuse import reusing
from .emitter import Emitter
from .few import Few
from .loops import BlockWriter, is_uneven
from .scalars import ScalarWriter

__all__ = ["NUMPY", "NumPy"]


class NumPy:
    """Runs programs by calls of NumPy."""

    name = "numpy"

    def prepared(self, program: Program) -> Program:
        """Write uneven loops out; the steps of others share memory."""
        return reusing(unroll(program, is_uneven))

    def maker(self, layout: Layout, phases: Phases, outside: Collection[int] = ()) -> Maker:
        """Take up a simple program, without uneven loops."""
        return _Writer(phases)


class _Writer:
    def __init__(self, phases: Phases) -> None:
        self._phases = phases

    def row(self, count: int) -> int:
        return count

    def make(self, outside: Mapping[int, Floats]) -> None:
        pass

    def code(self, memory: Memory, releases: bool = False) -> Code:
        phases = self._phases
        emitters = [
            _written(memory, statements)
            for statements in (phases.before, phases.body, phases.after)
        ]
        before, body, after = [emitter.build() for emitter in emitters]
        return Code(before, body, after, sum(emitter.calls for emitter in emitters))


def _written(memory: Memory, statements: Sequence[Statement]) -> Emitter:
    emitter = Emitter(memory.dtype)
    few = Few(memory, statements)
    scalars = ScalarWriter(memory, emitter, few)
    BlockWriter(memory, emitter, few).write(statements, scalars)
    return emitter


NUMPY = NumPy()
