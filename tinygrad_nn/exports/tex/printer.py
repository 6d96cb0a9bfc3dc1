"""Expressions of arrays as formulas, those of one sample, whose vectors are columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ...compiler.backends.forms import PLAIN
from ...compiler.program.program import Ints
from ...latex.formula import CLOSED, POWER, PRODUCT, Fragment, applied, number_fragment, shown
from ...scalar import ops
from ...scalar.operation import Op
from ..arrays.form import (
    Added,
    Apply,
    Chosen,
    Concat,
    Constant,
    Einsum,
    Expr,
    Index,
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
from ..python.products import factors_of, subscripts

__all__ = ["KNOWN", "Printer"]

FEW = 4  # numbers and places that are shown of many


def _rows() -> dict[str, Op]:
    """Map operations to the rows that say how they are written."""
    found: dict[str, Op] = {"select": ops.where, "positive": ops.stop_gradient}
    for row in ops.TABLE.values():
        if isinstance(row.array, str):
            found.setdefault(PLAIN.get(row.array, row.array), row)
    return found


ROWS = _rows()
KNOWN = frozenset([*ROWS, "ne", "reciprocal"])


class Printer:
    """Writes expressions; `names` are those of variables, as formulas.

    What is `inlined` is written where it is read.
    """

    def __init__(self, names: Mapping[str, str], inlined: Mapping[str, Expr]) -> None:
        self.names = names
        self.inlined = inlined
        self._writers: dict[type[Expr], Callable[..., Fragment]] = {
            Variable: self._variable,
            Number: lambda expr: number_fragment(expr.value),
            Constant: self._constant,
            Index: self._index,
            Reshape: self._reshape,
            Permute: self._permute,
            Spread: lambda expr: self.write(expr.of),
            Take: self._take,
            Chosen: self._chosen,
            Added: self._added,
            Concat: self._concat,
            Apply: self._apply,
            Joined: self._joined,
            Einsum: self._einsum,
        }

    def write(self, expr: Expr) -> Fragment:
        """Write an expression."""
        return self._writers[type(expr)](expr)

    def text(self, expr: Expr) -> str:
        """Write an expression on a line of its own."""
        return shown(self.write(expr))

    def put(self, put: Put) -> str:
        """Write what puts numbers into a vector, as an equation."""
        places = self._places(put.places, put.steps)
        return rf"{{{self._closed(put.of)}}}_{{{places}}} &= {self.text(put.value)}"

    def _closed(self, expr: Expr) -> str:
        return shown(self.write(expr), CLOSED)

    def _variable(self, expr: Variable) -> Fragment:
        if expr.name in self.inlined:
            return self.write(self.inlined[expr.name])
        return Fragment(self.names[expr.name])

    def _constant(self, expr: Constant) -> Fragment:
        numbers = expr.numbers.ravel().astype(float).tolist()
        if len(set(numbers)) == 1:
            return number_fragment(numbers[0])
        texts = [shown(number_fragment(number)) for number in numbers[:FEW]]
        more = [r"\ldots"] * (len(numbers) > FEW)
        return Fragment(rf"\left({', '.join([*texts, *more])}\right)")

    # ---- places -------------------------------------------------------------------------------

    def _index(self, expr: Index) -> Fragment:
        lengths = iter(expr.of.shape)
        items = []
        for item in expr.items:
            if item is None:
                continue
            length = next(lengths)
            if isinstance(item, int):
                items.append(str(item))
                continue
            begin, end, step = item
            own = f"{begin}:{end}" + f":{step}" * (step != 1)
            items.append(":" if (begin, end, step) == (0, length, 1) else own)
        if all(item == ":" for item in items):
            return self.write(expr.of)
        return Fragment(rf"{{{self._closed(expr.of)}}}_{{{','.join(items)}}}")

    def _reshape(self, expr: Reshape) -> Fragment:
        if all(size == 1 for size in expr.shape):
            return self.write(expr.of)
        shape = r" \times ".join(map(str, expr.shape))
        return Fragment(rf"\operatorname{{reshape}}_{{{shape}}}\left({self.text(expr.of)}\right)")

    def _permute(self, expr: Permute) -> Fragment:
        if len(expr.order) == 2:
            return self._turned(expr.of)
        order = ",".join(map(str, expr.order))
        return Fragment(rf"\operatorname{{permute}}_{{{order}}}\left({self.text(expr.of)}\right)")

    def _turned(self, expr: Expr) -> Fragment:
        return Fragment(rf"{self._closed(expr)}^{{\top}}", POWER)

    def _take(self, expr: Take) -> Fragment:
        places = self._places(expr.places, expr.steps)
        if expr.table is not None:
            places = rf"I\left({places}\right)"
        return Fragment(rf"{{{self._closed(expr.of)}}}_{{{places}}}")

    def _places(self, places: Ints, steps: Steps) -> str:
        text = ""
        if places.ndim or not steps or int(places):
            text = self._listed(places)
        for index, stride in steps:
            own = self.names[index] if abs(stride) == 1 else f"{abs(stride)} {self.names[index]}"
            text = f"{text} {'-' if stride < 0 else '+'} {own}" if text else own
        return text

    def _listed(self, places: Ints) -> str:
        if not places.ndim:
            return str(places)
        flat = places.ravel()
        strides = strides_of(flat)
        if strides is not None and len(flat) > FEW:
            return rf"({flat[0]}, {flat[1]}, \ldots, {flat[-1]})"
        more = r", \ldots" * (len(flat) > FEW)
        return f"({', '.join(map(str, flat[:FEW].tolist()))}{more})"

    def _chosen_places(self, expr: Chosen | Added) -> str:
        by = self.text(expr.by)
        moved = (
            by if expr.step == 1 else rf"{expr.step} \cdot {shown(self.write(expr.by), PRODUCT)}"
        )
        if not np.any(expr.places) and not expr.steps:
            return moved
        return f"{self._places(expr.places, expr.steps)} + {moved}"

    def _chosen(self, expr: Chosen) -> Fragment:
        return Fragment(rf"{{{self._closed(expr.of)}}}_{{{self._chosen_places(expr)}}}")

    def _added(self, expr: Added) -> Fragment:
        places = self._chosen_places(expr)
        of = shown(self.write(expr.of), 1)
        sums = r"\sum " if expr.value.rows and not expr.rows else ""
        return Fragment(
            rf"{of} + {sums}{shown(self.write(expr.value), PRODUCT)} \, e_{{{places}}}", 1
        )

    def _concat(self, expr: Concat) -> Fragment:
        parts = r" \\ ".join([self.text(part) for part in expr.parts])
        return Fragment(rf"\begin{{pmatrix}} {parts} \end{{pmatrix}}")

    # ---- what is computed ---------------------------------------------------------------------

    def _apply(self, expr: Apply) -> Fragment:
        op, parts = expr.op, [self.write(part) for part in expr.parts]
        condition = expr.parts[0]
        if op == "select" and isinstance(condition, Apply) and condition.op == "ne":
            parts[0] = self.write(condition.parts[0])  # the row says itself that it is not 0
        if op == "reciprocal":
            return applied(ops.div, [number_fragment(1.0), *parts])
        if op == "ne":
            x, y = [shown(part, 1) for part in parts]
            return Fragment(rf"\left[{x} \neq {y}\right]")
        if len(expr.shape) == 2:  # vectors are columns, unless they lie along the last axis
            rows = [len(part.shape) == 1 and part.shape[0] > 1 for part in expr.parts]
            parts = [
                self._turned(part) if is_row else shown_part
                for part, shown_part, is_row in zip(expr.parts, parts, rows, strict=True)
            ]
        row = ROWS[op]
        if row.arity == len(parts) and op != "mul":
            return applied(row, parts)
        found, shape = parts[0], expr.parts[0].shape
        for part, of in zip(parts[1:], expr.parts[1:], strict=True):
            if op == "mul" and shape and of.shape:
                found = self._elements(found, part, shape, of.shape)
            else:
                found = applied(row, [found, part])
            shape = np.broadcast_shapes(shape, of.shape)
        return found

    def _elements(
        self, x: Fragment, y: Fragment, of_x: tuple[int, ...], of_y: tuple[int, ...]
    ) -> Fragment:
        """Multiply element by element; a column times a row is their outer product."""
        sign = r"\odot"
        if len(of_x) == 2 and of_x[1] == 1 and len(of_y) == 1:
            sign = r"\,"
        elif len(of_y) == 2 and of_y[1] == 1 and len(of_x) == 1:
            x, y, sign = y, x, r"\,"
        text = rf"{shown(x, PRODUCT)} {sign} {shown(y, PRODUCT, first=False)}"
        return Fragment(text, PRODUCT)

    def _joined(self, expr: Joined) -> Fragment:
        name = rf"\{'sum' if expr.op == 'add' else expr.op}"
        below = [r"\text{samples}"] * expr.samples
        if expr.axes and expr.axes < len(expr.of.shape):
            below.append(rf"\text{{last {expr.axes} axes}}" if expr.axes > 1 else r"\text{columns}")
        under = f"_{{{', '.join(below)}}}" if below else ""
        return Fragment(
            f"{name}{under} {shown(self.write(expr.of), PRODUCT, first=False)}", PRODUCT
        )

    def _einsum(self, expr: Einsum) -> Fragment:
        found = factors_of(expr)
        if found is None:
            return self._by_indices(expr)
        first, turned, second, also = found
        x, y = expr.parts[first], expr.parts[second]
        if expr.samples:
            outer = rf"{self._closed(x)} \, {self._closed(y)}" + r"^{\top}" * (
                len(x.shape) == 1 and len(y.shape) == 1
            )
            return Fragment(rf"\sum_{{\text{{samples}}}} {outer}", PRODUCT)
        if len(x.shape) == 1 and len(y.shape) == 2:  # a row times a matrix, as columns
            matrix = self.write(y) if also else self._turned(y)
            return Fragment(rf"{shown(matrix, POWER)} \, {self._closed(x)}", PRODUCT)
        left = self._turned(x) if turned or len(y.shape) == len(x.shape) == 1 else self.write(x)
        right = self._turned(y) if also else self.write(y)
        return Fragment(rf"{shown(left, POWER)} \, {shown(right, POWER, first=False)}", PRODUCT)

    def _by_indices(self, expr: Einsum) -> Fragment:
        """Write a sum of products by the indices of its elements."""
        inside, out = subscripts(expr, "", "").split("->")
        texts = [
            rf"{{{self._closed(part)}}}_{{{letters}}}" if letters else self._closed(part)
            for part, letters in zip(expr.parts, inside.split(","), strict=True)
        ]
        summed = sorted({*inside} - {*out, ","})
        below = [",".join(summed)] * bool(summed) + [r"\text{samples}"] * expr.samples
        sign = rf"\sum_{{{', '.join(below)}}} " if below else ""
        body = sign + r" \, ".join(texts)
        return Fragment(
            rf"\left({body}\right)_{{{out}}}" if out else body, CLOSED if out else PRODUCT
        )
