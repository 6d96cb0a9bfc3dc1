"""A tape rolled up into a program: the passes in their order."""

from __future__ import annotations

from collections.abc import Sequence

from ...scalar.graph import CONSTANT
from ..program.program import Output, Program
from ..program.statements import Statement
from ..tape.recording import Recording
from ..tape.tape import Tape
from .flatten import Flat, flatten
from .groups import Grouping
from .joining import join_common_terms
from .recognise import Recogniser
from .stacking import find_stacks

__all__ = ["compile_tape"]


def compile_tape(recording: Recording) -> Program:
    """Roll the tape of a recording up into a program.

    Parameters
    ----------
    recording : Recording

    Returns
    -------
    Program
    """
    flat = flatten(recording)
    grouping = _grouped(flat.tape, flat)
    recogniser = Recogniser(grouping)
    statements = [recogniser.statement(one) for one in grouping.groups]
    statements = join_common_terms(statements, grouping.families)
    outputs: list[Output] = []
    for entry in flat.outputs:
        if flat.tape.rows[entry] is CONSTANT:
            outputs.append((-1, 0, flat.tape.number[entry]))
        else:
            outputs.append((int(grouping.family[entry]), int(grouping.place[entry]), 0.0))
    statements = _without_unread(statements, {family for family, _, _ in outputs})
    return Program(
        flat.tape.arrays,
        grouping.families,
        recogniser.constants,
        statements,
        outputs,
        recording.pieces,
        recording.lookups,
    )


def _grouped(tape: Tape, flat: Flat) -> Grouping:
    """Group what is kept, and once more if there are steps of a recurrence in it."""
    grouping = Grouping(tape, flat)
    for number, entries in enumerate(grouping.levels()):
        grouping.add_level(number, entries)
    found = find_stacks(grouping)
    if found is None:
        return grouping
    stacks, levels = found
    by_level: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    for group, level in zip(grouping.groups, levels, strict=True):
        by_level[level] += group.entries.tolist()
    stacked = Grouping(tape, flat, stacks)
    for number, entries in enumerate(by_level):
        stacked.add_level(number, sorted(entries))
    return stacked


def _without_unread(statements: Sequence[Statement], kept: set[int]) -> list[Statement]:
    """Leave out what nothing reads any more; `kept` are the families read from outside."""
    found: list[Statement] = []
    read = set(kept)
    for statement in reversed(statements):
        if statement.family in read:
            read |= statement.reads()
            found.append(statement)
    return found[::-1]
