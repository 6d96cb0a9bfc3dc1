"""Values of nests as expressions of whole arrays: computed for all indices, and joined."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from ...compiler.backends import loops as nests
from ...compiler.backends.loops import Nest, Ref, Value
from ...compiler.program.program import Program
from .building import applied, plain, scaled
from .form import (
    Constant,
    Einsum,
    Expr,
    Joined,
    Let,
    Reshape,
    Spread,
    Statement,
    Take,
    Variable,
)
from .names import Namer
from .reading import Reading
from .views import expanded, joined, shaped

__all__ = ["Values"]


class Values(Reading):
    """Writes what nests compute; names what is used again in statements."""

    def __init__(self, program: Program, names: Namer) -> None:
        super().__init__(program)
        self.names = names
        self.statements: list[Statement] = []
        self.samples: Variable | None = None

    def let(self, expr: Expr, letter: str, array: int = -1) -> Variable:
        """Give a value a name, in a statement of its own."""
        name = self.names.of(array) if array >= 0 else ""
        variable = Variable(expr.shape, expr.rows, name or self.names.numbered(letter))
        self.statements.append(Let(variable, expr))
        return variable

    def joined(self, nest: Nest) -> Expr:
        """Compute a value for all indices, and join it over the inner ones."""
        axes = (*nest.sizes, *nest.over)
        if nest.join == "add" and (nest.over or nest.over_samples):
            product = self._product(nest, axes)
            if product is not None:
                return product
        value = self.value(nest.value, axes)
        return self._over(value, nest)

    def _over(self, value: Expr, nest: Nest) -> Expr:
        own, inner = len(nest.sizes), len(nest.over)
        if isinstance(value, Reshape) and not own and len(value.shape) == inner:
            value = value.of  # all of it is joined, in whatever shape
            inner = len(value.shape)
        if not inner and not nest.over_samples:
            return value
        sizes = nest.over
        present = value.shape[max(len(value.shape) - inner, 0) :] if inner else ()
        missing = math.prod(sizes) // math.prod(present) if present else math.prod(sizes)
        kept = value.shape[: len(value.shape) - len(present)]
        samples = nest.over_samples and value.rows
        found: Expr = value
        if present or samples:
            found = Joined(
                kept, value.rows and not samples, value, nest.join, len(present), samples
            )
        if nest.over_samples and not value.rows and nest.join == "add":
            found = applied("mul", found, self.count_of_samples())
        if missing != 1 and nest.join == "add":
            found = applied("mul", plain(float(missing)), found)
        assert len(found.shape) <= own
        return found

    def _product(self, nest: Nest, axes: tuple[int, ...]) -> Expr | None:
        """Write a sum of products of two numbers as one operation; None if it is none."""
        parts, coef = _factors(nest.value)
        refs = [part for part in parts if isinstance(part, Ref) and part.chosen is None]
        if len(refs) != 2 or len(parts) != 2:
            return None
        found = [self.natural(ref, axes) for ref in refs]
        exprs, indices = (found[0][0], found[1][0]), (found[0][1], found[1][1])
        own = len(nest.sizes)
        if nest.over_samples and not any(expr.rows for expr in exprs):
            return None
        met = {*indices[0], *indices[1]}
        if nest.over_samples and not all(expr.rows for expr in exprs):
            return None
        out = tuple([axis for axis in range(own) if axis in met])
        if not nest.over_samples and len(out) == len(met):
            return None  # nothing is summed
        rows = any(expr.rows for expr in exprs) and not nest.over_samples
        shape = tuple([axes[axis] for axis in out])
        value: Expr = Einsum(shape, rows, exprs, indices, out, nest.over_samples)
        value = expanded(value, out, own)
        missing = [axes[axis] for axis in range(own, len(axes)) if axis not in met]
        coef *= math.prod(missing)
        return scaled(coef, value)

    def runs(self, nest: Nest) -> Expr:
        """Join runs of neighbours: each in a row that is filled up with what changes nothing."""
        ends = self.program.tables[nest.ends]
        begins = np.concatenate([[0], ends[:-1]])
        value = self.value(nest.value, (int(ends[-1]),))
        value = (
            value
            if value.shape == (int(ends[-1]),)
            else Spread((int(ends[-1]),), value.rows, value)
        )
        longest = int((ends - begins).max(initial=1))
        places = begins[:, None] + np.arange(longest)
        places = np.where(places < ends[:, None], places, int(ends[-1]))
        fill = {"add": -0.0, "max": -math.inf, "min": math.inf}[nest.join]
        end: Expr = Constant((1,), False, np.array([fill]))
        if value.rows:
            end = Spread((1,), True, end)
        filled = joined([value, end])
        table = Take(places.shape, value.rows, filled, places)
        samples = nest.over_samples and value.rows
        found: Expr = Joined(
            places.shape[:1], value.rows and not samples, table, nest.join, 1, samples
        )
        if nest.over_samples and not value.rows and nest.join == "add":
            found = applied("mul", found, self.count_of_samples())
        return shaped(found, nest.sizes)

    def value(self, value: Value, axes: tuple[int, ...]) -> Expr:
        """Compute a value for all indices; what is used twice has a name."""
        known: dict[int, Expr] = {}
        uses: Counter[int] = Counter()

        def count(value: Value) -> None:
            if isinstance(value, nests.Apply):
                uses[id(value)] += 1
                if uses[id(value)] == 1:
                    for part in value.parts:
                        count(part)

        def found(value: Value) -> Expr:
            if isinstance(value, float):
                return plain(value)
            if isinstance(value, Ref):
                return self.read(value, axes)
            if not isinstance(value, nests.Apply):
                return self.count_of_samples()
            if id(value) not in known:
                made = applied(value.op, *[found(part) for part in value.parts])
                known[id(value)] = self.let(made, "v") if uses[id(value)] > 1 else made
            return known[id(value)]

        count(value)
        return found(value)

    def count_of_samples(self) -> Expr:
        """Give how many samples there are."""
        assert self.samples is not None
        return self.samples


def _factors(value: Value) -> tuple[list[Value], float]:
    """Part a product into its factors and a plain number."""
    coef = 1.0
    if isinstance(value, nests.Apply) and value.op == "neg":
        value, coef = value.parts[0], -1.0
    if not isinstance(value, nests.Apply) or value.op != "mul":
        return [value], coef
    found: list[Value] = []
    for part in value.parts:
        if isinstance(part, float):
            coef *= part
        else:
            found.append(part)
    return found, coef
