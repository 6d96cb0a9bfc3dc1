"""Statements with few results: Python floats in local variables, far faster than arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TypeAlias

from ...program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Runs,
    Statement,
    accesses_of,
    extents_of,
    is_onto,
    reads_of,
    sums_samples,
    terms_of,
    unnested,
)
from ..memory import Memory

__all__ = ["Few", "Indices", "Place", "is_scalar", "place_of"]

MOST_RESULTS = 3
MOST_PRODUCTS = 8

Indices: TypeAlias = tuple[int, ...]
# Where a number is in the first step of all loops, and how far it moves with the steps of each;
# those loops that do not move it, and have none inside that do, are left out.
Place: TypeAlias = tuple[int, tuple[int, ...]]


def is_scalar(memory: Memory, statement: Basic) -> bool:
    """Tell whether a statement is a few floats, each made from a few others."""
    if isinstance(statement, Runs) or math.prod(statement.nest) > MOST_RESULTS:
        return False
    if is_onto(statement) or sums_samples(statement):
        return False
    for access in accesses_of(statement):
        if access.table >= 0 or access.chosen is not None or memory.is_apart(access.array):
            return False
    return sum(math.prod((*statement.nest, *t.over)) for t in terms_of(statement)) <= MOST_PRODUCTS


def place_of(memory: Memory, access: Access, depth: int, indices: Indices) -> Place:
    """Say where a number is, inside of so many loops."""
    ahead, own = access.strides[:depth], access.strides[depth:]
    offset = sum(stride * i for stride, i in zip(own, indices, strict=True))
    while ahead and not ahead[-1]:
        ahead = ahead[:-1]
    return memory.start[access.array] + access.start + offset, ahead


class Few:
    """Which statements are few floats, and of which arrays others look for them in memory."""

    def __init__(self, memory: Memory, statements: Sequence[Statement]) -> None:
        self._memory = memory
        self._few = {id(one) for one in unnested(statements) if is_scalar(memory, one)}
        self.kept = self._looked_for() if self._few else set()

    def __contains__(self, statement: Basic) -> bool:
        return id(statement) in self._few

    def of(self, body: Iterable[Statement]) -> list[Basic]:
        """List those of the statements of a body itself that are few floats."""
        return [one for one in body if not isinstance(one, Loop) and one in self]

    def written(self, body: Sequence[Statement], depth: int) -> set[Place]:
        """Collect where the few floats of a body go, if nothing is added to them there."""
        joined = {one.target.array for one in unnested(body) if is_onto(one)}
        return {
            place_of(self._memory, one.target, depth, indices)
            for one in self.of(body)
            if one.target.array not in joined
            for indices in product(*map(range, one.nest))
        }

    def _looked_for(self) -> set[int]:
        """Collect the results, what views are of, and what other loops or other steps read."""
        program = self._memory.program
        found = {access.array for access in program.wanted}
        for statement in unnested(program.statements):
            if statement not in self:
                found |= {access.array for access in accesses_of(statement)}
        home: dict[int, int] = {}
        for loop, body, depth in _bodies(program.statements):
            for statement in self.of(body):
                # What is written outside of loops is in a variable when they begin.
                for access in accesses_of(statement)[0 if depth else 1 :]:
                    if home.setdefault(access.array, loop) != loop:
                        found.add(access.array)
            if depth:
                found |= self._unknown(body, depth)
        return found

    def _unknown(self, body: Sequence[Statement], depth: int) -> set[int]:
        """Collect the arrays of which a loop reads what it has not in a variable."""
        written = self.written(body, depth)
        moving = [place for place in written if len(place[1]) == depth]
        known = written | {(start - strides[-1], strides) for start, strides in moving}
        return {
            access.array
            for one in self.of(body)
            for access, extents in _reads(one)
            for indices in product(*map(range, extents))
            if place_of(self._memory, access, depth, indices) not in known
        }


def _bodies(
    statements: Sequence[Statement], loop: int = 0, depth: int = 0
) -> Iterator[tuple[int, Sequence[Statement], int]]:
    """Walk through a list of statements and those of the loops in it, numbered by these."""
    yield loop, statements, depth
    for one in statements:
        if isinstance(one, Loop):
            yield from _bodies(one.body, id(one), depth + 1)


def _reads(statement: Basic) -> Iterator[tuple[Access, Indices]]:
    """List what is read, with the sizes of its indices."""
    if isinstance(statement, Map):
        yield from ((access, statement.nest) for access in reads_of(statement))
    for term in terms_of(statement):
        yield from ((factor, extents_of(statement, term)) for factor in term.factors)
