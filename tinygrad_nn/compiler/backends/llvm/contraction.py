"""Products of two factors, or one, summed over axes: in tiles that stay in registers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

from ..loops import Apply, Nest, Ref
from .body import ALONE, ALONG_SAMPLES, Body, Place, step_of
from .builder import Builder, Carried, Index
from .elements import FIRST
from .lanes import Lanes
from .operations import joined
from .spans import masked, nested, pieces, tail, whole_samples

__all__ = ["is_contraction", "write_contraction"]

MOST_ROWS = 12
LARGE = 4096  # products, beyond which large tiles are worth their code
UNROLLED = 4  # steps of a sum that are written out
CHAINS = 8  # sums at least that are computed at once, each of which waits for itself
NONE = -3  # no axis

Vector = tuple[Index, int, int | str]  # along the axis of lanes: where, its width, its lanes


def factors_of(nest: Nest) -> tuple[Ref, ...]:
    """List the factors, if there is nothing but one or two of them; else none."""
    value = nest.value
    if isinstance(value, Ref):
        return (value,)
    if isinstance(value, Apply) and value.op == "mul" and nest.join == "add":
        found = tuple([part for part in value.parts if isinstance(part, Ref)])
        return found if len(found) == len(value.parts) == 2 else ()
    return ()


def is_contraction(nest: Nest) -> bool:
    """Tell whether a nest is a sum, or an extreme, of what tiles are for."""
    plain = [ref.table < 0 and ref.chosen is None for ref in (nest.target, *factors_of(nest))]
    sums = bool(nest.over) or nest.over_samples
    return sums and nest.ends < 0 and not nest.onto and all(plain) and bool(factors_of(nest))


def write_contraction(builder: Builder, nest: Nest) -> None:
    """Write one such nest."""
    _Contraction(builder, nest).write()


class _Contraction:
    def __init__(self, builder: Builder, nest: Nest) -> None:
        self.builder = builder
        self.nest = nest
        self.factors = factors_of(nest)
        self.registers = 32 if builder.width == 8 else 16
        self.most = self.registers - 4  # sums in a tile; small ones take less time to make
        if math.prod((*nest.sizes, *nest.over)) < LARGE:
            self.most = self.registers * 3 // 8
        own = len(nest.sizes)
        self.sizes = dict(enumerate((*nest.sizes, *nest.over)))
        self.kept = list(range(own))
        self.over = list(range(own, own + len(nest.over)))

    def write(self) -> None:
        axis = self._axis_of_lanes()
        if (axis == ALONG_SAMPLES and self.nest.over_samples) or axis in self.over:
            self._sum_lanes(axis)
        else:
            self._keep_lanes(axis)

    # ---- which axis is that of lanes --------------------------------------------------------------

    def _steps(self, axis: int) -> list[int | None]:
        return [step_of(ref, axis) for ref in self.factors]

    def _axis_of_lanes(self) -> int:
        if self.nest.target.rows or self.nest.over_samples:
            return ALONG_SAMPLES

        def size(axis: int) -> int:
            return self.sizes[axis]

        def is_near(axis: int) -> bool:
            return size(axis) > 1 and None not in self._steps(axis)

        stored = [n for n in self.kept if step_of(self.nest.target, n) == 1]
        if best := [n for n in stored if is_near(n)]:
            return max(best, key=size)
        if best := [n for n in self.over if is_near(n) and 0 not in self._steps(n)]:
            return max(best, key=size)
        if best := [n for n in self.kept if is_near(n)]:
            return max(best, key=size)
        return ALONE

    def _rows(self, but: Sequence[int]) -> int:
        """Choose the kept axis that tiles have their rows along: one that reuses a factor."""
        rest = [n for n in self.kept if n not in but and self.sizes[n] > 1]
        again = [n for n in rest if 0 in self._steps(n)]
        return max(again or rest, key=lambda n: self.sizes[n], default=NONE)

    # ---- lanes are results ------------------------------------------------------------------------

    def _keep_lanes(self, axis: int) -> None:
        builder, width = self.builder, self.builder.width
        rows = self._rows([axis])
        count = self.sizes.get(rows, 1)
        most = self._vectors_at_once(axis, count)
        limit = min(MOST_ROWS, max(1, (self.most - most) // most))
        outer = {n: self.sizes[n] for n in self.kept if n not in (axis, rows)}
        indices: list[Index] = [("", 0)] * len(self.sizes)

        def tile(vectors: Sequence[Vector]) -> None:
            def of(begin: Index, size: int) -> None:
                self._tile(
                    tuple(indices), axis, rows, [_moved(begin, n) for n in range(size)], vectors
                )

            in_parts(builder, count, _even(count, limit), of)

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
            self._placed(indices, axis, rows, member, vector)
            for member in members
            for vector in vectors
        ]
        results = self._summed(cells)
        for place, found in zip(cells, results, strict=True):
            self._store(place, found)

    def _placed(
        self, indices: tuple[Index, ...], axis: int, rows: int, member: Index, vector: Vector
    ) -> Place:
        where, width, mask = vector
        sample = where if axis == ALONG_SAMPLES else ("", 0)
        place = Place(indices, sample, axis, width, mask)
        if axis >= 0:
            place = place.at(axis, where)
        return place if rows == NONE else place.at(rows, member)

    def _store(self, place: Place, found: str) -> None:
        body = Body(self.builder, place)
        coef = self.nest.coef
        if coef == -1.0:
            found = body.lanes.neg(found)
        elif coef != 1.0:
            found = body.lanes.mul(found, body.lanes.number(coef))
        body.write(self.nest.target, found)

    def _summed(self, cells: Sequence[Place]) -> list[str]:
        """Write the loops over what is summed; give the sum of each cell."""
        over = [n for n in self.over if self.sizes[n] > 1]
        if math.prod(self.sizes[n] for n in over) <= UNROLLED:
            sums: list[str] = []
            for steps in product(*[range(self.sizes[n]) for n in over]):
                here: dict[int, Index] = {
                    n: ("", step) for n, step in zip(over, steps, strict=True)
                }
                sums = self._step(cells, here, sums)
            return sums
        chains = _chains(len(cells), self.sizes[over[-1]], self.registers)
        sums = [self._first(place) for _ in range(chains) for place in cells]
        widths = [place.width for _ in range(chains) for place in cells]
        at: dict[int, Index] = {}
        for n in over:
            carried: list[Carried] = list(zip(widths, sums, strict=True))
            loop = self.builder.loop(self.sizes[n], chains if n == over[-1] else 1, carried)
            at[n], sums = (loop.variable, 0), list(loop.names)
        size = len(cells)
        for chain in range(chains):
            at[over[-1]] = (at[over[-1]][0], chain)
            mine = slice(chain * size, (chain + 1) * size)
            sums[mine] = self._step(cells, at, sums[mine])
        for _ in over:
            sums = self.builder.end(sums)
        return self._joined_chains([place.width for place in cells], sums)

    def _joined_chains(self, widths: Sequence[int], sums: Sequence[str]) -> list[str]:
        parts = [sums[n : n + len(widths)] for n in range(0, len(sums), len(widths))]
        while len(parts) > 1:
            half = (len(parts) + 1) // 2
            for mine, other in zip(parts[:half], parts[half:], strict=False):
                mine[:] = [  # type: ignore[index]
                    joined(Lanes(self.builder, width), self.nest.join, x, y)
                    for width, x, y in zip(widths, mine, other, strict=True)
                ]
            parts = parts[:half]
        return list(parts[0])

    def _first(self, place: Place) -> str:
        return Lanes(self.builder, place.width).number(FIRST[self.nest.join])

    def _step(self, cells: Sequence[Place], at: dict[int, Index], sums: Sequence[str]) -> list[str]:
        """Add one product to each sum; what several cells read is read once."""
        read: dict[tuple[str, int, int | None], str] = {}
        found = []
        for number, place in enumerate(cells):
            for axis, index in at.items():
                place = place.at(axis, index)
            body = Body(self.builder, place)
            values = [self._read(body, ref, read) for ref in self.factors]
            found.append(self._added(body, values, sums[number] if sums else ""))
        return found

    def _added(self, body: Body, values: Sequence[str], sum_: str) -> str:
        lanes = body.lanes
        if len(values) == 2:
            left, right = values
            return lanes.fma(left, right, sum_) if sum_ else lanes.mul(left, right)
        return joined(lanes, self.nest.join, sum_, values[0]) if sum_ else values[0]

    def _read(self, body: Body, ref: Ref, read: dict[tuple[str, int, int | None], str]) -> str:
        step = step_of(ref, body.place.axis)
        key = body.address(ref), body.place.width, step
        if key not in read:
            read[key] = body.read(ref, FIRST[self.nest.join] + 0.0)
        return read[key]

    # ---- lanes are summed -------------------------------------------------------------------------

    def _sum_lanes(self, axis: int) -> None:
        """Write sums along the axis of lanes, which are joined at the end."""
        rows = self._rows([])
        columns = self._rows([rows])
        least = 4 if self.registers == 32 else 3
        tall, wide = self.sizes.get(rows, 1), self.sizes.get(columns, 1)
        height = _even(tall, least if columns != NONE else 8)
        breadth = _even(wide, max(1, min(self.most, 20) // height))
        outer = {n: self.sizes[n] for n in self.kept if n not in (rows, columns)}
        indices: list[Index] = [("", 0)] * len(self.sizes)

        def tile(row: Index, some: int, column: Index, more: int) -> None:
            cells = []
            for n, m in product(range(some), range(more)):
                place = Place(tuple(indices))
                if rows != NONE:
                    place = place.at(rows, _moved(row, n))
                if columns != NONE:
                    place = place.at(columns, _moved(column, m))
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
            placed = [self._placed(cell.indices, axis, NONE, ("", 0), vector) for cell in cells]
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
        for cell, one in zip(cells, sums, strict=True):
            self._store(cell, self._across(Lanes(builder, width), one))

    def _through_samples(
        self, step: Callable[[Vector, Sequence[str]], list[str]], sums: list[str]
    ) -> list[str]:
        builder, width = self.builder, self.builder.width
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
        chains = _chains(size, full, self.registers)
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
        return self._joined_chains([width] * size, carried)

    def _lanes_step(
        self, cells: Sequence[Place], at: dict[int, Index], sums: Sequence[str]
    ) -> list[str]:
        """Join one vector to each sum; lanes that are masked out add nothing."""
        found = self._step(cells, at, sums)
        masked = cells[0].mask
        if not masked or 0 not in self._steps(cells[0].axis):
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


def in_parts(builder: Builder, size: int, part: int, write: Callable[[Index, int], None]) -> None:
    """Write a body for each part of an axis: with where it begins, and its size."""
    whole = size // part
    if whole > 1:
        loop = builder.loop(whole * part, part)
        write((loop.variable, 0), part)
        builder.end()
    else:
        write(("", 0), part)
    if size % part:
        write(("", whole * part), size % part)


def _moved(index: Index, more: int) -> Index:
    return index[0], index[1] + more


def _even(size: int, most: int) -> int:
    """Choose the size of parts, as near to the most as leaves none over, if there is one."""
    if size <= most:
        return size
    for part in range(most, most // 2, -1):
        if size % part == 0:
            return part
    return most


def _chains(cells: int, steps: int, registers: int) -> int:
    """Choose in how many parts sums are computed at once."""
    for parts in (8, 4, 2):
        if cells * parts <= min(CHAINS, registers // 2) and steps % parts == 0:
            return parts
    return 1
