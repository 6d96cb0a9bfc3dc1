"""Terms of a sum at places that move evenly, as one term: arrays of steps are one array by now.

Of few terms those stay apart that others stand before: one by one they may take off what the sum has
added up by then, as `a` and `b` in `(z - a) - b`, where `z` is `a + b`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..program.program import Program
from ..program.statements import Reduce, Statement, Term
from . import written

__all__ = ["merge_terms"]

LEAST = 4  # terms


def merge_terms(program: Program) -> Program:
    """Join the terms of each statement that is in no loop."""
    statements = [_merged(one) for one in program.statements]
    if all(one is other for one, other in zip(statements, program.statements, strict=True)):
        return program
    return replace(program, statements=statements)


def _merged(statement: Statement) -> Statement:
    if not isinstance(statement, Reduce) or len(statement.terms) < LEAST:
        return statement
    terms: list[Term] = []
    begin, left = 0, statement.terms
    while begin < len(left):
        end = _end_of_run(left, begin)
        if end - begin >= LEAST and (begin == 0 or len(left) > written.FEW):
            terms.append(_joined(left[begin], left[begin + 1], end - begin, len(statement.nest)))
            begin = end
        else:
            terms.append(left[begin])
            begin += 1
    return replace(statement, terms=tuple(terms)) if len(terms) < len(left) else statement


def _end_of_run(terms: Sequence[Term], begin: int) -> int:
    """Find the first term that is not like one, or does not move as the one after it."""
    first, end = terms[begin], begin + 1
    steps = None
    while end < len(terms) and _is_like(terms[end], first):
        moved = [
            b.start - a.start
            for a, b in zip(terms[end - 1].factors, terms[end].factors, strict=True)
        ]
        steps = moved if steps is None else steps
        if moved != steps or not any(steps):
            break
        end += 1
    return end


def _is_like(one: Term, other: Term) -> bool:
    """Tell whether terms differ in nothing but where they begin; what chooses does so itself."""
    if not one.factors or any(factor.chosen is not None for factor in one.factors):
        return False
    return len(one.factors) == len(other.factors) and one == replace(
        other,
        factors=tuple(
            [replace(a, start=b.start) for a, b in zip(other.factors, one.factors, strict=True)]
        ),
    )


def _joined(first: Term, second: Term, count: int, axes: int) -> Term:
    """Give a term that is joined over one more axis, before its own."""
    factors = tuple(
        [
            replace(a, strides=(*a.strides[:axes], b.start - a.start, *a.strides[axes:]))
            for a, b in zip(first.factors, second.factors, strict=True)
        ]
    )
    return replace(first, factors=factors, over=(count, *first.over))
