"""The arguments of a batch, and those of some of its samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..program.program import Ints
from ..tape.interpreter import sample_count
from ..trace.recorder import Argument

__all__ = ["Batch"]

Leaves = list[list[Any]]


class Batch:
    """The numbers of each argument, for `count` samples."""

    def __init__(self, arguments: Sequence[Argument], leaves: Leaves) -> None:
        self.leaves = leaves
        self._arguments = arguments
        given = zip(arguments, leaves, strict=True)
        self.count = sample_count({a.name: _length(own) for a, own in given if a.per_sample})

    def taken(self, samples: Ints) -> Leaves:
        """Give the numbers of some samples, in order."""
        if len(samples) == self.count:
            return self.leaves
        given = zip(self._arguments, self.leaves, strict=True)
        return [_rows(own, samples) if a.per_sample else own for a, own in given]


def _rows(numbers: list[Any], samples: Ints) -> list[Any]:
    if isinstance(numbers[0], np.ndarray):
        return [numbers[0][samples]]
    return [numbers[sample] for sample in samples.tolist()]


def _length(numbers: list[Any]) -> int:
    is_array = bool(numbers) and isinstance(numbers[0], np.ndarray)
    return len(numbers[0]) if is_array else len(numbers)
