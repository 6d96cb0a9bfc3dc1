"""Which statements of a program stand on one line, and which of them inside of another."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from ..program.program import Floats, Program
from ..program.statements import (
    Access,
    Basic,
    Map,
    Reduce,
    Runs,
    Term,
    accesses_of,
    is_onto,
    reads_of,
    terms_of,
    with_choosers,
)
from ..program.strides import row_major
from .steps import Move, Steps, moves_of, reach_of, stepped

__all__ = ["Entry", "entries_of", "hidden_arrays", "is_run", "scaled"]


class Entry:
    """What one line shows; `first` says where the results go."""

    def __init__(self, statement: Basic, loops: tuple[Steps, ...] = ()) -> None:
        self.first = statement
        self.loops = loops
        self.terms = list(terms_of(statement))  # none of a Map, nor where it begins with zeros
        # What is then added to results that are chosen, and whose results they are.
        self.added: list[tuple[Reduce, Basic]] = []
        # What fills arrays that only this line reads, and is written inside of it.
        self.inside: dict[int, Reduce | Runs] = {}
        self.statements = [statement]  # all of them, in order

    @property
    def nodes(self) -> int:
        """How many numbers of the graph it stands for, in all steps."""
        return self.times * sum(statement.nodes for statement in self.statements)

    @property
    def times(self) -> int:
        """How often it is computed."""
        return math.prod(steps.count for steps in self.loops)

    @property
    def size(self) -> int:
        """How many results it has."""
        return math.prod(self.first.nest)

    @property
    def adds(self) -> bool:
        """Whether it adds to what is there."""
        return is_onto(self.first)

    def reads(self, program: Program) -> list[Access]:
        """List what it reads, but for what it shows, or shows as a scale."""
        found: list[Access] = []
        for statement in self.statements:
            if isinstance(statement, Map):
                found += reads_of(statement)
            for term in terms_of(statement):
                found += [factor for factor, _ in scaled(program, term.factors)]
            found.append(statement.target)
        target = self.first.target.array
        hidden = {s.target.array for s in self.statements if s.target.array != target}
        return [access for access in with_choosers(found) if access.array not in hidden]

    def piece(self, term: Term) -> Reduce | Runs | None:
        """Give the statement inside that computes what a term reads."""
        return self.inside.get(term.factors[0].array) if term.factors else None

    def is_continued_by(self, statement: Basic) -> bool:
        """Tell whether a statement joins something to the same results."""
        first, target = self.first, statement.target
        if self.nodes or not (isinstance(first, Reduce) and is_onto(statement)):
            return False
        if target.chosen is not None:
            return target.array == first.target.array and statement.op is first.op
        return (target, statement.nest, statement.op) == (first.target, first.nest, first.op)

    def join(self, statement: Reduce) -> None:
        """Take in a statement that continues it."""
        self.statements.append(statement)
        if statement.target.chosen is None:
            self.terms += statement.terms
        else:
            self.added.append((statement, self.first))
            if not any(term.factors or term.coef for term in self.terms):
                self.terms = []

    def take(self, piece: Entry, program: Program) -> bool:
        """Show what a piece computes inside of this line, and tell whether that can be done."""
        array = piece.first.target.array
        readers = [term for term in self.terms if array in [f.array for f in term.factors]]
        if len(readers) != 1 or not self._reads_all(piece, readers[0], program):
            return False
        if self._adds_as(piece, readers[0]):
            self.terms.remove(readers[0])
            self.added += piece.added
        elif self._can_hold(piece, readers[0]) and not isinstance(piece.first, Map):
            self.inside[array] = piece.first
        else:
            return False
        self.statements = [*piece.statements, *self.statements]
        return True

    def _reads_all(self, piece: Entry, reader: Term, program: Program) -> bool:
        """Tell whether a term is what a piece fills an array with, or places of a table in it."""
        first, (factor, *others) = piece.first, reader.factors
        moves, size = moves_of(first.target), program.arrays[first.target.array].size
        if first.target.table >= 0 or piece.times * piece.size != size:
            return False
        if others or factor.chosen is not None or (moves and factor.table >= 0):
            return False
        axes = [("", n, d) for n, d in zip(first.nest, first.target.strides, strict=True)]
        length = piece.size if factor.table < 0 else len(program.tables[factor.table])
        places = first.target.start + reach_of(axes)[0], row_major(self.first.nest), moves
        return _position(factor) == places and length == self.size

    def _adds_as(self, piece: Entry, reader: Term) -> bool:
        """Tell whether it adds what a piece adds to zeros, and nothing else."""
        zeros = bool(piece.added) and not piece.terms and is_run(piece.first)
        return zeros and reader == Term(1.0, reader.factors) and reader.factors[0].table < 0

    def _can_hold(self, piece: Entry, reader: Term) -> bool:
        """Tell whether it joins the one term of a piece as the piece itself does."""
        again = reader.samples and any(term.samples for term in piece.terms)
        alone = len(piece.terms) == 1 and not (piece.added or piece.inside or piece.adds)
        ordered = isinstance(piece.first, Reduce) or is_run(piece.first)
        return alone and not again and ordered and piece.first.op is self.first.op


def entries_of(program: Program) -> list[Entry]:
    """Part a program into lines; none has statements of several loops."""
    statements = list(stepped(program))
    used = Counter(access.array for statement, _ in statements for access in reads_of(statement))
    used.update(access.array for access in program.wanted)
    found: list[Entry] = []
    begin = 0  # of the statements since the last that stands for numbers of the graph
    for statement, loops in statements:
        if found and found[-1].loops != loops:
            begin = len(found)
        last = found[-1] if begin < len(found) else None
        if isinstance(statement, Reduce) and last is not None and last.is_continued_by(statement):
            last.join(statement)
        else:
            found.append(_begun(program, statement, loops))
        pieces, entry = found[begin:-1], found[-1]
        kept = [p for p in pieces if used[p.first.target.array] != 1 or not entry.take(p, program)]
        found[begin:] = [*kept, entry]
        if statement.nodes:
            begin = len(found)
    return found


def _begun(program: Program, statement: Basic, loops: tuple[Steps, ...]) -> Entry:
    if not isinstance(statement, Reduce) or statement.target.chosen is None:
        return Entry(statement, loops)
    array = statement.target.array
    size = program.arrays[array].size
    entry = Entry(Reduce(Access(array, 0, (1,)), (size,), statement.op, (), onto=True), loops)
    entry.statements = []
    entry.join(statement)
    return entry


def hidden_arrays(program: Program, entries: Sequence[Entry]) -> set[int]:
    """Collect the arrays that lines do not name: what they show inside, and scales."""
    touched = {x.array for e in entries for s in e.statements for x in accesses_of(s)}
    named = {access.array for entry in entries for access in entry.reads(program)}
    return touched - named - {entry.first.target.array for entry in entries}


def is_run(statement: Basic) -> bool:
    """Tell whether results lie side by side, in order."""
    target = statement.target
    return target.table < 0 and target.strides == row_major(statement.nest)


def scaled(program: Program, factors: Sequence[Access]) -> list[tuple[Access, Floats | None]]:
    """Take constants that follow what a table gathers, place by place, as its scale."""
    found: list[tuple[Access, Floats | None]] = []
    for factor in factors:
        numbers = program.constants.get(factor.array) if factor.table < 0 else None
        if numbers is not None and found:
            last, scale = found[-1]
            beside = _position(last) == _position(factor)
            gathers = last.table >= 0 and len(program.tables[last.table]) == len(numbers)
            if scale is None and beside and gathers:
                found[-1] = last, numbers
                continue
        found.append((factor, None))
    return found


def _position(access: Access) -> tuple[int, tuple[int, ...], tuple[Move, ...]]:
    """Say where an access is, whatever it reads."""
    return access.start, access.strides, moves_of(access)
