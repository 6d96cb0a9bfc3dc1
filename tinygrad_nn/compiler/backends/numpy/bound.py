"""The NumPy backend: a program in a memory, as calls on prepared views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...program.phases import Phases
from ...program.program import Floats, Role
from ...program.statements import Statement
from ..memory import Memory
from .emitter import Emitter
from .few import Few
from .loops import BlockWriter
from .places import LookupCheck
from .scalars import ScalarWriter

__all__ = ["Bound"]


GIVEN = (Role.INPUT, Role.CAPTURED, Role.BATCH)


class Bound:
    """A simple program without uneven loops in a memory: `before`, `body`, `after` run its phases.

    `inputs` has the given arrays, `calls` counts the calls of NumPy, and `results` is for
    whoever runs it, to keep views of results that stay where they are.
    """

    def __init__(self, memory: Memory, phases: Phases) -> None:
        self.memory = memory
        self.count = memory.count
        arrays = memory.program.arrays
        self.inputs = {n: memory.numbers(n) for n, a in enumerate(arrays) if a.role in GIVEN}
        self.results: list[Floats] = []
        checks = [LookupCheck(memory, lookup) for lookup in memory.program.lookups]
        self._given = [check for check in checks if check.is_given]
        self._computed = [check for check in checks if not check.is_given]
        self.calls = 0
        self.before = self._build(phases.before)
        self.body = self._build(phases.body)
        self.after = self._build(phases.after)

    def _build(self, statements: Sequence[Statement]) -> Callable[[], Any]:
        emitter = Emitter()
        few = Few(self.memory, statements)
        scalars = ScalarWriter(self.memory, emitter, few)
        BlockWriter(self.memory, emitter, few).write(statements, scalars)
        self.calls += emitter.calls
        return emitter.build()

    def check_inputs(self) -> None:
        """Refuse given numbers that are no places of the tables they choose from."""
        if self._given:
            _check(self._given)

    def check_computed(self) -> None:
        """Refuse what was computed and is no place of the table it chooses from."""
        if self._computed:
            _check(self._computed)


def _check(checks: Sequence[LookupCheck]) -> None:
    with np.errstate(invalid="ignore"):
        for check in checks:
            check()
