"""Text of an LLVM function that works on Python's objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..backends.llvm.reals import DOUBLE, Real
from ..watch.checks import Check
from ..watch.facts import Fact
from .helpers import FIRST
from .holding import table_of
from .objects import LAYOUT, address_of
from .source import Terms

__all__ = ["Lines"]


class Lines(Terms):
    """Collects lines, and a table of the addresses that they speak of.

    What is made inside is given back where something cannot be made: `made` says how far it has
    come, and is where such a line goes on.
    """

    def __init__(self, known: dict[str, int], real: Real) -> None:
        super().__init__()
        self.real = real  # the type of the numbers in memory
        self.lines: list[str] = []
        self._undo = ["undo0:", "  store i64 0, ptr %busy", "  ret ptr null"]
        self._head: list[str] = []
        self._words: dict[int, str] = {}
        self._known = known
        self.table: list[int] = [known[name] for name in FIRST]
        self.kept: list[Any] = []
        self._numbers = 0
        self.made = 0
        self._undone = 0

    # ---- lines --------------------------------------------------------------------------------

    def fresh(self) -> str:
        """Make a name, of a value or a label."""
        self._numbers += 1
        return f"v{self._numbers}"

    def let(self, text: str) -> str:
        """Write a line that gives a value; return its name."""
        name = f"%{self.fresh()}"
        self.lines.append(f"  {name} = {text}")
        return name

    def line(self, text: str) -> None:
        """Write a line."""
        self.lines.append(f"  {text}")

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")

    def need(self, condition: str) -> None:
        """Go on only if something holds; else the general way does."""
        self.count()
        on = self.fresh()
        self.line(f"br i1 {condition}, label %{on}, label %no")
        self.label(on)

    def refuse(self, condition: str) -> None:
        """Go no further if something holds."""
        self.need(self.let(f"xor i1 {condition}, 1"))

    def check(self, condition: str) -> None:
        """Go on only if something holds; else all that was made is given back, and an error is set."""
        self.count()
        on = self.fresh()
        self.line(f"br i1 {condition}, label %{on}, label %undo{self.made}")
        self.label(on)

    @contextmanager
    def loop(self, count: int) -> Iterator[str]:
        """Write a loop of so many rounds, at least one; give its variable."""
        before, head, after = self.fresh(), self.fresh(), self.fresh()
        foot, variable, following, more = (self.fresh() for _ in range(4))
        self.line(f"br label %{before}")
        self.label(before)
        self.line(f"br label %{head}")
        self.label(head)
        self.line(f"%{variable} = phi i64 [ 0, %{before} ], [ %{following}, %{foot} ]")
        yield f"%{variable}"
        self.line(f"br label %{foot}")
        self.label(foot)
        self.line(f"%{following} = add i64 %{variable}, 1")
        self.line(f"%{more} = icmp slt i64 %{following}, {count}")
        self.line(f"br i1 %{more}, label %{head}, label %{after}")
        self.label(after)

    # ---- addresses ----------------------------------------------------------------------------

    def word(self, number: int) -> str:
        """Give an address, which is looked up once for each call."""
        if number not in self._words:
            name = self._words[number] = f"%w{len(self._words)}"
            self._head.append(f"  {name}.p = getelementptr ptr, ptr %t, i64 {len(self.table)}")
            self._head.append(f"  {name} = load ptr, ptr {name}.p")
            self.table.append(number)
        return self._words[number]

    def thing(self, thing: Any) -> str:
        """Give the address of an object, which is kept alive."""
        self.kept.append(thing)
        return self.word(address_of(thing))

    def function(self, name: str) -> str:
        """Give the address of a function."""
        return self.word(self._known[name])

    def numbers(self, numbers: Any) -> str:
        """Give the address of integers."""
        array = np.ascontiguousarray(numbers, dtype=np.int64)
        self.kept.append(array)
        return self.word(array.ctypes.data)

    def holds(self, checks: Iterable[Check], more: Iterable[Fact]) -> None:
        """Go on only if everything outside is as it was."""
        facts, kept = table_of(checks, more, self._known)
        self.kept.append(kept)
        given = f"ptr {self.numbers(facts)}, i64 {len(facts)}, ptr %t"
        self.need(self.helper("holds", given))

    def item(self, table: str, place: str, kind: str) -> str:
        """Read an entry of a table."""
        address = self.let(f"getelementptr {kind}, ptr {table}, i64 {place}")
        return self.let(f"load {kind}, ptr {address}")

    def at_number(self, of: str, place: int | str) -> str:
        """Give the address of one of the numbers from an address on."""
        return self.let(f"getelementptr {self.real.name}, ptr {of}, i64 {place}")

    def number(self, of: str, place: int | str) -> str:
        """Read one of them, as a double."""
        found = self.let(f"load {self.real.name}, ptr {self.at_number(of, place)}")
        return found if self.real == DOUBLE else self.let(f"fpext float {found} to double")

    def part(self, of: str, name: str, kind: str = "ptr") -> str:
        """Read a part of an object."""
        place = self.let(f"getelementptr i8, ptr {of}, i64 {LAYOUT[name]}")
        return self.let(f"load {kind}, ptr {place}")

    def at(self, of: str, place: int, kind: str = "ptr") -> str:
        """Read one of the words from an address on."""
        word = self.let(f"getelementptr i64, ptr {of}, i64 {place}")
        return self.let(f"load {kind}, ptr {word}")

    def put(self, value: str, to: str, place: int, kind: str = "i64") -> None:
        """Write one of the words from an address on."""
        self.line(
            f"store {kind} {value}, ptr {self.let(f'getelementptr i64, ptr {to}, i64 {place}')}"
        )

    # ---- what is made ---------------------------------------------------------------------------

    def helper(self, name: str, given: str, result: str = "i1") -> str:
        """Call one of the helpers; give what it gives, if anything."""
        call = f"call {result} {self.function(name)}({given})"
        if result != "void":
            return self.let(call)
        self.line(call)
        return ""

    def new(self, call: str) -> str:
        """Make an object; if that fails, all that was made is given back."""
        made = self.let(f"call ptr {call}")
        self.check(self.let(f"icmp ne ptr {made}, null"))
        self.own(made, self.made)
        return made

    def give(self, thing: Any) -> None:
        """End with an object that is there."""
        address = self.thing(thing)
        self.line(f"call void {self.function('Py_IncRef')}(ptr {address})")
        self.line(f"ret ptr {address}")

    def own(self, thing: str, before: int) -> None:
        """Have an object that is given back where a later one cannot be made.

        What was made since `before` is part of it.
        """
        self._undone += 1
        release = self.function("Py_DecRef")
        self._undo.append(f"undo{self._undone}:")
        self._undo.append(f"  call void {release}(ptr {thing})")
        self._undo.append(f"  br label %undo{before}")
        self.made = self._undone

    def text(self) -> str:
        """Give the function."""
        table = LAYOUT["bytes"]
        begin = [
            "define ptr @entry(ptr %self, ptr %args, i64 %nargs, ptr %names) {",
            f"  %t = getelementptr i8, ptr %self, i64 {table}",
            *self._head,
        ]
        memcpy = "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"
        return "\n".join([*begin, *self.lines, *self._undo, "}", memcpy])
