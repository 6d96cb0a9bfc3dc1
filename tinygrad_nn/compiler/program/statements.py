"""What a program is made of: statements on strided views of families of numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...scalar.operation import Op

__all__ = ["Choice", "Factor", "Operand", "Statement", "Term"]

Ints = Any  # an array of int64
Floats = Any  # an array of float64


@dataclass(slots=True)
class Factor:
    """Where a factor is read: at `start` in a family, or in what a table gathers from it."""

    family: int
    start: int
    table: Ints = None
    scale: Floats = None


@dataclass(slots=True)
class Choice:
    """A number that says, when the program runs, which of some places in a row is meant.

    It chooses among elements of the left factor, of the results, or of both: that is
    ``left[index]``, ``result[index] += left``, or both at once. Where the number is none
    of 0 ... size - 1, the term is 0.

    Attributes
    ----------
    index : Factor
        Where the number is read.
    strides : list of int
        Its strides along the axes of the term, and then along those that are summed over.
    size : int
        How many places there are.
    source, target : int
        How far they lie apart in the left factor, and in the results; 0 where nothing is
        chosen.
    """

    index: Factor
    strides: list[int]
    size: int
    source: int
    target: int


@dataclass(slots=True)
class Term:
    """One class of terms of a sum or an extreme: coefficient * left * right, reduced.

    Attributes
    ----------
    coef : float
    left, right : Factor or None
    axes : list of (size, out, left, right)
        The axes of the members, with the strides of the result and of both factors.
    reduced : list of (size, left, right)
        The axes that are summed over.
    select : array of int, optional
        Which of the computed results each member is.
    offsets : array of int, optional
        Where the terms of each member begin, if members differ in length.
    start : int
        Where the results begin.
    choice : Choice, optional
        In place of the right factor: which elements are read, or which results added to.
    """

    coef: float
    left: Factor | None
    right: Factor | None
    axes: list[tuple[int, int, int, int]]
    reduced: list[tuple[int, int, int]]
    start: int = 0
    select: Ints = None
    offsets: Ints = None
    choice: Choice | None = None

    @property
    def work(self) -> int:
        """How many products it takes, for one sample."""
        count = 1
        for axis in (*self.axes, *self.reduced):
            count *= axis[0]
        return count

    @property
    def is_number(self) -> bool:
        """Whether it is a plain number, the same for all results."""
        return self.left is None and self.choice is None

    @property
    def scatters(self) -> bool:
        """Whether it is added to results that are chosen when the program runs."""
        return self.choice is not None and self.choice.target != 0

    @property
    def gathered(self) -> bool:
        """Whether it reads through a table."""
        return any(factor.table is not None for factor in self.factors()) or (
            self.select is not None or self.offsets is not None
        )

    def factors(self) -> list[Factor]:
        """List all factors that it reads, the number that chooses as the last."""
        index = None if self.choice is None else self.choice.index
        return [f for f in (self.left, self.right, index) if f is not None]


@dataclass(slots=True)
class Operand:
    """One operand of an operation: a number, or a factor with a stride for every axis."""

    number: float = 0.0
    factor: Factor | None = None
    strides: tuple[int, ...] = ()


@dataclass(slots=True)
class Statement:
    """One line of a program.

    Attributes
    ----------
    kind : int
        `SUM`, `OPERATION` or `EXTREME`.
    row : Op or None
        The operation of the last two.
    family, start : int
        Where the results go.
    size : int
        How many results (for one sample).
    nodes : int
        How many entries of the tape it stands for.
    per_sample, reduces : bool
        Whether there are results for each sample; whether terms are summed over samples.
    terms : list of Term
        Of a sum or an extreme.
    axes : list of (size, stride)
        Where the results lie; of an operation also the axes of the operands.
    operands : list of Operand
    scatter : array of int, optional
        Where in the family each result goes, if that is no view.
    accumulates : bool
        Whether the terms are added to what is there.
    """

    kind: int
    row: Op | None
    family: int
    size: int
    nodes: int
    per_sample: bool
    reduces: bool
    start: int = 0
    terms: list[Term] = field(default_factory=list)
    axes: list[tuple[int, int]] = field(default_factory=list)
    operands: list[Operand] = field(default_factory=list)
    scatter: Ints = None
    accumulates: bool = False

    def factors(self) -> list[Factor]:
        """List all factors that it reads."""
        found = [factor for term in self.terms for factor in term.factors()]
        return found + [o.factor for o in self.operands if o.factor is not None]

    @property
    def chooses(self) -> bool:
        """Whether anything that it reads or writes is chosen when the program runs."""
        return any(term.choice is not None for term in self.terms)

    def reads(self) -> set[int]:
        """Collect the families that it reads."""
        found = {factor.family for factor in self.factors()}
        return found | {self.family} if self.accumulates else found

    @property
    def gathered(self) -> bool:
        """Whether anything in it goes through a table."""
        return (
            self.scatter is not None
            or any(term.gathered for term in self.terms)
            or any(o.factor is not None and o.factor.table is not None for o in self.operands)
        )
