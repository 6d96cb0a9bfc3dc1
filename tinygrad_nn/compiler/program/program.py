"""A program: a short list of array statements that computes what a graph computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..form.program import Array, Piece
from ..roll.shapes import Family
from .layout import Layout
from .statements import Statement

__all__ = ["Output", "Program"]

Output = tuple[int, int, float]  # a family (or -1) and a place in it, or a number


class Program:
    """Statements over families of numbers.

    Attributes
    ----------
    arrays : list of Array
        The inputs, which are the first families.
    families : list of Family
    constants : dict
        The numbers of constant families.
    statements : list of Statement
    layout : Layout
        Where the families lie in memory.
    coupled : bool
        Whether what a sample reads lies in one family with what depends on a sum over all.
    outputs : list of (int, int, float)
        The family and place of each output; family -1 and the number of a constant.
    pieces : list of Piece
        Names of outputs, as if they lay in one array.
    lookups : frozenset of (int, int, int)
        The array and the place of inputs that choose from tables, with the sizes of these.
    """

    def __init__(
        self,
        arrays: Sequence[Array],
        families: Sequence[Family],
        constants: dict[int, Any],
        statements: Sequence[Statement],
        outputs: Sequence[Output],
        pieces: Sequence[Piece] = (),
        lookups: frozenset[tuple[int, int, int]] = frozenset(),
    ) -> None:
        self.arrays = list(arrays)
        self.families = list(families)
        self.constants = constants
        self.statements = list(statements)
        self.outputs = list(outputs)
        self.pieces = list(pieces)
        self.lookups = lookups
        self.per_sample = any(family.per_sample for family in families)
        self.coupled = False
        self.layout = Layout(self.families, self.statements, {f for f, _, _ in self.outputs})
        self.prologue, self.body, self.epilogue = self._phases()

    def _phases(self) -> tuple[list[Statement], list[Statement], list[Statement]]:
        """Part the statements: before, for, and after the samples of a batch.

        Where a sample reads from a family of which another part depends on a sum over the
        batch, all is one body, which takes the whole batch at once.
        """
        before: list[Statement] = []
        body: list[Statement] = []
        after: list[Statement] = []
        late: set[int] = set()  # families that depend on a sum over samples
        for statement in self.statements:
            reads = statement.reads()
            if statement.per_sample or statement.reduces:
                if late & reads:
                    self.coupled = True
                    return [], self.statements, []
                body.append(statement)
                if statement.reduces:
                    late.add(statement.family)
            elif late & reads or statement.family in late:
                after.append(statement)
                late.add(statement.family)
            else:
                before.append(statement)
        return before, body, after
