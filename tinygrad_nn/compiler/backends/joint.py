"""What one call for all of a step tells, beside what its kernels do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

__all__ = ["GIVEN_NOT_FINITE", "NOT_TAKEN", "Joint", "is_long"]

NOT_TAKEN = 4  # an array is of another kind or shape than expected; nothing has been run
GIVEN_NOT_FINITE = 8  # or a number that it gave is infinite or none
LONG = 100.0  # microseconds, of NumPy's, that other threads are not to wait for

Joint: TypeAlias = Callable[[Any, Any], int]


def is_long(work: float) -> bool:
    """Tell whether others are to run meanwhile."""
    return work > LONG
