"""The one switch that all contexts share: whether recording must ask which are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64  # a number of the processor, where this is compiled

__all__ = ["UNLIMITED", "switch"]

UNLIMITED: Final = 1 << 60


class Switch:
    """How many contexts are open in all threads; at 0 recording takes the fast path.

    `symbolic` counts those in which functions are recorded with symbols: conversions, comparisons
    and new leaves ask for it, operations do not. `limiting` counts those that end derivatives:
    branches, and `no_grad`. `left` is how many symbols may be recorded before it is asked whether
    that is enough.
    """

    __slots__ = ("active", "left", "limiting", "symbolic")

    left: i64

    def __init__(self) -> None:
        self.active = 0
        self.symbolic = 0
        self.limiting = 0
        self.left = UNLIMITED


switch: Final = Switch()
