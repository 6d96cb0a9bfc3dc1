"""What one call for all of a step tells, beside what its kernels do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from ..program.program import Floats
from .backend import Kernel

__all__ = ["GIVEN_NOT_FINITE", "LONG", "NOT_TAKEN", "WORDS_OF_GIVEN", "Given", "Job", "Joint"]

NOT_TAKEN = 4  # an array is of another kind or shape than expected; nothing has been run
GIVEN_NOT_FINITE = 8  # or a number that it gave is infinite or none
LONG = 100.0  # microseconds, of NumPy's, that other threads are not to wait for

WORDS_OF_GIVEN = 5

Joint: TypeAlias = Callable[[Any, Any], int]


class Given(NamedTuple):
    """Where an array is to be copied: a column for each sample, of which the array has a row.

    With one axis it has a number for each.
    """

    target: Floats
    axes: int

    def words(self) -> list[int]:
        """Say it to machine code: the target, how far rows lie apart there, samples, numbers, axes."""
        target = self.target
        size, samples = target.shape
        row = target.strides[0] // target.itemsize
        return [target.ctypes.data, row, samples, size, self.axes]


class Job(NamedTuple):
    """Arrays to be copied, and kernels to be called then, each in a memory that says its samples.

    `counts` tells where that is said, and how many are right.
    """

    given: Sequence[Given]
    kernels: Sequence[Kernel]
    counts: Sequence[tuple[Floats, float]]
    work: float  # an estimate, in microseconds of NumPy's

    @property
    def is_long(self) -> bool:
        """Whether others are to run meanwhile."""
        return self.work > LONG
