"""Writing what was recognised in the one form: terms along one nest, statements, tables."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ...scalar.ops import add
from ..program.nests import Nest, Steps, nest_of
from ..program.program import Array, Floats, Ints, Lookup, Role, Run
from ..program.statements import Access, Chosen, Map, Reduce, Runs, Statement, Term
from ..program.strides import row_major
from .terms import Choice, Factor, Joined, Mapped, Pattern, Recognised

__all__ = ["Writer", "lookups_of", "runs_of"]


class Writer:
    """Statements as they come, and the arrays and tables that they need: those given, and more."""

    def __init__(self, arrays: list[Array], constants: dict[int, Floats]) -> None:
        self.arrays = arrays
        self.constants = constants
        self.statements: list[Statement] = []
        self.tables: list[Ints] = []
        self._known: dict[tuple[str, bytes], int] = {}

    def write(self, found: Recognised) -> None:
        """Write what was recognised of one group."""
        if isinstance(found, Mapped):
            self._map(found)
        else:
            self._join(found)

    # ---- operations -------------------------------------------------------------------------

    def _map(self, found: Mapped) -> None:
        factors = [one for one in found.operands if isinstance(one, Factor)]
        nest = nest_of([found.target.rows, *[factor.rows for factor in factors]])
        assert nest is not None
        operands = [
            self._access(one, nest) if isinstance(one, Factor) else one for one in found.operands
        ]
        nodes = len(found.target.rows)
        target = self._access(found.target, nest)
        self.statements.append(Map(target, nest, found.row, tuple(operands), nodes))

    # ---- sums and extremes ------------------------------------------------------------------

    def _join(self, found: Joined) -> None:
        """Write a statement that joins terms; the last one stands for the numbers of the graph."""
        onto = [pattern for pattern in found.patterns if pattern.onto is not None]
        others = [pattern for pattern in found.patterns if pattern.onto is None]
        nest, apart = _nest(found.target.rows, others)
        alone = len(found.patterns) == 1 and others and not found.samples
        if alone and others[0].ends is not None and not found.accumulates:
            self._runs(found, others[0], self._access(found.target, nest), nest)
        else:
            terms = [
                self._apart(found, pattern, nest)
                if pattern in apart
                else self._term(pattern, nest, found.samples)
                for pattern in others
            ]
            self._reduce(found, nest, terms, onto)
        last = self.statements[-1]
        assert isinstance(last, Reduce | Runs)
        self.statements[-1] = replace(last, nodes=found.nodes)

    def _reduce(
        self, found: Joined, nest: Nest, terms: list[Term], onto: Sequence[Pattern]
    ) -> None:
        source, members = found.target.source, found.target.rows
        if onto and (source.table is not None or (terms and found.samples)):
            terms.append(self._onto_apart(found, nest, onto))
            onto = ()
        if onto and not terms:
            terms = [Term(0.0, (), (), found.samples)]
        # What waits for all samples is no statement with what is summed over them.
        early = tuple([term for term in terms if term.samples or not found.samples])
        late = tuple([term for term in terms if not term.samples and found.samples])
        target = self._access(found.target, nest)
        accumulates = found.accumulates
        for some in (early, late):
            if some:
                self.statements.append(Reduce(target, nest, found.row, some, accumulates))
                accumulates = True
        for pattern in onto:
            self._add_chosen(pattern, source.array, members, found.samples)

    def _term(self, pattern: Pattern, nest: Nest, samples: bool) -> Term:
        return Term(pattern.coef, self._factors(pattern, nest), pattern.over, samples)

    def _apart(self, found: Joined, pattern: Pattern, nest: Nest) -> Term:
        """Compute a term in an array of its own; give the term that reads it."""
        summed = found.samples and any(self._varies(array) for array in pattern.reads())
        size = math.prod(nest) if pattern.ends is not None else len(pattern.factors[0].rows)
        array = self._inner(size, self._varies(found.target.source.array))
        access = Access(array, 0, row_major(nest))
        alone = replace(pattern, coef=1.0)
        if pattern.ends is not None:
            self._runs(found, alone, access, nest, summed)
        else:
            own = nest_of([factor.rows for factor in pattern.all_factors()])
            assert own is not None
            target = Access(array, 0, row_major(own))
            term = self._term(alone, own, summed)
            self.statements.append(Reduce(target, own, found.row, (term,)))
        if pattern.select is not None:
            access = replace(access, table=self.table(pattern.select))
        return Term(pattern.coef, (access,), (), found.samples and not summed)

    def _runs(
        self, found: Joined, pattern: Pattern, target: Access, nest: Nest, samples: bool = False
    ) -> None:
        assert pattern.ends is not None
        term = self._term(pattern, (), samples)
        ends = self.table(pattern.ends)
        self.statements.append(Runs(target, nest, found.row, term, ends))

    # ---- what is added to chosen results ----------------------------------------------------

    def _onto_apart(self, found: Joined, nest: Nest, patterns: Sequence[Pattern]) -> Term:
        """Add to chosen places of an array of its own; give the term that reads it."""
        size = len(found.target.rows)
        array = self._inner(size, self._varies(found.target.source.array))
        whole = Access(array, 0, row_major(nest))
        zeros = (Term(0.0, (), (), found.samples),)
        self.statements.append(Reduce(whole, nest, add, zeros))
        for pattern in patterns:
            self._add_chosen(pattern, array, Steps(np.arange(size)), found.samples)
        return Term(1.0, (whole,))

    def _add_chosen(self, pattern: Pattern, array: int, members: Steps, samples: bool) -> None:
        """Add a term to members that are chosen; those are at places of the array."""
        assert pattern.onto is not None
        strides = [members[step] - members[0] for step in pattern.onto.steps]
        choice = pattern.onto.chosen
        choice = replace(choice, step=members[choice.step] - members[0])
        chosen = self._chosen(choice, ())
        target = Access(array, members[0], tuple(strides), -1, chosen)
        term = Term(pattern.coef, self._factors(pattern, ()), (), samples)
        self.statements.append(Reduce(target, pattern.over, add, (term,), True))

    # ---- accesses, arrays, tables -----------------------------------------------------------

    def _factors(self, pattern: Pattern, nest: Nest) -> tuple[Access, ...]:
        """Give the factors of a term; constants that scale one right after it."""
        found: list[Access] = []
        for factor in pattern.factors:
            access = self._access(factor, nest)
            found.append(access)
            if factor.source.scale is not None:
                array = self._numbers(factor.source.scale)
                found.append(replace(access, array=array, table=-1))
        return tuple(found)

    def _access(self, factor: Factor, nest: Nest) -> Access:
        source, rows = factor.source, factor.rows
        chosen = None if factor.chosen is None else self._chosen(factor.chosen, nest)
        table = -1 if source.table is None else self.table(source.table)
        strides = (*rows.strides(nest), *factor.columns)
        return Access(source.array, rows[0], strides, table, chosen)

    def access_to(self, array: int, places: Ints) -> Access:
        """Give the access to places along a stride, or in a table."""
        steps = np.diff(places)
        if (steps == steps[:1]).all():
            return Access(array, int(places[0]), (int(steps[0]) if len(steps) else 1,))
        return Access(array, 0, (1,), self.table(places))

    def _chosen(self, choice: Choice, nest: Nest) -> Chosen:
        return Chosen(choice.step, choice.size, self._access(choice.by, nest))

    def _varies(self, array: int) -> bool:
        return self.arrays[array].per_sample

    def _inner(self, size: int, per_sample: bool) -> int:
        self.arrays.append(Array(size, per_sample, Role.INNER))
        return len(self.arrays) - 1

    def table(self, places: Ints) -> int:
        """Give the number of a table; those that are the same are one."""
        number = self._known.setdefault(("table", places.tobytes()), len(self.tables))
        if number == len(self.tables):
            self.tables.append(places)
        return number

    def _numbers(self, numbers: Floats) -> int:
        """Give the array of some constants."""
        array = self._known.setdefault(("numbers", numbers.tobytes()), len(self.arrays))
        if array == len(self.arrays):
            self.arrays.append(Array(len(numbers), False, Role.CONSTANT))
            self.constants[array] = numbers
        return array


def _nest(members: Steps, patterns: Sequence[Pattern]) -> tuple[Nest, list[Pattern]]:
    """Find the nest along which members and terms run; list the terms that do not."""
    apart: list[Pattern] = []
    sequences = [members]
    for pattern in patterns:
        own = [factor.rows for factor in pattern.all_factors()]
        if (
            pattern.ends is not None
            or pattern.select is not None
            or nest_of([*sequences, *own]) is None
        ):
            apart.append(pattern)
        else:
            sequences += own
    nest = nest_of(sequences)
    assert nest is not None
    return nest, apart


# ---- what is wanted ---------------------------------------------------------------------------


def runs_of(writer: Writer, arrays: Ints, places: Ints, numbers: Floats) -> list[Run]:
    """Join neighbours that are of one array, or the same number bit by bit.

    The array is below 0 for a plain number; the number is 0.0 for what is in an array.
    """
    bits = np.ascontiguousarray(numbers).view(np.int64)
    ends = np.flatnonzero((np.diff(arrays) != 0) | (np.diff(bits) != 0)) + 1
    found = []
    for begin, end in zip([0, *ends.tolist()], [*ends.tolist(), len(arrays)], strict=True):
        if end == begin:  # nothing is wanted
            continue
        array = int(arrays[begin])
        if array < 0:
            found.append(Run(end - begin, float(numbers[begin])))
        else:
            found.append(Run(end - begin, writer.access_to(array, places[begin:end])))
    return found


def lookups_of(writer: Writer, lookups: Iterable[tuple[int, int, int]]) -> list[Lookup]:
    """Join numbers, each an array and a place, that choose from as many."""
    grouped: dict[tuple[int, int], list[int]] = {}
    for array, place, size in sorted(lookups):
        grouped.setdefault((array, size), []).append(place)
    return [
        Lookup(Run(len(places), writer.access_to(array, np.array(places))), size)
        for (array, size), places in grouped.items()
    ]
