"""Families and groups: runs of numbers that lie together, and entries of one shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from ...scalar.operation import Op
from ..program.program import Floats, Ints

__all__ = ["NOTHING", "NUMBER", "Family", "Group", "Stack", "TermClass"]

Stack: TypeAlias = Ints  # entries that get one family, in the order of their places

NOTHING = -1  # the family of an absent factor
NUMBER = -2  # the family of a plain number as an operand


@dataclass(frozen=True, slots=True)
class Family:
    """A run of numbers that lie together: what becomes an array of the program.

    Those of the tape come first, in its order.
    """

    number: int
    size: int
    per_sample: bool


@dataclass(slots=True, eq=False)
class TermClass:
    """Terms of the members of a group whose factors lie in the same families."""

    left: int  # the families, NOTHING where there is no factor
    right: int
    counts: Ints  # how many terms each member has
    a: Ints  # where the factors of each term lie, member by member
    b: Ints
    coefs: Floats
    rank: int = 0  # where in the sum it is added, in one that has an order

    @property
    def are_single(self) -> bool:
        """Whether every member has one term; none has less."""
        return len(self.a) == len(self.counts)

    @property
    def length(self) -> int:
        """How many terms every member has; -1 if they differ."""
        if self.are_single:
            return 1
        first = int(self.counts[0])
        return first if bool((self.counts == first).all()) else -1

    @property
    def starts(self) -> Ints:
        """Where the terms of each member begin."""
        return np.cumsum(self.counts) - self.counts


@dataclass(slots=True, eq=False)
class Group:
    """Entries of one shape: what becomes one statement."""

    kind: int
    row: Op | None  # none of a sum
    level: int
    reduces: bool  # whether the terms are summed over the samples
    entries: Ints  # in the order of their places
    written: bool = False  # whether the terms of a sum have the order of a user's
    family: Family | None = None  # where the results lie, and each of them
    places: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    classes: list[TermClass] = field(default_factory=list)
    operands: list[tuple[int, Any]] = field(default_factory=list)  # family, places or numbers

    @property
    def size(self) -> int:
        """How many members it has."""
        return len(self.entries)
