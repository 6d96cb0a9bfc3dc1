"""Loops written out, for what knows none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .program import Program
from .statements import Access, Basic, Loop, Map, Runs, Statement, Term

__all__ = ["unroll"]


def unroll(program: Program) -> Program:
    """Give a program that computes the same without loops: each step is a statement of its own."""
    if not any(isinstance(statement, Loop) for statement in program.statements):
        return program
    return replace(program, statements=list(_unrolled(program.statements, ())))


def _unrolled(statements: Sequence[Statement], steps: tuple[int, ...]) -> Iterator[Basic]:
    for statement in statements:
        if isinstance(statement, Loop):
            for step in range(statement.count):
                yield from _unrolled(statement.body, (*steps, step))
        else:
            yield _at(statement, steps)


def _at(statement: Basic, steps: tuple[int, ...]) -> Basic:
    """Give a statement as it is in the steps of the loops around it."""
    target = _access(statement.target, steps)
    if isinstance(statement, Map):
        operands = [_access(x, steps) if isinstance(x, Access) else x for x in statement.operands]
        return replace(statement, target=target, operands=tuple(operands))
    if isinstance(statement, Runs):
        return replace(statement, target=target, term=_term(statement.term, steps))
    terms = tuple([_term(term, steps) for term in statement.terms])
    return replace(statement, target=target, terms=terms)


def _term(term: Term, steps: tuple[int, ...]) -> Term:
    return replace(term, factors=tuple([_access(factor, steps) for factor in term.factors]))


def _access(access: Access, steps: tuple[int, ...]) -> Access:
    own = access.strides[: len(steps)]
    start = access.start + sum(stride * step for stride, step in zip(own, steps, strict=True))
    chosen = access.chosen
    if chosen is not None:
        chosen = replace(chosen, by=_access(chosen.by, steps))
    return replace(access, start=start, strides=access.strides[len(steps) :], chosen=chosen)
