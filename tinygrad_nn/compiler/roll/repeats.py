"""Statements that look the same step after step, and where such steps may be those of a loop.

That is seen from numbers, before anything is written anew: what moves unevenly between three
steps, moves unevenly in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from ..program.phases import Phases, phases_of
from ..program.program import Array, Ints, Program, Role
from ..program.statements import Access, Loop, Map, Reduce, Statement, terms_of
from .renaming import accesses_in
from .uniting import has_number

__all__ = ["Line", "Lines", "Repeat", "Slots"]

LEAST = 4  # steps: few are easier to read one by one
LONGEST = 60  # statements in a step
ODD_ENDS = 3  # how many steps at the end may be different, in what they read

Repeat = tuple[int, int, int]  # the first statement, the one after the last, how many make a step


class Line:
    """A statement, and what of it counts for steps."""

    __slots__ = ("accesses", "arrays", "kind", "number", "statement")

    def __init__(self, statement: Statement, kind: int, number: int) -> None:
        self.statement = statement
        self.accesses = accesses_in(statement)
        self.arrays = {access.array for access in self.accesses}
        self.kind = kind  # that of others which differ in nothing but arrays, places and numbers
        self.number = number  # that of no other


class Lines:
    """The lines of statements, made once: a statement is another one where its arrays become others."""

    def __init__(self) -> None:
        self._known: dict[int, Line] = {}  # by the identity of statements, which they keep
        self._arrays: dict[Array, int] = {}
        self._kinds: dict[object, int] = {}

    def of(self, program: Program) -> list[Line]:
        """List the lines of a program."""
        known: dict[int, int] = {}  # of its arrays
        return [
            self._known.get(id(one)) or self._add(program, known, one) for one in program.statements
        ]

    def _add(self, program: Program, known: dict[int, int], statement: Statement) -> Line:
        kind = self._kinds.setdefault(self._kind(program, known, statement), len(self._kinds))
        line = Line(statement, kind, len(self._known))
        self._known[id(statement)] = line
        return line

    def _kind(self, program: Program, known: dict[int, int], statement: Statement) -> object:
        """Say what is the same in all steps: all but which arrays, where, and plain numbers."""
        if isinstance(statement, Loop):
            return id(statement)

        def of(access: Access) -> object:
            number = known.get(access.array)
            if number is None:
                array = program.arrays[access.array]
                number = known[access.array] = self._arrays.setdefault(array, len(self._arrays))
            table = -1 if access.table < 0 else len(program.tables[access.table])
            chosen = access.chosen
            by = None if chosen is None else (chosen.step, chosen.size, of(chosen.by))
            return number, access.strides, table, by

        about = statement.op, of(statement.target), statement.nest, statement.nodes
        if isinstance(statement, Map):
            operands = [of(one) if isinstance(one, Access) else None for one in statement.operands]
            return Map, about, tuple(operands)
        terms = [
            (
                0.0 if has_number(statement, term) else term.coef,
                term.over,
                term.samples,
                tuple([of(factor) for factor in term.factors]),
            )
            for term in terms_of(statement)
        ]
        own = statement.onto if isinstance(statement, Reduce) else statement.ends
        return type(statement), about, tuple(terms), own


class Slots:
    """The accesses of all statements of a program in a row, as numbers."""

    def __init__(self, program: Program, lines: list[Line]) -> None:
        self.lines = lines
        self.phases = phases_of(program)
        self._kinds = _in_phases(program, self.phases, lines)
        self._numbers = np.array([line.number for line in lines], dtype=np.int64)
        self._begin = np.cumsum([0, *[len(line.accesses) for line in lines]])  # of each line
        accesses = list(chain.from_iterable([line.accesses for line in lines]))
        self._array = np.array([access.array for access in accesses], dtype=np.int64)
        self._start = np.array([access.start for access in accesses], dtype=np.int64)
        self._in_table = np.array([access.table >= 0 for access in accesses], dtype=bool)
        arrays = program.arrays
        self._size = np.array([max(array.size, 1) for array in arrays], dtype=np.int64)
        self._is_inner = np.array([array.role is Role.INNER for array in arrays], dtype=bool)

    def repeats(self) -> list[Repeat]:
        """List statements that look the same step after step, most of them first."""
        kinds = self._kinds
        found: list[Repeat] = []
        for length in range(1, min(LONGEST, len(kinds) // LEAST) + 1):
            same = np.concatenate([[False], kinds[length:] == kinds[:-length], [False]])
            edges = np.flatnonzero(np.diff(same.astype(np.int8))).reshape(-1, 2)
            for begin, end in edges.tolist():
                if (end - begin) // length + 1 >= LEAST:
                    found.append((begin, end + length, length))
        return sorted(found, key=lambda one: -((one[1] - one[0]) // one[2] - 1) * one[2])

    def key(self, repeat: Repeat) -> tuple[int, bytes]:
        """Give what tells statements that repeat from all others, in any program."""
        begin, end, length = repeat
        return length, self._numbers[begin:end].tobytes()

    def windows(self, repeat: Repeat) -> Iterator[tuple[int, int]]:
        """List where the first step may be, and how many there are, most of them first.

        What is odd is the beginning of the first step rather than the end of the last.
        """
        begin, end, length = repeat
        odd = self._odd(repeat)
        at: list[int] = (self._begin[begin : end + 1] - self._begin[begin]).tolist()
        most = (end - begin) // length
        for count in range(most, max(most - ODD_ENDS, LEAST - 1), -1):
            least = max(begin, end - length * (count + 1))
            for first in range(end - length * count, least - 1, -1):
                place = first - begin
                if all(
                    some[at[place]] == some[at[place + length * (count - before)]]
                    for before, some in enumerate(odd, 1)
                ):
                    yield first, count

    def _odd(self, repeat: Repeat) -> tuple[list[int], list[int]]:
        """Count the slots before each at which the next step, or the next two, are not as in a loop.

        Arrays of steps are all one or all different, and then inner ones, and follow each other
        one way; places, those in tables too, move evenly.
        """
        begin, end, length = repeat
        low, high = self._begin[begin], self._begin[end]
        lag = self._begin[begin + length] - low
        array, start = self._array[low:high], self._start[low:high]
        now, then = array[:-lag], array[lag:]
        stays, in_table = now == then, self._in_table[low : high - lag]
        moved = start[lag:] - start[:-lag]
        # Different ones lie in one some day, in steps of their size.
        moved = np.where(stays | in_table, moved, moved % self._size[now])
        way = np.where(in_table, stays, np.sign(then - now))
        uneven = (stays[lag:] != stays[:-lag]) | (moved[lag:] != moved[:-lag])
        uneven |= way[lag:] != way[:-lag]
        return _before(~stays & ~self._is_inner[now]), _before(uneven)


def _before(flags: npt.NDArray[Any]) -> list[int]:
    return [0, *np.cumsum(flags).tolist()]


def _in_phases(program: Program, phases: Phases, lines: list[Line]) -> Ints:
    """Number statements by their kind, and by when they run."""
    kinds = np.array([line.kind for line in lines], dtype=np.int64)
    if not any(array.per_sample for array in program.arrays):
        return kinds
    parts = (phases.before, phases.body, phases.after)
    phase_of = {id(one): n for n, part in enumerate(parts) for one in part}
    of_lines: Ints = np.array([phase_of[id(line.statement)] for line in lines], dtype=np.int64)
    return kinds * len(parts) + of_lines
