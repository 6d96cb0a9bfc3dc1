"""The order of the members of a group, and what tells shapes apart."""

from __future__ import annotations

import numpy as np

from ...scalar.ops import where
from ..program.distinct import distinct
from ..program.nests import Steps, nest_of
from ..program.program import Floats, Ints
from .shapes import NUMBER, Group

__all__ = [
    "is_strided",
    "mixed",
    "operand_keys",
    "ranges",
    "reads_up_to",
    "reorder",
    "term_keys",
]


def mixed(numbers: Ints) -> Ints:
    """Scatter numbers over all 64-bit integers, so that sums of them tell sets apart."""
    x = numbers.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def ranges(starts: Ints, counts: Ints) -> Ints:
    """Put ranges, from where they start, one after the other."""
    ends = np.cumsum(counts)
    found: Ints = np.arange(int(ends[-1])) + np.repeat(starts - ends + counts, counts)
    return found


def operand_keys(group: Group) -> list[Ints | Floats]:
    """Order by the operand whose places tell most members apart, then by the others.

    What chooses from a table comes first, if none tells all apart: the elements of a row that is
    chosen follow each other, whichever it is.
    """
    numbered = [places for family, places in group.operands if family != NUMBER]
    count = {id(places): len(distinct(places)) for places in numbered}
    chooses = group.row is where and group.operands[0][0] != NUMBER
    chooses = chooses and max(count.values()) < group.size
    by = numbered[:1] if chooses else []
    numbered = by + sorted(numbered[len(by) :], key=lambda places: -count[id(places)])
    return numbered + [places for family, places in group.operands if family == NUMBER]


def term_keys(group: Group) -> list[Ints | Floats]:
    """Order by where the factors of the costliest class lie, those of the later family first."""
    classes = sorted(group.classes, key=lambda c: (c.right < 0, c.left < 0, -len(c.a)))
    keys: list[Ints | Floats] = []
    for one in classes:
        if one.are_single:
            keys += [one.b, one.a] if one.right >= 0 else [one.a] if one.left >= 0 else []
            continue
        start = one.starts
        last = start + one.counts - 1
        if one.right >= 0:
            keys += [one.b[start], one.b[last], one.a[start], one.a[last]]
        elif one.left >= 0:
            keys += [one.a[start], one.a[last]]
    keys += [one.coefs if one.are_single else one.coefs[one.starts] for one in classes]
    return keys


def is_strided(group: Group, order: Ints | slice = slice(None)) -> bool:
    """Tell whether what the members read lies along common strides: nothing is gathered."""
    places = [places[order] for family, places in group.operands if family != NUMBER]
    for one in group.classes:
        if one.left < 0:
            continue
        if one.length < 0:
            return True  # such sums are looked through by `stencils`
        begins = one.starts[order]
        places += [one.a[begins]] if one.right < 0 else [one.a[begins], one.b[begins]]
    return nest_of(map(Steps, places)) is not None


def reads_up_to(group: Group) -> int:
    """Give the last of the families that members read from."""
    read = [family for family, _ in group.operands]
    return max([*read, *[max(one.left, one.right) for one in group.classes]])


def reorder(group: Group, order: Ints) -> None:
    """Put the members of a group in another order."""
    if (np.diff(order) == 1).all():
        return
    group.entries = group.entries[order]
    group.operands = [(family, places[order]) for family, places in group.operands]
    for one in group.classes:
        chosen = order if one.are_single else ranges(one.starts[order], one.counts[order])
        one.counts = one.counts[order]
        one.a, one.b, one.coefs = one.a[chosen], one.b[chosen], one.coefs[chosen]
