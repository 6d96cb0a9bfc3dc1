"""All functions of a program: nests as functions of pointers, and kernels that call them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeAlias

from ..axes import joined_axes, normal
from ..loops import Nest, Ref, Repeat, Step, mapped, moved
from .body import pointer
from .builder import Builder
from .contraction import is_contraction, write_contraction
from .elements import write_nests
from .schedule import Family, arranged

__all__ = ["Module", "Table"]

MOST_POINTERS = 12  # that functions for several places take

Table = tuple[int, bool]  # the number of a table of the program; whether ends, behind a 0


@dataclass(frozen=True, slots=True)
class _Slot:
    """A pointer that a function takes: to a place of an arena or a table, at each step of loops."""

    number: int  # of the arena, or of the table
    start: int
    steps: tuple[int, ...]
    rows: bool
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """A function by what it does, for the places that its pointers say."""

    nests: tuple[Nest, ...]
    slots: tuple[_Slot, ...]

    @property
    def key(self) -> str:
        """What it does, to the last bit of its numbers."""
        return repr(self.nests)


@dataclass(frozen=True, slots=True)
class _Loop:
    count: int
    body: tuple[_Call | _Loop, ...]


_Piece: TypeAlias = _Call | _Loop


class Module:
    """The text of a program in LLVM: kernels take a row of pointers, and the number of samples.

    The pointers are those to the arenas, and behind them those to `tables`.
    """

    def __init__(self, arenas: int, width: int, family: Family) -> None:
        self.tables: list[Table] = []
        self._arenas = arenas
        self._width = width
        self._family = family
        self._pieces: dict[str, tuple[_Piece, ...]] = {}

    def add(self, name: str, steps: Sequence[Step]) -> None:
        """Add a kernel, of steps none of which is aside."""
        self._pieces[name] = self._parted(steps, ())

    def text(self) -> str:
        """Give the text of all."""
        every = [call for pieces in self._pieces.values() for call in _calls(pieces)]
        shared = [_placed(call) for call in every]
        often = Counter(call.key for call in shared)
        chosen = {
            id(call): other if often[other.key] > 1 and len(other.slots) <= MOST_POINTERS else call
            for call, other in zip(every, shared, strict=True)
        }
        functions: dict[str, Builder] = {}
        for call in chosen.values():
            if call.key not in functions:
                functions[call.key] = self._function(f"f{len(functions)}", call)
        kernels = [self._kernel(n, p, chosen, functions) for n, p in self._pieces.items()]
        builders = [*functions.values(), *kernels]
        declared = {name: text for one in builders for name, text in one.declared.items()}
        texts = [*declared.values(), *[one.text() for one in builders], self._attributes()]
        return "\n".join(texts)

    def _attributes(self) -> str:
        bits = 64 * self._width
        return (
            f'attributes #0 = {{ nounwind "min-legal-vector-width"="{bits}" '
            f'"prefer-vector-width"="{bits}" }}\n'
        )

    # ---- pieces ---------------------------------------------------------------------------------

    def _parted(self, steps: Sequence[Step], counts: tuple[int, ...]) -> tuple[_Piece, ...]:
        found: list[_Piece] = []
        for is_loop, some in groupby(steps, lambda step: isinstance(step, Repeat)):
            if is_loop:
                found += [
                    _Loop(loop.count, self._parted(loop.body, (*counts, loop.count)))
                    for loop in some
                    if isinstance(loop, Repeat)
                ]
                continue
            nests = [normal(step, len(counts)) for step in some if isinstance(step, Nest)]
            for group in arranged(nests, counts, self._family):
                found.append(self._call(joined_axes(group, len(counts)), len(counts)))
        return tuple(found)

    def _call(self, nests: Sequence[Nest], loops: int) -> _Call:
        """Write nests in terms of pointers to arenas and tables, as far as loops move them."""
        slots: list[_Slot] = []

        def slot(one: _Slot) -> int:
            if one not in slots:
                slots.append(one)
            return slots.index(one)

        def table(number: int, is_ends: bool, steps: tuple[int, ...]) -> int:
            if (number, is_ends) not in self.tables:
                self.tables.append((number, is_ends))
            place = self.tables.index((number, is_ends))
            return slot(_Slot(place, 0, steps, False, True))

        def changed(ref: Ref) -> Ref:
            steps, strides = ref.strides[:loops], ref.strides[loops:]
            if ref.table < 0:
                return replace(
                    ref, arena=slot(_Slot(ref.arena, 0, steps, ref.rows)), strides=strides
                )
            arena = slot(_Slot(ref.arena, 0, (), ref.rows))
            return replace(ref, arena=arena, strides=strides, table=table(ref.table, False, steps))

        found = [
            replace(
                nest,
                target=moved(nest.target, changed),
                value=mapped(nest.value, changed),
                ends=nest.ends if nest.ends < 0 else table(nest.ends, True, ()),
            )
            for nest in nests
        ]
        return _Call(tuple(found), tuple(slots))

    # ---- functions ------------------------------------------------------------------------------

    def _function(self, name: str, call: _Call) -> Builder:
        parameters = [pointer(n) for n in range(len(call.slots))]
        builder = Builder(name, parameters, self._width)
        if len(call.nests) == 1 and is_contraction(call.nests[0]):
            write_contraction(builder, call.nests[0])
        else:
            write_nests(builder, call.nests)
        return builder

    def _kernel(
        self,
        name: str,
        pieces: Sequence[_Piece],
        chosen: dict[int, _Call],
        functions: dict[str, Builder],
    ) -> Builder:
        builder = Builder(name, ["%t"], self._width)
        builder.is_called_from_outside = True

        def write(pieces: Sequence[_Piece], steps: tuple[str, ...]) -> None:
            for piece in pieces:
                if isinstance(piece, _Loop):
                    loop = builder.loop(piece.count)
                    write(piece.body, (*steps, loop.variable))
                    builder.end()
                else:
                    call = chosen[id(piece)]
                    pointers = [self._pointer(builder, slot, steps) for slot in call.slots]
                    shown = ", ".join([*[f"ptr {one}" for one in pointers], "i64 %n"])
                    builder.line(f"call void @{functions[call.key].name}({shown})")

        write(pieces, ())
        return builder

    def _pointer(self, builder: Builder, slot: _Slot, steps: tuple[str, ...]) -> str:
        place = slot.number + (self._arenas if slot.is_table else 0)
        found = builder.pure(f"load ptr, ptr {builder.element('%t', place, 'ptr')}, align 8", "%t")
        terms = list(zip(steps, slot.steps, strict=False))
        if not slot.is_table:
            return builder.address(found, slot.start, terms, slot.rows, ("", 0))
        found = builder.element(found, builder.linear(terms) or 0, "i64")
        return builder.element(found, slot.start, "i64")


def _calls(pieces: Sequence[_Piece]) -> list[_Call]:
    found = []
    for piece in pieces:
        found += _calls(piece.body) if isinstance(piece, _Loop) else [piece]
    return found


def _placed(call: _Call) -> _Call:
    """Give a call whose pointers say where its numbers start, so that others may be the same."""
    slots: list[_Slot] = []

    def slot(one: _Slot) -> int:
        if one not in slots:
            slots.append(one)
        return slots.index(one)

    def changed(ref: Ref) -> Ref:
        arena = slot(replace(call.slots[ref.arena], start=ref.start))
        ref = replace(ref, arena=arena, start=0)
        if ref.table < 0:
            return ref
        return replace(ref, table=slot(replace(call.slots[ref.table], start=ref.at)), at=0)

    nests = [
        replace(
            nest,
            target=moved(nest.target, changed),
            value=mapped(nest.value, changed),
            ends=nest.ends if nest.ends < 0 else slot(call.slots[nest.ends]),
        )
        for nest in call.nests
    ]
    return _Call(tuple(nests), tuple(slots))
