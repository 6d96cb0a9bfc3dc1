"""Sums along the axis of lanes, which are joined at their end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

from . import across
from .body import ALONG_SAMPLES, Body, Place
from .builder import Index
from .elements import FIRST
from .lanes import Lanes
from .operations import joined
from .spans import mask_of, nested, pieces, tail, whole_samples
from .sums import NONE, Sums, Vector, chains_of, even, in_parts, moved_by

__all__ = ["SummedLanes"]


class SummedLanes(Sums):
    """Sums whose lanes are summed."""

    def write(self, axis: int) -> None:
        """Write all of them."""
        rows = self.rows_axis([])
        columns = self.rows_axis([rows])
        least = 4 if self.registers == 32 else 3
        tall, wide = self.sizes.get(rows, 1), self.sizes.get(columns, 1)
        height = even(tall, least if columns != NONE else 8)
        breadth = even(wide, max(1, min(self.most, 20) // height))
        outer = {n: self.sizes[n] for n in self.kept if n not in (rows, columns)}
        indices: list[Index] = [("", 0)] * len(self.sizes)

        def tile(row: Index, some: int, column: Index, more: int) -> None:
            cells = []
            for n, m in product(range(some), range(more)):
                place = Place(tuple(indices))
                if rows != NONE:
                    place = place.at(rows, moved_by(row, n))
                if columns != NONE:
                    place = place.at(columns, moved_by(column, m))
                cells.append(place)
            self._write_lanes(axis, cells)

        with nested(self.builder, outer, indices):
            in_parts(
                self.builder,
                tall,
                height,
                lambda row, some: in_parts(
                    self.builder,
                    wide,
                    breadth,
                    lambda column, more: tile(row, some, column, more),
                ),
            )

    def _write_lanes(self, axis: int, cells: Sequence[Place]) -> None:
        builder, width = self.builder, self.builder.width
        at: dict[int, Index] = {}
        over = [n for n in self.over if n != axis and self.sizes[n] > 1]
        full, rest = (0, []) if axis < 0 else pieces(self.sizes[axis], width)
        if axis >= 0 and not full:
            width = rest[0][1]
        sums = [Lanes(builder, width).number(FIRST[self.nest.join]) for _ in cells]
        for n in over:
            loop = builder.loop(self.sizes[n], 1, [(width, one) for one in sums])
            at[n], sums = (loop.variable, 0), list(loop.names)

        def step(vector: Vector, sums: Sequence[str]) -> list[str]:
            placed = [self.placed(cell.indices, axis, NONE, ("", 0), vector) for cell in cells]
            return self._lanes_step(placed, at, sums)

        if axis == ALONG_SAMPLES:
            sums = self._through_samples(step, sums)
        elif full > 1:
            sums = self._through_vectors(full, step, sums)
        elif full:
            sums = step((("", 0), width, 0), sums)
        for begin, short, lanes in rest:
            mask = lanes or (short if full else 0)
            sums = step((("", begin), width, mask if mask < width else 0), sums)
        for _ in over:
            sums = builder.end(sums)
        self._store_sums(cells, Lanes(builder, width), sums)

    def _store_sums(self, cells: Sequence[Place], lanes: Lanes, sums: Sequence[str]) -> None:
        """Join the lanes of each sum, those of several at once, and write them as they lie."""
        if self.nest.join != "add" or lanes.width == 1:
            for cell, one in zip(cells, sums, strict=True):
                self.store(cell, self._across(lanes, one))
            return
        order = sorted(range(len(cells)), key=lambda n: self._offset(cells[n]))
        while order:
            size = min(lanes.width, 1 << (len(order).bit_length() - 1))
            some, order = order[:size], order[size:]
            totals = across.totals(lanes, [sums[n] for n in some])
            self._store_run([cells[n] for n in some], totals)

    def _offset(self, cell: Place) -> int:
        """Tell how far the result of a cell lies from others of its tile."""
        steps = zip(cell.indices, self.nest.target.strides, strict=False)
        return sum(stride * more for (_, more), stride in steps)

    def _store_run(self, cells: Sequence[Place], x: str) -> None:
        """Write a vector of a number for each cell: neighbours at once."""
        lanes = Lanes(self.builder, len(cells))
        offsets = [self._offset(cell) for cell in cells]
        begin = 0
        for end in range(1, len(cells) + 1):
            if end < len(cells) and offsets[end] == offsets[end - 1] + 1:
                continue
            self.store(cells[begin], across.part(lanes, x, begin, end), end - begin)
            begin = end

    def _through_samples(
        self, step: Callable[[Vector, Sequence[str]], list[str]], sums: list[str]
    ) -> list[str]:
        builder, width = self.builder, self.builder.width
        if builder.has_room and not self.is_broad:
            loop = builder.loop_to("%n", width, "0", [(width, one) for one in sums])
            vector = (loop.variable, 0), width, mask_of(builder, loop.variable)
            return builder.end(step(vector, loop.names))
        begun = whole_samples(builder, width)
        loop = builder.loop_to(begun, width, "0", [(width, one) for one in sums])
        sums = builder.end(step(((loop.variable, 0), width, 0), loop.names))
        some, mask = tail(builder, begun)
        branch = builder.begin_if(some)
        more = step(((begun, 0), width, mask), sums)
        return builder.end_if(branch, [Lanes(builder, width).kind] * len(sums), more, sums)

    def _through_vectors(
        self, full: int, step: Callable[[Vector, Sequence[str]], list[str]], sums: list[str]
    ) -> list[str]:
        """Go through whole vectors; few sums are parted, so that none waits for itself."""
        builder, width, size = self.builder, self.builder.width, len(sums)
        chains = chains_of(size, full, self.registers)
        first = Lanes(builder, width).number(FIRST[self.nest.join])
        carried = [*sums, *[first] * (size * (chains - 1))]
        if full == chains:
            variable = ""
        else:
            loop = builder.loop(full * width, chains * width, [(width, one) for one in carried])
            variable, carried = loop.variable, list(loop.names)
        for chain in range(chains):
            mine = slice(chain * size, (chain + 1) * size)
            carried[mine] = step(((variable, chain * width), width, 0), carried[mine])
        if full != chains:
            carried = builder.end(carried)
        return self.joined_chains([width] * size, carried)

    def _lanes_step(
        self, cells: Sequence[Place], at: dict[int, Index], sums: Sequence[str]
    ) -> list[str]:
        """Join one vector to each sum; lanes that are masked out add nothing."""
        found = self.step(cells, at, sums)
        masked = cells[0].mask
        if not masked or 0 not in self.steps(cells[0].axis):
            return found
        chosen = []
        for place, new, old in zip(cells, found, sums, strict=True):
            body = Body(self.builder, place)
            chosen.append(body.lanes.select(body.mask, new, old))
        return chosen

    def _across(self, lanes: Lanes, x: str) -> str:
        if self.nest.join == "add":
            return lanes.total(x)
        one = Lanes(self.builder, 1)
        found = lanes.lane(x, 0)
        for lane in range(1, lanes.width):
            found = joined(one, self.nest.join, found, lanes.lane(x, lane))
        return found
