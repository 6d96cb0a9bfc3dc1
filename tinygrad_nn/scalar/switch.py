"""The one switch that all contexts share: whether recording must ask which are open."""

from __future__ import annotations

from typing import Final

__all__ = ["switch"]


class Switch:
    """How many contexts are open in all threads; at 0 recording takes the fast path.

    `symbolic` counts those in which functions are recorded with symbols: conversions, comparisons
    and new leaves ask for it, operations do not. `limiting` counts those that end derivatives:
    branches, and `no_grad`.
    """

    __slots__ = ("active", "limiting", "symbolic")

    def __init__(self) -> None:
        self.active = 0
        self.symbolic = 0
        self.limiting = 0


switch: Final = Switch()
