"""The operands of the operations on a tape."""

from __future__ import annotations

from typing import Any

__all__ = ["Entry", "Operands"]

# An int that stays in its object: compiled, each list would get an object of its own, and
# memory is what recording waits for.
Entry = Any


class Operands:
    """The operands of every entry: two of each in lists, and few others.

    As a list of tuples they would be as many things for the garbage collector to walk.
    """

    __slots__ = ("first", "rest", "second")

    def __init__(self) -> None:
        self.first: list[Entry] = []  # -1 where there is none; of an input its array
        self.second: list[Entry] = []  # of an input its place in the array
        self.rest: dict[int, tuple[int, ...]] = {}  # those from the third on

    def __getitem__(self, entry: int) -> tuple[int, ...]:
        x, y = self.first[entry], self.second[entry]
        if y >= 0:
            return (x, y, *self.rest.get(entry, ()))
        return (x,) if x >= 0 else ()
