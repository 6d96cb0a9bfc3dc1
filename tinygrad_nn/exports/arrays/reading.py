"""What is known of arrays while a form is written, and how numbers of a nest are read from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...compiler.backends.loops import Ref
from ...compiler.program.program import Ints, Program
from .form import Chosen, Expr, Take, Variable
from .held import Held
from .views import expanded, grid, permuted

__all__ = ["Reading"]


class Reading:
    """The arrays of a program: what is held of each, and what a loop has written of it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.held = [Held(array.size, array.per_sample) for array in program.arrays]
        self.buffers: dict[int, Variable] = {}  # what loops write, by its array
        self.loops: tuple[tuple[str, int], ...] = ()  # the indices of loops, with their counts
        self.fresh: dict[Ref, Expr] = {}  # what is written in this step of a loop

    def places(self, ref: Ref, axes: Sequence[int]) -> Ints:
        """Give the places of a number for all indices of a nest, in the first step of loops."""
        own = ref.strides[len(self.loops) :]
        return grid(ref.start if ref.table < 0 else ref.at, axes[: len(own)], own)

    def moves(self, ref: Ref) -> tuple[tuple[str, int], ...]:
        """Give the indices of loops that a number moves with, and by how much."""
        steps = zip(self.loops, ref.strides, strict=False)
        return tuple([(index, stride) for (index, _), stride in steps if stride])

    def read(self, ref: Ref, axes: tuple[int, ...]) -> Expr:
        """Read a number for all indices."""
        found, order = self.natural(ref, axes)
        return expanded(permuted(found, order), sorted(order), len(axes))

    def natural(self, ref: Ref, axes: tuple[int, ...]) -> tuple[Expr, tuple[int, ...]]:
        """Read a number for all indices that it depends on, in the order of what is read."""
        fresh = self.fresh.get(ref)
        if fresh is not None and fresh.shape == axes:  # else it is a part of what was written
            return fresh, tuple(range(len(axes)))
        own = ref.strides[len(self.loops) :]
        if ref.chosen is not None:
            return self._choose(ref, axes), tuple(range(len(axes)))
        along = [n for n, stride in enumerate(own) if stride and axes[n] > 1]
        start = ref.start if ref.table < 0 else ref.at
        places = grid(start, [axes[n] for n in along], [own[n] for n in along])
        moves = self.moves(ref)
        table = self.program.tables[ref.table] if ref.table >= 0 else None
        if table is not None and not moves:
            places, table = table[places], None
        if ref.array in self.buffers or moves:
            of = self.buffers.get(ref.array) or self.held[ref.array].whole()
            rows = self.program.arrays[ref.array].per_sample
            return Take(places.shape, rows, of, places, moves, table), tuple(along)
        found, order = self.held[ref.array].read(places)
        return found, tuple([along[n] for n in order])

    def _choose(self, ref: Ref, axes: tuple[int, ...]) -> Expr:
        choice = ref.chosen
        assert choice is not None
        assert ref.table < 0, "simple programs choose without tables"
        by = self.read(choice.by, axes)
        of = self.buffers.get(ref.array) or self.held[ref.array].whole()
        places = self.aligned(ref, axes)
        shape = np.broadcast_shapes(places.shape, by.shape)
        rows = by.rows or of.rows
        if rows:
            shape = (1,) * (len(axes) - len(shape)) + shape
        moves = self.moves(ref)
        return Chosen(shape, rows, of, places, choice.step, by, choice.size, moves)

    def aligned(self, ref: Ref, axes: Sequence[int]) -> Ints:
        """Give places along all axes, one where they do not move."""
        own = ref.strides[len(self.loops) :]
        sizes = [size if stride else 1 for size, stride in zip(axes, own, strict=True)]
        return grid(ref.start, sizes, own)
