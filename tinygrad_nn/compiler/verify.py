"""Checking tapes and programs for errors of our own: what must hold between the passes.

Nothing here looks at the numbers that a program computes: the interpreter says what
those must be. Tests check every program that they compile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import TinygradNNError
from ..graph import CONSTANT, LEAF
from ..ops import maximum, minimum
from .flatten import EXTREME, OPERATION, SUM
from .statements import Factor, Statement, Term
from .tape import BATCH_SUM, Tape

if TYPE_CHECKING:
    from .program import Program

__all__ = ["ProgramError", "verify", "verify_tape"]

Ints = Any  # an array of int64
Strided = Sequence[tuple[int, int]]  # axes, each a size and a stride


class ProgramError(TinygradNNError, RuntimeError):
    """A tape or a program breaks a rule: an error of the compiler, never of its user."""


def verify_tape(tape: Tape) -> None:
    """Check a tape.

    Parameters
    ----------
    tape : Tape

    Raises
    ------
    ProgramError
        Naming the entry, and the rule that it breaks.
    """
    for entry, row in enumerate(tape.rows):
        args = tape.args[entry]

        def check(holds: bool, rule: str, entry: int = entry) -> None:
            if not holds:
                name = tape.rows[entry].name
                raise ProgramError(f"entry {entry} ({name} of {tape.args[entry]}): {rule}")

        if row is LEAF:
            array, place = args
            check(0 <= array < len(tape.arrays), "an input is of an array that there is")
            known = tape.arrays[array]
            check(0 <= place < known.size, f"an input lies inside its array {known.name}")
            varies = known.per_sample
        elif row is CONSTANT:
            check(args == (), "a number has no operands")
            varies = False
        else:
            check(len(args) == row.arity, f"it takes {row.arity} operands")
            check(all(0 <= arg < entry for arg in args), "operands come before their use")
            varies = any(tape.varies[arg] for arg in args)
        if row is BATCH_SUM:
            check(varies, "a sum over samples is of what they have each for themselves")
            varies = False
        check(bool(tape.varies[entry]) is varies, "it varies if and only if an operand does")
    for name, entries in (("outputs", tape.outputs), *[("a block", b) for b in tape.blocks]):
        if not all(0 <= entry < len(tape) for entry in entries):
            raise ProgramError(f"{name}: every entry is one of the tape's {len(tape)}")


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
        count = _product([n for n, _ in statement.axes])
        self.check(count == statement.size, f"the axes' sizes multiply to {statement.size} results")
        places = statement.scatter
        if places is None:
            places = _places_of(statement.start, statement.axes)
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
        if term.left is None:
            return
        if term.offsets is not None:
            self._ragged(statement, term)
            return
        count = _product([n for n, _, _, _ in term.axes])
        if term.select is not None:
            self.check(len(term.select) == statement.size, "a selection has one for each result")
            chosen = bool((term.select >= 0).all()) and bool((term.select < count).all())
            self.check(chosen, f"what is selected is one of the {count} that are computed")
        else:
            self.check(
                count == statement.size,
                f"the sizes of a term's axes multiply to {statement.size} results",
            )
            own = _places_of(term.start, [(n, out) for n, out, _, _ in term.axes])
            if statement.scatter is not None:
                places = np.arange(statement.size)
            same = np.array_equal(np.sort(own), np.sort(places))
            self.check(same, "a term's results are the statement's")
        left = [(n, a) for n, _, a, _ in term.axes] + [(n, a) for n, a, _ in term.reduced]
        self._factor(statement, term.left, left)
        if term.right is not None:
            right = [(n, b) for n, _, _, b in term.axes] + [(n, b) for n, _, b in term.reduced]
            self._factor(statement, term.right, right)

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
            places = _places_of(factor.start, [axis for axis in axes if axis[1]])
        else:
            places = factor.table
            listed = bool((places >= 0).all()) and bool((places < family.size).all())
            self.check(listed, f"a table's places lie inside family {factor.family}")
        ready = bool(self.written[factor.family][places].all())
        self.check(ready, f"what is read of family {factor.family} was written before")
        self._check_memory(factor.family, places)
        self.read[factor.family][places] = True


def _product(sizes: Sequence[int]) -> int:
    count = 1
    for size in sizes:
        count *= size
    return count


def _places_of(start: int, axes: Strided) -> Ints:
    places = np.array([start], dtype=np.int64)
    for size, stride in axes:
        places = (places[:, None] + stride * np.arange(size)).ravel()
    return places
