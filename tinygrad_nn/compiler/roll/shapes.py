"""Families and groups: runs of numbers that lie together, and entries of one shape."""

from __future__ import annotations

from dataclasses import dataclass
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


class TermClass:
    """Terms of the members of a group whose factors lie in the same families."""

    __slots__ = ("a", "b", "coefs", "counts", "left", "right")

    def __init__(self, left: int, right: int, counts: Ints, a: Ints, b: Ints, coefs: Floats):
        self.left = left  # the families, NOTHING where there is no factor
        self.right = right
        self.counts = counts  # how many terms each member has
        self.a = a  # where the factors of each term lie, member by member
        self.b = b
        self.coefs = coefs

    @property
    def length(self) -> int:
        """How many terms every member has; -1 if they differ."""
        first = int(self.counts[0])
        return first if bool((self.counts == first).all()) else -1


class Group:
    """Entries of one shape: what becomes one statement."""

    __slots__ = (
        "classes",
        "entries",
        "family",
        "kind",
        "level",
        "operands",
        "places",
        "reduces",
        "row",
    )

    def __init__(self, kind: int, row: Op | None, level: int, reduces: bool, entries: Ints) -> None:
        self.kind = kind
        self.row = row
        self.level = level
        self.reduces = reduces  # whether the terms are summed over the samples
        self.entries = entries  # in the order of their places
        self.family: Family | None = None
        self.places: Ints = np.zeros(0, dtype=np.int64)  # until there is a family
        self.classes: list[TermClass] = []
        self.operands: list[tuple[int, Any]] = []  # family and places; NUMBER, and numbers

    @property
    def size(self) -> int:
        """How many members it has."""
        return len(self.entries)
