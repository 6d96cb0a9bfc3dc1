"""Sums that are shared by coincidence: absorbed in all sums that use them."""

from __future__ import annotations

from ...scalar.ops import add, sub
from ..tape.tape import BATCH_SUM
from .colours import Colouring
from .sets import MANY
from .uses import FACTOR, LIVE, SCALED, Uses

__all__ = ["coincidences"]


def coincidences(colouring: Colouring) -> list[int]:
    """Find sums that several others go on from, where most of their kind are used once.

    Samples that begin with the same constants, as blank pixels, share the first sums of
    their scalar products. Kept, these would give such lanes a shape of their own.
    """
    if not colouring.shares_sums:
        return []
    uses, sets, colour = colouring.uses, colouring.sets, colouring.colour
    rows, known = uses.tape.rows, uses.known
    base: list[int] = uses.base
    first: list[int] = uses.tape.args.first
    second: list[int] = uses.tape.args.second
    terms = [1] * len(rows)
    alone: dict[int, int] = {}
    shared: dict[int, list[int]] = {}
    spread = [0] * len(rows)  # the colours that would be added up
    scaled = [0] * len(rows)  # whether a term is a number times something
    for entry, row in enumerate(rows):
        if known[entry] & (LIVE | FACTOR) != LIVE or base[entry] != entry:
            continue
        if row is add or row is sub:
            x, y = base[first[entry]], base[second[entry]]
            left = spread[x] or sets.alone(colour[x])
            right = spread[y] or sets.alone(colour[y])
            terms[entry] = min(terms[x] + terms[y], MANY)
            spread[entry] = sets.union(left, right)
            kind = spread[entry] * MANY + terms[entry]
            met = x != first[entry] or y != second[entry] or scaled[x] or scaled[y]
            scaled[entry] = 1 if met else 0
            if not met:
                continue
            if uses.count[entry] == 1:
                alone[kind] = alone.get(kind, 0) + 1
            else:
                shared.setdefault(kind, []).append(entry)
    if not shared:
        return []
    apart = _read_apart(uses)
    found: list[int] = []
    room = len(rows)  # how many terms may be written again
    for kind, alike in shared.items():
        entries = [entry for entry in alike if not apart[entry]]
        if len(entries) <= alone.get(kind, 0):
            room -= sum([(uses.count[entry] - 1) * terms[entry] for entry in entries])
            if room < 0:
                break
            found += entries
    return found


def _read_apart(uses: Uses) -> list[int]:
    """Tell what is read elsewhere than at the left end of a chain."""
    rows, known, joined = uses.tape.rows, uses.known, uses.tape.joined
    base: list[int] = uses.base
    first: list[int] = uses.tape.args.first
    second: list[int] = uses.tape.args.second
    apart = [0] * len(rows)
    for entry in uses.copies:
        apart[base[entry]] = 1
    for entry, row in enumerate(rows):
        if not known[entry] & LIVE or base[entry] != entry:
            continue
        if row is add or row is sub:
            x, y = base[first[entry]], base[second[entry]]
            if joined[entry]:
                apart[x] |= 1 - joined[x]
                apart[y] |= 1 - joined[y]
            else:
                apart[y] = 1
                if known[first[entry]] & SCALED:
                    apart[x] = 1
        elif row is BATCH_SUM:
            x = base[first[entry]]
            apart[x] |= 1 - joined[x]
    return apart
