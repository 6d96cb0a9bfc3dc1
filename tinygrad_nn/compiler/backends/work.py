"""About how long programs run in NumPy, and how long their machine code is made, by sizes alone."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..program.program import Program
from ..program.statements import (
    Basic,
    Loop,
    Map,
    Statement,
    extents_of,
    sums_samples,
    terms_of,
    unnested,
)

__all__ = ["time_to_make", "time_to_run"]

# In microseconds, as measured where programs are counted; what matters is how they compare.
CALL = 1.0  # to bring numbers in and results out
STATEMENT = 0.6  # of arrays
ALONE = 0.05  # a number that is computed alone, as few are
NUMBER = 5e-4  # one of an array
PRODUCT = 3e-5  # of a sum
LOADING = 60_000.0  # of LLVM, with making the code of a call
MAKING = 2_000.0  # the code of a statement


def time_to_make(program: Program) -> float:
    """Estimate how long it takes to make the machine code of a simple program."""
    return LOADING + MAKING * sum(1 for _ in unnested(program.statements))


def time_to_run(program: Program) -> tuple[float, float]:
    """Estimate how long a run takes in NumPy, but for its samples, and how long each of these."""
    once, each = _times(program, program.statements, 1)
    return CALL + once, each


def _times(program: Program, statements: Iterable[Statement], times: int) -> tuple[float, float]:
    once = each = 0.0
    for statement in statements:
        if isinstance(statement, Loop):
            of_steps = _times(program, statement.body, times * statement.count)
            once, each = once + of_steps[0], each + of_steps[1]
            continue
        numbers = times * _numbers(statement)
        if program.arrays[statement.target.array].per_sample or sums_samples(statement):
            once += times * STATEMENT
            each += numbers
        else:
            once += times * min(STATEMENT, ALONE * math.prod(statement.nest)) + numbers
    return once, each


def _numbers(statement: Basic) -> float:
    if isinstance(statement, Map):
        return NUMBER * math.prod(statement.nest)
    return sum(
        math.prod(extents_of(statement, term)) * (PRODUCT if term.over or term.samples else NUMBER)
        for term in terms_of(statement)
    )
