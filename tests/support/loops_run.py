"""Loops, run one number after the other: what machine code is to compute, without a machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator
from functools import partial, reduce
from itertools import product
from typing import Any

import numpy as np

from tinygrad_nn.compiler.backends.backend import Code, Maker
from tinygrad_nn.compiler.backends.loops import Apply, Aside, Count, Nest, Ref, Repeat, Step, Value
from tinygrad_nn.compiler.backends.lowering import lowered
from tinygrad_nn.compiler.backends.memory import Layout, Memory
from tinygrad_nn.compiler.backends.reuse import reusing
from tinygrad_nn.compiler.program.phases import Phases
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.strides import row_major
from tinygrad_nn.scalar.ops import TABLE

FOLDED = ("add", "mul", "max", "min")
OTHERS: dict[str, Callable[..., float]] = {
    "ne": lambda x, y: float(x != y),
    "select": lambda c, x, y: x if c else y,
}
Indices = tuple[int, ...]


class LoopsBackend:
    """Runs the loops of a program as they are."""

    name = "loops"

    def prepared(self, program: Program) -> Program:
        return reusing(program)

    def maker(self, layout: Layout, phases: Phases, outside: Collection[int] = ()) -> Maker:
        return _Loops(layout, phases, sorted(outside))


class _Loops:
    def __init__(self, layout: Layout, phases: Phases, outside: list[int]) -> None:
        self.phases = [
            lowered(layout, outside, statements, lambda op: True)
            for statements in (phases.before, phases.body, phases.after)
        ]
        self.outside = outside
        self.tables = layout.program.tables

    def row(self, count: int) -> int:
        return count + 3  # so that nobody takes rows for neighbours

    def make(self, outside: object) -> None:
        """There is nothing to make."""

    def code(self, memory: Memory, releases: bool = False) -> Code:
        arenas = [memory.shared, memory.samples.reshape(-1)]
        arenas += [memory.outside[array] for array in self.outside]
        run = _Run(arenas, self.tables, memory.count, memory.row)
        before, body, after = [partial(run.steps, phase, ()) for phase in self.phases]
        return Code(before, body, after, 0)


class _Run:
    def __init__(self, arenas: list[Any], tables: list[Any], count: int, row: int) -> None:
        self.arenas, self.tables, self.count, self.row = arenas, tables, count, row

    def steps(self, steps: tuple[Step, ...], before: Indices) -> None:
        for step in steps:
            if isinstance(step, Repeat):
                for index in range(step.count):
                    self.steps(step.body, (*before, index))
            else:
                assert not isinstance(step, Aside), step
                self.nest(step, before)

    def nest(self, nest: Nest, before: Indices) -> None:
        for own in product(*map(range, nest.sizes)):
            for sample in range(self.count) if nest.target.rows else (0,):
                self.one(nest, before, own, sample)

    def one(self, nest: Nest, before: Indices, own: Indices, sample: int) -> None:
        found: float | None = None
        columns = range(self.count) if nest.over_samples else (sample,)
        for inner in self.inner(nest, before, own):
            for column in columns:
                value = self.value(nest.value, inner, column)
                if nest.target.chosen is not None:
                    self.join(nest, (*before, *own), column, value)
                else:
                    found = value if found is None else apply(nest.join, found, value)
        if found is not None:
            if nest.coef != 1.0:
                found *= nest.coef
            self.join(nest, (*before, *own), sample, found)

    def inner(self, nest: Nest, before: Indices, own: Indices) -> Iterator[Indices]:
        if nest.ends < 0:
            for over in product(*map(range, nest.over)):
                yield (*before, *own, *over)
            return
        member = sum(map(int.__mul__, own, row_major(nest.sizes)))
        ends = self.tables[nest.ends]
        for index in range(ends[member - 1] if member else 0, ends[member]):
            yield (*before, index)

    def join(self, nest: Nest, indices: Indices, sample: int, value: float) -> None:
        place = self.place(nest.target, indices, sample)
        if place is not None:
            arena = self.arenas[nest.target.arena]
            arena[place] = apply(nest.join, arena[place], value) if nest.onto else value

    def value(self, value: Value, indices: Indices, sample: int) -> float:
        if isinstance(value, Apply):
            parts = [self.value(part, indices, sample) for part in value.parts]
            return apply(value.op, *parts)
        if isinstance(value, Ref):
            place = self.place(value, indices, sample)
            return 0.0 if place is None else float(self.arenas[value.arena][place])
        return float(self.count) if isinstance(value, Count) else value

    def place(self, ref: Ref, indices: Indices, sample: int) -> int | None:
        moved = sum(map(int.__mul__, ref.strides, indices))
        place = ref.start + (moved if ref.table < 0 else self.tables[ref.table][ref.at + moved])
        if ref.chosen is not None:
            number = self.value(ref.chosen.by, indices, sample)
            if not (0 <= number < ref.chosen.size and number == math.floor(number)):
                return None
            place += ref.chosen.step * int(number)
        return int(place) * self.row + sample if ref.rows else int(place)


def apply(op: str, *operands: float) -> float:
    """Apply an operation as the table says."""
    if op in OTHERS:
        return OTHERS[op](*operands)
    row = TABLE[op]
    with np.errstate(all="ignore"):
        return reduce(row.quiet, operands) if op in FOLDED else row.quiet(*operands)
