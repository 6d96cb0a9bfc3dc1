"""The arguments of a batch, and those of some of its samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..program.program import Ints
from ..tape.interpreter import sample_count
from ..trace.recorder import Argument

__all__ = ["Batch"]

LEAST, FINENESS = 8, 32  # numbers of samples are so far apart, or by such a part of them
MOST_PADDED = 1 << 16  # samples; with more a run takes longer than memory for them

Leaves = list[list[Any]]


class Batch:
    """The numbers of each argument, for `count` samples."""

    def __init__(self, arguments: Sequence[Argument], leaves: Leaves) -> None:
        self.leaves = leaves
        self._arguments = arguments
        given = zip(arguments, leaves, strict=True)
        self.count = sample_count({a.name: _length(own) for a, own in given if a.per_sample})

    def near(self, begin: int, most: int) -> tuple[Leaves, int]:
        """Give the numbers of so many samples in a row at most, and how many these are.

        If they are fewer, some may come again behind them.
        """
        count = min(most, self.count - begin)
        if count < most:
            return self.taken(np.arange(begin, begin + count), is_padded=True), count
        given = zip(self._arguments, self.leaves, strict=True)
        rows = slice(begin, begin + count)
        return [[own[0][rows]] if a.per_sample else own for a, own in given], count

    def taken(self, samples: Ints, is_padded: bool = False) -> Leaves:
        """Give the numbers of some samples, in order, and maybe those of the last one again."""
        if len(samples) == self.count:
            return self.leaves
        if is_padded:
            samples = _padded(samples)
        given = zip(self._arguments, self.leaves, strict=True)
        return [_rows(own, samples) if a.per_sample else own for a, own in given]


def _padded(samples: Ints) -> Ints:
    """Repeat the last of some samples, up to a number of them that comes more often.

    For each number a program needs memory, and code for it, and keeps that of few.
    """
    count = len(samples)
    extra = -count % max(LEAST, (1 << count.bit_length()) // FINENESS)
    if not extra or count > MOST_PADDED:
        return samples
    return np.concatenate([samples, samples[-1:].repeat(extra)])


def _rows(numbers: list[Any], samples: Ints) -> list[Any]:
    if isinstance(numbers[0], np.ndarray):
        return [numbers[0][samples]]
    return [numbers[sample] for sample in samples.tolist()]


def _length(numbers: list[Any]) -> int:
    is_array = bool(numbers) and isinstance(numbers[0], np.ndarray)
    return len(numbers[0]) if is_array else len(numbers)
