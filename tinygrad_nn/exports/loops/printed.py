"""A program in a language with loops: where its arrays lie, and what it needs beside its function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...compiler.listing.listing import listing
from ...compiler.program.program import Ints, Role
from ...compiler.program.statements import Access
from ..source import Source
from .arena import lives, placed
from .function import Function, Places
from .language import Language, Names
from .schedule import scheduled
from .signature import Signature
from .writer import Place, Writer

__all__ = ["Printed", "comment", "described"]

MOST_LINES = 60  # of the program that is shown
MOST_PIECES = 32  # of constants, that are named


class Printed:
    """What a function of a name is made of, in a language."""

    def __init__(
        self, source: Source, name: str, language: Language, names: Names, kind: type[Function]
    ) -> None:
        self.source = source
        self.name = name
        self.plan = plan = scheduled(source)
        self.signature = Signature.of(source, name, plan.counts, bool(plan.lookups), names)
        self.helpers: dict[str, str] = {}
        self.tables: dict[tuple[int, bool], str] = {}
        self.places = self._places()
        sizes = [array.size for array in plan.program.arrays]
        most = max([*sizes, *[output.size for output in source.outputs], self.arena], default=0)
        self.language = replace(language, counter="int" if most < 1 << 15 else "long")
        writer = Writer(self.language, self.places, self._table, self._helper, names)
        self.function = kind(self.signature, plan, writer, self.places)

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
        for number in plan.constants:
            found[number] = Place(f"{self.name}_{arrays[number].name or f'c{number}'}")
        for number, array in enumerate(arrays):
            if array.role is Role.BATCH:
                found[number] = Place("batch")
        return found

    def _table(self, number: int, is_ends: bool) -> str:
        key = number, is_ends
        if key not in self.tables:
            self.tables[key] = f"{self.name}_{'ends' if is_ends else 'table'}{number}"
        return self.tables[key]

    def _helper(self, name: str) -> str:
        if name not in self.helpers:
            self.helpers[name] = self.language.define(name, self.name, self._named)
        return f"{self.name}_{name}"

    def _named(self, name: str) -> str:
        return self.language.library(name) or self._helper(name)

    # ---- constants ------------------------------------------------------------------------------

    def constants(self) -> Iterator[str]:
        """Declare the constants and tables that the function reads."""
        for number, numbers in self.plan.constants.items():
            if number not in self.places.asked:
                continue
            array = self.plan.program.arrays[number]
            for piece in array.pieces if len(array.pieces) <= MOST_PIECES else ():
                shape = " x ".join(map(str, piece.shape)) or "1"
                yield f"/* from {piece.start}: {comment(piece.name)}, {shape} */"
            yield from (*self.language.array(self.places.name(number), numbers), "")
        for (number, is_ends), name in self.tables.items():
            yield from (*self.language.table(name, self.integers(number, is_ends)), "")

    def integers(self, number: int, is_ends: bool) -> Ints:
        """Give a table; where runs end, and so begin, with the first beginning."""
        numbers = self.plan.program.tables[number]
        return np.concatenate([[0], numbers]).astype(np.int64) if is_ends else numbers

    def definitions(self) -> Iterator[str]:
        """Write the functions that operations need."""
        for text in self.helpers.values():
            yield from (*text.splitlines(), "")


def described(source: Source) -> Iterator[str]:
    """Write what a program computes, for a comment."""
    for line in listing(source.program).splitlines()[:MOST_LINES]:
        yield comment(line)


def comment(text: str) -> str:
    """Give a text that ends no comment, and begins none."""
    return text.replace("*/", "* /").replace("/*", "/ *")
