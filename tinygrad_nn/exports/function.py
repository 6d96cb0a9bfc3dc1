"""The function of a header: what is done before, for, and after the samples; long ones in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..compiler.program.program import indices_of
from ..compiler.program.statements import Access
from .loops import write_parts
from .schedule import Parts, Scheduled
from .signature import Signature
from .text import listed
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


class Function:
    """Writes a function, and the parts that it is made of if it is long."""

    def __init__(
        self, signature: Signature, plan: Scheduled, writer: Writer, places: Places
    ) -> None:
        self._signature = signature
        self._plan = plan
        self._writer = writer
        self._places = places
        self._parts: list[str] = []
        self._count = 0
        self._names: frozenset[str] = frozenset()
        self._body = [*self._written()]

    def lines(self) -> Iterator[str]:
        """Give all lines."""
        yield from self._parts
        yield from (*self._signature.lines("static inline "), "{")
        plan, signature, real = self._plan, self._signature, self._signature.real.name
        if "batch" in self._names:
            count = f"({real}){signature.samples}"
            yield f"    const {real} batch[2] = {{{count}, 1 / {count}}};"
        if plan.lookups:
            yield "    int fault = 0;"
        for one in signature.arguments.values():
            if one.name not in self._names and not (one.per_sample and plan.counts):
                yield f"    (void){one.name};"
        yield from self._body
        if plan.lookups:
            yield "    return fault;"
        yield from ("}", "")

    def _written(self) -> Iterator[str]:
        plan, signature = self._plan, self._signature
        yield from self._phase(plan.before)
        body = [*self._phase(plan.body), *self._looking()]
        if plan.counts:
            sample = self._writer.names.new("sample")
            yield f"    for (size_t {sample} = 0; {sample} < {signature.samples}; {sample}++) {{"
            body += [f"    {row.name} += {row.size};" for row in signature.rows]
            yield from [f"    {line}" for line in body]
            yield "    }"
        else:
            yield from body
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
        writer, places = self._writer, self._places
        asked, places.asked = places.asked, set()
        writer.lines = []
        write_parts(writer, parts)
        names = frozenset([places.name(number) for number in places.asked])
        places.asked |= asked
        self._names |= names
        return _Block(tuple(writer.lines), names)

    def _part(self, blocks: Sequence[_Block]) -> Iterator[str]:
        """Write a function of some groups, and the call of it."""
        names = frozenset().union(*[block.names for block in blocks])
        real = self._signature.real.name
        given: dict[str, str] = {"batch": f"const {real} *restrict batch"}
        for one in self._signature.arguments.values():
            pointer = f"const {real} *restrict {one.name}"
            given[one.name] = f"{real} {one.name}" if one.is_number else pointer
        given |= {one.name: f"{real} *restrict {one.name}" for one in self._signature.outputs}
        taken = [name for name in given if name in names]
        self._count += 1
        name = f"{self._signature.name}_part{self._count}"
        declared = [given[one] for one in taken] or ["void"]
        self._parts += [*listed(f"static void {name}(", declared, ")"), "{"]
        for block in blocks:
            self._parts += block.lines
        self._parts += ["}", ""]
        yield f"    {name}({', '.join(taken)});"

    def _looking(self) -> Iterator[str]:
        """Look whether what chooses from tables is one of their places."""
        for lookup in self._plan.lookups:
            where = lookup.places.where
            assert isinstance(where, Access)
            place = self._places[where.array]
            self._names |= {place.name}
            found = indices_of(self._plan.program, lookup.places)
            indices = range(found.start, found.stop) if isinstance(found, slice) else found.tolist()
            for index in indices:
                text = place.name if place.is_number else f"{place.name}[{place.start + index}]"
                yield f"    fault |= {self._writer.helper('place')}({text}, {lookup.size}) < 0;"
