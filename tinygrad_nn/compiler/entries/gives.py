"""Nesting results: lines that copy them out of the memory, and the expression of what is returned."""

from __future__ import annotations

from collections.abc import Sequence

from ...tree import NONE, Key, branches_of, has_nothing, size_of
from ..backends.memory import Memory
from ..readout import Part, places_in, shared_reader, within
from .source import Source
from .takes import are_alike, has_arrays

__all__ = ["Giver"]

FEW = 4  # numbers that are read one by one


class Giver:
    """Writes nestings of what samples share; `parts` say where the results are in the memory.

    `numbers` and `arrays` have the names of what was copied, times `factor`.
    """

    def __init__(self, source: Source, parts: Sequence[Part], memory: Memory) -> None:
        self._source = source
        self._parts = parts
        self._memory = memory
        self._shared = source.bind(memory.shared.data)
        self.factor = 1.0
        self.numbers: list[str] = []
        self.arrays: list[str] = []

    def give(self, key: Key, start: int) -> str:
        """Write a nesting whose numbers are the results from a place on."""
        self._source.count()
        if key != 0 and key[0] == "array":
            name = self._copied(start, size_of(key))
            return name if len(key[1]) == 1 else f"{name}.reshape({key[1]})"
        if not has_arrays(key):
            return self._plain(key, start)
        made = []
        for _, part in branches_of(key):
            made.append(self.give(part, start))
            start += size_of(part)
        return self.together(key, made)

    def _copied(self, start: int, size: int) -> str:
        """Copy results into a new array of one axis."""
        name = self._source.variable()
        reader = shared_reader(within(self._parts, start, start + size), self._memory)
        self._source.line(f"{name} = {self._source.bind(reader)}(){self._times()}")
        self.arrays.append(name)
        return name

    def _plain(self, key: Key, start: int) -> str:
        """Write a nesting of numbers, which are read one by one if they are few."""
        size = size_of(key)
        if size > FEW:
            numbers = self._source.variable()
            self._source.line(f"{numbers} = {self._copied(start, size)}.tolist()")
            return self.nested(key, numbers, 0, "")
        names = [
            name for part in within(self._parts, start, start + size) for name in self._read(part)
        ]
        return self._few(key, names)

    def _read(self, part: Part) -> list[str]:
        """Read a few numbers one by one."""
        if part.array < 0:
            number = float(self._memory.dtype.type(part.number)) * self.factor
            return [self._source.bind(number)] * part.size
        names = []
        for place in places_in(part, self._memory):
            name = self._source.variable()
            self._source.line(f"{name} = {self._shared}[{place}]{self._times()}")
            names.append(name)
        self.numbers += names
        return names

    def _times(self) -> str:
        return "" if self.factor == 1.0 else f" * {self._source.bind(self.factor)}"

    def _few(self, key: Key, names: list[str]) -> str:
        """Write a nesting of numbers that have names, taking these from the list."""
        if key == 0:
            return names.pop(0)
        return self.together(key, [self._few(part, names) for _, part in branches_of(key)])

    def nested(self, key: Key, numbers: str, start: int, moving: str) -> str:
        """Write a nesting of numbers in a list, from a place on that a variable is added to."""
        self._source.count()
        place = f"{moving} + {start}" if moving else str(start)
        if key == 0:
            return f"{numbers}[{place}]"
        kind, inner = key
        if has_nothing(key):
            return self.together(key, [])
        size = size_of(key)
        if isinstance(inner, int):
            end = f"{moving} + {start + size}" if moving else str(start + size)
            run = f"{numbers}[{place}:{end}]"
            return run if kind is list else self._of_kind(kind, run)
        keys = [part for _, part in branches_of(key)]
        if size and kind is not dict and are_alike(keys):
            end = f"{moving} + {start + size}" if moving else str(start + size)
            variable = self._source.variable()
            inside = self.nested(keys[0], numbers, 0, variable)
            each = f"{inside} for {variable} in range({place}, {end}, {size_of(keys[0])})"
            return f"[{each}]" if kind is list else self._of_kind(kind, f"[{each}]")
        made = []
        for part in keys:
            made.append(self.nested(part, numbers, start, moving))
            start += size_of(part)
        return self.together(key, made)

    def _of_kind(self, kind: type, parts: str) -> str:
        """Write a tuple, or one of a class of its own, of the parts in a list."""
        star = "*" if hasattr(kind, "_fields") else ""
        return f"{self._source.bind(kind)}({star}{parts})"

    def together(self, key: Key, made: Sequence[str]) -> str:
        """Write a list, tuple or dict of parts."""
        kind, _ = key
        if key == NONE:
            return "None"
        if kind is dict:
            steps = [self._source.bind(step) for step, _ in branches_of(key)]
            pairs = [f"{step}: {part}" for step, part in zip(steps, made, strict=True)]
            return f"{{{', '.join(pairs)}}}"
        parts = f"[{', '.join(made)}]"
        if kind is list:
            return parts
        if kind is tuple:
            return f"({', '.join(made)},)" if made else "()"
        return self._of_kind(kind, parts)
