"""Lines of a language with loops: loops, blocks, and where arrays lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from .language import Language, Names

__all__ = ["Place", "Writer"]

INDICES = "ijklmn"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array lies: the name of an array there, and where it starts there.

    A number that is no array has no start.
    """

    name: str
    start: int = 0
    is_number: bool = False


@dataclass(slots=True)
class Writer:
    """Writes line by line, in terms of arrays of a language.

    `places` has the arrays by their arenas; `tables` and `ends` name tables, `helper` functions.
    """

    language: Language
    places: Mapping[int, Place]
    table: Callable[[int, bool], str]
    helper: Callable[[str], str]
    names: Names
    lines: list[str] = field(default_factory=list)
    depth: int = 1

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self.depth + text)

    @contextmanager
    def loop(self, end: str, level: int, begin: str = "0") -> Iterator[str]:
        """Write a loop."""
        index = INDICES[level] if level < len(INDICES) else f"i{level}"
        self.line(self.language.loop(index, begin, end))
        self.depth += 1
        yield index
        self.depth -= 1
        self.line("}")

    @contextmanager
    def block(self) -> Iterator[None]:
        """Write what has names of its own."""
        self.line("{")
        self.depth += 1
        yield
        self.depth -= 1
        self.line("}")

    @contextmanager
    def loops(self, sizes: Sequence[int], steps: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Write loops, one in the other."""
        if not sizes:
            yield steps
            return
        with (
            self.loop(str(sizes[0]), len(steps)) as index,
            self.loops(sizes[1:], (*steps, index)) as indices,
        ):
            yield indices
