"""Lines of Python, and what they speak of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Source", "Terms", "Unfit"]

MOST_TERMS = 400  # in a function; what has more takes longer anyhow


class Unfit(Exception):  # noqa: N818
    """What no function is made for."""


class Terms:
    """Counts the things that a function does."""

    def __init__(self) -> None:
        self._terms = 0

    def count(self) -> None:
        """Count one; too many are none of an entry's."""
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise Unfit


class Source(Terms):
    """Collects the lines of a function; things that they speak of are bound to names."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._depth = 0
        self._things: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._variables = 0

    def line(self, text: str) -> None:
        """Add a line."""
        self.lines.append("    " * self._depth + text)

    def refuse(self, condition: str) -> None:
        """Add lines that go no further if something holds."""
        self.count()
        with self.block(f"if {condition}:"):
            self.line("return NotImplemented")

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Begin a block; what is added inside is part of it."""
        self.line(head)
        self._depth += 1
        yield
        self._depth -= 1

    def bind(self, thing: Any) -> str:
        """Name a thing that lines may speak of."""
        name = self._names.get(id(thing))
        if name is None:
            name = self._names[id(thing)] = f"c{len(self._things)}"
            self._things[name] = thing
        return name

    def variable(self) -> str:
        """Give the name of a variable that is not in use."""
        self._variables += 1
        return f"x{self._variables}"

    def function(self, name: str) -> Callable[..., Any]:
        """Make the function of some name that the lines define."""
        space = {"__name__": __name__, **self._things}
        exec(compile("\n".join(self.lines), "<entry>", "exec"), space)  # our own lines only
        made: Callable[..., Any] = space.pop(name)  # or it would keep itself alive
        return made
