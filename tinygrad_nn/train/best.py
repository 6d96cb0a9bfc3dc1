"""The best parameters so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..value import Value

__all__ = ["Best"]


class Best:
    """Remembers the parameters at the lowest cost that it was offered.

    Examples
    --------
    >>> a = Value(1.0)
    >>> best = Best([a])
    >>> best.offer(0.5)
    >>> a.data = 2.0
    >>> best.offer(0.7)
    >>> best.restore()
    >>> a.data, best.age
    (1.0, 1)
    """

    def __init__(self, parameters: Sequence[Value]) -> None:
        self.parameters = parameters
        self.age = 0  # how many offers ago the lowest cost was
        self._lowest: tuple[float, list[float]] = math.inf, []

    def offer(self, cost: float) -> None:
        """Remember the parameters as they are, if `cost` is the lowest."""
        lowest, _ = self._lowest
        self.age += 1
        if cost < lowest:
            self._lowest = cost, [parameter.data for parameter in self.parameters]
            self.age = 0

    def restore(self) -> None:
        """Put the best parameters back, if there are any."""
        _, numbers = self._lowest
        if numbers:
            for parameter, number in zip(self.parameters, numbers, strict=True):
                parameter.data = number
