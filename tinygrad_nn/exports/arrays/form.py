"""A program as expressions of arrays: what NumPy, JAX, PyTorch and ONNX are printed from.

Every expression has a shape, that of one sample; with `rows` each sample has its own, and the
samples are axes in front. Shapes meet as NumPy lets them, from the right; one with rows that
meets others has all of their axes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ...compiler.program.program import Floats, Ints

__all__ = [
    "Added",
    "Apply",
    "Chosen",
    "Concat",
    "Constant",
    "Einsum",
    "Expr",
    "Form",
    "Index",
    "Item",
    "Joined",
    "Leaf",
    "Let",
    "Look",
    "Loop",
    "Number",
    "Parts",
    "Permute",
    "Put",
    "Reshape",
    "Spread",
    "Statement",
    "Steps",
    "Take",
    "Variable",
    "parts_of",
]

Shape: TypeAlias = tuple[int, ...]
Item: TypeAlias = "int | tuple[int, int, int] | None"  # a place, a slice, or a new axis
Steps: TypeAlias = "tuple[tuple[str, int], ...]"  # of loops: their indices, and how far they move


@dataclass(frozen=True, slots=True, eq=False)
class Expr:
    """An array."""

    shape: Shape
    rows: bool


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Expr):
    """One that has a name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Number(Expr):
    """A plain number."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expr):
    """Plain numbers."""

    numbers: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Index(Expr):
    """Places and slices of the axes of an array, with new axes between them."""

    of: Expr
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reshape(Expr):
    """The same numbers in another shape."""

    of: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Permute(Expr):
    """Axes in another order: axis n is what was `order[n]`."""

    of: Expr
    order: Shape


@dataclass(frozen=True, slots=True, eq=False)
class Spread(Expr):
    """An array repeated along axes that it does not have, or of one place."""

    of: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Take(Expr):
    """Numbers of a vector: at these places, which move with the steps of loops.

    With a table the places are what it has there.
    """

    of: Expr
    places: Ints
    steps: Steps = ()
    table: Ints | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Chosen(Expr):
    """Numbers of a vector at places plus `step` times what an index says, 0 where it says none."""

    of: Expr
    places: Ints
    step: int
    by: Expr
    size: int
    steps: Steps = ()


@dataclass(frozen=True, slots=True, eq=False)
class Concat(Expr):
    """Vectors, one after the other."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Apply(Expr):
    """An operation, element by element."""

    op: str
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Joined(Expr):
    """A sum ("add") or an extreme ("max", "min") over the last axes, and over the samples."""

    of: Expr
    op: str
    axes: int
    samples: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Einsum(Expr):
    """A sum of products: `indices` of the axes of each part, and of the result.

    With `samples`, it is over them too.
    """

    parts: tuple[Expr, Expr]
    indices: tuple[Shape, Shape]
    out: Shape
    samples: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Put(Expr):
    """A vector with other numbers at some places, which move with the steps of loops."""

    of: Expr
    places: Ints
    value: Expr
    steps: Steps = ()
    table: Ints | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Added(Expr):
    """A vector to which numbers are added, at the places that an index says as of `Chosen`."""

    of: Expr
    places: Ints
    step: int
    by: Expr
    size: int
    value: Expr
    steps: Steps = ()


@dataclass(frozen=True, slots=True, eq=False)
class Let:
    """A variable gets a value."""

    target: Variable
    value: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """Numbers must be whole and one of 0 ... size - 1."""

    of: Expr
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """The body once for each step; what it carries from one to the next has its names before it."""

    count: int
    index: str
    carried: tuple[Variable, ...]
    body: tuple[Statement, ...]


Statement: TypeAlias = Let | Look | Loop


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """An array among the arguments, or what is known: how it is reached, and its variable."""

    argument: str
    path: tuple[object, ...]  # the indices and names that lead to it in the argument
    variable: Variable
    numbers: Floats | None = None  # of what is known


Parts: TypeAlias = "Expr | tuple[type, tuple[object, ...], tuple[Parts, ...]] | None"


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """A function: its arguments, its statements, and its result as it is nested.

    `counts` says that samples are added up or counted; else any axes of them may be in front.
    """

    arguments: tuple[str, ...]
    leaves: tuple[Leaf, ...]
    statements: tuple[Statement, ...]
    result: Parts
    counts: bool
    samples: Variable | None  # their number, where it is asked for


def parts_of(expr: Expr) -> Iterator[Expr]:
    """List what an expression is made of."""
    if isinstance(expr, Apply | Concat | Einsum):
        yield from expr.parts
    elif isinstance(expr, Index | Reshape | Permute | Spread | Take | Joined):
        yield expr.of
    elif isinstance(expr, Chosen):
        yield from (expr.of, expr.by)
    elif isinstance(expr, Put):
        yield from (expr.of, expr.value)
    elif isinstance(expr, Added):
        yield from (expr.of, expr.by, expr.value)
