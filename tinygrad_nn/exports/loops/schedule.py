"""A source as groups of nests, a sample at a time: what languages with loops are printed from."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ...compiler.backends.groups import Group, Loop, grouped, unread, within
from ...compiler.backends.loops import (
    OUTSIDE,
    Apply,
    Aside,
    Count,
    Nest,
    Ref,
    Repeat,
    Step,
    Value,
)
from ...compiler.backends.lowering import lowered
from ...compiler.backends.memory import Layout
from ...compiler.backends.reuse import reusing
from ...compiler.backends.schedule import Rules
from ...compiler.program.phases import Phases, phases_of
from ...compiler.program.precision import fitted
from ...compiler.program.program import Floats, Lookup, Program, Role, Run, number_of
from ...compiler.program.split import split
from ...compiler.program.statements import Access, reads_of, unnested
from ...errors import ArgumentError
from ..folding import folded
from ..refusals import refuse
from ..source import Source
from .nests import is_broad
from .operations import is_known

__all__ = ["Parts", "Scheduled", "scheduled"]

Parts: TypeAlias = "tuple[Group | Loop[Group], ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Scheduled:
    """Groups that run before, for each, and after the samples.

    Numbers of the `constants` are known, by their arrays. Each array of the program is an arena of its own, and so is each output, behind them. `whole`
    are arrays that are neighbours in an output: its number, and where they start there. With
    `counts`, there may be any number of samples; else all is done for one.
    """

    program: Program
    constants: Mapping[int, Floats]
    before: Parts
    body: Parts
    after: Parts
    whole: Mapping[int, tuple[int, int]]
    counts: bool
    lookups: tuple[Lookup, ...]


MOST = 64  # operations that are written together


def _following(nest: Nest) -> int:
    """Tell how many may go on with what is joined over an axis: all, where it stays in a register."""
    return 0 if nest.target.chosen is not None or is_broad(nest) else MOST


def scheduled(source: Source) -> Scheduled:
    """Write the program of a source as groups, all of whose operations are known."""
    program = split(fitted(source.program, source.dtype))
    program, constants = folded(program, source.known)
    program = reusing(program)
    phases = phases_of(program)
    if phases.coupled or _is_late(source, program, phases):
        raise ArgumentError(
            f"{source.title} computes a sample with what it has of all of them, and an export takes "
            "one after the other: compile it without batch, as a function of a list of samples"
        )
    batch = number_of(program.arrays, Role.BATCH)
    read = {access.array for one in unnested(program.statements) for access in reads_of(one)}
    counts = bool(phases.sums or phases.after) or batch in read
    lower = _Lower(source, program, phases)
    steps = lower.before(), lower.body(), lower.after()
    rules = Rules(lambda ref: (ref.arena, True), program.tables, MOST, sys.maxsize, _following)
    parts = [grouped(some, rules) for some in steps]
    kept = {*range(len(program.arrays), len(program.arrays) + len(source.outputs)), *lower.whole}
    for lookup in program.lookups:
        assert isinstance(lookup.places.where, Access)
        kept.add(lookup.places.where.array)
    hidden = unread([group for some in parts for group in within(some)], kept)
    before, body, after = [_without(some, hidden) for some in parts]
    return Scheduled(
        program, constants, before, body, after, lower.whole, counts, tuple(program.lookups)
    )


def _without(parts: Parts, hidden: set[int]) -> Parts:
    """Say which numbers stay in registers."""
    return tuple(
        [
            Loop(part.count, _without(part.body, hidden))
            if isinstance(part, Loop)
            else replace(
                part,
                nests=tuple([replace(n, stored=id(n) not in hidden) for n in part.nests]),
            )
            for part in parts
        ]
    )


def _is_late(source: Source, program: Program, phases: Phases) -> bool:
    """Tell whether each sample has a result that is known when all of them are done."""
    late = {one.target.array for one in unnested(phases.after)}
    return any(
        source.outputs[output].per_sample
        and isinstance(run.where, Access)
        and run.where.array in late
        for output, _, run in _runs(source, program)
    )


def _runs(source: Source, program: Program) -> Iterator[tuple[int, int, Run]]:
    """Walk through the results: the output, where it goes there, and what it is."""
    output = at = 0
    for run in program.results:
        rest = run
        while rest.size:
            if at == source.outputs[output].size:
                output, at = output + 1, 0
            size = min(rest.size, source.outputs[output].size - at)
            yield output, at, replace(rest, size=size)
            at += size
            where = rest.where
            if isinstance(where, Access):
                where = replace(where, start=where.start + size * where.strides[0])
            rest = Run(rest.size - size, where)


class _Lower:
    """Writes phases as steps."""

    def __init__(self, source: Source, program: Program, phases: Phases) -> None:
        self.source = source
        self.program = program
        self.phases = phases
        self.layout = Layout(program)
        self.whole = self._whole()

    def _whole(self) -> dict[int, tuple[int, int]]:
        """Find the arrays that are one piece of an output, and nothing else."""
        arrays, found = self.program.arrays, {}
        met: set[int] = set()
        for output, at, run in _runs(self.source, self.program):
            where = run.where
            if not isinstance(where, Access):
                continue
            array = arrays[where.array]
            is_all = where.table < 0 and where.start == 0 and run.size == array.size
            is_all = is_all and (array.size == 1 or where.strides == (1,))
            same = array.per_sample == self.source.outputs[output].per_sample
            if is_all and same and array.role is Role.INNER and where.array not in met:
                found[where.array] = output, at
            elif where.array in found:
                del found[where.array]
            met.add(where.array)
        return found

    # ---- phases ---------------------------------------------------------------------------------

    def before(self) -> list[Step]:
        """Write what is done once; sums over samples begin with 0."""
        steps = self._steps(self.phases.before)
        for number in self.phases.sums:
            target = Ref(OUTSIDE + number, 0, (1,), array=number)
            steps.append(Nest(target, (self.program.arrays[number].size,), 0.0))
        return steps

    def body(self) -> list[Step]:
        """Write what is done for a sample, which is the only one: sums go on with it."""
        steps = [one for step in self._steps(self.phases.body) for one in self._of_one(step)]
        return [*steps, *self._results(True)]

    def after(self) -> list[Step]:
        """Write what is done once again."""
        return [*self._steps(self.phases.after), *self._results(False)]

    def _steps(self, statements: Iterable[object]) -> list[Step]:
        outside = range(len(self.program.arrays))
        steps = lowered(self.layout, outside, statements, is_known)  # type: ignore[arg-type]
        for step in steps:
            if isinstance(step, Aside):
                refuse(self.source, step)
        return list(steps)

    def _of_one(self, step: Step) -> Iterator[Step]:
        """Write what is done for one sample: what is summed over them is added to what is there."""
        if isinstance(step, Repeat):
            yield Repeat(step.count, tuple([one for s in step.body for one in self._of_one(s)]))
            return
        assert isinstance(step, Nest)
        value = _of_one_sample(step.value)
        if step.target.arena - OUTSIDE not in self.phases.sums:
            yield replace(step, value=value)
        elif value != 0.0:
            yield replace(step, value=value, over_samples=False, onto=True)

    def _results(self, per_sample: bool) -> Iterator[Step]:
        """Write results to where they are given, those that are not computed there."""
        for output, at, run in _runs(self.source, self.program):
            if self.source.outputs[output].per_sample != per_sample:
                continue
            number = len(self.program.arrays) + output
            target = Ref(OUTSIDE + number, at, (1,), per_sample, array=number)
            where = run.where
            if not isinstance(where, Access):
                yield Nest(target, (run.size,), where)
            elif where.array not in self.whole:
                rows = self.program.arrays[where.array].per_sample
                arena, n = OUTSIDE + where.array, where.array
                if where.table < 0:
                    read = Ref(arena, where.start, where.strides, rows, array=n)
                else:
                    read = Ref(arena, 0, where.strides, rows, where.table, where.start, array=n)
                yield Nest(target, (run.size,), read)


def _of_one_sample(value: Value) -> Value:
    """Give a value where there is one sample: what they share is counted once."""
    known: dict[int, Value] = {}

    def found(value: Value) -> Value:
        if isinstance(value, Count):
            return 1.0
        if not isinstance(value, Apply):
            return value
        if id(value) not in known:
            known[id(value)] = _multiplied(value.op, [found(part) for part in value.parts])
        return known[id(value)]

    return found(value)


def _multiplied(op: str, parts: Sequence[Value]) -> Value:
    """Apply an operation, but for products with 1, and 0 times another number."""
    if op == "mul":
        parts = [part for part in parts if part != 1.0] or [1.0]
        if len(parts) == 1:
            return parts[0]
    return Apply(op, tuple(parts))
