"""A tape rolled up into a program: the passes in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..program.program import Array, Floats, Program, Role
from ..tape.recording import Recording
from .flatten import flatten
from .joining import join_common_terms
from .loops import roll_loops
from .merging import merge_terms
from .own_sums import gathered, with_own_sums
from .recognise import Recogniser
from .shapes import Family
from .stacking import grouped
from .terms import Recognised
from .writing import Writer, lookups_of, runs_of

__all__ = ["compile_tape", "without_unread"]


def compile_tape(recording: Recording) -> Program:
    """Roll the tape of a recording up into a program."""
    program = _rolled(recording)
    if gathered(program):
        own = with_own_sums(recording)
        other = program if own is None else _rolled(own)
        if 2 * gathered(other) <= gathered(program):
            return other
    return program


def _rolled(recording: Recording) -> Program:
    flat = flatten(recording)
    grouping = grouped(flat)
    recogniser = Recogniser(len(grouping.families))
    found = [one for group in grouping.groups for one in recogniser.recognised(group)]
    found = join_common_terms(found, [family.size for family in grouping.families])
    outputs = np.array(flat.outputs, dtype=np.int64)
    arrays = grouping.family[outputs]
    choosing = [
        (int(grouping.family[entry]), int(grouping.place[entry]), size)
        for entry, size in flat.lookups
    ]
    constants = recogniser.constants
    writer = Writer(_arrays(flat.tape.arrays, grouping.families, constants), constants)
    wanted = [*arrays.tolist(), *[array for array, _, _ in choosing]]
    for one in without_unread(found, wanted):
        writer.write(one)
    program = Program(
        writer.arrays,
        writer.statements,
        runs_of(writer, arrays, grouping.place[outputs], grouping.numbers[outputs]),
        list(recording.pieces),
        lookups_of(writer, choosing),
        writer.tables,
        writer.constants,
    )
    return merge_terms(roll_loops(program))


def without_unread(found: Sequence[Recognised], wanted: Iterable[int]) -> list[Recognised]:
    """Leave out what nothing reads any more; `wanted` are the arrays read from outside."""
    kept: list[Recognised] = []
    read = set(wanted)
    for one in reversed(found):
        if one.target.source.array in read:
            read |= one.reads()
            kept.append(one)
    return kept[::-1]


def _arrays(
    given: Sequence[Array], families: Sequence[Family], constants: Mapping[int, Floats]
) -> list[Array]:
    """List the arrays of the tape, then those of the families, then those of constants."""
    inner = [Array(f.size, f.per_sample, Role.INNER) for f in families[len(given) :]]
    return [*given, *inner, *[Array(len(x), False, Role.CONSTANT) for x in constants.values()]]
