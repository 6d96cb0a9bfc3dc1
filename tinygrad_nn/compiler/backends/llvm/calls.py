"""What a group of nests does, as a call of a function that takes pointers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from ..loops import Nest, Ref, mapped, moved

__all__ = ["Call", "Slot", "placed"]

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
