"""Parting a program into simple statements, which each do one thing: what code is written from.

A simple program is of the same form, and computes the same. Each `Reduce` in it is either plain,
that is elements: no term sums and none chooses, but it may read and write through tables and have
any number of factors; or it is one term alone that sums or chooses, has at most two factors and
reads no tables. What is alone, and each `Runs`, writes to a slice; it is onto only where it
chooses its target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from ...errors import ProgramError
from ...scalar.ops import add
from .program import Array, Program, Role
from .statements import (
    Access,
    Chosen,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
    sums_samples,
    unnested,
    with_choosers,
)
from .strides import row_major

__all__ = ["check_simple", "is_plain", "split"]


def split(program: Program) -> Program:
    """Part the statements of a program into simple ones; what lies between goes to new arrays."""
    made = replace(program, arrays=list(program.arrays), statements=[])
    for statement in program.statements:
        made.statements.extend(_Splitter(made, ()).parted(statement))
    return made


def is_plain(arrays: Sequence[Array], term: Term) -> bool:
    """Tell whether a term is elements, with nothing to sum and nothing to choose.

    What samples share may be summed over them: it is multiplied by their number.
    """
    if term.over or any(factor.chosen is not None for factor in term.factors):
        return False
    return not (term.samples and any(arrays[factor.array].per_sample for factor in term.factors))


def check_simple(program: Program) -> None:
    """Refuse a program that is not simple, naming the statement that does more than one thing."""
    for statement in unnested(program.statements):
        if not isinstance(statement, Map) and not _is_simple(program.arrays, statement):
            raise ProgramError(f"{statement} does one thing")


def _is_simple(arrays: Sequence[Array], statement: Reduce | Runs) -> bool:
    chooses = statement.target.chosen is not None
    slices = all(access.table < 0 for access in with_choosers([statement.target]))
    if isinstance(statement, Runs):
        return slices
    if not chooses and all(is_plain(arrays, term) for term in statement.terms):
        return True
    (term, *others) = statement.terms
    alone = not others and len(term.factors) <= 2 and statement.onto == chooses
    return alone and slices and all(a.table < 0 for a in with_choosers(term.factors))


class _Splitter:
    """Parts statements inside of loops of some counts; the program takes the new arrays."""

    def __init__(self, program: Program, counts: tuple[int, ...]) -> None:
        self.program = program
        self.counts = counts
        self.found: list[Statement] = []

    def parted(self, statement: Statement) -> list[Statement]:
        """Give simple statements in place of one."""
        if isinstance(statement, Loop):
            inner = _Splitter(self.program, (*self.counts, statement.count))
            body = [simple for one in statement.body for simple in inner.parted(one)]
            return [replace(statement, body=tuple(body))]
        self.found = []
        if isinstance(statement, Map):
            self.found.append(statement)
        elif isinstance(statement, Runs):
            self._runs(statement)
        else:
            self._reduce(statement)
        return self.found

    # ---- statements -------------------------------------------------------------------------

    def _runs(self, statement: Runs) -> None:
        if statement.target.table < 0:
            self.found.append(statement)
            return
        whole = self._aside(statement.nest, self._varies(statement.target))
        self.found.append(replace(statement, target=whole, nodes=0))
        terms = (Term(1.0, (whole,)),)
        self.found.append(
            Reduce(statement.target, statement.nest, add, terms, nodes=statement.nodes)
        )

    def _reduce(self, statement: Reduce) -> None:
        plain = [is_plain(self.program.arrays, term) for term in statement.terms]
        slices = statement.target.table < 0 and not statement.onto
        if statement.target.chosen is not None or (slices and plain == [False]):
            self._alone(statement)
        elif sums_samples(statement) and not all(plain):
            self._sum_samples(statement, plain, slices)
        else:
            self._add(statement, plain)

    def _add(self, statement: Reduce, plain: Sequence[bool]) -> None:
        """Add terms, each that is not plain computed by itself before."""
        terms = [
            term if simple else self._apart(statement, term)
            for term, simple in zip(statement.terms, plain, strict=True)
        ]
        self.found.append(replace(statement, terms=tuple(terms)))

    def _sum_samples(self, statement: Reduce, plain: Sequence[bool], slices: bool) -> None:
        """Write a sum over samples in two: in one statement, or in one loop, it couples the batch.

        The first is a sum over samples, so that others may be added to it later.
        """
        pairs = list(zip(statement.terms, plain, strict=True))
        first = tuple([term for term, simple in pairs if simple])
        rest = tuple([term for term, simple in pairs if not simple])
        if first:
            self.found.append(replace(statement, terms=first, nodes=0))
        elif slices:
            self._alone(replace(statement, terms=rest[:1], nodes=0))
            rest = rest[1:]
        onto = statement.onto or len(rest) < len(pairs)
        self._add(replace(statement, terms=rest, onto=onto), [False] * len(rest))

    def _alone(self, statement: Reduce) -> None:
        """Write a statement of one term that sums or chooses."""
        (term,) = statement.terms
        extents = (*statement.nest, *term.over)
        factors = self._multiplied(term.factors, extents)
        factors = tuple([self._gathered(factor, extents) for factor in factors])
        target = self._gathered(statement.target, statement.nest)
        terms = (replace(term, factors=factors),)
        self.found.append(replace(statement, target=target, terms=terms))

    def _apart(self, statement: Reduce, term: Term) -> Term:
        """Compute one term of several by itself; give the term that reads it."""
        target = self._aside(statement.nest, self._varies(statement.target))
        # A coefficient may be negative, so that another is the largest, or infinite.
        after = statement.op is add and math.isfinite(term.coef)
        inside, outside = (1.0, term.coef) if after else (term.coef, 1.0)
        terms = (replace(term, coef=inside),)
        self._alone(Reduce(target, statement.nest, statement.op, terms))
        return Term(outside, (target,))

    # ---- factors ----------------------------------------------------------------------------

    def _multiplied(
        self, factors: tuple[Access, ...], extents: tuple[int, ...]
    ) -> tuple[Access, ...]:
        """Multiply the first factors, those that are not chosen, until there are two."""
        while len(factors) > 2:
            first, second = [n for n, factor in enumerate(factors) if factor.chosen is None][:2]
            product = self._elements((factors[first], factors[second]), extents)
            rest = (*factors[first + 1 : second], *factors[second + 1 :])
            factors = (*factors[:first], product, *rest)
        return factors

    def _gathered(self, access: Access, extents: tuple[int, ...]) -> Access:
        """Give an access without tables: what goes through one is gathered first."""
        chosen = access.chosen
        if chosen is None:
            return access if access.table < 0 else self._elements((access,), extents)
        by = self._gathered(chosen.by, extents)
        if access.table < 0:
            return replace(access, chosen=replace(chosen, by=by))
        # Everything that may be chosen is gathered: one more axis.
        strides = (*access.strides, chosen.step)
        whole = replace(access, strides=strides, chosen=None)
        found = self._elements((whole,), (*extents, chosen.size))
        return replace(
            found, strides=found.strides[:-1], chosen=Chosen(found.strides[-1], chosen.size, by)
        )

    def _elements(self, factors: tuple[Access, ...], extents: tuple[int, ...]) -> Access:
        """Multiply factors along the axes that move any of them; give the access to that."""
        own = [factor.strides[len(self.counts) :] for factor in factors]
        moving = [n for n, size in enumerate(extents) if size > 1 and any(s[n] for s in own)]
        nest = tuple([extents[n] for n in moving])
        target = self._aside(nest, any(self._varies(factor) for factor in factors))
        read = tuple(
            [
                replace(f, strides=(*f.strides[: len(self.counts)], *[s[n] for n in moving]))
                for f, s in zip(factors, own, strict=True)
            ]
        )
        self.found.append(Reduce(target, nest, add, (Term(1.0, read),)))
        along = dict(zip(moving, target.strides[len(self.counts) :], strict=True))
        strides = [along.get(n, 0) for n in range(len(extents))]
        return replace(target, strides=(*target.strides[: len(self.counts)], *strides))

    def _aside(self, nest: tuple[int, ...], per_sample: bool) -> Access:
        """Make an array, with a place for each step of the loops; give the access that fills it."""
        sizes = (*self.counts, *nest)
        self.program.arrays.append(Array(math.prod(sizes), per_sample, Role.INNER))
        return Access(len(self.program.arrays) - 1, 0, row_major(sizes))

    def _varies(self, access: Access) -> bool:
        return self.program.arrays[access.array].per_sample
