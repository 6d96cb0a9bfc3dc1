"""A program as one header in C99."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..compiler.listing.listing import listing
from ..compiler.program.program import Floats, Ints, Role, indices_of
from ..compiler.program.statements import Access
from .arena import lives, placed
from .example import Example
from .loops import Place, Writer
from .operations import helper_text
from .schedule import scheduled
from .selftest import test_of
from .signature import Signature
from .source import Source
from .text import WIDTH, Names, array_of, broken, integer_type, real_of, texts

__all__ = ["header"]

MOST_LINES = 60  # of the program that is shown
ABOUT = """
Nothing is allocated, and calls must not overlap: the memory is static. Include it in one file, or
in several that have it each for itself. cc -std=c99 -DTEST -x c {name}.h -lm makes a program that
tries it. Products are rounded before they are added: with gcc, -std=c99 or -ffp-contract=off keeps
it so.
"""


class _Places(dict[int, Place]):
    """Where arrays lie; notes who was asked for."""

    def __init__(self) -> None:
        self.asked: set[int] = set()

    def __getitem__(self, number: int) -> Place:
        self.asked.add(number)
        return super().__getitem__(number)


class Header:
    """The parts of a header with a function of a name."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.name = name
        self.real = real_of(source.dtype)
        self.plan = plan = scheduled(source)
        self.names = Names([name])
        self.signature = Signature.of(
            source, name, self.real, plan.counts, bool(plan.lookups), self.names
        )
        self.helpers: dict[str, str] = {}
        self.tables: dict[tuple[int, bool], str] = {}
        self.places = self._places()
        self.sizes = [array.size for array in plan.program.arrays]
        most = max(
            [*self.sizes, *[output.size for output in source.outputs], self.arena], default=0
        )
        self.counter = "int" if most < 1 << 15 else "long"
        self.body = list(self._body())

    # ---- memory ---------------------------------------------------------------------------------

    def _places(self) -> _Places:
        plan, arrays = self.plan, self.plan.program.arrays
        looked = [
            one.places.where.array for one in plan.lookups if isinstance(one.places.where, Access)
        ]
        used = lives(plan.before, plan.body, plan.after, looked)
        inner = {
            number: arrays[number].size
            for number in used
            if number < len(arrays)
            and arrays[number].role is Role.INNER
            and number not in plan.whole
        }
        starts, self.arena = placed(used, inner)
        found = _Places()
        found.update({number: Place("arena", start) for number, start in starts.items()})
        outputs, arguments = self.signature.outputs, self.signature.arguments
        for number, (output, at) in plan.whole.items():
            found[number] = Place(outputs[output].name, at)
        for number, parameter in enumerate(outputs, len(arrays)):
            found[number] = Place(parameter.name)
        for number, parameter in arguments.items():
            found[number] = Place(parameter.name, 0, parameter.is_number)
        self.constants: dict[int, Floats] = self.source.known | plan.program.constants
        for number in self.constants:
            found[number] = Place(f"{self.name}_{arrays[number].name or f'c{number}'}")
        for number, array in enumerate(arrays):
            if array.role is Role.BATCH:
                found[number] = Place("batch")
                self.batch = number
        return found

    def _table(self, number: int, is_ends: bool) -> str:
        key = number, is_ends
        if key not in self.tables:
            self.tables[key] = f"{self.name}_{'ends' if is_ends else 'table'}{number}"
        return self.tables[key]

    def _helper(self, name: str) -> str:
        if name not in self.helpers:
            self.helpers[name] = helper_text(name, self.name, self.real)
        return f"{self.name}_{name}"

    # ---- the function ---------------------------------------------------------------------------

    def _body(self) -> Iterator[str]:
        plan = self.plan
        writer = Writer(self.real, self.places, self._table, self._helper, self.names, self.counter)
        writer.parts(plan.before)
        if plan.counts:
            sample = self.names.new("sample")
            writer.line(
                f"for (size_t {sample} = 0; {sample} < {self.signature.samples}; {sample}++) {{"
            )
            writer.depth += 1
            writer.parts(plan.body)
            self._look(writer)
            for row in self.signature.rows:
                writer.line(f"{row.name} += {row.size};")
            writer.depth -= 1
            writer.line("}")
        else:
            writer.parts(plan.body)
            self._look(writer)
        writer.parts(plan.after)
        real, asked = (
            self.real.name,
            {dict.__getitem__(self.places, n).name for n in self.places.asked},
        )
        if self.arena:
            yield f"    static {real} arena[{self.arena}];"
        if "batch" in asked:
            count = f"({real}){self.signature.samples}"
            yield f"    const {real} batch[2] = {{{count}, 1 / {count}}};"
        if plan.lookups:
            yield "    int fault = 0;"
        for argument in self.signature.arguments.values():
            if argument.name not in asked and not (argument.per_sample and plan.counts):
                yield f"    (void){argument.name};"
        yield from writer.lines
        if plan.lookups:
            yield "    return fault;"

    def _look(self, writer: Writer) -> None:
        """Look whether what chooses from tables is one of their places."""
        for lookup in self.plan.lookups:
            where = lookup.places.where
            assert isinstance(where, Access)
            place = self.places[where.array]
            found = indices_of(self.plan.program, lookup.places)
            indices = range(found.start, found.stop) if isinstance(found, slice) else found.tolist()
            for index in indices:
                text = place.name if place.is_number else f"{place.name}[{place.start + index}]"
                writer.line(f"fault |= {self._helper('place')}({text}, {lookup.size}) < 0;")

    # ---- constants ------------------------------------------------------------------------------

    def _constants(self) -> Iterator[str]:
        for number, numbers in self.constants.items():
            if number not in self.places.asked:
                continue
            array = self.plan.program.arrays[number]
            for piece in array.pieces:
                shape = " x ".join(map(str, piece.shape)) or "1"
                yield f"/* from {piece.start}: {_comment(piece.name)}, {shape} */"
            name = dict.__getitem__(self.places, number).name
            yield from array_of(self.real.name, name, texts(numbers, self.real))
            yield ""
        for (number, is_ends), name in self.tables.items():
            kind, values, _ = self._integers(number, is_ends)
            yield from array_of(kind, name, [str(one) for one in values])
            yield ""

    def _integers(self, number: int, is_ends: bool) -> tuple[str, list[int], int]:
        numbers: Ints = self.plan.program.tables[number]
        kind, size = integer_type(numbers)
        values = numbers.tolist()
        return kind, [0, *values] if is_ends else values, size

    @property
    def rom(self) -> int:
        """How many bytes constants take."""
        size = sum(
            self.real.size * len(numbers)
            for number, numbers in self.constants.items()
            if number in self.places.asked
        )
        for number, is_ends in self.tables:
            _, values, each = self._integers(number, is_ends)
            size += each * len(values)
        return size

    def text(self, example: Example) -> str:
        """Put all of it together."""
        guard = f"{self.name.upper()}_H"
        lines = [*self._about(), f"#ifndef {guard}", f"#define {guard}", "", "#include <math.h>"]
        lines += ["#include <stddef.h>"] * self.plan.counts
        lines += ["", *self._constants()]
        for text in self.helpers.values():
            lines += [*text.splitlines(), ""]
        lines += [*self.signature.lines("static inline "), "{", *self.body, "}", ""]
        lines += [*test_of(self.signature, example), "#endif", ""]
        return "\n".join(one for line in lines for one in broken(line))

    def _about(self) -> Iterator[str]:
        """Write the comment at the top."""
        yield f"/* {_comment(self.source.title)}, in C99, printed by tinygrad_nn"
        yield ""
        for line in self.signature.lines(after=";"):
            yield f"     {line}"
        yield ""
        arena = f"{self.real.size * self.arena:,} bytes of its own, static"
        for line in (*self.signature.words(), f"memory: {arena}; {self.rom:,} bytes of constants"):
            yield f"   {line}"
        yield ""
        yield from textwrap.wrap(
            ABOUT.format(name=self.name), WIDTH, initial_indent="   ", subsequent_indent="   "
        )
        yield ""
        yield "   What it computes:"
        yield ""
        for line in listing(self.source.program).splitlines()[:MOST_LINES]:
            yield f"     {_comment(line)}".rstrip()
        yield "*/"


def _comment(text: str) -> str:
    """Give a text that ends no comment, and begins none."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def header(source: Source, name: str, example: Example) -> str:
    """Write a header with a function of a name."""
    return Header(source, name).text(example)
