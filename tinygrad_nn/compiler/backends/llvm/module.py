"""All functions of a program: nests as functions of pointers, and kernels that call them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from ..axes import joined_axes
from ..groups import Group, Loop, grouped, unread, within
from ..looks import Looks
from ..loops import Nest, Ref, Step, mapped, moved
from ..schedule import Rules
from .builder import Builder
from .calls import Call, Slot, placed
from .constants import Constants
from .contraction import is_contraction, write_contraction
from .elements import write_nests
from .faults import write_faults
from .reals import DOUBLE, Real

__all__ = ["Module", "Table"]

MOST_POINTERS = 12  # that functions for several places take
LONGEST = 24  # groups of a function: of longer ones each takes more time to make

Table = tuple[int, bool]  # the number of a table of the program; whether ends, behind a 0


_Functions: TypeAlias = "dict[int, tuple[Builder, Call]]"


class Module:
    """The text of a program in LLVM: kernels take pointers, `%n` samples, and `%r` between rows.

    The pointers are those to the arenas, to the `constants` and to `tables`. Rows of samples in the
    arenas `roomy` go on for two vectors.
    """

    def __init__(
        self,
        arenas: int,
        width: int,
        rules: Rules,
        kept: Collection[int] = (),
        roomy: Collection[int] = (),
        real: Real = DOUBLE,
    ) -> None:
        self.tables: list[Table] = []
        self.constants = Constants(width * real.size // DOUBLE.size)
        self._arenas = arenas
        self._width = width
        self._real = real
        self._rules = rules
        self._kept = kept  # arrays that others read than the nests
        self._roomy = roomy
        self._groups: dict[str, tuple[Group | Loop[Group], ...]] = {}
        self._looks: Looks | None = None

    def add(self, name: str, steps: Sequence[Step]) -> None:
        """Add a kernel, of steps none of which is aside."""
        self._groups[name] = grouped(steps, self._rules)

    def look(self, looks: Looks) -> None:
        """Add the function `faults`, which looks at numbers, and `whole`: all kernels, and that.

        They read a pointer to the spans behind those to the tables.
        """
        self._looks = looks

    def text(self) -> str:
        """Give the text of all."""
        groups = [group for pieces in self._groups.values() for group in within(pieces)]
        hidden = unread(groups, self._kept)
        kernels = {name: self._called(parts, hidden) for name, parts in self._groups.items()}
        functions = self._functions(kernels)
        outer = [
            one for name, parts in kernels.items() for one in self._kernel(name, parts, functions)
        ]
        builders = [*{id(one): one for one, _ in functions.values()}.values(), *outer]
        if self._looks is not None:
            builders += self._looking(self._looks, list(kernels))
        declared = {name: text for one in builders for name, text in one.declared.items()}
        texts = [*declared.values(), *[one.text() for one in builders], self._attributes()]
        texts.append(f"; constants: {self.constants.bits}\n")
        return "\n".join(texts)

    def _attributes(self) -> str:
        bits = 8 * self._real.size * self._width
        return (
            f'attributes #0 = {{ nounwind "min-legal-vector-width"="{bits}" '
            f'"prefer-vector-width"="{bits}" }}\n'
        )

    # ---- pieces ---------------------------------------------------------------------------------

    def _called(
        self, parts: Sequence[Group | Loop[Group]], hidden: set[int]
    ) -> tuple[Call | Loop[Call], ...]:
        found: list[Call | Loop[Call]] = []
        for part in parts:
            if isinstance(part, Loop):
                found.append(Loop(part.count, self._called(part.body, hidden)))
                continue
            nests = [
                replace(nest, stored=False) if id(nest) in hidden else nest for nest in part.nests
            ]
            loops = len(part.counts)
            found.append(self._call(joined_axes(nests, loops), loops))
        return tuple(found)

    def _call(self, nests: Sequence[Nest], loops: int) -> Call:
        """Write nests in terms of pointers to arenas and tables, as far as loops move them."""
        slots: list[Slot] = []

        def slot(one: Slot) -> int:
            if one not in slots:
                slots.append(one)
            return slots.index(one)

        def table(number: int, is_ends: bool, steps: tuple[int, ...]) -> int:
            if (number, is_ends) not in self.tables:
                self.tables.append((number, is_ends))
            place = self.tables.index((number, is_ends))
            return slot(Slot(place, 0, steps, False, True))

        def changed(ref: Ref) -> Ref:
            steps, strides = ref.strides[:loops], ref.strides[loops:]
            place, number = Slot(ref.arena, 0, steps, ref.rows), -1
            if ref.table >= 0:  # which is what the steps of loops move along
                place = Slot(ref.arena, 0, (), ref.rows)
                number = table(ref.table, False, steps)
            return Ref(slot(place), ref.start, strides, ref.rows, number, ref.at, ref.chosen)

        found = [
            replace(
                nest,
                target=moved(nest.target, changed),
                value=mapped(nest.value, changed),
                ends=nest.ends if nest.ends < 0 else table(nest.ends, True, ()),
            )
            for nest in nests
        ]
        rows = [one.number for one in slots if one.rows]
        has_room = bool(rows) and all(arena in self._roomy for arena in rows)
        return Call(tuple(found), tuple(slots), has_room)

    # ---- functions ------------------------------------------------------------------------------

    def _builder(
        self, name: str, pointers: Sequence[str], constants: Constants | None = None
    ) -> Builder:
        return Builder(name, pointers, self._width, self._real, constants)

    def _functions(self, kernels: Mapping[str, Sequence[Call | Loop[Call]]]) -> _Functions:
        """Write what is done at several places, and what is too much for one loop, as functions.

        By the ids of calls: the function, and the call in terms of its pointers.
        """
        every = [call for parts in kernels.values() for call in within(parts)]
        alike = Counter(call.outline for call in every)
        shared = [placed(call) if alike[call.outline] > 1 else call for call in every]
        often = Counter(call.key for call in shared)
        crowded = {
            id(call)
            for parts in kernels.values()
            for part in parts
            if isinstance(part, Loop) and len(inside := within(part.body)) > LONGEST
            for call in inside
        }
        found: _Functions = {}
        written: dict[str, Builder] = {}
        for call, other in zip(every, shared, strict=True):
            fit = often[other.key] > other.most_copies and len(other.slots) <= MOST_POINTERS
            one = other if fit else call
            if one is call and id(call) not in crowded:
                continue
            if one.key not in written:
                pointers = [f"%p{n}" for n in range(len(one.slots))]
                builder = self._builder(f"f{len(written)}", pointers, self.constants)
                builder.has_room = one.has_room
                _write(builder, one)
                written[one.key] = builder
            found[id(call)] = written[one.key], one
        return found

    def _kernel(
        self, name: str, parts: Sequence[Call | Loop[Call]], functions: _Functions
    ) -> list[Builder]:
        """Write a kernel; a long one calls its parts."""
        kernel = self._builder(name, ["%t"], self.constants)
        kernel.is_called_from_outside = True
        kernel.find_constants(self._arenas)
        chunks = _chunks(parts)
        if len(chunks) == 1:
            self._write(kernel, parts, (), functions)
            return [kernel]
        builders = []
        for number, chunk in enumerate(chunks):
            builder = self._builder(f"{name}_{number}", ["%t"], self.constants)
            self._write(builder, chunk, (), functions)
            kernel.line(f"call void @{builder.name}(ptr %t, i64 %n, i64 %r, ptr %k)")
            builders.append(builder)
        return [*builders, kernel]

    def _write(
        self,
        builder: Builder,
        parts: Sequence[Call | Loop[Call]],
        steps: tuple[str, ...],
        functions: _Functions,
    ) -> None:
        for part in parts:
            if isinstance(part, Loop):
                loop = builder.loop(part.count)
                self._write(builder, part.body, (*steps, loop.variable), functions)
                builder.end()
                continue
            function, call = functions.get(id(part), (None, part))
            pointers = [self._pointer(builder, slot, steps) for slot in call.slots]
            if function is None:
                outer = builder.begin(pointers, call.has_room)
                _write(builder, call)
                builder.finish(outer)
            else:
                shown = ", ".join([f"ptr {one}" for one in pointers])
                builder.line(f"call void @{function.name}({shown}, i64 %n, i64 %r, ptr %k)")

    def _looking(self, looks: Looks, kernels: Sequence[str]) -> list[Builder]:
        whole = self._builder("whole", ["%t"])
        whole.is_called_from_outside = True
        for kernel in kernels:
            whole.line(f"call void @{kernel}(ptr %t, i64 %n, i64 %r)")
        whole.result = f"i64 {whole.let('call i64 @faults(ptr %t, i64 %n, i64 %r)')}"
        return [*write_faults(looks, self._arenas + 1 + len(self.tables), whole), whole]

    def _pointer(self, builder: Builder, slot: Slot, steps: tuple[str, ...]) -> str:
        place = slot.number + (self._arenas + 1 if slot.is_table else 0)
        found = builder.pure(f"load ptr, ptr {builder.element('%t', place, 'ptr')}, align 8", "%t")
        terms = list(zip(steps, slot.steps, strict=False))
        if not slot.is_table:
            return builder.address(found, slot.start, terms, slot.rows, ("", 0))
        found = builder.element(found, builder.linear(terms) or 0, "i64")
        return builder.element(found, slot.start, "i64")


def _write(builder: Builder, call: Call) -> None:
    """Write what a call does, where it stands."""
    if is_contraction(call.nests[0]):
        write_contraction(builder, call.nests)
    else:
        write_nests(builder, call.nests)


def _chunks(
    parts: Sequence[Call | Loop[Call]],
) -> list[list[Call | Loop[Call]]]:
    """Part what is written in one function into what several have."""
    found: list[list[Call | Loop[Call]]] = [[]]
    size = 0
    for part in parts:
        more = len(within([part]))
        if found[-1] and size + more > LONGEST:
            found.append([])
            size = 0
        found[-1].append(part)
        size += more
    return found
