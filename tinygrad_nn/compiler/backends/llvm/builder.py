"""Writes a function of LLVM as text: loops, and addresses computed as far out as they may be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from .constants import Constants
from .reals import DOUBLE, Real

__all__ = ["Builder", "Carried", "Index"]

Index = tuple[str, int]  # a variable of a loop, or "", and what is added to it
Carried = tuple[int, str]  # what goes from one round to the next: its width and its value
_Scope: TypeAlias = tuple[int, Sequence[str], bool]


@dataclass
class _Loop:
    """A loop that is being written: what is computed once in each round comes before the rest."""

    head: list[str] = field(default_factory=list)
    hoisted: list[str] = field(default_factory=list)
    body: list[str | _Loop] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    name: str = ""
    before: str = ""  # the label it is entered from
    variable: str = ""
    step: int = 1
    limit: str = ""  # tested before each round; a fixed number is tested after it
    fixed: int = 0
    start: str = "0"
    carried: list[Carried] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def lines(self, into: list[str]) -> None:
        into += self.head
        into += self.hoisted
        for line in self.body:
            if isinstance(line, str):
                into.append(line)
            else:
                line.lines(into)
        into += self.foot


class Builder:
    """Writes one function: of pointers, `%n` samples, and rows of them `%r` apart.

    With constants, it has a pointer to them.
    """

    def __init__(
        self,
        name: str,
        parameters: Sequence[str],
        width: int,
        real: Real = DOUBLE,
        constants: Constants | None = None,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.width = width  # lanes of the widest vector
        self.real = real
        self.registers = real.registers(width)
        self.constants = constants  # whose table `%k` points to
        self.is_called_from_outside = False
        self.result = "void"  # what it returns, with its type
        self.declared: dict[str, str] = {}
        self._numbers = itertools.count()
        self._loops = [_Loop(head=["entry:"])]
        self._label = "entry"
        self._level: dict[str, int] = {}  # of integers: the loop that they change with
        self._here: set[str] = set()  # those that must stay where they are
        self._outermost = 0  # the loop out of which nothing is computed
        self.pointers = parameters  # what nests count from
        self.truths: dict[str, str] = {}  # numbers that are 1 or 0, by what they are 1 for
        self.has_room = False  # whether rows go on for two vectors of samples that nobody reads

    def text(self) -> str:
        """Give the function."""
        lines: list[str] = []
        self._loops[0].lines(lines)
        given = [*[f"ptr {one}" for one in self.parameters], "i64 %n", "i64 %r"]
        if self.constants is not None and not self.is_called_from_outside:
            given.append("ptr %k")
        parameters = ", ".join(given)
        body = "\n".join(lines)
        kind = "" if self.is_called_from_outside else "internal "
        gives = self.result.split()[0]
        head = f"define {kind}{gives} @{self.name}({parameters}) #0"
        return f"{head} {{\n{body}\n  ret {self.result}\n}}\n"

    def find_constants(self, place: int) -> None:
        """Let the pointer to them be the one at a place of what `%t` points to."""
        self._loops[0].head += [
            f"  %kt = getelementptr ptr, ptr %t, i64 {place}",
            "  %k = load ptr, ptr %kt, align 8",
        ]

    # ---- lines --------------------------------------------------------------------------------

    def fresh(self) -> str:
        """Make a name."""
        return f"%v{next(self._numbers)}"

    def line(self, text: str) -> None:
        """Write a line."""
        self._loops[-1].body.append(f"  {text}")

    def let(self, text: str) -> str:
        """Write a line that gives a value; return its name."""
        name = self.fresh()
        self.line(f"{name} = {text}")
        return name

    def declare(self, name: str, result: str, *parameters: str) -> None:
        """Make a function known that is somewhere else."""
        self.declared[name] = f"declare {result} @{name}({', '.join(parameters)})"

    # ---- integers -------------------------------------------------------------------------------

    def pure(self, text: str, *of: str) -> str:
        """Compute an integer or address once, in the outermost loop that it does not change in."""
        level, is_here = self._outermost, False
        for one in of:
            level = max(level, self._level.get(one, 0))
            is_here = is_here or one in self._here
        if is_here:
            name = self.let(text)
            self._here.add(name)
            self._level[name] = level
            return name
        loop = self._loops[level]
        found = loop.known.get(text)
        if found is None:
            found = loop.known[text] = self.fresh()
            loop.hoisted.append(f"  {found} = {text}")
            self._level[found] = level
        return found

    def stay(self, name: str) -> None:
        """Note an integer that was computed right here."""
        self._level[name] = len(self._loops) - 1
        self._here.add(name)

    def times(self, x: str, factor: int | str) -> str:
        """Multiply an integer."""
        if factor == 1:
            return x
        of = (x, factor) if isinstance(factor, str) else (x,)
        return self.pure(f"mul i64 {x}, {factor}", *of)

    def plus(self, x: str, y: int | str) -> str:
        """Add to an integer."""
        if y == 0:
            return x
        of = (x, y) if isinstance(y, str) else (x,)
        return self.pure(f"add i64 {x}, {y}", *of)

    def linear(self, terms: Sequence[tuple[str, int]]) -> str:
        """Add up variables times numbers, the outermost first; "" if there are none."""
        total = ""
        for variable, factor in sorted(terms, key=lambda term: self._level.get(term[0], 0)):
            if factor and variable:
                one = self.times(variable, factor)
                total = one if not total else self.plus(total, one)
        return total

    def address(
        self, base: str, start: int, terms: Sequence[tuple[str, int]], rows: bool, sample: Index
    ) -> str:
        """Find the address of a number: `start` and `terms` count rows, if there are such."""
        offset, first = self.linear(terms), start
        if rows:
            if offset:
                offset = self.times(offset, "%r")
            if start:
                base = self.element(base, self.times("%r", start), self.real.name)
            variable, first = sample
            if variable:
                offset = self.plus(offset, variable) if offset else variable
        if offset:
            base = self.element(base, offset, self.real.name)
        return self.element(base, first, self.real.name) if first else base

    def element(self, base: str, place: int | str, kind: str) -> str:
        """Find the address of an element."""
        of = (base, place) if isinstance(place, str) else (base,)
        return self.pure(f"getelementptr {kind}, ptr {base}, i64 {place}", *of)

    def entry(self, table: str, at: int, terms: Sequence[tuple[str, int]]) -> str:
        """Read a place from a table, as an integer that addresses may be made of."""
        place = self.element(self.element(table, self.linear(terms) or 0, "i64"), at, "i64")
        return self.pure(f"load i64, ptr {place}, align 8", place)

    # ---- scopes ---------------------------------------------------------------------------------

    def begin(self, pointers: Sequence[str], has_room: bool) -> _Scope:
        """Begin what computes its integers and addresses by itself, from some pointers."""
        outer = self._outermost, self.pointers, self.has_room
        scope = _Loop()
        self._loops[-1].body.append(scope)
        self._loops.append(scope)
        self._outermost, self.pointers, self.has_room = len(self._loops) - 1, pointers, has_room
        return outer

    def finish(self, outer: _Scope) -> None:
        """End it, given what `begin` gave."""
        self._loops.pop()
        self._outermost, self.pointers, self.has_room = outer

    # ---- loops ----------------------------------------------------------------------------------

    def loop(self, size: int, step: int = 1, carried: Sequence[Carried] = ()) -> _Loop:
        """Begin a loop of one round at least; its `names` are what goes from round to round."""
        return self._begin(_Loop(step=step, fixed=size, carried=list(carried)))

    def loop_to(
        self, limit: str, step: int = 1, start: str = "0", carried: Sequence[Carried] = ()
    ) -> _Loop:
        """Begin a loop to a limit that only a run knows."""
        return self._begin(_Loop(step=step, limit=limit, start=start, carried=list(carried)))

    def _begin(self, loop: _Loop) -> _Loop:
        number = next(self._numbers)
        loop.name, loop.variable, loop.before = f"L{number}", f"%i{number}", self._label
        loop.names = [f"%c{number}_{place}" for place in range(len(loop.carried))]
        self._loops[-1].body.append(loop)
        self._loops.append(loop)
        for name in (loop.variable, *loop.names):
            self._level[name] = len(self._loops) - 1
        self._label = f"B{loop.name}" if loop.limit else loop.name
        return loop

    def end(self, carried: Sequence[str] = ()) -> list[str]:
        """End the innermost loop; return what was carried, as it is behind it."""
        loop = self._loops.pop()
        name, latch = loop.name, self._label
        head = [
            f"  br label %{name}",
            f"{name}:",
            f"  %r{name} = phi i64 [ {loop.start}, %{loop.before} ], [ %n{name}, %{latch} ]",
        ]
        for (width, first), one, last in zip(loop.carried, loop.names, carried, strict=True):
            kind = self.real.name if width == 1 else f"<{width} x {self.real.name}>"
            head.append(f"  {one} = phi {kind} [ {first}, %{loop.before} ], [ {last}, %{latch} ]")
        # Nobody is to look for better addresses: through this he sees none, and it costs nothing.
        head += [
            f"  %o{name} = bitcast i64 %r{name} to <2 x i32>",
            f"  {loop.variable} = bitcast <2 x i32> %o{name} to i64",
        ]
        foot = [f"  %n{name} = add i64 %r{name}, {loop.step}"]
        if loop.limit:
            head += [
                f"  %q{name} = icmp slt i64 %r{name}, {loop.limit}",
                f"  br i1 %q{name}, label %B{name}, label %X{name}",
                f"B{name}:",
            ]
            foot.append(f"  br label %{name}")
        else:
            foot += [
                f"  %q{name} = icmp slt i64 %n{name}, {loop.fixed}",
                f"  br i1 %q{name}, label %{name}, label %X{name}",
            ]
        loop.head, loop.foot = head, [*foot, f"X{name}:"]
        self._label = f"X{name}"
        return list(loop.names if loop.limit else carried)

    # ---- branches -------------------------------------------------------------------------------

    def begin_if(self, condition: str) -> tuple[str, str]:
        """Begin what is done only where a condition holds."""
        name, before = f"I{next(self._numbers)}", self._label
        self.line(f"br i1 {condition}, label %{name}, label %E{name}")
        self._loops[-1].body.append(f"{name}:")
        self._label = name
        return name, before

    def end_if(
        self, branch: tuple[str, str], kinds: Sequence[str], new: Sequence[str], old: Sequence[str]
    ) -> list[str]:
        """End it; return values that are new where it was done, and old elsewhere."""
        name, before = branch
        inside = self._label
        self.line(f"br label %E{name}")
        self._loops[-1].body.append(f"E{name}:")
        self._label = f"E{name}"
        return [
            self.let(f"phi {kind} [ {one}, %{inside} ], [ {other}, %{before} ]")
            for kind, one, other in zip(kinds, new, old, strict=True)
        ]
