"""A function: what is done before, for, and after the samples; long ones in parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...compiler.program.program import indices_of
from ...compiler.program.statements import Access
from .nests import write_parts
from .schedule import Parts, Scheduled
from .signature import Signature
from .writer import Place, Writer

__all__ = ["Function", "Places"]

LONGEST = 300  # lines of a function: compilers take much longer for long ones


class Places(dict[int, Place]):
    """Where arrays lie, by their numbers; notes who was asked for."""

    def __init__(self) -> None:
        self.asked: set[int] = set()

    def __getitem__(self, number: int) -> Place:
        self.asked.add(number)
        return super().__getitem__(number)

    def name(self, number: int) -> str:
        """Give the name of an array."""
        return super().__getitem__(number).name


@dataclass(frozen=True, slots=True)
class _Block:
    """Some lines, and the names of arrays in them."""

    lines: tuple[str, ...]
    names: frozenset[str]


class Function(ABC):
    """Writes a function, and the parts that it is made of if it is long."""

    def __init__(
        self, signature: Signature, plan: Scheduled, writer: Writer, places: Places
    ) -> None:
        self.signature = signature
        self.plan = plan
        self.writer = writer
        self.parts: list[str] = []  # functions that it calls
        self.names: frozenset[str] = frozenset()  # of the arrays that it has to do with
        self._places = places
        self._count = 0
        self.body = [*self._written()]

    @abstractmethod
    def lines(self) -> Iterator[str]:
        """Give all lines."""

    @abstractmethod
    def part(self, name: str, taken: Sequence[str]) -> Iterator[str]:
        """Begin a function of some of the groups, which is given some of the arrays."""

    @abstractmethod
    def of_samples(self, body: Sequence[str]) -> Iterator[str]:
        """Write a loop over the samples."""

    @abstractmethod
    def look(self, number: str, size: int) -> str:
        """Look whether a number is a place of a table."""

    def _written(self) -> Iterator[str]:
        plan = self.plan
        yield from self._phase(plan.before)
        body = [*self._phase(plan.body), *self._looking()]
        yield from self.of_samples(body) if plan.counts else body
        yield from self._phase(plan.after)

    def _phase(self, parts: Parts) -> Iterator[str]:
        """Write groups where they stand, or as calls of functions of some of them each."""
        blocks = [self._block(parts[n : n + 1]) for n in range(len(parts))]
        if sum(len(block.lines) for block in blocks) <= LONGEST:
            for block in blocks:
                yield from block.lines
            return
        some: list[_Block] = []
        for block in blocks:
            if some and sum(len(one.lines) for one in some) + len(block.lines) > LONGEST:
                yield from self._part(some)
                some = []
            some.append(block)
        yield from self._part(some)

    def _block(self, parts: Parts) -> _Block:
        writer, places = self.writer, self._places
        asked, places.asked = places.asked, set()
        writer.lines = []
        write_parts(writer, parts)
        names = frozenset([places.name(number) for number in places.asked])
        places.asked |= asked
        self.names |= names
        return _Block(tuple(writer.lines), names)

    def _part(self, blocks: Sequence[_Block]) -> Iterator[str]:
        """Write a function of some groups, and the call of it."""
        names = frozenset().union(*[block.names for block in blocks])
        signature = self.signature
        given = [one.name for one in (*signature.arguments.values(), *signature.outputs)]
        taken = [name for name in ("batch", *given) if name in names]
        self._count += 1
        name = f"{signature.name}_part{self._count}"
        self.parts += self.part(name, taken)
        for block in blocks:
            self.parts += block.lines
        self.parts += ["}", ""]
        yield f"    {name}({', '.join(taken)});"

    def _looking(self) -> Iterator[str]:
        """Look whether what chooses from tables is one of their places."""
        for lookup in self.plan.lookups:
            where = lookup.places.where
            assert isinstance(where, Access)
            place = self._places[where.array]
            self.names |= {place.name}
            found = indices_of(self.plan.program, lookup.places)
            indices = range(found.start, found.stop) if isinstance(found, slice) else found.tolist()
            for index in indices:
                text = place.name if place.is_number else f"{place.name}[{place.start + index}]"
                yield f"    {self.look(text, lookup.size)}"
