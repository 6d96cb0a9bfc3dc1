"""How large a program may be that comes from elsewhere: asked before anything is made of it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...errors import ProgramError
from .program import Program
from .statements import Loop, Statement, extents_of, terms_of

__all__ = ["check_limits"]

MOST_NUMBERS = 1 << 28  # in all arrays, and among the results: 2 GiB
MOST_STEPS = 1 << 22  # of statements, those in loops once for each step
MOST_WORK = 1 << 42  # numbers that are joined: hours
MOST_AXES = 16  # of one statement


def check_limits(program: Program) -> None:
    """Refuse a program that takes more memory or time than any that was compiled."""
    numbers = sum([max(array.size, 0) for array in program.arrays])
    numbers = max(numbers, sum([max(run.size, 0) for run in program.results]))
    numbers = max(numbers, sum([max(lookup.size, 0) for lookup in program.lookups]))
    _check(numbers, MOST_NUMBERS, "numbers in memory")
    steps, work = _cost(program.statements)
    _check(steps, MOST_STEPS, "statements to run")
    _check(work, MOST_WORK, "numbers to join")


def _cost(statements: Iterable[Statement]) -> tuple[int, int]:
    steps = work = 0
    for statement in statements:
        if isinstance(statement, Loop):
            own_steps, own_work = _cost(statement.body)
            steps += max(statement.count, 0) * own_steps
            work += max(statement.count, 0) * own_work
            continue
        steps += 1
        extents = [statement.nest, *[extents_of(statement, term) for term in terms_of(statement)]]
        for sizes in extents:
            _check(len(sizes), MOST_AXES, "axes")
            work += math.prod([max(size, 0) for size in sizes])
    return steps, work


def _check(count: int, most: int, what: str) -> None:
    if count > most:
        raise ProgramError(f"the program has {count} {what}: {most} are the most")
