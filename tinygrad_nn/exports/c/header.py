"""A program as one header in C99."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..example import Example
from ..loops.language import WIDTH
from ..loops.printed import Printed, comment, described
from ..source import Source
from .function import CFunction, declared, words
from .selftest import test_of
from .text import broken, integer_type, names_for, real_of

__all__ = ["header"]

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
        self.real = real_of(source.dtype)
        self.printed = Printed(source, name, self.real, names_for(name), CFunction)

    @property
    def rom(self) -> int:
        """How many bytes constants take."""
        printed = self.printed
        size = sum(
            self.real.size * len(numbers)
            for number, numbers in printed.plan.constants.items()
            if number in printed.places.asked
        )
        for key in printed.tables:
            numbers = printed.integers(*key)
            size += integer_type(numbers)[1] * len(numbers)
        return size

    def text(self, example: Example) -> str:
        """Put all of it together."""
        printed, name = self.printed, self.printed.name
        guard = f"{name.upper()}_H"
        lines = [*self._about(), f"#ifndef {guard}", f"#define {guard}", "", "#include <math.h>"]
        lines += ["#include <stddef.h>"] * printed.plan.counts
        lines += ["", *ROUNDED.splitlines(), "", *printed.constants(), *printed.definitions()]
        if printed.arena:
            lines += [f"static {self.real.name} {name}_arena[{printed.arena}];", ""]
        lines += [*printed.function.lines(), *ENDED.splitlines(), ""]
        lines += [*test_of(printed.signature, self.real, example), "#endif", ""]
        return "\n".join(one for line in lines for one in broken(line))

    def _about(self) -> Iterator[str]:
        """Write the comment at the top."""
        printed = self.printed
        yield f"/* {comment(printed.source.title)}, in C99, printed by tinygrad_nn"
        yield ""
        for line in declared(printed.signature, self.real.name, after=";"):
            yield f"     {line}"
        yield ""
        if printed.source.classes:
            yield from _wrapped(f"classes: {comment(', '.join(printed.source.classes))}")
        arena = f"{self.real.size * printed.arena:,} bytes of its own, static"
        for line in (
            *words(printed.signature),
            f"memory: {arena}; {self.rom:,} bytes of constants",
        ):
            yield f"   {line}"
        yield ""
        yield from _wrapped(ABOUT.strip().format(name=printed.name))
        yield ""
        yield "   What it computes:"
        yield ""
        for line in described(printed.source):
            yield f"     {line}".rstrip()
        yield "*/"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="   ", subsequent_indent="   ")


def header(source: Source, name: str, example: Example) -> str:
    """Write a header with a function of a name."""
    return Header(source, name).text(example)
