"""Sums of their own for the results of a stencil: one for each place, and in its place.

On the way back through a stencil each number gets a sum of what reads it. At the edges there are
sums of one term, which on the tape are that term, or one sum for two places. So that all results
are of one kind and lie as the numbers that they belong to, each of these becomes a sum of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from ...scalar.graph import CONSTANT, LEAF
from ..program.program import Program
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
    made: list[int] = []  # the operands of the new sums
    blocks = []
    for block in recording.blocks:
        places = _places(tape, outputs, block)
        own = [outputs[place] for place in places]
        stays = _are_own(tape, own)
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


def _are_own(tape: Tape, entries: Sequence[int]) -> list[bool]:
    """Tell which are sums that no user wrote, for one place only, and read by nothing."""
    joined = {entry for entry in entries if tape.joined[entry] == 1}
    own = joined - _read(tape, joined) if joined else joined
    found = []
    for entry in entries:
        found.append(entry in own)
        own.discard(entry)
    return found


def _read(tape: Tape, entries: set[int]) -> set[int]:
    """Tell which of some entries are operands of others, all of which come after them."""
    rows, args = tape.rows, tape.args
    begin = min(entries) + 1
    found = entries.intersection(chain.from_iterable(args.rest.values()))
    numbers = args.first[begin:], args.second[begin:]
    if all(map(entries.isdisjoint, numbers)):
        return found
    for some in numbers:  # those of an input are no operands
        read = zip(rows[begin:], some, strict=True)
        found |= {n for row, n in read if n in entries and row is not LEAF and row is not CONSTANT}
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
