"""Products of two factors, or one, summed over axes: the nests that are for tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..loops import Nest
from .body import ALONE, ALONG_SAMPLES, step_of
from .builder import Builder, Index
from .elements import write_at
from .spans import in_room, masked, nested, pieces, whole_samples
from .summed_lanes import SummedLanes
from .sums import Sums, Vector, even, in_parts, is_contraction, moved_by

__all__ = ["following", "is_contraction", "write_contraction"]

MOST_ROWS = 12


FOLLOWING = (
    8  # operations on a sum that is still in a register: they are written for each of a tile
)


def following(nest: Nest) -> int:
    """Tell how many operations may go on with the numbers of a nest, if it is a contraction."""
    own = nest.target.rows and is_contraction(nest)
    return FOLLOWING if own else 0


def write_contraction(builder: Builder, nests: Sequence[Nest]) -> None:
    """Write a nest that is a contraction, and those that go on with its numbers."""
    nest, *others = nests
    axis = _axis_of_lanes(Sums(builder, nest))
    if (axis == ALONG_SAMPLES and nest.over_samples) or axis >= len(nest.sizes):
        assert not others
        SummedLanes(builder, nest).write(axis)
    else:
        _KeptLanes(builder, nest, others).write(axis)


def _axis_of_lanes(sums: Sums) -> int:
    """Choose the axis of lanes: one of results that are neighbours, or one that is summed."""
    if sums.nest.target.rows or sums.nest.over_samples:
        return ALONG_SAMPLES

    def size(axis: int) -> int:
        return sums.sizes[axis]

    def is_near(axis: int) -> bool:
        return size(axis) > 1 and None not in sums.steps(axis)

    stored = [n for n in sums.kept if step_of(sums.nest.target, n) == 1]
    if best := [n for n in stored if is_near(n)]:
        return max(best, key=size)
    if best := [n for n in sums.over if is_near(n) and 0 not in sums.steps(n)]:
        return max(best, key=size)
    if best := [n for n in sums.kept if is_near(n)]:
        return max(best, key=size)
    return ALONE


class _KeptLanes(Sums):
    """Sums whose lanes are results, and what others do with each."""

    def __init__(self, builder: Builder, nest: Nest, others: Sequence[Nest]) -> None:
        super().__init__(builder, nest)
        self._others = others

    def write(self, axis: int) -> None:
        """Write all of them."""
        builder, width = self.builder, self.builder.width
        rows = self.rows_axis([axis])
        count = self.sizes.get(rows, 1)
        most = self._vectors_at_once(axis, count)
        limit = min(MOST_ROWS, max(1, (self.most - most) // most))
        outer = {n: self.sizes[n] for n in self.kept if n not in (axis, rows)}
        indices: list[Index] = [("", 0)] * len(self.sizes)

        def tile(vectors: Sequence[Vector]) -> None:
            def of(begin: Index, size: int) -> None:
                self._tile(
                    tuple(indices), axis, rows, [moved_by(begin, n) for n in range(size)], vectors
                )

            in_parts(builder, count, even(count, limit), of)

        with nested(builder, outer, indices):
            if axis == ALONG_SAMPLES:
                self._over_samples(most, tile)
            elif axis == ALONE:
                tile([(("", 0), 1, 0)])
            else:
                full, rest = pieces(self.sizes[axis], width)
                whole = full // most * most
                if whole > most:
                    loop = builder.loop(whole * width, most * width)
                    tile([((loop.variable, n * width), width, 0) for n in range(most)])
                    builder.end()
                elif whole:
                    tile([(("", n * width), width, 0) for n in range(most)])
                left: list[Vector] = [(("", n * width), width, 0) for n in range(whole, full)]
                left += [(("", begin), short, lanes) for begin, short, lanes in rest]
                for first in range(0, len(left), most):
                    tile(left[first : first + most])

    def _vectors_at_once(self, axis: int, rows: int) -> int:
        most = 4 if self.registers == 32 else 2
        if rows > 1:
            most = min(most, 3 if rows >= 6 and self.registers == 32 else 2)
        if axis >= 0:
            full, rest = pieces(self.sizes[axis], self.builder.width)
            number = full + len(rest)
            parts = -(-number // most)
            return max(1, -(-number // parts))
        return 2 if axis == ALONG_SAMPLES else 1

    def _over_samples(self, most: int, tile: Callable[[Sequence[Vector]], None]) -> None:
        """Write tiles of some vectors of samples, then of one, whole or not."""
        builder, width = self.builder, self.builder.width
        if builder.has_room:
            in_room(
                builder,
                most * width,
                lambda sample: tile([(moved_by(sample, n * width), width, 0) for n in range(most)]),
            )
            return
        begun = whole_samples(builder, most * width)
        loop = builder.loop_to(begun, most * width)
        tile([((loop.variable, n * width), width, 0) for n in range(most)])
        builder.end()
        masked(builder, begun, lambda sample, size, mask: tile([(sample, size, mask)]))

    def _tile(
        self,
        indices: tuple[Index, ...],
        axis: int,
        rows: int,
        members: Sequence[Index],
        vectors: Sequence[Vector],
    ) -> None:
        """Write the sums of some rows and some vectors."""
        cells = [
            self.placed(indices, axis, rows, member, vector)
            for member in members
            for vector in vectors
        ]
        results = self.summed(cells)
        for place, found in zip(cells, results, strict=True):
            body = self.store(place, found)
            for nest in self._others:
                write_at(body, nest)
