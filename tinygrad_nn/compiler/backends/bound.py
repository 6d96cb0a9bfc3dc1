"""A program in a memory, with what runs it there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..program.program import Floats, Role
from .backend import Code
from .memory import Memory
from .numpy.places import LookupCheck

__all__ = ["Bound"]


GIVEN = (Role.INPUT, Role.CAPTURED, Role.BATCH)


class Bound:
    """A simple program in a memory: `before`, `body` and `after` run its phases.

    `faults` and `whole` are those of its code, where a backend has such.
    `inputs` has the given arrays, `calls` counts the calls of NumPy, and `results` and `blocks` are
    for whoever runs it, to keep views of results that stay where they are, and what runs blocks.
    """

    def __init__(self, memory: Memory, code: Code) -> None:
        self.memory = memory
        self.count = memory.count
        arrays = memory.program.arrays
        self.inputs = {n: memory.numbers(n) for n, a in enumerate(arrays) if a.role in GIVEN}
        self.results: list[Floats] = []
        self.blocks: Any = None
        checks = [LookupCheck(memory, lookup) for lookup in memory.program.lookups]
        self._given = [check for check in checks if check.is_given]
        self._computed = [check for check in checks if not check.is_given]
        self.has_lookups = bool(checks)
        self.before, self.body, self.after, self.calls, self.faults, self.whole, self.kernel = code

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
