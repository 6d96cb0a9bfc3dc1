"""What is to be true of things outside, one fact each: plain data, written as Python here.

Machine code is written of them elsewhere. What they speak of is kept alive by whoever has them.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from operator import is_
from types import CellType
from typing import Any, TypeAlias

__all__ = ["MISSING", "Asked", "Content", "Fact", "Given", "HasSize", "Item", "Parts"]

MISSING = object()  # what a name stands for that is not there

Bind: TypeAlias = Callable[[Any], str]  # names an object


@dataclass(frozen=True, slots=True)
class Item:
    """A name of a namespace stands for a thing, or is not there."""

    space: Any
    name: str
    value: Any

    def text(self, bind: Bind) -> str:
        """Write it as Python."""
        if self.value is MISSING:
            return f"{self.name!r} not in {bind(self.space)}"
        return f"{bind(self.space)}[{self.name!r}] is {bind(self.value)}"


@dataclass(frozen=True, slots=True)
class HasSize:
    """There are so many things in another one."""

    container: Sized
    size: int

    def text(self, bind: Bind) -> str:
        """Write it as Python."""
        return f"{bind(len)}({bind(self.container)}) == {self.size}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a thing gives one after the other are these things and no others."""

    container: Any
    parts: tuple[Any, ...]
    are_values: bool = False  # of a dict

    def text(self, bind: Bind) -> str:
        """Write it as Python."""
        every, each, same, size, it = map(bind, (all, map, is_, len, self.container))
        values = ".values()" * self.are_values
        alike = f"{every}({each}({same}, {it}{values}, {bind(self.parts)}))"
        return f"{size}({it}) == {len(self.parts)} and {alike}"


@dataclass(frozen=True, slots=True)
class Given:
    """An attribute that Python gives is a thing; of an owner that may go there is a reference."""

    owner: Any
    name: str
    value: Any
    is_reference: bool

    def text(self, bind: Bind) -> str:
        """Write it as Python."""
        return f"{bind(self.owner)}{'()' * self.is_reference}.{self.name} is {bind(self.value)}"


@dataclass(frozen=True, slots=True)
class Content:
    """A variable of a closure stands for a thing."""

    cell: CellType
    value: Any

    def text(self, bind: Bind) -> str:
        """Write it as Python."""
        return f"{bind(self.cell)}.cell_contents is {bind(self.value)}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A function tells."""

    function: Callable[[], bool]

    def text(self, bind: Bind) -> str:
        """Write it as Python."""
        return f"{bind(self.function)}()"


Fact: TypeAlias = Item | HasSize | Parts | Given | Content | Asked
