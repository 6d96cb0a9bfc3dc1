"""What the recogniser finds: places of factors member by member, before there is a nest.

All of it is about the members of one group, in their order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...scalar.operation import Op
from ..program.nests import Steps
from ..program.program import Floats, Ints

__all__ = ["Choice", "Factor", "Joined", "Mapped", "Onto", "Pattern", "Recognised", "Source"]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """An array, or what a table gathers from it, each number times one of `scale`."""

    array: int
    table: Ints | None = None
    scale: Floats | None = None

    def gathered(self, places: Ints) -> Source:
        """Gather places of it."""
        if self.table is None:
            return Source(self.array, places)
        scale = None if self.scale is None else self.scale[places]
        return Source(self.array, self.table[places], scale)


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """`step` times the number at `by`, if that is one of 0 ... size - 1."""

    step: int
    size: int
    by: Factor


@dataclass(frozen=True, slots=True, eq=False)
class Factor:
    """Where something is read or written: of member i at rows[i] + columns * indices.

    The indices are those that a pattern is joined over.
    """

    source: Source
    rows: Steps
    columns: tuple[int, ...] = ()
    chosen: Choice | None = None

    def with_chooser(self) -> Iterator[Factor]:
        """List the factor and what chooses its place."""
        yield self
        if self.chosen is not None:
            yield self.chosen.by


@dataclass(frozen=True, slots=True, eq=False)
class Onto:
    """Which member a number is added to: steps * indices, and what is chosen."""

    steps: tuple[int, ...]
    chosen: Choice


@dataclass(slots=True, eq=False)
class Pattern:
    """One class of terms: coef times all factors, for all indices of `over`."""

    coef: float
    factors: list[Factor] = field(default_factory=list)  # none for a plain number
    over: tuple[int, ...] = ()  # the sizes of the axes that it is joined over
    # which row of the factors belongs to each member, if not their order
    select: Ints | None = None
    ends: Ints | None = None  # where the terms of each member end, if they differ in length
    # to which members it is added, if that is chosen: `over` is all axes then
    onto: Onto | None = None

    @property
    def work(self) -> int:
        """How many products it takes, for one sample."""
        if self.ends is not None:
            return 1
        rows = len(self.factors[0].rows) if self.factors else 1
        return rows * math.prod(self.over)

    def all_factors(self) -> Iterator[Factor]:
        """List the factors and what chooses their places."""
        for factor in self.factors:
            yield from factor.with_chooser()

    def reads(self) -> Iterator[int]:
        """List the arrays that it reads."""
        for factor in self.all_factors():
            yield factor.source.array
        if self.onto is not None:
            yield self.onto.chosen.by.source.array


@dataclass(slots=True, eq=False)
class Mapped:
    """An operation for each member."""

    target: Factor
    row: Op
    operands: list[float | Factor]

    def reads(self) -> set[int]:
        """Collect the arrays that it reads."""
        return {one.source.array for one in self.operands if isinstance(one, Factor)}


@dataclass(slots=True, eq=False)
class Joined:
    """Terms of each member, added up or of which one is the most."""

    target: Factor
    row: Op  # add, maximum or minimum
    patterns: list[Pattern]
    samples: bool  # whether they are summed over the samples too
    nodes: int  # how many terms there are in all
    written: bool = False  # whether the patterns have the order of a user's sum
    accumulates: bool = False  # whether they are added to what is there

    def reads(self) -> set[int]:
        """Collect the arrays that it reads."""
        return {array for pattern in self.patterns for array in pattern.reads()}


Recognised = Mapped | Joined
