"""Memory for one step of a loop, for what no other step reads.

What comes out is for backends: in the form of programs, each step writes to places of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ..program.program import Program, Role
from ..program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Statement,
    extents_of,
    reads_of,
    terms_of,
    with_accesses,
    with_choosers,
)

__all__ = ["reusing"]

Window = tuple[int, int]  # the first and the last place that one step writes and reads


def reusing(program: Program) -> Program:
    """Let all steps of the outermost loops write what only they read to the same places."""
    if not any(isinstance(one, Loop) for one in program.statements):
        return program
    windows = _windows(program)
    arrays = [
        replace(array, size=windows[number][1] - windows[number][0] + 1)
        if number in windows
        else array
        for number, array in enumerate(program.arrays)
    ]

    def changed(access: Access) -> Access:
        if access.array not in windows:
            return access
        start = access.start - windows[access.array][0]
        return replace(access, start=start, strides=(0, *access.strides[1:]))

    statements = [with_accesses(one, changed) for one in program.statements]
    return replace(program, arrays=arrays, statements=statements)


@dataclass(slots=True)
class _Use:
    """How an array is used: by which outermost loops, with which strides for their steps."""

    loops: set[int] = field(default_factory=set)
    steps: set[int] = field(default_factory=set)
    ends: list[int] = field(default_factory=list)  # the lowest and the highest places of all
    is_plain: bool = True  # whether no table says where


def _windows(program: Program) -> dict[int, Window]:
    """Find the arrays of which no step reads what others have written, nor anybody outside."""
    uses: dict[int, _Use] = {}
    for loop, access, extents in _accesses(program.statements, 0, ()):
        use = uses.setdefault(access.array, _Use())
        use.loops.add(loop)
        use.is_plain = use.is_plain and access.table < 0 and access.chosen is None
        if loop:
            use.steps.add(access.strides[0])
            reach = [(n - 1) * s for n, s in zip(extents, access.strides[1:], strict=True)]
            use.ends.append(access.start + sum(n for n in reach if n < 0))
            use.ends.append(access.start + sum(n for n in reach if n > 0))
    wanted = {access.array for access in program.wanted}
    found = {}
    for array, use in uses.items():
        inner = program.arrays[array].role is Role.INNER and array not in wanted
        if inner and use.is_plain and len(use.loops) == len(use.steps) == 1 and 0 not in use.loops:
            first, last = min(use.ends), max(use.ends)
            if last - first < abs(min(use.steps)):
                found[array] = first, last
    return found


def _accesses(
    statements: Iterable[Statement], loop: int, counts: Sequence[int]
) -> Iterator[tuple[int, Access, tuple[int, ...]]]:
    """Walk through accesses: the outermost loop, 0 for none, and the sizes of all other indices."""
    for one in statements:
        if isinstance(one, Loop):
            inner = (*counts, one.count) if loop else ()
            yield from _accesses(one.body, loop or id(one), inner)
        else:
            for access, extents in _own(one):
                yield loop, access, (*counts, *extents)


def _own(statement: Basic) -> Iterator[tuple[Access, tuple[int, ...]]]:
    """List accesses with the sizes of their indices, but for the steps of loops."""
    if isinstance(statement, Map):
        for access in (statement.target, *reads_of(statement)):
            yield access, statement.nest
        return
    for access in with_choosers([statement.target]):
        yield access, statement.nest
    for term in terms_of(statement):
        for access in with_choosers(term.factors):
            yield access, extents_of(statement, term)
