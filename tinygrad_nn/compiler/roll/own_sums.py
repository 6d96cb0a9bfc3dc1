"""Sums of their own for the results of a stencil: one for each place, and in its place.

On the way back through a stencil each number gets a sum of what reads it. At the edges there are
sums of one term, which on the tape are that term, or one sum for two places. So that all results
are of one kind and lie as the numbers that they belong to, each of these becomes a sum of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...scalar.graph import CONSTANT, LEAF
from ..program.program import Ints, Program
from ..program.statements import Runs, unnested
from ..tape.recording import Recording
from ..tape.tape import Tape
from .growing import SINGLE

__all__ = ["gathered", "with_own_sums"]

MOSTLY = 0.5  # of the derivatives of one call, so many are sums already


def gathered(program: Program) -> int:
    """Count the places that sums of several lengths, and results, are gathered from."""
    if not any(isinstance(one, Runs) for one in unnested(program.statements)):
        return 0
    return sum(len(table) for table in program.tables)


def with_own_sums(recording: Recording) -> Recording | None:
    """Write a recording anew where the derivatives of a call are sums, but for some; else None."""
    tape, outputs = recording.tape, recording.outputs
    read = _read(tape)
    made: list[int] = []  # the operands of the new sums
    blocks = []
    for block in recording.blocks:
        places = _places(tape, outputs, block)
        own = [outputs[place] for place in places]
        stays = _are_own(tape, own, read)
        if not all(stays) and sum(stays) >= MOSTLY * len(own):
            for place, entry, keeps in zip(places, own, stays, strict=True):
                if not keeps:
                    outputs[place] = len(tape) + len(made)
                    made.append(entry)
            blocks.append(tuple([outputs[place] for place in places]))
    if not made:
        return None
    rest = iter(outputs)
    results = [
        replace(one, entries=tuple([next(rest) for _ in one.entries])) for one in recording.results
    ]
    return replace(
        recording,
        tape=_with_sums(tape, made),
        results=tuple(results),
        blocks=tuple(blocks),
        read_in_blocks=True,
    )


def _places(tape: Tape, outputs: Sequence[int], block: Sequence[int]) -> range:
    """Find the outputs that are a block, with plain numbers among them; none if there are none."""
    known = bool(block) and block[0] in outputs
    begin = place = outputs.index(block[0]) if known else len(outputs)
    found = 0
    while found < len(block) and place < len(outputs):
        if outputs[place] == block[found]:
            found += 1
        elif tape.rows[outputs[place]] is not CONSTANT:
            return range(0)
        place += 1
    return range(begin, place) if found == len(block) else range(0)


def _read(tape: Tape) -> Ints:
    """Tell which entries are operands of others."""
    rows = tape.rows
    reads = [entry for entry, row in enumerate(rows) if row is not LEAF and row is not CONSTANT]
    first, second = np.array(tape.args.first), np.array(tape.args.second)
    operands = [first[reads], second[reads], *map(np.array, tape.args.rest.values())]
    read = np.zeros(len(rows) + 1, dtype=np.int64)
    read[np.concatenate(operands).astype(np.int64)] = 1  # none is -1
    return read


def _are_own(tape: Tape, entries: Sequence[int], read: Ints) -> list[bool]:
    """Tell which are sums that no user wrote, for one place only, and read by nothing."""
    met: set[int] = set()
    found = []
    for entry in entries:
        found.append(entry not in met and tape.joined[entry] == 1 and not read[entry])
        met.add(entry)
    return found


def _with_sums(tape: Tape, operands: list[int]) -> Tape:
    """Write a tape anew, with a sum of one for each of some operands behind it."""
    count = len(operands)
    new = Tape(tape.arrays, tape.verbatim)
    new.rows = [*tape.rows, *[SINGLE] * count]
    new.number = dict(tape.number)
    new.varies = [*tape.varies, *[tape.varies[entry] for entry in operands]]
    new.joined = [*tape.joined, *[1] * count]
    new.args.first = [*tape.args.first, *operands]
    new.args.second = [*tape.args.second, *[-1] * count]
    new.args.rest = tape.args.rest
    return new
