"""Stretches: where entries repeat, turn after turn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..program.program import Ints
from .addresses import Addresses
from .periods import Stretch, even_stretches, period_of
from .recording import Recording
from .table import part_of
from .tape import Tape

__all__ = ["EDGE", "levels_may_be_turns", "repeats", "stretches_of"]

LEAST = 40  # turns of a stretch
EDGE = 3  # turns by which stretches of one loop may differ
LARGE = 16  # one of so many entries is enough to be no chance
SHORT = 256  # one of so many is too few to look at
MOST_GAPS = 64  # between stretches, that are looked at
PARTS = 32  # one part in so many is looked at in each of some places
PLACES = 5  # where it is looked first
MOST_ODD = 2  # of them, where there are turns
FEWEST = 12  # entries that a period is seen in


def stretches_of(by: Addresses) -> list[Stretch]:
    """Find the stretches in what is left between others, where most is left first."""
    known: list[Stretch] = []
    gaps = [(0, by.size)]
    for _ in range(MOST_GAPS):
        begin, end = max(gaps, key=lambda gap: gap[1] - gap[0], default=(0, 0))
        if end - begin < max(FEWEST, by.size // SHORT):
            break
        gaps.remove((begin, end))
        found = _found(by, begin, end, known)
        known += found
        for one in found:
            gaps.append((begin, one.begin))
            begin = one.end
        if found:
            gaps.append((begin, end))
    for period in {one.length for one in known}:
        known += _too_short_to_look_at(by, period, known)
    return sorted(known, key=lambda stretch: stretch.begin)


def _found(by: Addresses, begin: int, end: int, known: list[Stretch]) -> list[Stretch]:
    """List stretches with a period that is seen somewhere, and about as many turns as there."""
    size = max(4 * FEWEST, (end - begin) // PARTS * 2)
    large = by.size // LARGE
    for part in (5, 3, 8):  # elevenths: where halves or quarters meet, less is seen
        middle = begin + (end - begin) * part // 11
        first, last = max(begin, middle - size // 2), min(end, middle + size // 2)
        for period, seen in _periods_in(*by.part(first, last), first):
            found = even_stretches(*by.part(begin, end), begin, period, LEAST)
            here = [x for x in found if x.begin <= seen < x.end and x.end - x.begin > large]
            counts = _counts([*known, *here])
            found = [one for one in found if one.count in counts]
            if found:
                return found
    return []


def _too_short_to_look_at(by: Addresses, period: int, known: list[Stretch]) -> list[Stretch]:
    """List what has a period as well, between those that are known, and as many turns."""
    counts = _counts(known)
    covered = np.zeros(by.size + 1, dtype=np.int64)
    for one in known:
        covered[one.begin : one.end] = 1
    before = np.cumsum(covered) - covered
    return [
        one
        for one in even_stretches(*by.part(0, by.size), 0, period, LEAST)
        if one.count in counts and before[one.begin] == before[one.end]
    ]


def _counts(stretches: list[Stretch]) -> set[int]:
    return {one.count + n for one in stretches for n in range(-EDGE, EDGE + 1)}


def repeats(recording: Recording) -> bool:
    """Tell whether entries repeat in most of some places: else there is little to find."""
    tape = recording.tape
    apart = len(tape) // PLACES
    size = min(apart, max(4 * FEWEST, len(tape) // PARTS))
    begins = range((apart - size) // 2, apart * PLACES, apart or 1)
    odd = 0
    for begin in begins:
        if not _repeats_at(tape, begin, size):
            odd += 1
            if odd > MOST_ODD:
                return False
    return True


def levels_may_be_turns(depths: Ints) -> bool:
    """Tell from the depths of all operations whether turns may be levels, one after the other.

    They are not where most is at levels that hold more than a turn does, as products of matrices.
    """
    counts = np.bincount(depths)
    return 2 * int(counts[counts * LEAST > len(depths)].sum()) <= len(depths)


def _repeats_at(tape: Tape, begin: int, size: int) -> bool:
    """Tell whether some entries have a period, with which it goes on before and after them."""
    periods = _periods_in(*part_of(tape, begin, begin + size), begin)
    return any(_goes_on(tape, seen, period) for period, seen in periods)


def _goes_on(tape: Tape, entry: int, period: int) -> bool:
    """Tell whether there are operations as an entry is, for as many turns as there must be."""
    row, most = tape.rows[entry], LEAST * period
    after = tape.rows[entry : entry + most : period]
    before = tape.rows[entry : max(entry - most, 0) : -period]
    turns = -1
    for rows in (before, after):
        turns += next((n for n, other in enumerate(rows) if other is not row), len(rows))
    return turns >= LEAST - 2


def _periods_in(kinds: Ints, moving: list[Ints], begin: int) -> Iterator[tuple[int, int]]:
    """List the periods of some entries, and of fewer and fewer of them, each with an entry there."""
    size = len(kinds)
    while size >= FEWEST:
        first = (len(kinds) - size) // 3
        part = slice(first, first + size)
        period = period_of(kinds[part], [numbers[part] for numbers in moving], begin + first)
        if period:
            yield period, begin + first + size // 2
        size //= 4
