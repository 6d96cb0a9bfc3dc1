"""Expressions of arrays as text of Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from ...compiler.program.program import Ints
from ..arrays.form import (
    Added,
    Apply,
    Chosen,
    Concat,
    Constant,
    Einsum,
    Expr,
    Index,
    Item,
    Joined,
    Number,
    Permute,
    Put,
    Reshape,
    Spread,
    Steps,
    Take,
    Variable,
)
from ..arrays.views import strides_of
from ..loops.operations import Level, bound
from .library import Library
from .products import factors_of, subscripts

__all__ = ["Printer", "Text"]

Text: TypeAlias = "tuple[str, int]"
SIGNS = {
    "add": ("+", Level.PLUS),
    "sub": ("-", Level.PLUS),
    "mul": ("*", Level.TIMES),
    "div": ("/", Level.TIMES),
}
COMPARISONS = {"eq": "==", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "ne": "!="}
FEW = 8  # numbers that are written out


class Printer:
    """Writes expressions; `inlined` are those of variables that are written where they are used.

    `constant` names arrays of numbers, `helper` functions.
    """

    def __init__(
        self,
        library: Library,
        inlined: Mapping[str, Expr],
        constant: Callable[[str, str], str],
        helper: Callable[[str], str],
        counts: bool,
    ) -> None:
        self.library = library
        self.inlined = inlined
        self.constant = constant
        self.helper = helper
        self.counts = counts
        self._writers: dict[type[Expr], Callable[..., Text]] = {
            Variable: self._variable,
            Number: self._number,
            Constant: self._constant,
            Index: self._index,
            Reshape: self._reshape,
            Permute: self._permute,
            Spread: self._spread,
            Take: self._take,
            Chosen: self._chosen,
            Added: self._added,
            Concat: self._concat,
            Apply: self._apply,
            Joined: self._joined,
            Einsum: self._einsum,
        }

    def text(self, expr: Expr) -> str:
        """Write an expression."""
        return self._write(expr)[0]

    def put(self, put: Put) -> str:
        """Write what puts numbers into a vector."""
        places = self._places(put.places, put.steps, put.table)
        of = self.text(put.of)
        return self.library.put.format(buffer=of, places=places, value=self.text(put.value))

    def operand(self, expr: Expr) -> str:
        """Write an operand of a function: an array."""
        text = self.text(expr)
        return self.library.number.format(text) if self._is_plain(expr) else text

    def array(self, expr: Expr) -> str:
        """Write an array that comes out."""
        return self._atom(expr) if self._is_plain(expr) else self.text(expr)

    def _is_plain(self, expr: Expr) -> bool:
        """Tell whether what is written is a number of Python."""
        if isinstance(expr, Variable):
            return expr.name in self.inlined and self._is_plain(self.inlined[expr.name])
        if isinstance(expr, Apply):
            signs = expr.op in SIGNS or expr.op == "neg"
            return signs and all(map(self._is_plain, expr.parts))
        return isinstance(expr, Number)

    def _write(self, expr: Expr) -> Text:
        return self._writers[type(expr)](expr)

    def _atom(self, expr: Expr) -> str:
        if not self._is_plain(expr):
            return bound(self._write(expr), Level.ATOM)
        text = self.text(expr)
        return self.library.array.format(f"{text}.0" if text.isdigit() else text)

    # ---- leaves -------------------------------------------------------------------------------

    def _variable(self, expr: Variable) -> Text:
        if expr.name in self.inlined:
            return self._write(self.inlined[expr.name])
        return expr.name, Level.ATOM

    def _number(self, expr: Number) -> Text:
        return self.plain(expr.value), Level.SIGN if expr.value < 0.0 else Level.ATOM

    def plain(self, value: float) -> str:
        """Write a plain number."""
        if math.isfinite(value):
            text = repr(value)
            return (
                str(int(value))
                if value.is_integer() and abs(value) < 100 and text != "-0.0"
                else text
            )
        name = "nan" if math.isnan(value) else "inf"
        return f"{'-' if value < 0.0 else ''}{self.library.module}.{name}"

    def _constant(self, expr: Constant) -> Text:
        values = expr.numbers.ravel()
        if len(values) > FEW and bool((values == values[0]).all()):
            shape = f"({', '.join(map(str, expr.shape))}{',' * (len(expr.shape) == 1)})"
            text = (
                f"{self.library.module}.full({shape}, {self.plain(float(values[0]))}, dtype=DTYPE)"
            )
            return self.constant("C", text), Level.ATOM
        text = self.numbers(expr.numbers.astype(float).tolist())
        return self.constant("C", self.library.array.format(text)), Level.ATOM

    def numbers(self, nesting: object) -> str:
        """Write numbers in lists."""
        if isinstance(nesting, list):
            return f"[{', '.join([self.numbers(part) for part in nesting])}]"
        assert isinstance(nesting, float)
        value = nesting
        if math.isfinite(value):
            return repr(value)
        return self.plain(value)

    # ---- places -------------------------------------------------------------------------------

    def _index(self, expr: Index) -> Text:
        items = [
            self._item(item, n) for item, n in zip(expr.items, self._lengths(expr), strict=True)
        ]
        if expr.rows:
            items = ["...", *items]
        else:
            while items and items[-1] == ":":
                items.pop()
        return f"{self._atom(expr.of)}[{', '.join(items)}]", Level.ATOM

    def _lengths(self, expr: Index) -> list[int]:
        lengths = iter(expr.of.shape)
        return [1 if item is None else next(lengths) for item in expr.items]

    def _item(self, item: Item, length: int) -> str:
        if item is None:
            return "None"
        if isinstance(item, int):
            return str(item)
        begin, end, step = item
        shown = f"{begin or ''}:{end if end < length else ''}"
        return shown if step == 1 else f"{shown}:{step}"

    def _shape(self, expr: Expr) -> list[str]:
        return ["*lead"] * expr.rows + [str(size) for size in expr.shape]

    def _reshape(self, expr: Reshape) -> Text:
        shape = self._shape(expr)
        inside = ", ".join(shape) if expr.shape else "lead" if expr.rows else "()"
        return f"{self._atom(expr.of)}.reshape({inside})", Level.ATOM

    def _permute(self, expr: Permute) -> Text:
        rank = len(expr.order)
        if rank == 2 and not expr.rows:
            return f"{self._atom(expr.of)}.T", Level.ATOM
        source = tuple([place - rank for place in expr.order])
        target = tuple(range(-rank, 0))
        return self.library.moved.format(self.text(expr.of), source, target), Level.ATOM

    def _spread(self, expr: Spread) -> Text:
        shape = self._shape(expr)
        inside = f"({', '.join(shape)}{',' * (len(shape) == 1)})"
        name = f"{self.library.module}.broadcast_to"
        of = self.array(expr.of)
        return f"{name}({of}, {inside})", Level.ATOM

    def _take(self, expr: Take) -> Text:
        places = self._places(expr.places, expr.steps, expr.table)
        return f"{self._atom(expr.of)}[{'..., ' * expr.rows}{places}]", Level.ATOM

    def _places(self, places: Ints, steps: Steps, table: Ints | None) -> str:
        """Write places, which move with steps."""
        if places.ndim or not steps:
            text = self._integers(places)
        else:
            text = str(places) if int(places) else ""
        for index, stride in steps:
            shown = index if abs(stride) == 1 else f"{abs(stride)} * {index}"
            text = (
                f"{text} {'-' if stride < 0 else '+'} {shown}"
                if text
                else f"{'-' * (stride < 0)}{shown}"
            )
        if table is None:
            return text
        return f"{self.constant('I', self.library.integers.format(table.tolist()))}[{text}]"

    def _integers(self, places: Ints) -> str:
        if not places.ndim:
            return str(places)
        strides = strides_of(places)
        if strides is None or places.size <= FEW:
            return self.constant("I", self.library.integers.format(places.tolist()))
        first = int(places.ravel()[0])
        terms = [str(first)] if first else []
        for axis, (size, stride) in enumerate(zip(places.shape, strides, strict=True)):
            shape = ["1"] * places.ndim
            shape[axis] = "-1"
            steps = f"{self.library.module}.arange({size})"
            steps += f".reshape({', '.join(shape)})" * (places.ndim > 1)
            terms.append(steps if stride == 1 else f"{stride} * {steps}")
        text = " + ".join(terms).replace("+ -", "- ")
        return self.constant("I", f"({text})" if len(terms) > 1 else text)

    def _chosen(self, expr: Chosen) -> Text:
        places = self._places(expr.places, expr.steps, None)
        inside = (
            f"{self.text(expr.of)}, {places}, {expr.step}, {self.operand(expr.by)}, {expr.size}"
        )
        along = expr.of.rows and expr.by.rows
        return f"{self.helper('chosen')}({inside}, {along})", Level.ATOM

    def _added(self, expr: Added) -> Text:
        places = self._places(expr.places, expr.steps, None)
        inside = (
            f"{self.text(expr.of)}, {places}, {expr.step}, {self.operand(expr.by)}, {expr.size}"
        )
        return (
            f"{self.helper('added')}({inside}, {self.operand(expr.value)}, {expr.rows})",
            Level.ATOM,
        )

    def _concat(self, expr: Concat) -> Text:
        rows = expr.rows
        parts = [
            self.text(part if part.rows == rows else Spread(part.shape, True, part))
            for part in expr.parts
        ]
        name = f"{self.library.module}.concatenate"
        return f"{name}([{', '.join(parts)}]{', axis=-1' * rows})", Level.ATOM

    # ---- what is computed ---------------------------------------------------------------------

    def _apply(self, expr: Apply) -> Text:
        op, parts = expr.op, expr.parts
        if op in SIGNS:
            return self._signed(op, parts)
        if op == "neg":
            return f"-{bound(self._write(parts[0]), Level.ATOM)}", Level.SIGN
        if op == "reciprocal":
            return f"1 / {bound(self._write(parts[0]), Level.SIGN)}", Level.TIMES
        if op in COMPARISONS:
            return self.library.truth.format(self._compared(expr)), Level.ATOM
        if op == "select":
            condition, x, y = parts
            text = (
                self._compared(condition)
                if isinstance(condition, Apply) and condition.op in COMPARISONS
                else f"{bound(self._write(condition), Level.PLUS)} != 0"
            )
            return self._where(text, self.operand(x), self.operand(y))
        name = self.library.functions[op]
        name = name if "." in name else self.helper(name)
        found = self.operand(parts[0])
        if len(parts) == 1:
            return f"{name}({found})", Level.ATOM
        for part in parts[1:]:
            found = f"{name}({found}, {self.operand(part)})"
        return found, Level.ATOM

    def _where(self, condition: str, x: str, y: str) -> Text:
        return f"{self.library.module}.where({condition}, {x}, {y})", Level.ATOM

    def _compared(self, expr: Apply) -> str:
        x, y = [bound(self._write(part), Level.PLUS) for part in expr.parts]
        return f"{x} {COMPARISONS[expr.op]} {y}"

    def _signed(self, op: str, parts: Sequence[Expr]) -> Text:
        sign, level = SIGNS[op]
        text = bound(self._write(parts[0]), level)
        for part in parts[1:]:
            own = sign
            if op == "add" and isinstance(part, Apply) and part.op == "neg":
                own, part = "-", part.parts[0]
            text = f"{text} {own} {bound(self._write(part), level + 1)}"
        return text, level

    def _joined(self, expr: Joined) -> Text:
        axes = [*([0] if expr.samples else []), *range(-expr.axes, 0)]
        name = self.library.functions.get(f"joined {expr.op}", "")
        if name:
            return f"{self.helper(name)}({self.text(expr.of)}, {tuple(axes)})", Level.ATOM
        name = f"{self.library.module}.{'sum' if expr.op == 'add' else expr.op}"
        shown = axes[0] if len(axes) == 1 else tuple(axes)
        is_all = len(axes) == len(expr.of.shape) + expr.of.rows and self.counts | (not expr.of.rows)
        return f"{name}({self.operand(expr.of)}{'' if is_all else f', axis={shown}'})", Level.ATOM

    def _einsum(self, expr: Einsum) -> Text:
        found = factors_of(expr)
        if found is not None:
            first, turned, second, also = found
            left, right = (
                self._factor(expr.parts[first], turned),
                self._factor(expr.parts[second], also),
            )
            return f"{left} @ {right}", Level.TIMES
        parts = ", ".join([self.operand(part) for part in expr.parts])
        text = subscripts(expr, "...", "z")
        return f"{self.library.module}.einsum('{text}', {parts})", Level.ATOM

    def _factor(self, expr: Expr, turned: bool) -> str:
        if turned:
            return f"{self._atom(expr)}.T"
        return bound(self._write(expr), Level.SIGN)
