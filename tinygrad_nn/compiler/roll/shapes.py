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
    """Terms of the members of a group whose factors lie in the same families.

    Attributes
    ----------
    left, right : int
        The families; -1 where there is no factor.
    counts : array of int, shape (members,)
        How many terms each member has.
    a, b : array of int, shape (terms,)
        Where the factors lie in their families, member by member.
    coefs : array of float, shape (terms,)
    """

    __slots__ = ("a", "b", "coefs", "counts", "left", "right")

    def __init__(self, left: int, right: int, counts: Ints, a: Ints, b: Ints, coefs: Floats):
        self.left = left
        self.right = right
        self.counts = counts
        self.a = a
        self.b = b
        self.coefs = coefs

    @property
    def length(self) -> int:
        """How many terms every member has; -1 if they differ."""
        first = int(self.counts[0])
        return first if bool((self.counts == first).all()) else -1


class Group:
    """Entries of one shape: what becomes one statement.

    Attributes
    ----------
    kind : int
        `SUM`, `OPERATION` or `EXTREME`.
    row : Op or None
        The operation, of the last two.
    entries : array of int, shape (members,)
        In the order of their places.
    family : Family
        Where the results lie.
    places : array of int, shape (members,)
        Where in it each lies.
    classes : list of TermClass
        Of a sum or an extreme.
    operands : list of (int, array)
        Of an operation: the family and the places of each operand; numbers have family -2.
    reduces : bool
        Whether the terms are summed over the samples.
    """

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
        self.reduces = reduces
        self.entries = entries
        self.family: Family | None = None
        self.places: Ints = np.zeros(0, dtype=np.int64)  # until there is a family
        self.classes: list[TermClass] = []
        self.operands: list[tuple[int, Any]] = []

    @property
    def size(self) -> int:
        """How many members it has."""
        return len(self.entries)
