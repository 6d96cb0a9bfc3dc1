"""What a training's engine and the built-in function of its steps tell each other."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from .objects import LAYOUT, address_of

__all__ = [
    *("COUNT", "DTYPE", "FIRST", "LR", "MADE", "MASK", "RATE", "READY", "SIDE", "TARGETS"),
    "Words",
]

READY, SIDE, MADE, LR, RATE, DTYPE, TARGETS, COUNT, FIRST, MASK = range(10)
NO_ADDRESS = 1  # of any object
BITS = 64
INTEGERS = np.dtype(np.int64)
EIGHT = 8  # bytes of a word


class Words:
    """Words in one array, which both change.

    With `READY` nobody else is at work on the numbers, which lie at `SIDE`; `MADE` tells that steps
    have been made unseen. `LR` is the address of the learning rate that is known, whose number is
    `RATE`. `DTYPE` is the address of the type of targets, of which those are known that lie from
    `TARGETS` on, or all that have a bit in `MASK`, the first of them for `FIRST`.
    """

    def __init__(self) -> None:
        self.array = np.zeros(MASK + 1, np.int64)
        self.all: Any = memoryview(self.array)  # type: ignore[arg-type]  # an array is one
        self._numbers: Any = memoryview(self.array.view(float))  # type: ignore[arg-type]  # as above
        self._rate: Any = None  # what is known is kept alive
        self.targets: tuple[Any, bytes] | None = None
        self._many = 0
        self.all[LR] = self.all[DTYPE] = NO_ADDRESS

    def know_rate(self, lr: Any, rate: float) -> None:
        """Let a learning rate be known, if it is a number."""
        self._rate = lr
        self.all[LR] = address_of(lr) if type(lr) is float else NO_ADDRESS
        self._numbers[RATE] = rate

    def know_targets(self, latest: tuple[Any, bytes], known: Collection[Any]) -> None:
        """Let targets be known: an array, by its type and bytes, or all integers of some."""
        words = self.all
        dtype, content = self.targets = latest
        words[DTYPE] = NO_ADDRESS if dtype.itemsize != EIGHT else address_of(dtype)
        words[TARGETS] = address_of(content) + LAYOUT["bytes"]
        words[COUNT] = len(content) // EIGHT
        if len(known) != self._many or not self._many:
            self._many = len(known)
            self._first, self._mask = _mask_of(known)
        words[FIRST], words[MASK] = (self._first, self._mask) if dtype is INTEGERS else (0, 0)


def _mask_of(known: Collection[Any]) -> tuple[int, int]:
    """Give the first of some integers, and a bit for each from there on; none if there are others."""
    if not 0 < len(known) <= BITS or any(type(one) not in (int, float) for one in known):
        return 0, 0
    first = min(known)
    if first != first or first != int(first):
        return 0, 0
    mask = sum(1 << int(one - first) for one in known if one - first < BITS - 1 and one == int(one))
    return int(first), mask
