"""Recurrences as loops: statements that repeat, step after step, at places that move evenly.

What each step has its own of, arrays, tables or numbers, becomes one, in which the steps follow
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..program.phases import phases_of
from ..program.program import Program, Role
from ..program.reach import Strided
from ..program.statements import (
    Access,
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
from .renaming import accesses_in, changed_outside, without_unused
from .repeats import Line, Lines, Slots
from .uniting import Mover, Moves, with_one_array, with_one_table

__all__ = ["roll_loops"]

Hopeless = set[tuple[int, bytes]]  # the keys of what repeats and is no loop


def roll_loops(program: Program) -> Program:
    """Write steps of recurrences as loops, in a program without loops."""
    lines, hopeless = Lines(), Hopeless()
    made = _with_loops(program, lines, hopeless)
    apart = with_chains_apart(program)
    if apart is not None:
        other = _with_loops(apart, lines, hopeless)
        if len(other.statements) < len(made.statements):
            made = other
    return program if made is program else without_unused(made)


def _with_loops(program: Program, lines: Lines, hopeless: Hopeless) -> Program:
    while (found := _with_a_loop(program, lines, hopeless)) is not None:
        program = found
    return program


def _with_a_loop(program: Program, lines: Lines, hopeless: Hopeless) -> Program | None:
    """Turn those steps into a loop of which there is most; None if there are none."""
    slots = Slots(program, lines.of(program))
    for repeat in slots.repeats():
        key = slots.key(repeat)
        if key in hopeless:
            continue
        is_hopeless = True
        for first, count in slots.windows(repeat):
            moves = _moves_of_loop(program, slots.lines, first, repeat[2], count)
            if moves is not None:
                is_hopeless = False
                found = _looped(program, slots, moves, first, repeat[2], count)
                if found is not None:
                    return found
        if is_hopeless:
            hopeless.add(key)
    return None


# ---- one loop ---------------------------------------------------------------------------------


def _moves_of_loop(
    program: Program, lines: Sequence[Line], first: int, length: int, count: int
) -> Moves | None:
    """Say what moves where so that steps become a loop, or one statement; None if they are neither.

    Arrays and places must move evenly from step to step, and what a step does must need it.
    """
    inside = lines[first : first + length * count]
    steps = [
        [access for line in inside[begin : begin + length] for access in line.accesses]
        for begin in range(0, len(inside), length)
    ]
    rows = list(zip(*steps, strict=True))  # of each access, what it is in each step
    moves = _moves(program, rows)
    if moves is None or _is_fixed([line.statement for line in inside], moves):
        return None
    if not _is_even(rows, moves):
        return None
    others = iter([row[1] for row in rows])
    body = [
        with_accesses(line.statement, lambda one: _in_loop(one, next(others), moves))
        for line in inside[:length]
    ]
    return moves if _is_carried(body, count) or _at_once(body, count, 0) is not None else None


def _in_loop(one: Access, two: Access, moves: Moves) -> Access:
    """Give an access in a loop, from what it is in the first steps; tables stay as they are."""
    array = moves.get(one.array, (one.array, 0))[0]
    start = _offset(one, moves) + one.start
    step = _offset(two, moves) + two.start - start
    return Access(array, start, (step, *one.strides), one.table, one.chosen)


def _looped(
    program: Program, slots: Slots, moves: Moves, first: int, length: int, count: int
) -> Program | None:
    """Turn statements into a loop; None if samples could not be taken in blocks any more."""
    second, end = first + length, first + length * count
    made = replace(program, tables=list(program.tables), constants=dict(program.constants))
    moved = Mover(made.tables, moves).moved
    made = changed_outside(made, moved)
    made.statements[:] = [
        line.statement if line.arrays.isdisjoint(moves) else with_accesses(line.statement, moved)
        for line in slots.lines
    ]
    steps = [made.statements[first + n * length : second + n * length] for n in range(count)]
    steps = with_one_array(made, with_one_table(made.tables, steps), steps)
    body = tuple(map(_stepping, *steps[:2]))
    made_of: Statement | None = Loop(count, body)
    if not _is_carried(body, count):
        nodes = sum(one.nodes for one in unnested(program.statements[first:end]))
        made_of = _at_once(body, count, nodes)
    assert made_of is not None
    for array, offset in moves.values():
        size = max(made.arrays[array].size, offset + program.arrays[array].size)
        made.arrays[array] = replace(made.arrays[array], size=size)
    made.statements[first:end] = [made_of]
    return None if phases_of(made).coupled > slots.phases.coupled else made


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
    for row in rows:
        places = [_offset(access, moves) + access.start for access in row]
        step = places[1] - places[0]
        if any(then - now != step for now, then in pairwise(places)):
            return False
    return True


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
    left = [(one.target, reads_of(one)) for one in body if not isinstance(one, Loop)]
    while True:
        targets: dict[int, list[Access]] = {}
        for target, _ in left:
            targets.setdefault(target.array, []).append(target)
        reading = [
            one
            for one in left
            if any(
                _reads(access, target, count)
                for access in one[1]
                for target in targets.get(access.array, ())
            )
        ]
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


def _reads(access: Access, target: Access, count: int) -> bool:
    """Tell whether an access reads what is written to a target, in this step or one before."""
    step = target.strides[0]
    return access.table >= 0 or (
        access.strides[0] == step != 0 and 0 <= (target.start - access.start) / step < count
    )
