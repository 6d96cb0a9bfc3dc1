"""Names of arrays: as a listing has them, as far as they are names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from ...compiler.listing.listing import lines_of
from ...compiler.program.program import Program
from ..loops.language import Names

__all__ = ["Namer"]


class Namer:
    """Gives names, each once; what a line of the listing computes has the name that it has there."""

    def __init__(self, program: Program, reserved: Collection[str]) -> None:
        self._names = Names(reserved)
        self._counts: Counter[str] = Counter()
        targets = [(line.array, line.target) for line in lines_of(program).statements]
        lines = Counter([array for array, _ in targets])
        self._listed = {
            array: target
            for array, target in targets
            if lines[array] == 1 and re.fullmatch(r"[a-z]\d+", target)
        }
        for name in self._listed.values():
            self._names.new(name)

    def of(self, array: int) -> str:
        """Give the name that an array of the program has in the listing; empty if it has none."""
        return self._listed.pop(array, "")

    def new(self, wanted: str) -> str:
        """Give a name like the one that is wanted."""
        return self._names.new(wanted)

    def numbered(self, letter: str) -> str:
        """Give a letter with the next number."""
        while True:
            self._counts[letter] += 1
            wanted = f"{letter}{self._counts[letter]}"
            if self._names.new(wanted) == wanted:
                return wanted
