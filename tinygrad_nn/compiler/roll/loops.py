"""Recurrences as loops: statements that repeat, step after step, at places that move evenly.

What each step has its own of, arrays, tables or numbers, becomes one, in which the steps follow
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..program.phases import phases_of
from ..program.program import Array, Program, Role
from ..program.reach import Strided
from ..program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Reduce,
    Statement,
    reads_of,
    sums_samples,
    unnested,
    with_accesses,
)
from .parting import with_chains_apart
from .renaming import accesses_in, changed_program, without_unused
from .uniting import Mover, Moves, with_numbers, with_one_array, with_one_table

__all__ = ["roll_loops"]

LEAST = 4  # steps: few are easier to read one by one
LONGEST = 60  # statements in a step
ODD_ENDS = 3  # how many steps at the end may be different, in what they read


def roll_loops(program: Program) -> Program:
    """Write steps of recurrences as loops, in a program without loops."""
    made = _with_loops(program)
    apart = with_chains_apart(program)
    if apart is not None:
        other = _with_loops(apart)
        if len(other.statements) < len(made.statements):
            made = other
    return program if made is program else without_unused(made)


def _with_loops(program: Program) -> Program:
    while (found := _with_a_loop(program)) is not None:
        program = found
    return program


def _with_a_loop(program: Program) -> Program | None:
    """Turn those steps into a loop of which there is most; None if there are none."""
    for begin, end, length in _repeats(program):
        most = (end - begin) // length
        for count in range(most, max(most - ODD_ENDS, LEAST - 1), -1):
            # What is odd is the beginning of the first step rather than the end of the last.
            for first in range(
                end - length * count, max(begin, end - length * (count + 1)) - 1, -1
            ):
                found = _looped(program, first, length, count)
                if found is not None:
                    return found
    return None


def _repeats(program: Program) -> list[tuple[int, int, int]]:
    """List statements that look the same step after step, most of them first.

    Of each: the first, the one after the last, and how many make a step.
    """
    numbers = np.array(_kinds(program), dtype=np.int64)
    found: list[tuple[int, int, int]] = []
    for length in range(1, min(LONGEST, len(numbers) // LEAST) + 1):
        same = np.concatenate([[False], numbers[length:] == numbers[:-length], [False]])
        edges = np.flatnonzero(np.diff(same.astype(np.int8))).reshape(-1, 2)
        for begin, end in edges.tolist():
            if (end - begin) // length + 1 >= LEAST:
                found.append((begin, end + length, length))
    return sorted(found, key=lambda one: -((one[1] - one[0]) // one[2] - 1) * one[2])


def _kinds(program: Program) -> list[int]:
    """Number statements by what is the same in all steps: all but which arrays, and where."""
    phases = phases_of(program)
    parts = (phases.before, phases.body, phases.after)
    phase_of = {id(one): n for n, part in enumerate(parts) for one in part}
    arrays: dict[Array, int] = {}
    kinds: dict[object, int] = {}

    def kind(access: Access) -> Access:
        number = arrays.setdefault(program.arrays[access.array], len(arrays))
        table = -1 if access.table < 0 else len(program.tables[access.table])
        return Access(number, 0, access.strides, table, access.chosen)

    return [
        kinds.setdefault(
            id(one)
            if isinstance(one, Loop)
            else (phase_of[id(one)], with_accesses(with_numbers(one, lambda *_: 0.0), kind)),
            len(kinds),
        )
        for one in program.statements
    ]


# ---- one loop ---------------------------------------------------------------------------------


def _looped(program: Program, first: int, length: int, count: int) -> Program | None:
    """Turn statements into a loop, if arrays and places move evenly from step to step."""
    second, end = first + length, first + length * count
    inside = program.statements[first:end]
    each = [accesses_in(one) for one in inside]
    # Of each access, what it is in each step.
    rows = [row for n in range(length) for row in zip(*each[n::length], strict=True)]
    moves = _moves(program, rows)
    if moves is None or _is_fixed(inside, moves) or not _is_even(rows, moves):
        return None
    made = replace(program, tables=list(program.tables), constants=dict(program.constants))
    made = changed_program(made, Mover(made.tables, moves).moved)
    steps = [made.statements[first + n * length : second + n * length] for n in range(count)]
    steps = with_one_array(made, with_one_table(made.tables, steps), steps)
    body = tuple(map(_stepping, *steps[:2]))
    made_of: Statement | None = Loop(count, body)
    if not _is_carried(body, count):
        made_of = _at_once(body, count, sum(one.nodes for one in unnested(inside)))
    if made_of is None:
        return None
    for array, offset in moves.values():
        size = max(made.arrays[array].size, offset + program.arrays[array].size)
        made.arrays[array] = replace(made.arrays[array], size=size)
    made.statements[first:end] = [made_of]
    return None if phases_of(made).coupled > phases_of(program).coupled else made


def _moves(program: Program, rows: Iterable[Sequence[Access]]) -> Moves | None:
    """Find which arrays become one: those at one place of a statement, step after step."""
    leader: dict[int, int] = {}

    def lead(array: int) -> int:
        while leader.setdefault(array, array) != array:
            array = leader[array]
        return array

    for row in rows:
        arrays = [access.array for access in row]
        if len(set(arrays)) == 1:
            continue
        if len(set(arrays)) < len(arrays):
            return None
        for array in arrays:
            leader[lead(array)] = lead(arrays[0])
    together: dict[int, list[int]] = {}
    for array in sorted(leader):
        together.setdefault(lead(array), []).append(array)
    moves: Moves = {}
    for members in together.values():
        kind = program.arrays[members[0]]
        if kind.role is not Role.INNER or any(program.arrays[one] != kind for one in members):
            return None
        for rank, array in enumerate(members):
            moves[array] = members[0], rank * kind.size
    return moves


def _is_fixed(inside: Iterable[Statement], moves: Moves) -> bool:
    """Tell whether arrays may not move: blocks of samples are added up there."""
    return any(sums_samples(one) and one.target.array in moves for one in unnested(inside))


def _is_even(rows: Iterable[Sequence[Access]], moves: Moves) -> bool:
    """Tell whether every place moves by the same from step to step; what is in tables may not."""
    return all(
        len(set(np.diff([_offset(a, moves) + a.start for a in row]).tolist())) == 1 for row in rows
    )


def _offset(access: Access, moves: Moves) -> int:
    return 0 if access.table >= 0 else moves.get(access.array, (0, 0))[1]


def _stepping(one: Statement, two: Statement) -> Statement:
    """Give a statement of a body, from what it is in the first steps."""
    steps = iter(
        [b.start - a.start for a, b in zip(accesses_in(one), accesses_in(two), strict=True)]
    )
    return with_accesses(
        one, lambda access: replace(access, strides=(next(steps), *access.strides))
    )


def _is_carried(body: Sequence[Statement], count: int) -> bool:
    """Tell whether anything is made from what it was some steps before, by whatever way."""
    left = [one for one in body if not isinstance(one, Loop)]
    while True:
        reading = [one for one in left if any(_reads(one, other, count) for other in left)]
        if len(reading) == len(left):
            return bool(left)
        left = reading


def _at_once(body: Sequence[Statement], count: int, nodes: int) -> Statement | None:
    """Give a statement that does all steps at once; None if they are more, or not independent."""
    one, *others = body
    if others or not isinstance(one, Map | Reduce) or one.target.chosen is not None:
        return None
    target, nest = one.target, (count, *one.nest)
    if target.table >= 0 or any(access.array == target.array for access in reads_of(one)):
        return None
    if not (target.strides[0] and Strided(target.start, nest, target.strides).is_apart()):
        return None
    return replace(one, nest=nest, nodes=nodes)


def _reads(one: Basic, other: Basic, count: int) -> bool:
    """Tell whether a statement reads what another has written, in this step or one before."""
    target, step = other.target, other.target.strides[0]
    return any(
        access.array == target.array
        and (
            access.table >= 0
            or (
                access.strides[0] == step != 0 and 0 <= (target.start - access.start) / step < count
            )
        )
        for access in reads_of(one)
    )
