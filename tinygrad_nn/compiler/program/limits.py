"""How large a program may be that comes from elsewhere: asked before anything is made of it."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...errors import ProgramError
from .program import Program
from .statements import Loop, Statement, extents_of, terms_of

__all__ = ["check_limits"]

MOST_NUMBERS = 1 << 28  # in all arrays: 2 GiB
MOST_RESULTS = 1 << 26  # which may be listed: 2 GiB
MOST_STEPS = 1 << 20  # statements, those in loops once for each step: 1 GiB written out
MOST_WORK = 1 << 33  # numbers that are joined: seconds
MOST_AXES = 16  # of one statement


def check_limits(program: Program) -> None:
    """Refuse a program that takes more memory or time than any that was compiled."""
    numbers = sum([max(array.size, 0) for array in program.arrays])
    numbers = max(numbers, sum([max(lookup.size, 0) for lookup in program.lookups]))
    _check(numbers, MOST_NUMBERS, "numbers in memory")
    _check(sum([max(run.size, 0) for run in program.results]), MOST_RESULTS, "results")
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
