"""Numbers out of objects, as LLVM: the counterpart of `takes`."""

from __future__ import annotations

import math
from typing import Any

from ...containers import Form, Wrapped
from ...tree import NONE, Key, branches_of, has_nothing, size_of
from ..backends.joint import NOT_TAKEN
from .lines import Lines
from .objects import LAYOUT
from .source import Unfit
from .takes import are_alike

__all__ = ["Reader"]

FEW = 4  # numbers that are looked at one by one


class Reader:
    """Writes what takes arguments apart; `memory` is the address that their numbers go to."""

    def __init__(self, lines: Lines, memory: str) -> None:
        self._lines = lines
        self._memory = memory

    def take(self, key: Key, thing: str, start: int, moving: str = "") -> None:
        """Take an object apart whose numbers are together, from a place on.

        `moving` is a variable that is added to the place, or empty.
        """
        lines = self._lines
        lines.count()
        if key == 0:
            given = f"ptr {thing}, ptr {self._to(start, moving)}, ptr %t"
            lines.need(lines.helper("number", given))
        elif key == NONE:
            lines.need(lines.let(f"icmp eq ptr {thing}, {lines.thing(None)}"))
        elif has_nothing(key) or isinstance(key[0], Form | Wrapped):
            raise Unfit
        elif key[0] == "array":
            self.array(thing, key[1], self._to(start, moving))
        elif key[0] is dict:
            self._dict(key, thing, start, moving)
        else:
            self._row(key, thing, start, moving)

    def array(
        self, thing: str, shape: tuple[int, ...], to: str, count: int = 1, row: int = 1
    ) -> None:
        """Take an array; each of so many samples becomes a column, in rows so far apart."""
        lines = self._lines
        size = math.prod(shape) // count
        given = f"ptr {thing}, i32 {len(shape)}, ptr {lines.numbers([*shape, 0])}, ptr {to}"
        sizes = f"i64 {count}, i64 {size}, i64 {row}"
        found = lines.helper("taken", f"{given}, {sizes}, ptr %t", "i64")
        lines.need(lines.let(f"icmp ne i64 {found}, {NOT_TAKEN}"))

    def _to(self, start: int, moving: str) -> str:
        lines = self._lines
        place = lines.let(f"add i64 {moving}, {start}") if moving else start
        return lines.at_number(self._memory, place)

    def _row(self, key: Key, thing: str, start: int, moving: str) -> None:
        """Take a list or tuple."""
        kind, inner = key
        lines = self._lines
        size = inner if isinstance(inner, int) else len(inner)
        items = self._items(kind, thing, size)
        if isinstance(inner, int) and inner > FEW:
            to = self._to(start, moving)
            given = f"ptr {items}, i64 {size}, ptr {to}, ptr %t"
            lines.need(lines.helper("numbers", given))
            return
        keys = [part for _, part in branches_of(key)]
        if are_alike(keys):
            self._alike(keys[0], len(keys), items, start, moving)
            return
        for position, part in enumerate(keys):
            self.take(part, self._item(items, position), start, moving)
            start += size_of(part)

    def _items(self, kind: Any, thing: str, size: int) -> str:
        """Look at a list or tuple; give the address of its items."""
        lines = self._lines
        is_tuple = issubclass(kind, tuple)
        if kind is not list and not (
            is_tuple and kind.__iter__ is tuple.__iter__ and kind.__len__ is tuple.__len__
        ):
            raise Unfit
        known = lines.let(f"icmp eq ptr {lines.part(thing, 'type')}, {lines.thing(kind)}")
        lines.need(known)
        lines.need(lines.let(f"icmp eq i64 {lines.part(thing, 'size', 'i64')}, {size}"))
        if not is_tuple:
            return lines.part(thing, "list")
        return lines.let(f"getelementptr i8, ptr {thing}, i64 {LAYOUT['tuple']}")

    def _item(self, items: str, position: int | str) -> str:
        place = self._lines.let(f"getelementptr ptr, ptr {items}, i64 {position}")
        return self._lines.let(f"load ptr, ptr {place}")

    def _alike(self, key: Key, count: int, items: str, start: int, moving: str) -> None:
        """Take parts that are all alike, one after the other."""
        lines = self._lines
        with lines.loop(count) as variable:
            first = lines.let(f"mul i64 {variable}, {size_of(key)}")
            if moving:
                first = lines.let(f"add i64 {first}, {moving}")
            self.take(key, self._item(items, variable), start, first)

    def _dict(self, key: Key, thing: str, start: int, moving: str) -> None:
        """Take a dict whose names are the very objects that are known, as those in code are."""
        lines = self._lines
        branches = branches_of(key)
        lines.need(lines.let(f"icmp eq ptr {lines.part(thing, 'type')}, {lines.thing(dict)}"))
        size = lines.let(f"call i64 {lines.function('PyDict_Size')}(ptr {thing})")
        lines.need(lines.let(f"icmp eq i64 {size}, {len(branches)}"))
        if not branches:
            return
        lines.line("store i64 0, ptr %position")
        parts = []
        for name, _ in branches:
            given = f"ptr {thing}, ptr %position, ptr %name, ptr %part"
            lines.let(f"call i32 {lines.function('PyDict_Next')}({given})")
            known = lines.let("load ptr, ptr %name")
            lines.need(lines.let(f"icmp eq ptr {known}, {lines.thing(name)}"))
            parts.append(lines.let("load ptr, ptr %part"))
        for part, (_, own) in zip(parts, branches, strict=True):
            self.take(own, part, start, moving)
            start += size_of(own)
