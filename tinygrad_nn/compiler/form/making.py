"""What the converter writes to: arrays, tables and statements as they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..program import statements as old
from .program import Array, Floats, Ints, Lookup, Piece, Program, Role, Run
from .statements import Access, Chosen, Statement

__all__ = ["Making"]


class Making:
    """A program in the making; tables and constants that are the same are one.

    Attributes
    ----------
    arrays : list of Array
    statements : list of Statement
    """

    def __init__(self, arrays: list[Array], constants: dict[int, Floats]) -> None:
        self.arrays = arrays
        self.statements: list[Statement] = []
        self._constants = constants
        self._tables: list[Ints] = []
        self._known: dict[tuple[str, bytes], int] = {}

    def program(self, results: list[Run], pieces: list[Piece], lookups: list[Lookup]) -> Program:
        """Give the whole."""
        return Program(
            self.arrays, self.statements, results, pieces, lookups, self._tables, self._constants
        )

    def table(self, places: Any) -> int:
        """Give the number of a table."""
        table = np.array(places, dtype=np.int64)
        number = self._known.setdefault(("table", table.tobytes()), len(self._tables))
        if number == len(self._tables):
            self._tables.append(table)
        return number

    def numbers(self, numbers: Any) -> int:
        """Give the array of some constants."""
        constants = np.array(numbers, dtype=np.float64)
        array = self._known.setdefault(("numbers", constants.tobytes()), len(self.arrays))
        if array == len(self.arrays):
            self.arrays.append(Array(len(constants), False, Role.CONSTANT))
            self._constants[array] = constants
        return array

    def inner(self, size: int, per_sample: bool) -> int:
        """Give a new array that statements write."""
        self.arrays.append(Array(size, per_sample, Role.INNER))
        return len(self.arrays) - 1

    def access(
        self,
        factor: old.Factor,
        strides: Sequence[int],
        shift: int = 0,
        chosen: Chosen | None = None,
    ) -> Access:
        """Give the access to a factor; without the numbers that scale it."""
        table = -1 if factor.table is None else self.table(factor.table)
        return Access(
            factor.family, int(factor.start) + shift, tuple(map(int, strides)), table, chosen
        )

    def target(
        self,
        statement: old.Statement,
        strides: Sequence[int],
        start: int | None = None,
        chosen: Chosen | None = None,
    ) -> Access:
        """Give the access to the results of a statement."""
        table = -1 if statement.scatter is None else self.table(statement.scatter)
        first = int(statement.start if start is None else start)
        return Access(statement.family, first, tuple(map(int, strides)), table, chosen)
