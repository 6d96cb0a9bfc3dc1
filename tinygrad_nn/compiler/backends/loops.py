"""Programs as loops over numbers in memory: what machine code, C or JavaScript are printed from.

A program is a row of nests, each of which computes one number after the other. All that it
says of a number is where it lies and how it is made of others; operations are few and plain.

The indices of a number are, in this order, the steps of the loops around the nest, its own axes,
and the axes that it is joined over. The samples are no index: what each of them has its own of
lies in rows, and `rows` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from ..program.statements import Basic

__all__ = [
    "OUTSIDE",
    "SAMPLES",
    "SHARED",
    "Apply",
    "Aside",
    "Choice",
    "Count",
    "Nest",
    "Ref",
    "Repeat",
    "Step",
    "Value",
    "mapped",
    "moved",
    "nests_of",
    "operations_of",
    "reads_of",
    "refs_of",
]

SHARED = 0  # the arena of what samples share,
SAMPLES = 1  # of what they have their own of,
OUTSIDE = 2  # and of the first array that lives elsewhere


@dataclass(frozen=True, slots=True)
class Ref:
    """A number in memory: `start + strides * indices` of an arena.

    With a table, that is `start` and what the table has at `at + strides * indices`. Where samples
    have their own, places count rows: each is as long as there are samples.
    """

    arena: int
    start: int
    strides: tuple[int, ...]
    rows: bool = False
    table: int = -1
    at: int = 0
    chosen: Choice | None = None
    array: int = field(default=-1, compare=False)  # that of the program that it is of


@dataclass(frozen=True, slots=True)
class Choice:
    """`step` times the number at `by`; where that is none of 0 ... size - 1, 0 is read.

    What is written there is not written then.
    """

    by: Ref
    step: int
    size: int


@dataclass(frozen=True, slots=True)
class Count:
    """The number of samples."""


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation on values; "add", "mul", "max" and "min" take any number, from the left."""

    op: str
    parts: tuple[Value, ...]


Value: TypeAlias = float | Ref | Count | Apply


@dataclass(frozen=True, slots=True)
class Nest:
    """target = value for all indices, and for each sample where its target is of rows.

    With `join`, the values at all indices of `over` are joined, and those of all samples with
    `over_samples`; with `onto`, also what is there. `coef` is what is joined multiplied by.
    With a table of `ends`, member i takes the indices ends[i - 1] ... ends[i] - 1 of its one
    axis of `over`, and the axes of the nest are no indices of its value.
    """

    target: Ref
    sizes: tuple[int, ...]
    value: Value
    join: str = ""  # "add", "max" or "min"
    over: tuple[int, ...] = ()
    over_samples: bool = False
    onto: bool = False
    coef: float = 1.0
    ends: int = -1
    stored: bool = True  # whether its numbers are read elsewhere: by other nests, or as results

    @property
    def inner(self) -> tuple[int, ...]:
        """The sizes of the indices of its value, but for the steps of loops."""
        return self.over if self.ends >= 0 else (*self.sizes, *self.over)

    @property
    def is_plain(self) -> bool:
        """Whether it writes one number for each index, with nothing to join and nothing to choose."""
        joins = self.over or self.over_samples or self.ends >= 0
        return not joins and self.target.chosen is None


@dataclass(frozen=True, slots=True)
class Repeat:
    """The body once for each step, one after the other."""

    count: int
    body: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Aside:
    """A statement that has no such form: whoever runs the rest runs it in another way."""

    statement: Basic


Step: TypeAlias = Nest | Repeat | Aside


def refs_of(value: Value) -> Iterator[Ref]:
    """Walk through what a value reads; what chooses a place comes behind its number."""
    if isinstance(value, Apply):
        for part in value.parts:
            yield from refs_of(part)
    elif isinstance(value, Ref):
        yield value
        if value.chosen is not None:
            yield value.chosen.by


def operations_of(value: Value) -> Iterator[str]:
    """Walk through the operations that a value is made by."""
    if isinstance(value, Apply):
        yield value.op
        for part in value.parts:
            yield from operations_of(part)


def reads_of(nest: Nest) -> Iterator[Ref]:
    """Walk through all that a nest reads."""
    if nest.onto:
        yield nest.target
    if nest.target.chosen is not None:
        yield nest.target.chosen.by
    yield from refs_of(nest.value)


def mapped(value: Value, change: Callable[[Ref], Ref]) -> Value:
    """Give a value with another number in place of each, those that choose included.

    What is one object stays one, so that it is computed once.
    """
    known: dict[int, Value] = {}

    def found(value: Value) -> Value:
        if isinstance(value, Ref):
            return moved(value, change)
        if not isinstance(value, Apply):
            return value
        if id(value) not in known:
            known[id(value)] = Apply(value.op, tuple([found(part) for part in value.parts]))
        return known[id(value)]

    return found(value)


def moved(ref: Ref, change: Callable[[Ref], Ref]) -> Ref:
    """Give another number in place of one, and of what chooses it."""
    chosen = ref.chosen
    if chosen is not None:
        ref = replace(ref, chosen=replace(chosen, by=change(chosen.by)))
    return change(ref)


def nests_of(steps: Iterable[Step]) -> Iterator[Nest]:
    """Walk through all nests, those inside of loops once each."""
    for step in steps:
        if isinstance(step, Repeat):
            yield from nests_of(step.body)
        elif isinstance(step, Nest):
            yield step
