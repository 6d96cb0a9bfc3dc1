"""A program: a short list of array statements that computes what a graph computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import CONSTANT
from .choices import without_unread
from .families import Family
from .flatten import Flat, flatten
from .groups import Grouping
from .joining import join_common_terms
from .layout import Layout
from .listing import listing
from .recognise import Recogniser
from .stacking import find_stacks
from .statements import Statement
from .stats import Stats, stats_of
from .tape import Tape

__all__ = ["Program", "compile_tape"]

Output = tuple[int, int, float]  # a family (or -1) and a place in it, or a number


class Program:
    """Statements over families of numbers.

    Attributes
    ----------
    tape : Tape
        What it computes, number by number.
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
    calls : int or None
        How many calls of NumPy a run makes; None before the first.
    """

    def __init__(
        self,
        tape: Tape,
        families: Sequence[Family],
        constants: dict[int, Any],
        statements: Sequence[Statement],
        outputs: Sequence[Output],
    ) -> None:
        self.tape = tape
        self.families = list(families)
        self.constants = constants
        self.statements = list(statements)
        self.outputs = list(outputs)
        self.per_sample = any(family.per_sample for family in families)
        self.coupled = False
        self.calls: int | None = None
        self.layout = Layout(self.families, self.statements, {f for f, _, _ in self.outputs})
        self.prologue, self.body, self.epilogue = self._phases()

    @property
    def stats(self) -> Stats:
        """What it costs."""
        return stats_of(self, self.calls)

    def __str__(self) -> str:
        return listing(self)

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


def compile_tape(tape: Tape) -> Program:
    """Roll a tape up into a program.

    Parameters
    ----------
    tape : Tape

    Returns
    -------
    Program
    """
    flat = flatten(tape)
    grouping = _grouped(flat.tape, flat)
    recogniser = Recogniser(grouping)
    statements = [recogniser.statement(one) for one in grouping.groups]
    statements = join_common_terms(statements, grouping.families)
    outputs: list[Output] = []
    for entry in flat.outputs:
        if flat.tape.rows[entry] is CONSTANT:
            outputs.append((-1, 0, flat.tape.number[entry]))
        else:
            outputs.append((int(grouping.family[entry]), int(grouping.place[entry]), 0.0))
    statements = without_unread(statements, {family for family, _, _ in outputs})
    return Program(tape, grouping.families, recogniser.constants, statements, outputs)


def _grouped(tape: Tape, flat: Flat) -> Grouping:
    """Group what is kept, and once more if there are steps of a recurrence in it."""
    grouping = Grouping(tape, flat)
    for number, entries in enumerate(grouping.levels()):
        grouping.add_level(number, entries)
    found = find_stacks(grouping)
    if found is None:
        return grouping
    stacks, levels = found
    by_level: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    for group, level in zip(grouping.groups, levels, strict=True):
        by_level[level] += group.entries.tolist()
    stacked = Grouping(tape, flat, stacks)
    for number, entries in enumerate(by_level):
        stacked.add_level(number, sorted(entries))
    return stacked
