"""The best parameters so far."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

__all__ = ["Best"]


class Best:
    """Remembers the parameters at the lowest cost that it was offered.

    Parameters
    ----------
    read : callable
        Gives the numbers of all parameters.

    Examples
    --------
    >>> numbers = [1.0]
    >>> best = Best(numbers.copy)
    >>> best.offer(0.5)
    >>> numbers[0] = 2.0
    >>> best.offer(0.7)
    >>> best.numbers, best.age
    ([1.0], 1)
    """

    def __init__(self, read: Callable[[], Sequence[float]]) -> None:
        self._read = read
        self._lowest = math.inf
        self.age = 0  # how many offers ago the lowest cost was
        self.numbers: Sequence[float] | None = None

    def offer(self, cost: float) -> None:
        """Remember the parameters as they are, if `cost` is the lowest."""
        self.age += 1
        if cost < self._lowest:
            self._lowest, self.numbers, self.age = cost, self._read(), 0
