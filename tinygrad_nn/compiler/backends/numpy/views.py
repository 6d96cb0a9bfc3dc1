"""Buffers and strided views of them, for the NumPy backend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["Buffer", "Dim", "is_blas"]

Array = Any  # an array of float64

# An axis of a contraction: its size and the strides of the result (None where it is summed
# over), the left and the right factor, in elements.
Dim = tuple[int, int | None, int, int]


class Buffer:
    """A run of numbers in an arena.

    Parameters
    ----------
    arena : array of float, any shape, contiguous
    start : int
        Its first element.
    unit : int
        How many elements lie between neighbours: the number of samples, or 1.
    """

    __slots__ = ("arena", "start", "unit")

    def __init__(self, arena: Array, start: int, unit: int) -> None:
        self.arena = arena
        self.start = start
        self.unit = unit

    def view(self, place: int, dims: Sequence[tuple[int, int]]) -> Array:
        """View it along axes, each a size and a stride in elements of the arena."""
        return np.ndarray(
            tuple([size for size, _ in dims]),
            np.float64,
            self.arena,
            (self.start + place * self.unit) * 8,
            tuple([stride * 8 for _, stride in dims]),
        )


def is_blas(rows: tuple[int, int], columns: tuple[int, int]) -> bool:
    """Tell whether BLAS takes a matrix with these sizes and strides as it is."""
    (m, by_row), (n, by_column) = rows, columns
    if by_column == 1 or n == 1:
        return by_row >= n or m == 1
    return (by_row == 1 or m == 1) and by_column >= m
