"""Programs with other accesses, and without the arrays and tables that nothing names any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..program.program import Program, Role, Run
from ..program.statements import (
    Access,
    Loop,
    Map,
    Runs,
    Statement,
    terms_of,
    unnested,
    with_accesses,
    with_choosers,
)

__all__ = ["accesses_in", "changed_outside", "changed_program", "without_unused"]


def changed_program(program: Program, change: Callable[[Access], Access]) -> Program:
    """Give a program with another access in place of each."""
    made = changed_outside(program, change)
    made.statements[:] = [with_accesses(one, change) for one in program.statements]
    return made


def changed_outside(program: Program, change: Callable[[Access], Access]) -> Program:
    """Give a program with another access in place of each that is not in its statements."""

    def moved(run: Run) -> Run:
        return Run(run.size, change(run.where)) if isinstance(run.where, Access) else run

    return replace(
        program,
        arrays=list(program.arrays),
        statements=list(program.statements),
        results=[moved(run) for run in program.results],
        lookups=[replace(one, places=moved(one.places)) for one in program.lookups],
    )


def accesses_in(statement: Statement) -> list[Access]:
    """List all accesses in the order in which `with_accesses` takes them."""
    found: list[Access] = []
    for one in unnested((statement,)):
        if isinstance(one, Map):
            some = [one.target, *[x for x in one.operands if isinstance(x, Access)]]
        else:
            some = [one.target, *[factor for term in terms_of(one) for factor in term.factors]]
        for access in some:
            choosing = with_choosers([access])
            found += reversed(choosing)
    return found


def without_unused(program: Program) -> Program:
    """Leave out the inner arrays and the tables that have become part of others."""
    accesses = [access for one in program.statements for access in accesses_in(one)]
    accesses += program.wanted
    used = {access.array for access in accesses}
    kept = [
        n for n, array in enumerate(program.arrays) if array.role is not Role.INNER or n in used
    ]
    ends = {one.ends for one in unnested(program.statements) if isinstance(one, Runs)}
    tables = sorted({access.table for access in accesses} - {-1} | ends)
    number = {old: new for new, old in enumerate(kept)}
    place = {old: new for new, old in enumerate(tables)} | {-1: -1}

    def renamed(access: Access) -> Access:
        array, table = number[access.array], place[access.table]
        return Access(array, access.start, access.strides, table, access.chosen)

    def with_ends(statement: Statement) -> Statement:
        if isinstance(statement, Loop):
            return replace(statement, body=tuple(map(with_ends, statement.body)))
        return (
            replace(statement, ends=place[statement.ends])
            if isinstance(statement, Runs)
            else statement
        )

    made = changed_program(program, renamed)
    return replace(
        made,
        arrays=[program.arrays[n] for n in kept],
        statements=list(map(with_ends, made.statements)),
        constants={number[n]: numbers for n, numbers in program.constants.items()},
        tables=[program.tables[n] for n in tables],
    )
