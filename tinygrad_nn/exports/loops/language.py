"""What languages with loops differ in: how numbers are written, declared and computed."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from ...compiler.program.program import Floats, Ints
from .helpers import HELPERS, Helper

__all__ = ["Language", "Names", "listed"]

WIDTH = 100  # of lines


@dataclass(frozen=True, slots=True)
class Language(ABC):
    """A language: `size` is how many bytes a number takes, and `counter` the type of indices."""

    size: int
    counter: str = "int"

    @abstractmethod
    def number(self, number: float) -> str:
        """Write a number."""

    @abstractmethod
    def library(self, name: str) -> str:
        """Name a function of one number or several; empty if the language has no such."""

    def function(self, name: str) -> Helper:
        """Find a function of a few lines that stands in for one of the library."""
        return HELPERS[name]

    @abstractmethod
    def constant(self, name: str, text: str, is_index: bool = False) -> str:
        """Declare a number that stays, or an index."""

    @abstractmethod
    def variable(self, name: str, text: str) -> str:
        """Declare a number that changes."""

    @abstractmethod
    def loop(self, index: str, begin: str, end: str) -> str:
        """Begin a loop over an index."""

    @abstractmethod
    def helper(self, name: str, helper: Helper, text: str) -> str:
        """Write a function whose text is in terms of this language but for types."""

    @abstractmethod
    def array(self, name: str, numbers: Floats) -> Iterator[str]:
        """Declare an array of constants, line by line."""

    @abstractmethod
    def table(self, name: str, numbers: Ints) -> Iterator[str]:
        """Declare an array of whole numbers, none of them negative."""

    def define(self, name: str, prefix: str, named: Callable[[str], str]) -> str:
        """Write a function that operations need; `named` names other functions."""
        helper = self.function(name)
        text = re.sub(r"F\((\w+)\)", lambda found: named(found[1]), helper.text)
        return self.helper(f"{prefix}_{name}", helper, text)


class Names:
    """Names of a language, each given once: none of its own, and none of what goes with a function."""

    def __init__(self, reserved: Collection[str], function: str = "") -> None:
        self._taken = {*reserved, function}
        self._before = f"{function}_"

    def new(self, wanted: str) -> str:
        """Give a name like the one that is wanted."""
        name = re.sub(r"\W", "_", wanted, flags=re.ASCII).strip("_") or "x"
        if name[0].isdigit() or name.startswith(self._before) or re.fullmatch(r"i\d+", name):
            name = f"x{name}"
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found


def listed(before: str, items: Collection[str], after: str) -> Iterator[str]:
    """Write items with commas between them, in as many lines as it takes."""
    line = before
    for item in items:
        if len(line) + len(item) >= WIDTH and line.strip():
            yield line.rstrip()
            line = "    "
        line += f"{item}, "
    yield line.removesuffix(", ") + after
