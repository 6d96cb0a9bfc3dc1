"""The order of nests, and which of them are computed together: what fits comes next to what it fits.

Nests keep their order where one writes what the other reads or writes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from itertools import compress

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

    At most so many operations; nests that join others may come first, where they `lead`. Of so many
    nests in a row, those for few numbers are computed one by one, with the places of `tables`.
    """

    family: Family
    tables: Sequence[Ints] = ()
    most: int = field(default_factory=lambda: MOST_TOGETHER)
    most_nests: int = field(default_factory=lambda: MOST_NESTS)
    leads: Callable[[Nest], bool] = lambda nest: False


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
    """A nest with what it touches."""

    def __init__(self, nest: Nest, counts: tuple[int, ...], rules: Rules) -> None:
        self.nest = nest
        reads = list(reads_of(nest))
        self.touches = [_touch(nest.target, counts, nest.sizes, True, rules.family)]
        self.touches += [_touch(ref, counts, nest.inner, False, rules.family) for ref in reads]
        self.is_light = _is_light(nest)
        self.leads = self.is_light or rules.leads(nest)
        self.shape = nest.sizes, nest.target.rows
        self.work = 1 + sum(LONG for op in operations_of(nest.value) if op in SERIES)


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


class _Group:
    """Nests that are computed together, at one place after the other."""

    def __init__(self, item: _Item, most: int) -> None:
        self.first = item
        self.most = most
        self.nests: list[Nest] = []
        self.work = 0
        self._touches: dict[Hashable, list[_Touch]] = defaultdict(list)
        self.add(item)

    def add(self, item: _Item) -> None:
        self.nests.append(item.nest)
        self.work += item.work
        for touch in item.touches:
            self._touches[touch.family].append(touch)

    def takes(self, item: _Item) -> bool:
        """Tell whether a nest may join: what both touch is the same number at each place."""
        if not (self.first.leads and item.is_light) or self.first.shape != item.shape:
            return False
        if self.work + item.work > self.most:
            return False
        return all(
            touch.ref == other.ref
            for touch in item.touches
            for other in self._touches.get(touch.family, ())
            if touch.meets(other)
        )


def arranged(nests: Sequence[Nest], counts: tuple[int, ...], rules: Rules) -> list[list[Nest]]:
    """Part nests, inside of loops of some counts, into groups that are computed together."""
    groups: list[list[Nest]] = []
    for first in range(0, len(nests), WINDOW):
        some = _alike(nests[first : first + WINDOW], len(counts))
        items = [_Item(nest, counts, rules) for nest in some]
        groups += [group.nests for group in _grouped(items, rules.most)]
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


def _grouped(items: Sequence[_Item], most: int) -> list[_Group]:
    waits, after = _order(items)
    ready = [n for n, count in enumerate(waits) if not count]
    groups: list[_Group] = []
    while ready:
        joining = [n for n in ready if groups and groups[-1].takes(items[n])]
        heavy = [n for n in ready if not items[n].is_light]
        chosen = min(joining or heavy or ready)
        if joining:
            groups[-1].add(items[chosen])
        else:
            groups.append(_Group(items[chosen], most))
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
        before = {
            earlier
            for touch in item.touches
            for earlier, other in known[touch.family]
            if touch.meets(other)
        }
        for earlier in before:
            after[earlier].append(number)
        waits[number] = len(before)
        for touch in item.touches:
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
