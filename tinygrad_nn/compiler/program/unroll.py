"""Loops written out, for those who know none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .program import Program
from .statements import Access, Basic, Loop, Statement, with_accesses

__all__ = ["unroll"]


def unroll(program: Program) -> Program:
    """Write each step of each loop as statements of its own."""
    if not any(isinstance(statement, Loop) for statement in program.statements):
        return program
    return replace(program, statements=list(_steps(program.statements)))


def _steps(statements: Iterable[Statement]) -> Iterator[Basic]:
    for statement in statements:
        if not isinstance(statement, Loop):
            yield statement
            continue
        for step in range(statement.count):
            yield from _steps([_at(one, step) for one in statement.body])


def _at(statement: Statement, step: int) -> Statement:
    """Give what a statement is at one step of the outermost loop around it."""

    def moved(access: Access) -> Access:
        first, *others = access.strides
        return replace(access, start=access.start + step * first, strides=tuple(others))

    return with_accesses(statement, moved)
