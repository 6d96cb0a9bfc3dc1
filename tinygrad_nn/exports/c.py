"""A program as one header in C99."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..compiler.listing.listing import listing
from ..compiler.program.program import Ints, Role
from ..compiler.program.statements import Access
from .arena import lives, placed
from .example import Example
from .function import Function, Places
from .operations import helper_text
from .schedule import scheduled
from .selftest import test_of
from .signature import Signature
from .source import Source
from .text import WIDTH, Names, array_of, broken, integer_type, real_of, texts
from .writer import Place, Writer

__all__ = ["header"]

MOST_LINES = 60  # of the program that is shown
MOST_PIECES = 32  # of constants, that are named
ABOUT = """
Nothing is allocated; what it computes on its way is kept in static memory, so that calls must not
overlap. Include it in one file, or in several that have it each for itself. It tries itself:
cc -std=c99 -DTEST -x c {name}.h -o {name} -lm. Sums are in the order of the program, and products
are rounded before they are added, as long as no flag like -ffast-math allows another order.
"""
# In GNU's dialects gcc joins products and sums where the processor can, and clang does so anyhow.
ROUNDED = """\
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__STRICT_ANSI__)
#pragma GCC push_options
#pragma GCC optimize("fp-contract=off")
#endif
"""
ENDED = """\
#if defined(__GNUC__) && !defined(__clang__) && !defined(__STRICT_ANSI__)
#pragma GCC pop_options
#endif
"""


class Header:
    """The parts of a header with a function of a name."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.name = name
        self.real = real_of(source.dtype)
        self.plan = plan = scheduled(source)
        self.names = Names(name)
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
        writer = Writer(self.real, self.places, self._table, self._helper, self.names, self.counter)
        self.function = Function(self.signature, plan, writer, self.places)

    # ---- memory ---------------------------------------------------------------------------------

    def _places(self) -> Places:
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
        found = Places()
        found.update(
            {number: Place(f"{self.name}_arena", start) for number, start in starts.items()}
        )
        outputs, arguments = self.signature.outputs, self.signature.arguments
        for number, (output, at) in plan.whole.items():
            found[number] = Place(outputs[output].name, at)
        for number, parameter in enumerate(outputs, len(arrays)):
            found[number] = Place(parameter.name)
        for number, parameter in arguments.items():
            found[number] = Place(parameter.name, 0, parameter.is_number)
        self.constants = plan.constants
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

    # ---- constants ------------------------------------------------------------------------------

    def _constants(self) -> Iterator[str]:
        for number, numbers in self.constants.items():
            if number not in self.places.asked:
                continue
            array = self.plan.program.arrays[number]
            for piece in array.pieces if len(array.pieces) <= MOST_PIECES else ():
                shape = " x ".join(map(str, piece.shape)) or "1"
                yield f"/* from {piece.start}: {_comment(piece.name)}, {shape} */"
            name = self.places.name(number)
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
        lines += ["", *ROUNDED.splitlines(), "", *self._constants()]
        for text in self.helpers.values():
            lines += [*text.splitlines(), ""]
        if self.arena:
            lines += [f"static {self.real.name} {self.name}_arena[{self.arena}];", ""]
        lines += [*self.function.lines(), *ENDED.splitlines(), ""]
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
            ABOUT.strip().format(name=self.name),
            WIDTH,
            initial_indent="   ",
            subsequent_indent="   ",
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
