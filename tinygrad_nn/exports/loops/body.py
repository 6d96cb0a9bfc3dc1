"""What is done at one place of a nest: numbers are read, computed and written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...compiler.backends.loops import OUTSIDE, Apply, Choice, Nest, Ref, Value
from ...compiler.program.strides import row_major
from .operations import (
    COMPARISONS,
    EXTREMES,
    Level,
    Text,
    applied,
    bound,
    chosen,
    compared,
    number,
)
from .writer import Writer

__all__ = ["FIRST", "Body"]

FIRST = {"add": -0.0, "max": float("-inf"), "min": float("inf")}  # what joining begins with


class Body:
    """What is done at one place of a nest: numbers are read, computed and written."""

    def __init__(self, writer: Writer, indices: tuple[str, ...]) -> None:
        self.writer = writer
        self.language = writer.language
        self.indices = indices
        self.known: dict[Ref, str] = {}  # what has a name
        self._values: dict[int, tuple[Value, str]] = {}
        self._uses: Counter[int] = Counter()

    def let(self, text: str, name: str = "v") -> str:
        """Name a number."""
        found = self.writer.names.new(name)
        self.writer.line(self.language.constant(found, text))
        return found

    # ---- nests ----------------------------------------------------------------------------------

    def nest(self, nest: Nest, loops: int, is_read: bool) -> None:
        """Write what a nest does at this place; whether others read it there."""
        if nest.target.chosen is not None:
            self._to_chosen(nest)
            return
        if nest.over or nest.ends >= 0:
            found: Text = self._joined_over(nest, loops), Level.ATOM
        else:
            self._count(nest.value)
            found = self.value(nest.value)
        self._write(nest, self.times(found, nest.coef), is_read)

    def _write(self, nest: Nest, found: Text, is_read: bool) -> None:
        target = nest.target
        if nest.onto and nest.join == "add" and not is_read and target not in self.known:
            self.writer.line(f"{self.place(target)} += {found[0]};")
            return
        if nest.onto:
            read = self.known.get(target, self.place(target))
            found = self.join(nest.join, (read, Level.ATOM), self.simple(found))
        if is_read:
            found = self.simple(found)
            self.known[target] = found[0]
        if nest.stored:
            self.writer.line(f"{self.place(target)} = {found[0]};")

    def _to_chosen(self, nest: Nest) -> None:
        """Join to a place that is chosen, if there is such."""
        target = nest.target
        assert target.chosen is not None
        self._count(nest.value)
        found = self.simple(self.times(self.value(nest.value), nest.coef))
        index = self._chosen(target.chosen)
        place = self.place(target, index)
        if nest.join == "add":
            self.writer.line(f"if ({index} >= 0)")
            self.writer.line(f"    {place} += {found[0]};")
            return
        joined = self.join(nest.join, (place, Level.ATOM), found)
        self.writer.line(f"if ({index} >= 0)")
        self.writer.line(f"    {place} = {joined[0]};")

    def _joined_over(self, nest: Nest, loops: int) -> str:
        """Join the values at all inner indices, one after the other."""
        writer = self.writer
        name = writer.names.new("sum" if nest.join == "add" else "found")
        writer.line(self.language.variable(name, self.language.number(FIRST[nest.join])))
        if nest.ends >= 0:
            member = linear(0, row_major(nest.sizes), self.indices[loops:])
            ends = writer.table(nest.ends, True)
            begin, end = f"{ends}[{member}]", f"{ends}[{linear_more(member)}]"
            with writer.loop(end, len(self.indices), begin) as index:
                self._join_one(nest, name, (*self.indices[:loops], index))
            return name
        with writer.loops(nest.over, self.indices) as indices:
            self._join_one(nest, name, indices)
        return name

    def _join_one(self, nest: Nest, name: str, indices: tuple[str, ...]) -> None:
        inner = Body(self.writer, indices)
        inner._count(nest.value)
        found = inner.value(nest.value)
        if nest.join == "add":
            self.writer.line(f"{name} += {found[0]};")
        else:
            joined = inner.join(nest.join, (name, Level.ATOM), inner.simple(found))
            self.writer.line(f"{name} = {joined[0]};")

    # ---- values ---------------------------------------------------------------------------------

    def times(self, found: Text, coef: float) -> Text:
        """Multiply by a plain number."""
        if coef == 1.0:
            return found
        if coef == -1.0:
            return applied("neg", [found], [None], self.language, self.writer.helper)
        factor = number(coef, self.language)
        return applied("mul", [factor, found], [coef, None], self.language, self.writer.helper)

    def join(self, join: str, x: Text, y: Text) -> Text:
        """Join two numbers, both with a name."""
        return applied(join, [x, y], [None, None], self.language, self.writer.helper)

    def simple(self, text: Text) -> Text:
        """Give a number a name, if it has none."""
        is_simple = text[1] == Level.ATOM and "(" not in text[0]
        return text if is_simple else (self.let(text[0]), Level.ATOM)

    def _count(self, value: Value) -> None:
        """Count how often values are used that are computed."""
        if isinstance(value, Apply):
            self._uses[id(value)] += 1
            if self._uses[id(value)] == 1:
                for part in value.parts:
                    self._count(part)

    def value(self, value: Value) -> Text:
        """Write a value; what is used several times has a name."""
        if isinstance(value, float):
            return number(value, self.language)
        if isinstance(value, Ref):
            return self.read(value)
        assert isinstance(value, Apply), "there is one sample at a time"
        if id(value) in self._values:
            return self._values[id(value)][1], Level.ATOM
        text = self._applied(value)
        if self._uses[id(value)] > 1:
            name = self.let(text[0])
            self._values[id(value)] = value, name
            return name, Level.ATOM
        return text

    def _applied(self, value: Apply) -> Text:
        known = [part if isinstance(part, float) else None for part in value.parts]
        if value.op == "select":
            return self._selected(value)
        if value.op == "add":
            return self._added(value)
        parts = [self.value(part) for part in value.parts]
        if value.op in EXTREMES:
            parts = [self.simple(part) for part in parts]
        return applied(value.op, parts, known, self.language, self.writer.helper)

    def _added(self, value: Apply) -> Text:
        """Add, or subtract what has a minus."""
        first, *others = value.parts
        found = self.value(first)
        for part in others:
            is_minus = isinstance(part, Apply) and part.op == "neg" and self._uses[id(part)] < 2
            one = self.value(part.parts[0] if is_minus and isinstance(part, Apply) else part)
            op = "sub" if is_minus else "add"
            found = applied(op, [found, one], [None, None], self.language, self.writer.helper)
        return found

    def _selected(self, value: Apply) -> Text:
        condition, x, y = value.parts
        shown = self.value(x), self.value(y)
        if isinstance(condition, Apply) and condition.op in COMPARISONS:
            text = compared(condition.op, [self.value(part) for part in condition.parts])
        else:
            text = f"{bound(self.value(condition), Level.PLUS)} != 0"
        return chosen(text, *shown)

    # ---- places ---------------------------------------------------------------------------------

    def read(self, ref: Ref) -> Text:
        """Read a number; one that a choice does not mean is 0."""
        if ref in self.known:
            return self.known[ref], Level.ATOM
        if ref.chosen is None:
            return self.place(ref), Level.ATOM
        index = self._chosen(ref.chosen)
        text = f"{index} < 0 ? {self.language.number(0.0)} : {self.place(ref, index)}"
        name = self.known[ref] = self.let(text)
        return name, Level.ATOM

    def _chosen(self, choice: Choice) -> str:
        index = self.writer.names.new("which")
        by, _ = self.read(choice.by)
        text = f"{self.writer.helper('place')}({by}, {choice.size})"
        self.writer.line(self.language.constant(index, text, True))
        return index

    def place(self, ref: Ref, chosen: str = "") -> str:
        """Say where a number lies."""
        place = self.writer.places[ref.arena - OUTSIDE]
        if place.is_number:
            return place.name
        steps = [*zip(ref.strides, self.indices, strict=False)]
        step = 0 if ref.chosen is None else ref.chosen.step
        if ref.table >= 0:
            inside = linear(ref.at, [s for s, _ in steps], [i for _, i in steps])
            table = f"{self.writer.table(ref.table, False)}[{inside}]"
            terms = [(1, table), (step, chosen)] if chosen else [(1, table)]
        else:
            terms = [*steps, (step, chosen)] if chosen else steps
        start = place.start + ref.start
        return f"{place.name}[{linear(start, [s for s, _ in terms], [i for _, i in terms])}]"


def linear(start: int, strides: Sequence[int], indices: Sequence[str]) -> str:
    """Write start + strides * indices."""
    text = ""
    for stride, index in zip(strides, indices, strict=False):
        if not stride:
            continue
        shown = index if abs(stride) == 1 else f"{abs(stride)} * {index}"
        if text:
            text += f" {'-' if stride < 0 else '+'} {shown}"
        else:
            text = shown if stride > 0 else f"-{shown}"
    if not text:
        return str(start)
    if start:
        text += f" {'-' if start < 0 else '+'} {abs(start)}"
    return text


def linear_more(text: str) -> str:
    """Write one more."""
    return str(int(text) + 1) if text.isdigit() else f"{text} + 1"
