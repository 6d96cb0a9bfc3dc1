"""Sums and extremes of one operand, written on a tape where other lanes have longer ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np

from ..tape.recording import Recording, Result
from ..tape.tape import Tape
from .growing import WANTED, Single, operand_of

__all__ = ["with_singles"]

T = TypeVar("T")


def with_singles(recording: Recording, singles: list[Single]) -> Recording:
    """Write a recording anew, some operands replaced by a sum, a maximum or a minimum of them.

    Its tape cannot be extended.
    """
    tape = recording.tape
    made = sorted(
        {(operand_of(tape, single), single[2]) for single in singles},
        key=lambda one: (one[0], one[1].name),
    )
    # Each stands after its operand, and moves what comes later by one.
    number = {one: one[0] + 1 + before for before, one in enumerate(made)}
    of = [operand for operand, _ in made]
    entries = np.arange(len(tape))
    moved = np.append(entries + np.searchsorted(of, entries), -1)  # -1 is no operand
    first, second = np.array(tape.args.first), np.array(tape.args.second)
    reads = np.delete(entries, tape.inputs()[0])  # an input has an array and a place there
    first[reads], second[reads] = moved[first[reads]], moved[second[reads]]
    wanted = moved.tolist()
    for single in singles:
        reader, place, row = single
        one = number[operand_of(tape, single), row]
        if reader == WANTED:
            wanted[place] = one
        else:
            (second if place else first)[reader] = one
    new = Tape(tape.arrays, tape.verbatim)
    new.rows = _with(tape.rows, of, [row for _, row in made])
    new.number = {int(moved[entry]): known for entry, known in tape.number.items()}
    new.varies = _with(tape.varies, of, [tape.varies[operand] for operand in of])
    new.joined = _with(tape.joined, of, [0] * len(of))
    new.args.first = _with(first.tolist(), of, moved[of].tolist())
    new.args.second = _with(second.tolist(), of, [-1] * len(of))
    new.args.rest = {
        int(moved[entry]): tuple(moved[list(rest)].tolist())
        for entry, rest in tape.args.rest.items()
    }

    def placed(entries: tuple[int, ...]) -> tuple[int, ...]:
        return tuple([wanted[entry] for entry in entries])

    return replace(
        recording,
        tape=new,
        results=tuple([Result(placed(one.entries), one.per_sample) for one in recording.results]),
        blocks=tuple(map(placed, recording.blocks)),
        lookups=frozenset([(wanted[entry], size) for entry, size in recording.lookups]),
    )


def _with(items: list[T], places: list[int], others: list[T]) -> list[T]:
    """Put one of the others after each of some places of a list."""
    result: list[T] = []
    start = 0
    for place, other in zip(places, others, strict=True):
        result += items[start : place + 1]
        result.append(other)
        start = place + 1
    return result + items[start:]
