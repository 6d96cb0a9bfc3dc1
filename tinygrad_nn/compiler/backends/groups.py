"""What a program does, in groups of nests that are computed together, inside of loops."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Generic, TypeAlias, TypeVar

from .axes import normal, written_out
from .loops import Nest, Repeat, Step, reads_of
from .schedule import Rules, arranged, span

__all__ = ["Group", "Loop", "grouped", "unread", "within"]

FEW = 4  # numbers of a nest that are computed one by one: in memory they would wait for each other


@dataclass(frozen=True, slots=True)
class Group:
    """Nests that are computed together, inside of loops of some counts."""

    nests: tuple[Nest, ...]
    counts: tuple[int, ...]


Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Loop(Generic[Part]):
    """Parts that are done once for each step."""

    count: int
    body: tuple[Part | Loop[Part], ...]


def within(parts: Sequence[Part | Loop[Part]]) -> list[Part]:
    """List the parts, those inside of loops once each."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, Loop):
            found += within(part.body)
        else:
            found.append(part)
    return found


def grouped(
    steps: Sequence[Step], rules: Rules, counts: tuple[int, ...] = ()
) -> tuple[Group | Loop[Group], ...]:
    """Part steps, none of which is aside, into groups; `counts` are of the loops around them."""
    found: list[Group | Loop[Group]] = []
    for is_loop, some in groupby(steps, lambda step: isinstance(step, Repeat)):
        if is_loop:
            found += [
                Loop(loop.count, grouped(loop.body, rules, (*counts, loop.count)))
                for loop in some
                if isinstance(loop, Repeat)
            ]
            continue
        loops = len(counts)
        nests = [normal(step, loops) for step in some if isinstance(step, Nest)]
        if len(nests) <= rules.most_nests:
            nests = [one for nest in nests for one in written_out(nest, loops, FEW, rules.tables)]
        for group in arranged(nests, counts, rules):
            found.append(Group(tuple(group), counts))
    return tuple(found)


def unread(groups: Sequence[Group], kept: Collection[int]) -> set[int]:
    """Find nests, by their ids, whose numbers are read by later ones of their group alone."""
    reads: dict[int, list[_Read]] = defaultdict(list)
    for number, group in enumerate(groups):
        for place, nest in enumerate(group.nests):
            for ref in reads_of(nest):
                low, high = span(ref, (*group.counts, *nest.inner))
                reads[ref.array].append((low, high, number, place))
    readers = {array: _Readers(some) for array, some in reads.items()}
    found = set()
    for number, group in enumerate(groups):
        for place, nest in enumerate(group.nests):
            target = nest.target
            joins = not nest.is_plain
            if target.array in kept or target.chosen or (joins and len(group.nests) == 1):
                continue
            some = readers.get(target.array)
            low, high = span(target, (*group.counts, *nest.sizes))
            if some is None or all(
                other == number and later > place for other, later in some.of(low, high)
            ):
                found.add(id(nest))
    return found


_Read: TypeAlias = tuple[float, float, int, int]  # the first place and the last; which nest reads


class _Readers:
    """Those who read of an array, by what they read."""

    def __init__(self, reads: list[_Read]) -> None:
        self._reads = sorted(reads)
        self._lows = [low for low, *_ in self._reads]
        self._highs = list(accumulate([high for _, high, *_ in self._reads], max))

    def of(self, low: float, high: float) -> Iterator[tuple[int, int]]:
        """Walk through the groups, and the places there, of those who read some places."""
        first, last = bisect_left(self._highs, low), bisect_right(self._lows, high)
        for _, end, group, place in self._reads[first:last]:
            if end >= low:
                yield group, place
