"""What a program does in groups of nests, as calls of functions that take pointers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Generic, TypeAlias, TypeVar

from ..loops import Nest, Ref, mapped, moved, reads_of
from .schedule import span

__all__ = ["Call", "Group", "Loop", "Slot", "placed", "unread", "within"]

COPIES = 4  # of a few operations on single numbers, that take no longer to make than calls


@dataclass(frozen=True, slots=True)
class Slot:
    """A pointer that a function takes: to a place of an arena or a table, at each step of loops."""

    number: int  # of the arena, or of the table
    start: int
    steps: tuple[int, ...]
    rows: bool
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function by what it does, for the places that its pointers say."""

    nests: tuple[Nest, ...]
    slots: tuple[Slot, ...]
    has_room: bool  # behind the samples, in all rows

    @property
    def outline(self) -> Hashable:
        """What is the same for all calls that do the same, and soon compared."""
        return tuple([(one.target.strides, one.sizes, one.over, one.coef) for one in self.nests])

    @property
    def most_copies(self) -> int:
        """How often it is written where it is done: what has loops is long, and takes long to make."""
        has_loops = any(one.inner or one.target.rows or one.over_samples for one in self.nests)
        return 1 if has_loops else COPIES

    @property
    def key(self) -> str:
        """What it does, to the last bit of its numbers."""
        return f"{self.has_room} {self.nests}"


@dataclass(frozen=True, slots=True)
class Group:
    """Nests that are computed together, inside of loops of some counts."""

    nests: tuple[Nest, ...]
    counts: tuple[int, ...]


Part = TypeVar("Part", Call, Group)


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
            if target.array in kept or not nest.is_plain:
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


def placed(call: Call) -> Call:
    """Give a call whose pointers say where its numbers start, so that others may be the same."""
    slots: list[Slot] = []

    def slot(one: Slot) -> int:
        if one not in slots:
            slots.append(one)
        return slots.index(one)

    def changed(ref: Ref) -> Ref:
        arena = slot(replace(call.slots[ref.arena], start=ref.start))
        table = -1 if ref.table < 0 else slot(replace(call.slots[ref.table], start=ref.at))
        return Ref(arena, 0, ref.strides, ref.rows, table, 0, ref.chosen)

    nests = [
        replace(
            nest,
            target=moved(nest.target, changed),
            value=mapped(nest.value, changed),
            ends=nest.ends if nest.ends < 0 else slot(call.slots[nest.ends]),
        )
        for nest in call.nests
    ]
    return Call(tuple(nests), tuple(slots), call.has_room)
