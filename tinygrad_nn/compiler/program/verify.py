"""Checking tapes and programs for errors of our own: what must hold between the passes.

Nothing here looks at the numbers that a program computes: the interpreter says what
those must be. Tests check every program that they compile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ProgramError
from ...scalar.ops import maximum, minimum
from ..roll.flatten import EXTREME, OPERATION, SUM
from .statements import Choice, Factor, Statement, Term
from .strides import size_of, spread

if TYPE_CHECKING:
    from .program import Program

__all__ = ["verify"]

Ints = Any  # an array of int64
Strided = Sequence[tuple[int, int]]  # axes, each a size and a stride


def verify(program: Program) -> None:
    """Check a program.

    Parameters
    ----------
    program : Program

    Raises
    ------
    ProgramError
        Naming the statement, and the rule that it breaks.
    """
    _Verifier(program).run()


class _Verifier:
    """Goes through the statements and keeps what is written, and what was read, so far."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.families = program.families
        self.written: list[Ints] = [np.zeros(f.size, dtype=bool) for f in program.families]
        self.read: list[Ints] = [np.zeros(f.size, dtype=bool) for f in program.families]
        layout = program.layout
        self.holds = {
            False: np.full(layout.shared, -1, dtype=np.int64),
            True: np.full(layout.samples, -1, dtype=np.int64),
        }
        self.where = "constants"

    def run(self) -> None:
        for family in self.families:
            if family.array >= 0:
                self._mark(family.number, np.arange(family.size))
        for number, numbers in self.program.constants.items():
            self._check_family(number)
            self.check(len(numbers) == self.families[number].size, "a constant fills its family")
            self._mark(number, np.arange(len(numbers)))
        for place, statement in enumerate(self.program.statements):
            self.where = f"statement {place}"
            self._statement(statement)
        for position, (number, place, _) in enumerate(self.program.outputs):
            self.where = f"output {position}"
            if number >= 0:
                self._check_family(number)
                inside = 0 <= place < self.families[number].size
                ready = inside and bool(self.written[number][place])
                self.check(ready, f"place {place} of family {number} was written")
                self._check_memory(number, np.array([place]))

    def check(self, holds: bool, rule: str) -> None:
        if not holds:
            raise ProgramError(f"{self.where}: {rule}")

    def _check_family(self, number: int) -> None:
        self.check(0 <= number < len(self.families), f"family {number} is one of the program's")

    def _mark(self, number: int, places: Ints) -> None:
        """Note that places of a family are written, where they lie in memory."""
        self.written[number][places] = True
        memory = self.holds[self.families[number].per_sample]
        memory[self.program.layout.start[number] + places] = number

    def _check_memory(self, number: int, places: Ints) -> None:
        memory = self.holds[self.families[number].per_sample]
        found = memory[self.program.layout.start[number] + places]
        kept = bool((found == number).all())
        self.check(kept, f"the memory of family {number} has not been given to another since")

    # ---- statements -----------------------------------------------------------------------

    def _statement(self, statement: Statement) -> None:
        self._check_family(statement.family)
        self._form(statement)
        places = self._places(statement)
        if statement.kind == OPERATION:
            self._operands(statement)
        else:
            for term in statement.terms:
                self._term(statement, term, places)
        self._write(statement, places)

    def _form(self, statement: Statement) -> None:
        kind, row = statement.kind, statement.row
        self.check(kind in (SUM, OPERATION, EXTREME), f"kind {kind} is one of the three")
        self.check((row is None) == (kind == SUM), "a sum has no row, anything else has one")
        if kind == EXTREME:
            self.check(row in (maximum, minimum), "an extreme is a max or a min")
        self.check(bool(statement.terms) == (kind != OPERATION), "what has terms is no operation")
        family = self.families[statement.family]
        self.check(
            statement.per_sample == family.per_sample,
            "results for each sample go to a family for each sample, others do not",
        )
        self.check(
            not statement.reduces or (kind == SUM and not statement.per_sample),
            "only a sum with results that samples share reduces over them",
        )
        self.check(not statement.accumulates or kind == SUM, "only a sum is added to what is there")

    def _places(self, statement: Statement) -> Ints:
        """List where the results go, and check them."""
        size = self.families[statement.family].size
        count = size_of([n for n, _ in statement.axes])
        self.check(count == statement.size, f"the axes' sizes multiply to {statement.size} results")
        places = statement.scatter
        if places is None:
            places = spread(statement.start, statement.axes)
        else:
            self.check(len(places) == statement.size, "a scatter has one place for each result")
        inside = bool((places >= 0).all()) and bool((places < size).all())
        self.check(inside, f"results lie inside their family of {size}")
        self.check(len(np.unique(places)) == len(places), "no two results go to one place")
        return places

    def _write(self, statement: Statement, places: Ints) -> None:
        written, read = self.written[statement.family], self.read[statement.family]
        if statement.accumulates:
            self.check(bool(written[places].all()), "it adds to what was written before")
            self.check(not read[places].any(), "what is added to was not read before")
        else:
            self.check(not written[places].any(), "no place is written twice")
        self._mark(statement.family, places)

    # ---- what is read ------------------------------------------------------------------------

    def _operands(self, statement: Statement) -> None:
        assert statement.row is not None
        arity = statement.row.arity
        self.check(len(statement.operands) == arity, f"{statement.row.name} takes {arity} operands")
        sizes = [n for n, _ in statement.axes]
        for operand in statement.operands:
            if operand.factor is not None:
                self.check(
                    len(operand.strides) == len(sizes), "an operand has a stride for each axis"
                )
                axes = list(zip(sizes, operand.strides, strict=True))
                self._factor(statement, operand.factor, axes)

    def _term(self, statement: Statement, term: Term, places: Ints) -> None:
        if term.right is not None:
            self.check(term.left is not None, "the first factor is the left one")
            self.check(statement.kind == SUM, "an extreme has one factor in a term")
        if term.is_number:
            return
        if term.offsets is not None:
            self._ragged(statement, term)
            return
        if statement.scatter is not None:
            places = np.arange(statement.size)
        chosen = (0, 0, 0) if term.choice is None else self._choice(statement, term, term.choice)
        if term.scatters:
            self._targets(term, places)
        else:
            self._results(statement, term, places)
        axes = [*[(n, a, b) for n, _, a, b in term.axes], *term.reduced, chosen]
        for factor, which in ((term.left, 1), (term.right, 2)):
            if factor is not None:
                self._factor(statement, factor, [(axis[0], axis[which]) for axis in axes])

    def _results(self, statement: Statement, term: Term, places: Ints) -> None:
        """Check that what a term computes is what the statement writes."""
        count = size_of([n for n, _, _, _ in term.axes])
        if term.select is not None:
            self.check(len(term.select) == statement.size, "a selection has one for each result")
            chosen = bool((term.select >= 0).all()) and bool((term.select < count).all())
            self.check(chosen, f"what is selected is one of the {count} that are computed")
            return
        self.check(
            count == statement.size,
            f"the sizes of a term's axes multiply to {statement.size} results",
        )
        own = spread(term.start, [(n, out) for n, out, _, _ in term.axes])
        same = np.array_equal(np.sort(own), np.sort(places))
        self.check(same, "a term's results are the statement's")

    def _choice(self, statement: Statement, term: Term, choice: Choice) -> tuple[int, int, int]:
        """Check what chooses; return the axis along which the left factor may be read."""
        self.check(statement.kind == SUM, "only terms of a sum choose")
        self.check(term.right is None, "what chooses is in place of the right factor")
        self.check(choice.size > 1, "there are places to choose from")
        self.check(bool(choice.source or choice.target), "elements or results are chosen")
        read = term.left is not None or not choice.source
        self.check(read, "elements are chosen from the left factor")
        sizes = [axis[0] for axis in (*term.axes, *term.reduced)]
        self.check(len(choice.strides) == len(sizes), "what chooses has a stride for each axis")
        self._factor(statement, choice.index, list(zip(sizes, choice.strides, strict=True)))
        return choice.size, choice.source, 0

    def _targets(self, term: Term, places: Ints) -> None:
        assert term.choice is not None
        self.check(term.select is None, "nothing is selected from results that are chosen")
        axes = [(n, out) for n, out, _, _ in term.axes]
        own = spread(term.start, [*axes, (term.choice.size, term.choice.target)])
        inside = bool(np.isin(own, places).all())
        self.check(inside, "results that are chosen are the statement's")

    def _ragged(self, statement: Statement, term: Term) -> None:
        factors = [factor for factor in (term.left, term.right) if factor is not None]
        lengths = {len(f.table) for f in factors if f.table is not None}
        self.check(len(lengths) == 1, "the factors of ragged terms have tables of one length")
        length = lengths.pop()
        self.check(len(term.offsets) == statement.size, "a ragged term has a run for each result")
        ends = np.append(term.offsets, length)
        runs = int(ends[0]) == 0 and bool((np.diff(ends) > 0).all())
        self.check(runs, f"the runs of a ragged term follow each other, up to {length}")
        for factor in factors:
            self._factor(statement, factor, [(length, 1)])

    def _factor(self, statement: Statement, factor: Factor, axes: Strided) -> None:
        """Check that everything that a factor reads is there, and note that it was read."""
        self._check_family(factor.family)
        family = self.families[factor.family]
        if family.per_sample and not statement.per_sample:
            self.check(
                statement.reduces, "what samples share is made of what they share, or of a sum"
            )
        last = sum((n - 1) * stride for n, stride in axes if stride > 0)
        first = sum((n - 1) * stride for n, stride in axes if stride < 0)
        size = family.size if factor.table is None else len(factor.table)
        what = f"family {factor.family}" if factor.table is None else "its table"
        inside = factor.start + first >= 0 and factor.start + last < size
        self.check(inside, f"a factor reads inside {what} of {size}")
        if factor.scale is not None:
            self.check(factor.table is not None, "only what goes through a table has a scale")
            self.check(len(factor.scale) == size, "a scale has a number for each place")
        if factor.table is None:
            places = spread(factor.start, [axis for axis in axes if axis[1]])
        else:
            places = factor.table
            listed = bool((places >= 0).all()) and bool((places < family.size).all())
            self.check(listed, f"a table's places lie inside family {factor.family}")
        ready = bool(self.written[factor.family][places].all())
        self.check(ready, f"what is read of family {factor.family} was written before")
        self._check_memory(factor.family, places)
        self.read[factor.family][places] = True
