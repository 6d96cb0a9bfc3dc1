"""What a picture of a graph consists of: regions, numbers and the wires between them.

A region is a scope, open or closed; a number stands for one node, or for several that are
alike. Nothing here knows how these are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ..scalar.graph import Node
from ..scopes import Path
from .likeness import Use, kind_of
from .placing import Placed

__all__ = ["End", "Number", "Outline", "Region", "Wire", "home"]


@dataclass(eq=False)
class Region:
    """A scope, or several that are alike."""

    scopes: list[Path]  # the root stands for ()
    closed: bool = False  # drawn as one box
    parent: Region | None = None
    nodes: list[Node] = field(default_factory=list)  # if closed, everything inside
    regions: list[Region] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many alike there are in each of the regions around it."""
        around = len(self.parent.scopes) if self.parent else 1
        return len(self.scopes) // around

    @property
    def name(self) -> str:
        """The name of the scope; without its number where it stands for several."""
        first = self.scopes[0][-1]
        return kind_of(first) if self.count > 1 else first

    def outward(self) -> Iterator[Region]:
        """Yield the regions around this one, the innermost first."""
        region = self.parent
        while region is not None:
            yield region
            region = region.parent

    def walk(self) -> Iterator[Region]:
        """Yield this region and all inside of it."""
        yield self
        for region in self.regions:
            yield from region.walk()


@dataclass(eq=False)
class Number:
    """A node, or several that are alike."""

    nodes: list[Node]
    region: Region  # where it is drawn
    within: Region | None = None  # the closed region that computes it

    @property
    def count(self) -> int:
        """How many there are in each of the regions around it."""
        return max(1, len(self.nodes) // len(self.region.scopes))

    def outward(self) -> Iterator[Region]:
        """Yield the regions around this number, the innermost first."""
        yield self.region
        yield from self.region.outward()


End: TypeAlias = Region | Number


def home(end: End) -> Region | None:
    """Find the region that is drawn around something; None for the whole picture."""
    return end.region if isinstance(end, Number) else end.parent


@dataclass(eq=False)
class Wire:
    """Uses of what one end stands for by the other."""

    tail: End
    head: End
    position: int  # as which operand; -1 where several are one wire
    uses: list[Use] = field(default_factory=list)

    @property
    def around(self) -> Region:
        """The innermost region that both ends are in."""
        outer = set(self.head.outward())
        return next(region for region in self.tail.outward() if region in outer)


@dataclass(eq=False)
class Outline:
    """A whole picture."""

    root: Region  # what is in no scope, and all regions
    wires: list[Wire]
    # the uses of plain numbers, by what they make and as which operand
    constants: Mapping[tuple[Number, int], Sequence[Use]]
    terms: Mapping[Node, Sequence[Use]]  # the operands of each operation, those of a chain together
    placed: Placed

    def numbers(self) -> Iterator[Number]:
        """Yield all numbers."""
        for region in self.root.walk():
            yield from region.numbers

    def __len__(self) -> int:
        return sum(len(r.numbers) + r.closed for r in self.root.walk())
