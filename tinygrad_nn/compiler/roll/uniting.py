"""What each step of a loop has its own of becomes one: arrays, tables, and plain numbers.

The steps follow each other in it, so that their accesses move evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from ..program.program import Array, Ints, Program, Role
from ..program.statements import Access, Basic, Map, Reduce, Runs, Statement, Term, with_accesses
from .renaming import accesses_in

__all__ = ["Mover", "Moves", "has_number", "with_numbers", "with_one_array", "with_one_table"]

Moves: TypeAlias = dict[int, tuple[int, int]]  # of an array: in which one it will lie, and where


class Mover:
    """Moves accesses to the arrays in which theirs will lie; tables that say where follow."""

    def __init__(self, tables: list[Ints], moves: Moves) -> None:
        self.tables = tables
        self.moves = moves
        self._known: dict[tuple[int, int], int] = {}

    def moved(self, access: Access) -> Access:
        """Give an access to where the same numbers will be."""
        if access.array not in self.moves:
            return access
        array, offset = self.moves[access.array]
        start, table = access.start + offset, -1
        if access.table >= 0:
            start, table = access.start, self._table(access.table, offset)
        return Access(array, start, access.strides, table, access.chosen)

    def _table(self, table: int, offset: int) -> int:
        if not offset:
            return table
        found = self._known.setdefault((table, offset), len(self.tables))
        if found == len(self.tables):
            self.tables.append(self.tables[table] + offset)
        return found


def with_one_table(
    tables: list[Ints], steps: Sequence[Sequence[Statement]]
) -> list[list[Statement]]:
    """Let each access of a step have the table of that place in all steps: theirs in a row."""
    each = [[access for one in step for access in accesses_in(one)] for step in steps]
    longer: dict[tuple[int, ...], int] = {}
    for row in zip(*each, strict=True):
        numbers = tuple([access.table for access in row])
        if len(set(numbers)) > 1 and numbers not in longer:
            longer[numbers] = len(tables)
            tables.append(np.concatenate([tables[number] for number in numbers]))
    found = []
    for step, statements in enumerate(steps[:2]):
        rows = iter(zip(*each, strict=True))

        def changed(access: Access, step: int = step, rows: Any = rows) -> Access:
            numbers = tuple([one.table for one in next(rows)])
            if numbers not in longer:
                return access
            start = access.start + step * len(tables[access.table])
            return replace(access, start=start, table=longer[numbers])

        found.append([with_accesses(one, changed) for one in statements])
    return found


def with_numbers(statement: Statement, change: Callable[[float, int], float | Access]) -> Statement:
    """Give a statement with others in place of its plain numbers, from these and their indices."""
    if isinstance(statement, Map):
        indices = len(statement.nest)
        operands = [
            one if isinstance(one, Access) else change(one, indices) for one in statement.operands
        ]
        return Map(statement.target, statement.nest, statement.op, tuple(operands), statement.nodes)
    if isinstance(statement, Reduce):
        indices = len(statement.nest)
        terms = tuple(
            [
                _with_number(term, change, indices) if has_number(statement, term) else term
                for term in statement.terms
            ]
        )
        target, nest, op = statement.target, statement.nest, statement.op
        return Reduce(target, nest, op, terms, statement.onto, statement.nodes)
    return statement


def has_number(statement: Basic, term: Term) -> bool:
    """Tell whether a term of a statement is no more than a plain number times a factor.

    More would be multiplied in another order.
    """
    if isinstance(statement, Runs) or statement.target.chosen is not None:
        return False
    if term.over or term.samples or len(term.factors) > 1:
        return False
    return all(factor.chosen is None for factor in term.factors)


def _with_number(term: Term, change: Callable[[float, int], float | Access], indices: int) -> Term:
    found = change(term.coef, indices)
    if isinstance(found, Access):
        return Term(1.0, (found, *term.factors))
    return Term(found, term.factors)


def with_one_array(
    program: Program, pair: Sequence[Sequence[Statement]], steps: Sequence[Sequence[Statement]]
) -> list[list[Statement]]:
    """Let numbers that differ from step to step be those of a constant, for the first two steps.

    The program takes the constants.
    """
    each = [_numbers_in(step) for step in steps]
    arrays: dict[bytes, int] = {}
    found = []
    for step, statements in enumerate(pair):
        columns = zip(*each, strict=True)

        def changed(number: float, indices: int, step: int = step, columns: Any = columns) -> Any:
            column = np.array(next(columns))
            bits = column.view(np.int64)
            if (bits == bits[0]).all():
                return number
            array = arrays.setdefault(column.tobytes(), len(program.arrays))
            if array == len(program.arrays):
                program.arrays.append(Array(len(column), False, Role.CONSTANT))
                program.constants[array] = column
            return Access(array, step, (0,) * indices)

        found.append([with_numbers(one, changed) for one in statements])
    return found


def _numbers_in(statements: Sequence[Statement]) -> list[float]:
    """List the plain numbers of statements in the order in which `with_numbers` takes them."""
    found: list[float] = []

    def noted(number: float, _: int) -> float:
        found.append(number)
        return number

    for one in statements:
        with_numbers(one, noted)
    return found
