"""Chains that are computed side by side and move apart, as the products from both ends of a list.

Nodes of one level are one statement. Where its places lie by another number apart in each step, no
loop has it; each chain by itself may be one.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from ..program.program import Program
from ..program.statements import Access, Map, Reduce, Statement, accesses_of, with_accesses

__all__ = ["with_chains_apart"]

MOST_CHAINS = 4
LEAST = 4  # distances of which no two are equal: fewer are no chains


def with_chains_apart(program: Program) -> Program | None:
    """Give a program with a statement for each of the chains; None if there are none."""
    alike: dict[Hashable, list[int]] = {}
    for number, statement in enumerate(program.statements):
        if _may_be_chains(statement):
            alike.setdefault(_kind(program, statement), []).append(number)
    chains: set[int] = set()
    for numbers in alike.values():
        distances = {_distances(program.statements[number]) for number in numbers}
        if len(distances) >= LEAST:
            chains.update(numbers)
    if not chains:
        return None
    statements: list[Statement] = []
    for number, statement in enumerate(program.statements):
        statements += _apart(statement) if number in chains else [statement]
    return replace(program, statements=statements)


def _may_be_chains(statement: Statement) -> bool:
    if not isinstance(statement, Map | Reduce) or not statement.nest:
        return False
    return 1 < statement.nest[0] <= MOST_CHAINS and all(
        access.table < 0 and access.chosen is None for access in accesses_of(statement)
    )


def _kind(program: Program, statement: Statement) -> Hashable:
    """Say what is the same in all steps: all but where they are, and how far apart."""
    return with_accesses(
        statement,
        lambda access: Access(int(program.arrays[access.array].per_sample), 0, access.strides[1:]),
    )


def _distances(statement: Statement) -> Hashable:
    assert isinstance(statement, Map | Reduce)
    return tuple([access.strides[0] for access in accesses_of(statement)])


def _apart(statement: Statement) -> list[Statement]:
    """Give a statement for each index of the first axis."""
    assert isinstance(statement, Map | Reduce)
    count, *nest = statement.nest
    found: list[Statement] = []
    for place in range(count):

        def moved(access: Access, place: int = place) -> Access:
            start = access.start + place * access.strides[0]
            return Access(access.array, start, access.strides[1:])

        one = with_accesses(statement, moved)
        assert isinstance(one, Map | Reduce)
        found.append(replace(one, nest=tuple(nest), nodes=statement.nodes // count))
    return found
