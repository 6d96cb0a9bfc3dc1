"""Loops written out, for those who know none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from .program import Program
from .statements import Access, Basic, Loop, Statement, with_accesses

__all__ = ["at_steps", "unroll"]


def unroll(program: Program, which: Callable[[Loop], bool] = lambda _: True) -> Program:
    """Write each step of loops as statements of its own: of all, or of which it is asked for."""
    if not any(isinstance(statement, Loop) for statement in program.statements):
        return program
    return replace(program, statements=list(_written(program.statements, which)))


def _written(statements: Iterable[Statement], which: Callable[[Loop], bool]) -> Iterator[Statement]:
    for statement in statements:
        if not isinstance(statement, Loop):
            yield statement
        elif which(statement):
            for step in range(statement.count):
                yield from _written([_at(one, step) for one in statement.body], which)
        else:
            yield replace(statement, body=tuple(_written(statement.body, which)))


def at_steps(statement: Basic, steps: Iterable[int]) -> Basic:
    """Give what a statement is at some steps of the loops around it, the outermost first."""
    for step in steps:
        found = _at(statement, step)
        assert not isinstance(found, Loop)
        statement = found
    return statement


def _at(statement: Statement, step: int) -> Statement:
    """Give what a statement is at one step of the outermost loop around it."""

    def moved(access: Access) -> Access:
        first, *others = access.strides
        return replace(access, start=access.start + step * first, strides=tuple(others))

    return with_accesses(statement, moved)
