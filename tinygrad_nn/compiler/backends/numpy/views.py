"""Strided views of memory, for the NumPy backend."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np

from ...program.program import Floats
from ...program.strides import merged

__all__ = ["Buffer", "Dim", "Strided", "is_blas", "joint"]

Sizes: TypeAlias = tuple[int, ...]
Strides: TypeAlias = tuple[int, ...]

# An axis of a contraction: its size and the strides of the result (None where it is summed
# over), the left and the right factor, in elements.
Dim: TypeAlias = tuple[int, int | None, int, int]

MOST_SHAPES = 4096  # that are kept


class Buffer(NamedTuple):
    """A place in a contiguous arena, from where views are made."""

    arena: Floats
    start: int

    def view(self, dims: Sequence[tuple[int, int]]) -> Floats:
        """View it along axes, each a size and a stride in elements."""
        sizes, strides = zip(*dims, strict=True) if dims else ((), ())
        return Strided(self, strides).view(sizes)


class Strided(NamedTuple):
    """Numbers along the axes of a statement, with a stride in elements for each."""

    buffer: Buffer
    strides: Strides

    def view(self, sizes: Sizes) -> Floats:
        """View them along all axes."""
        arena, start = self.buffer
        size = arena.itemsize
        strides = tuple([stride * size for stride in self.strides])
        return np.ndarray(sizes, arena.dtype, arena, start * size, strides)


@lru_cache(MOST_SHAPES)
def joint(sizes: Sizes, strides: tuple[Strides, ...]) -> tuple[Sizes, tuple[Strides, ...]]:
    """Give the fewest axes that all of several operands run through, and strides along them."""
    axes = zip(sizes, *strides, strict=True)
    found = merged([axis for axis in axes if axis[0] != 1])
    columns = tuple(zip(*found, strict=True)) or ((),) * (1 + len(strides))
    return columns[0], columns[1:]


def is_blas(rows: tuple[int, int], columns: tuple[int, int]) -> bool:
    """Tell whether BLAS takes a matrix with these sizes and strides as it is."""
    (m, by_row), (n, by_column) = rows, columns
    if by_column == 1 or n == 1:
        return by_row >= n or m == 1
    return (by_row == 1 or m == 1) and by_column >= m
