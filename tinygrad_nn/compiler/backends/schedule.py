"""The order of nests, and which of them are computed together: what fits comes next to what it fits.

Nests keep their order where one writes what the other reads or writes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, compress

from ..program.program import Ints
from .axes import common_axes, parted
from .forms import SERIES
from .loops import Nest, Ref, operations_of, reads_of

__all__ = ["Family", "Rules", "arranged", "families", "span"]

WINDOW = 256  # nests that are looked at together
MOST_TOGETHER = 32  # operations: more wait for each other, and for registers of vectors
MOST_NESTS = 256  # nests one after the other, which take long to make anyhow
LONG = 10  # how many others an operation of many steps counts as

Family = Callable[[Ref], tuple[Hashable, bool]]  # numbers of which others may be; whether apart


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be computed together: `family` tells numbers apart.

    At most so many operations; fewer may follow a nest that joins others. Of so many
    nests in a row, those for few numbers are computed one by one, with the places of `tables`.
    """

    family: Family
    tables: Sequence[Ints] = ()
    most: int = field(default_factory=lambda: MOST_TOGETHER)
    most_nests: int = field(default_factory=lambda: MOST_NESTS)
    following: Callable[[Nest], int] = lambda nest: 0


@dataclass(frozen=True, slots=True)
class _Touch:
    family: Hashable
    steps: tuple[int, ...]  # how far it moves with the steps of loops
    here: tuple[float, float]  # the first and the last place, at a step,
    ever: tuple[float, float]  # and at all
    writes: bool
    ref: Ref

    def meets(self, other: _Touch) -> bool:
        """Tell whether the order of the two matters, within one step."""
        if not (self.writes or other.writes):
            return False
        low, high = self.here if self.steps == other.steps else self.ever
        begin, end = other.here if self.steps == other.steps else other.ever
        return low <= end and begin <= high


class _Item:
    """Nests that are computed together, at one place after the other, with what they touch."""

    def __init__(self, nest: Nest, counts: tuple[int, ...], rules: Rules) -> None:
        self.nests = [nest]
        reads = list(reads_of(nest))
        touches = [_touch(nest.target, counts, nest.sizes, True, rules.family)]
        touches += [_touch(ref, counts, nest.inner, False, rules.family) for ref in reads]
        self.touches: dict[Hashable, list[_Touch]] = defaultdict(list)
        for touch in touches:
            self.touches[touch.family].append(touch)
        self.is_light = _is_light(nest)
        self.most = rules.most if self.is_light else min(rules.most, rules.following(nest))
        self.shape = nest.sizes, nest.target.rows
        self.work = 1 + sum(LONG for op in operations_of(nest.value) if op in SERIES)
        is_quick = self.is_light and self.work == 1 and self.shape != ((), False)
        self.may_wait = is_quick and len({*reads}) == 1

    def takes(self, item: _Item) -> bool:
        """Tell whether nests may join: what both touch is the same number at each place."""
        if not item.is_light or self.shape != item.shape or self.work + item.work > self.most:
            return False
        return all(one.ref == other.ref for one, other in self._meeting(item))

    def reads(self, item: _Item) -> bool:
        """Tell whether anything is read that others write."""
        return any(other.writes and not one.writes for one, other in self._meeting(item))

    def add(self, item: _Item, first: bool = False) -> None:
        """Let nests join, before these or behind them."""
        self.nests[:] = [*item.nests, *self.nests] if first else [*self.nests, *item.nests]
        self.work += item.work
        for family, touches in item.touches.items():
            self.touches[family] += touches

    def _meeting(self, item: _Item) -> Iterator[tuple[_Touch, _Touch]]:
        for family, touches in item.touches.items():
            for other in touches:
                for one in self.touches.get(family, ()):
                    if one.meets(other):
                        yield one, other


def _touch(
    ref: Ref, counts: tuple[int, ...], extents: tuple[int, ...], writes: bool, family: Family
) -> _Touch:
    name, is_apart = family(ref)
    here = ever = (-math.inf, math.inf)
    if is_apart:
        here, ever = span(ref, ((1,) * len(counts)) + extents), span(ref, counts + extents)
    return _Touch(name, ref.strides[: len(counts)], here, ever, writes, ref)


def span(ref: Ref, extents: tuple[int, ...]) -> tuple[float, float]:
    """Give the first and the last place of numbers at all their indices."""
    if ref.table >= 0:
        return -math.inf, math.inf
    reach = [(n - 1) * stride for n, stride in zip(extents, ref.strides, strict=False)]
    if ref.chosen is not None:
        reach.append((ref.chosen.size - 1) * ref.chosen.step)
    low = ref.start + sum(n for n in reach if n < 0)
    return low, ref.start + sum(n for n in reach if n > 0)


def arranged(nests: Sequence[Nest], counts: tuple[int, ...], rules: Rules) -> list[list[Nest]]:
    """Part nests, inside of loops of some counts, into groups that are computed together."""
    groups: list[list[Nest]] = []
    for first in range(0, len(nests), WINDOW):
        some = _alike(nests[first : first + WINDOW], len(counts))
        items = _late([_Item(nest, counts, rules) for nest in some])
        groups += [group.nests for group in _grouped(items)]
    return groups


def _alike(nests: Sequence[Nest], loops: int) -> list[Nest]:
    """Part the axes of nests for as many numbers into the same ones, where that may be."""
    axes: dict[tuple[int, bool], list[tuple[int, ...]]] = defaultdict(list)
    light = [nest.sizes != () and _is_light(nest) for nest in nests]
    for nest in compress(nests, light):
        known = axes[math.prod(nest.sizes), nest.target.rows]
        for place, sizes in enumerate(known):
            if common := common_axes(nest.sizes, sizes):
                known[place] = common
                break
        else:
            known.append(nest.sizes)
    found = []
    for nest, is_light in zip(nests, light, strict=True):
        if is_light:
            known = axes[math.prod(nest.sizes), nest.target.rows]
            sizes = next(one for one in known if common_axes(nest.sizes, one) == one)
            nest = nest if sizes == nest.sizes else parted(nest, loops, sizes)
        found.append(nest)
    return found


def _is_light(nest: Nest) -> bool:
    """Tell whether others may be computed together with a nest."""
    return nest.is_plain and not any(ref.chosen for ref in reads_of(nest))


def _late(items: list[_Item]) -> list[_Item]:
    """Let what is soon computed of one number wait for who reads it, if that is one other.

    He reads that number in its place, and it is not stored.
    """
    if not any(item.may_wait for item in items):
        return items
    after = _order(items)[1]
    left = dict(enumerate(items))
    for number, item in enumerate(items):
        if not item.may_wait or not after[number]:
            continue
        reader, *others = after[number]
        is_one = left[reader].reads(item) and not any(left[other].reads(item) for other in others)
        if is_one and left[reader].takes(item):
            left[reader].add(item, first=True)
            after[reader] = sorted({*after[reader], *others})
            del left[number]
    return list(left.values())


def _grouped(items: Sequence[_Item]) -> list[_Item]:
    waits, after = _order(items)
    ready = [n for n, count in enumerate(waits) if not count]
    groups: list[_Item] = []
    while ready:
        joining = [n for n in ready if groups and groups[-1].takes(items[n])]
        heavy = [n for n in ready if not items[n].is_light]
        chosen = min(joining or heavy or ready)
        if joining:
            groups[-1].add(items[chosen])
        else:
            groups.append(items[chosen])
        ready.remove(chosen)
        for later in after[chosen]:
            waits[later] -= 1
            if not waits[later]:
                ready.append(later)
    return groups


def _order(items: Sequence[_Item]) -> tuple[list[int], list[list[int]]]:
    """Count the earlier nests that each must wait for, and list the later ones that wait for it."""
    waits = [0] * len(items)
    after: list[list[int]] = [[] for _ in items]
    known: dict[Hashable, list[tuple[int, _Touch]]] = defaultdict(list)
    for number, item in enumerate(items):
        touches = list(chain.from_iterable(item.touches.values()))
        before = {
            earlier
            for touch in touches
            for earlier, other in known[touch.family]
            if touch.meets(other)
        }
        for earlier in before:
            after[earlier].append(number)
        waits[number] = len(before)
        for touch in touches:
            known[touch.family].append((number, touch))
    return waits, after


def families(starts: Sequence[Sequence[int]], shared: Callable[[int], int]) -> Family:
    """Tell numbers apart by the arrays that they are of, from where the arrays of an arena start.

    `shared` names an arena that others may be parts of; a negative one is for itself.
    """

    def family(ref: Ref) -> tuple[Hashable, bool]:
        if ref.arena < len(starts):
            place = bisect_right(starts[ref.arena], ref.start) - 1
            return (ref.arena, place), True
        name = shared(ref.arena)
        return (-1, name), name == ref.arena

    return family
