"""Sums of products, or of numbers, in tiles that stay in registers: what all ways of lanes share."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product

from ..loops import Apply, Nest, Ref
from .body import ALONG_SAMPLES, Body, Place, step_of
from .builder import Builder, Carried, Index
from .elements import FIRST
from .lanes import Lanes
from .operations import joined

__all__ = [
    "BROAD",
    "NONE",
    "Sums",
    "Vector",
    "chains_of",
    "even",
    "in_parts",
    "is_contraction",
    "moved_by",
]

BROAD = 1024  # sums, for which masks take longer than a loop without them takes to make
LARGE = 4096  # products, beyond which large tiles are worth their code
EXPECTED = 32  # samples, where there are any
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


class Sums:
    """Writes the sums of some cells at once: places of a tile, each on some lanes."""

    def __init__(self, builder: Builder, nest: Nest) -> None:
        self.builder = builder
        self.nest = nest
        self.factors = factors_of(nest)
        self.registers = builder.registers
        self.most = self.registers - 4  # sums in a tile; small ones take less time to make
        samples = EXPECTED if nest.target.rows or nest.over_samples else 1
        if samples * math.prod((*nest.sizes, *nest.over)) < LARGE:
            self.most = self.registers * 3 // 8
        self.is_broad = math.prod(nest.sizes) >= BROAD
        own = len(nest.sizes)
        self.sizes = dict(enumerate((*nest.sizes, *nest.over)))
        self.kept = list(range(own))
        self.over = list(range(own, own + len(nest.over)))

    def steps(self, axis: int) -> list[int | None]:
        """Tell how far apart lanes along an axis lie in each factor."""
        return [step_of(ref, axis) for ref in self.factors]

    def rows_axis(self, but: Sequence[int]) -> int:
        """Choose the kept axis that tiles have their rows along: one that reuses a factor."""
        rest = [n for n in self.kept if n not in but and self.sizes[n] > 1]
        again = [n for n in rest if 0 in self.steps(n)]
        return max(again or rest, key=lambda n: self.sizes[n], default=NONE)

    def placed(
        self, indices: tuple[Index, ...], axis: int, rows: int, member: Index, vector: Vector
    ) -> Place:
        """Give a cell: a vector of one of the rows."""
        where, width, mask = vector
        sample = where if axis == ALONG_SAMPLES else ("", 0)
        place = Place(indices, sample, axis, width, mask)
        if axis >= 0:
            place = place.at(axis, where)
        return place if rows == NONE else place.at(rows, member)

    def store(self, place: Place, found: str, neighbours: int = 1) -> Body:
        """Write the sum of a cell, or those of some that are neighbours: this is the first."""
        body = Body(self.builder, place)
        lanes = body.lanes if neighbours == 1 else Lanes(self.builder, neighbours)
        coef = self.nest.coef
        if coef == -1.0:
            found = lanes.neg(found)
        elif coef != 1.0:
            found = lanes.mul(found, lanes.number(coef))
        if neighbours == 1:
            body.write(self.nest.target, found, self.nest.stored)
        else:
            lanes.store(found, body.address(self.nest.target))
        return body

    def summed(self, cells: Sequence[Place]) -> list[str]:
        """Write the loops over what is summed; give the sum of each cell."""
        over = [n for n in self.over if self.sizes[n] > 1]
        if math.prod(self.sizes[n] for n in over) <= UNROLLED:
            sums: list[str] = []
            for steps in product(*[range(self.sizes[n]) for n in over]):
                here: dict[int, Index] = {
                    n: ("", step) for n, step in zip(over, steps, strict=True)
                }
                sums = self.step(cells, here, sums)
            return sums
        chains = chains_of(len(cells), self.sizes[over[-1]], self.registers)
        sums = [self.first(place) for _ in range(chains) for place in cells]
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
            sums[mine] = self.step(cells, at, sums[mine])
        for _ in over:
            sums = self.builder.end(sums)
        return self.joined_chains([place.width for place in cells], sums)

    def joined_chains(self, widths: Sequence[int], sums: Sequence[str]) -> list[str]:
        """Join sums that were computed in parts."""
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

    def first(self, place: Place) -> str:
        """Give what the sum of a cell begins with."""
        return Lanes(self.builder, place.width).number(FIRST[self.nest.join])

    def step(self, cells: Sequence[Place], at: dict[int, Index], sums: Sequence[str]) -> list[str]:
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


def moved_by(index: Index, more: int) -> Index:
    """Give an index some places on."""
    return index[0], index[1] + more


def even(size: int, most: int) -> int:
    """Choose the size of parts, as near to the most as leaves none over, if there is one."""
    if size <= most:
        return size
    for part in range(most, most // 2, -1):
        if size % part == 0:
            return part
    return most


def chains_of(cells: int, steps: int, registers: int) -> int:
    """Choose in how many parts sums are computed at once."""
    for parts in (8, 4, 2):
        if cells * parts <= min(CHAINS, registers // 2) and steps % parts == 0:
            return parts
    return 1
