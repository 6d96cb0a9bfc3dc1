"""What must hold of a program: checks for errors of our own.

Nothing here looks at the numbers that a program computes: the interpreter says what they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import is_not

import numpy as np

from ...errors import ProgramError
from ...scalar.ops import add, maximum, minimum
from .phases import phases_of
from .program import Array, Ints, Piece, Program, Role, Run
from .reach import Listed, Reach, Strided
from .statements import (
    Access,
    Basic,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    extents_of,
    is_onto,
    sums_samples,
    terms_of,
    unnested,
)

__all__ = ["verify"]

Indices = tuple[int, ...]


def verify(program: Program) -> None:
    """Refuse a program that breaks a rule in the order of its statements or of its phases."""
    _check_arrays(program)
    whole = _Verifier(program, "statement")
    whole.run(program.statements)
    _check_results(program, whole)
    phases = phases_of(program)
    order = [*phases.before, *phases.body, *phases.after]
    if not phases.coupled and (phases.sums or any(map(is_not, order, program.statements))):
        _Verifier(program, "in the order of phases, statement", phases.sums).run(order)


def _check(holds: bool, where: str, rule: str) -> None:
    if not holds:
        raise ProgramError(f"{where}: {rule}")


# ---- arrays and results -----------------------------------------------------------------------


def _check_arrays(program: Program) -> None:
    known = {n for n, array in enumerate(program.arrays) if array.role is Role.CONSTANT}
    _check(known == set(program.constants), "arrays", "constants, and they only, have numbers")
    for n, array in enumerate(program.arrays):
        where = f"array {n}"
        _check(array.size >= 0, where, "a size is no less than 0")
        if array.role is Role.CONSTANT:
            numbers = program.constants[n]
            filled = numbers.shape == (array.size,) and numbers.dtype == np.float64
            _check(filled, where, "numbers of double precision fill a constant")
        shared = array.role in (Role.INPUT, Role.INNER) or not array.per_sample
        _check(shared, where, f"samples share what is {array.role.value}")
        _check_pieces(array.pieces, array.size, where)
    for n, table in enumerate(program.tables):
        whole = table.ndim == 1 and table.dtype == np.int64
        _check(whole, f"table {n}", "a table is a row of whole numbers")


def _check_pieces(pieces: Iterable[Piece], size: int, where: str) -> None:
    for piece in pieces:
        whole = min(piece.shape, default=0) >= 0 <= piece.start
        inside = whole and piece.start + math.prod(piece.shape) <= size
        _check(inside, where, f"{piece.name} lies inside")


def _check_results(program: Program, verifier: _Verifier) -> None:
    for n, run in enumerate(program.results):
        verifier.where = f"result {n}"
        verifier.check(run.size > 0, "a run has a size")
        if isinstance(run.where, Access):
            verifier.run_of(run, run.where)
    size = sum(run.size for run in program.results)
    _check_pieces(program.pieces, size, "results")
    for n, lookup in enumerate(program.lookups):
        verifier.where = f"lookup {n}"
        where = lookup.places.where
        verifier.check(isinstance(where, Access), "numbers of an array are looked up")
        verifier.check(lookup.size > 0, "a table has a row at least")
        assert isinstance(where, Access)
        verifier.run_of(lookup.places, where)
        role = program.arrays[where.array].role
        given = (Role.INPUT, Role.CAPTURED, Role.INNER)
        verifier.check(role in given, "what is given or computed is looked up")


class _Verifier:
    """Goes through statements, and keeps what was written and what was read so far.

    In the arrays `sums`, blocks of samples are added up: nothing else may lie there.
    """

    def __init__(self, program: Program, what: str, sums: Iterable[int] = ()) -> None:
        self.program = program
        self.what = what  # how errors call a statement
        self.untouched = set(sums)
        self.where = what
        self.written = [np.full(a.size, a.role is not Role.INNER) for a in program.arrays]
        # What is joined onto, and whether its places were read.
        known = range(len(program.arrays))
        targets = [s.target.array for s in unnested(program.statements) if is_onto(s)]
        self.joined = {number for number in targets if number in known}
        self.read = {n: np.zeros(program.arrays[n].size, dtype=bool) for n in self.joined}

    def check(self, holds: bool, rule: str) -> None:
        _check(holds, self.where, rule)

    def run(self, statements: Sequence[Statement]) -> None:
        for place, statement in enumerate(statements):
            self.where = f"{self.what} {place}"
            self._statement(statement, ())

    def _statement(self, statement: Statement, steps: Indices) -> None:
        if not isinstance(statement, Loop):
            self._basic(statement, steps)
            return
        self.check(statement.count > 0 and bool(statement.body), "a loop has steps and a body")
        for step in range(statement.count):
            for one in statement.body:
                self._statement(one, (*steps, step))

    def _basic(self, statement: Basic, steps: Indices) -> None:
        target = self._array(statement.target)
        self.check(target.role is Role.INNER, "what is written is an inner array")
        self.check(statement.nodes >= 0, "it stands for no less than 0 numbers")
        if isinstance(statement, Map):
            self._operands(statement, steps, target.per_sample)
        else:
            self._terms(statement, steps, target.per_sample)
        self._write(statement, steps)

    # ---- places -----------------------------------------------------------------------------

    def _array(self, access: Access) -> Array:
        known = 0 <= access.array < len(self.program.arrays)
        self.check(known, f"there is an array {access.array}")
        return self.program.arrays[access.array]

    def _table(self, number: int) -> Ints:
        self.check(0 <= number < len(self.program.tables), f"there is a table {number}")
        return self.program.tables[number]

    def _places(self, access: Access, extents: Sequence[int], steps: Indices) -> Reach:
        """Find all places that an access may mean, at all its indices that move it."""
        array = self._array(access)
        indices = len(steps) + len(extents)
        self.check(len(access.strides) == indices, f"a stride for each of {indices} indices")
        self.check(all(size > 0 for size in extents), "each index takes a step at least")
        start = access.start + sum(map(int.__mul__, access.strides, steps))
        sizes, strides = tuple(extents), access.strides[len(steps) :]
        if access.chosen is not None:
            chosen = access.chosen
            self.check(chosen.size > 1 and chosen.step != 0, "there are places to choose from")
            self.check(chosen.by.chosen is None, "what chooses is not chosen itself")
            sizes, strides = (*sizes, chosen.size), (*strides, chosen.step)
        places = Strided(start, sizes, strides)
        if access.table == -1:
            self._inside(places, array.size, f"array {access.array}")
            return places
        table = self._table(access.table)
        self._inside(places, len(table), f"table {access.table}")
        listed = Listed(places.of(table))
        self._inside(listed, array.size, f"array {access.array}")
        return listed

    def _inside(self, places: Reach, size: int, what: str) -> None:
        inside = places.first >= 0 and places.last < size
        self.check(inside, f"places lie inside {what} of {size}")

    def _read(self, access: Access, extents: Sequence[int], steps: Indices, varies: bool) -> None:
        """Check what is read, for each sample or not, and note that it was."""
        places = self._places(access, extents, steps)
        ready = places.all(self.written[access.array])
        self.check(ready, f"what is read of array {access.array} was written before")
        shared = varies or not self.program.arrays[access.array].per_sample
        self.check(shared, "what samples share is made of what they share, or of a sum over them")
        if access.array in self.joined:
            places.mark(self.read[access.array])
        if access.chosen is not None:
            self._read(access.chosen.by, extents, steps, varies)

    def run_of(self, run: Run, where: Access) -> None:
        """Check neighbours among the results, or what is looked up."""
        self.check(where.chosen is None, "no place is chosen")
        self._read(where, (run.size,), (), True)

    # ---- what is read -----------------------------------------------------------------------

    def _operands(self, statement: Map, steps: Indices, varies: bool) -> None:
        op = statement.op
        self.check(len(statement.operands) == op.arity, f"{op.name} takes {op.arity} operands")
        for operand in statement.operands:
            if isinstance(operand, Access):
                self.check(operand.chosen is None, "the operands of an operation are not chosen")
                self._read(operand, statement.nest, steps, varies)

    def _terms(self, statement: Reduce | Runs, steps: Indices, varies: bool) -> None:
        op = statement.op
        self.check(op in (add, maximum, minimum), "terms are joined by add, max or min")
        self.check(bool(terms_of(statement)), "there are terms to be joined")
        # Blocks of samples would add what is not summed over them once for each block.
        alike = len({term.samples for term in terms_of(statement)}) == 1
        self.check(alike, "all terms go over samples, or none")
        if isinstance(statement, Runs):
            self._runs(statement)
        for term in terms_of(statement):
            choosing = sum(factor.chosen is not None for factor in term.factors)
            if term.samples:
                self.check(not varies, "what is for each sample is no sum over them")
                self.check(op is add, "only a sum goes over samples")
            if choosing:
                plain = op is add and isinstance(statement, Reduce)
                self.check(plain, "only terms of a sum choose")
                self.check(choosing == 1, "one factor of a term is chosen at most")
            for factor in term.factors:
                extents = extents_of(statement, term)
                self._read(factor, extents, steps, varies or term.samples)

    def _runs(self, statement: Runs) -> None:
        ends = self._table(statement.ends)
        over = statement.term.over
        self.check(len(over) == 1, "runs lie along one index")
        self.check(len(ends) == math.prod(statement.nest), "there is a run for each member")
        follow = bool((np.diff(ends, prepend=0) > 0).all()) and ends[-1] == over[0]
        self.check(follow, f"runs follow each other, up to {over[0]}")

    # ---- what is written --------------------------------------------------------------------

    def _write(self, statement: Basic, steps: Indices) -> None:
        target = statement.target
        places = self._places(target, statement.nest, steps)
        if target.chosen is not None:
            self._choose(statement, steps)
        else:
            apart = places.count == math.prod(statement.nest) and places.is_apart()
            self.check(apart, "no two results go to one place")
        written = self.written[target.array]
        if sums_samples(statement) and target.array in self.untouched:
            self.check(not written.any(), "where sums over samples go, nothing was written before")
            self.untouched.remove(target.array)
        if is_onto(statement):
            self.check(statement.op is add, "only a sum is joined onto what is there")
            self.check(places.all(written), "it joins what was written before")
            unread = not places.any(self.read[target.array])
            self.check(unread, "what is joined was not read before")
        else:
            self.check(not places.any(written), "no place is written twice")
        places.mark(written)

    def _choose(self, statement: Basic, steps: Indices) -> None:
        """Check what is added to places that are chosen."""
        target = statement.target
        alone = isinstance(statement, Reduce) and statement.onto and statement.op is add
        self.check(alone, "only sums are added to chosen places, onto what is there")
        self.check(target.table < 0, "chosen places are a slice, and in no table")
        (term, *others) = terms_of(statement)
        self.check(not others and not term.over, "one term without axes is added to chosen places")
        assert target.chosen is not None
        varies = self.program.arrays[target.array].per_sample or term.samples
        self._read(target.chosen.by, statement.nest, steps, varies)
