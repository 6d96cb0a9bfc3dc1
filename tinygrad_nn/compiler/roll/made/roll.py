"""A tape rolled up into a program: the passes in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from ....scalar.graph import CONSTANT
from ...form.program import Array, Floats, Lookup, Program, Role, Run
from ...form.statements import Access
from ...tape.recording import Recording
from ..flatten import flatten
from ..roll import _grouped
from ..shapes import Family
from .joining import join_common_terms
from .recognise import Recogniser
from .terms import Recognised
from .writing import Writer

__all__ = ["compile_tape"]


def compile_tape(recording: Recording) -> Program:
    """Roll the tape of a recording up into a program."""
    flat = flatten(recording)
    grouping = _grouped(flat.tape, flat)
    recogniser = Recogniser(len(grouping.families))
    found = [recogniser.recognised(group) for group in grouping.groups]
    found = join_common_terms(found, [family.size for family in grouping.families])
    wanted = {int(grouping.family[entry]) for entry in flat.outputs}
    writer = Writer(
        _arrays(flat.tape.arrays, grouping.families, recogniser.constants), recogniser.constants
    )
    for one in without_unread(found, wanted):
        writer.write(one)
    outputs = [
        (-1, 0, flat.tape.number[entry])
        if flat.tape.rows[entry] is CONSTANT
        else (int(grouping.family[entry]), int(grouping.place[entry]), 0.0)
        for entry in flat.outputs
    ]
    results = list(_runs(writer, outputs))
    return Program(
        writer.arrays,
        writer.statements,
        results,
        list(recording.pieces),
        _lookups(writer, recording.lookups),
        writer.tables,
        writer.constants,
    )


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


Output = tuple[int, int, float]


def _lookups(writer: Writer, lookups: Iterable[tuple[int, int, int]]) -> list[Lookup]:
    grouped: dict[tuple[int, int], list[Output]] = {}
    for array, place, size in sorted(lookups):
        grouped.setdefault((array, size), []).append((array, place, 0.0))
    return [
        Lookup(run, size)
        for (_, size), outputs in grouped.items()
        for run in _runs(writer, outputs)
    ]


def _runs(writer: Writer, outputs: Sequence[Output]) -> Iterator[Run]:
    """Join neighbours of one array along a stride, or in a table, and equal numbers."""
    start = 0
    for end in range(1, len(outputs) + 1):
        if end < len(outputs) and _kind(outputs[end]) == _kind(outputs[start]):
            continue
        array, _, number = outputs[start]
        size = end - start
        if array < 0:
            yield Run(size, float(number))
        else:
            yield Run(size, _places(writer, array, [place for _, place, _ in outputs[start:end]]))
        start = end


def _kind(output: Output) -> tuple[int, str]:
    array, _, number = output
    return array, float(number).hex() if array < 0 else ""


def _places(writer: Writer, array: int, places: list[int]) -> Access:
    steps = np.diff(places)
    if (steps == steps[:1]).all():
        return Access(array, int(places[0]), (int(steps[0]) if len(steps) else 1,))
    return Access(array, 0, (1,), writer._table(np.array(places, dtype=np.int64)))
