"""What a program does: statements on places of arrays, as plain data.

The indices of an access are, in this order, the steps of the loops around the statement, the
axes of its nest, and the axes that a term is joined over; it has a stride for each of them. The
samples are no index: an array of which each sample has its own has a column for each, and a
statement is computed for each sample exactly if its target is such an array.

Statements hold no arrays of numbers: tables lie beside them in the program, and are named by
their numbers here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from ...scalar.operation import Op

__all__ = [
    "Access",
    "Basic",
    "Chosen",
    "Loop",
    "Map",
    "Reduce",
    "Runs",
    "Statement",
    "Term",
    "accesses_of",
    "extents_of",
    "is_onto",
    "reads_of",
    "sums_samples",
    "terms_of",
    "unnested",
    "with_accesses",
    "with_choosers",
]


@dataclass(frozen=True, slots=True)
class Access:
    """The place `start + strides * indices` of an array, or what a table has at this place."""

    array: int
    start: int
    strides: tuple[int, ...]  # one for each index
    table: int = -1  # its number; -1 if there is none
    chosen: Chosen | None = None  # what is added to the place when the program runs


@dataclass(frozen=True, slots=True)
class Chosen:
    """`step` times the number at `by`; where that is none of 0 ... size - 1, nothing is meant."""

    step: int
    size: int
    by: Access


@dataclass(frozen=True, slots=True)
class Term:
    """The numbers coef * all factors, for all indices of `over`.

    If a factor chooses and nothing is meant, the number is 0.
    """

    coef: float
    factors: tuple[Access, ...] = ()
    over: tuple[int, ...] = ()  # the sizes of the axes that it is joined over
    # whether it is summed over them too; what they share counts once for each
    samples: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """target = op(operands), for all indices of the nest."""

    target: Access
    nest: tuple[int, ...]
    op: Op
    operands: tuple[float | Access, ...]
    nodes: int = 0  # how many numbers of the graph it stands for; 0 for a piece of the next line


@dataclass(frozen=True, slots=True)
class Reduce:
    """target = all numbers of all terms joined by op, for all indices of the nest.

    The first number is taken as it is: -0.0 stays. A target that chooses has one term and is
    onto; where nothing is meant, nothing is joined.
    """

    target: Access
    nest: tuple[int, ...]
    op: Op  # add, maximum or minimum
    terms: tuple[Term, ...]
    onto: bool = False  # whether they are joined to what is there
    nodes: int = 0  # as of Map


@dataclass(frozen=True, slots=True)
class Runs:
    """As Reduce with one term, of which member i takes the indices ends[i - 1] ... ends[i] - 1.

    The members are the indices of the nest in their order. Behind the steps of loops, the
    factors have one stride only: for the one axis of `over`, along which the runs lie.
    """

    target: Access
    nest: tuple[int, ...]
    op: Op
    term: Term
    ends: int  # the number of their table
    nodes: int = 0  # as of Map


@dataclass(frozen=True, slots=True)
class Loop:
    """The body once for each step, one after the other."""

    count: int
    body: tuple[Statement, ...]


Basic: TypeAlias = Map | Reduce | Runs
Statement: TypeAlias = Map | Reduce | Runs | Loop


def unnested(statements: Iterable[Statement]) -> Iterator[Basic]:
    """Walk through the statements that are no loops, those inside of loops once each."""
    for statement in statements:
        if isinstance(statement, Loop):
            yield from unnested(statement.body)
        else:
            yield statement


def terms_of(statement: Basic) -> tuple[Term, ...]:
    """List the terms; a `Map` has none."""
    if isinstance(statement, Reduce):
        return statement.terms
    return (statement.term,) if isinstance(statement, Runs) else ()


def reads_of(statement: Basic) -> list[Access]:
    """List everything that is read, what chooses included; not what a sum is joined onto."""
    if isinstance(statement, Map):
        found = [operand for operand in statement.operands if isinstance(operand, Access)]
    else:
        found = [factor for term in terms_of(statement) for factor in term.factors]
    return with_choosers(found) + with_choosers([statement.target])[1:]


def with_choosers(accesses: Iterable[Access]) -> list[Access]:
    """List accesses, each followed by the one that chooses its place."""
    found = []
    for access in accesses:
        found.append(access)
        if access.chosen is not None:
            found += with_choosers([access.chosen.by])
    return found


def accesses_of(statement: Basic) -> list[Access]:
    """List the target, and then everything that is read."""
    return [statement.target, *reads_of(statement)]


def extents_of(statement: Basic, term: Term) -> tuple[int, ...]:
    """List the sizes of the indices of a term's factors, but for the steps of loops."""
    return term.over if isinstance(statement, Runs) else (*statement.nest, *term.over)


def is_onto(statement: Basic) -> bool:
    """Tell whether it joins something to what its target has already."""
    return isinstance(statement, Reduce) and statement.onto


def sums_samples(statement: Basic) -> bool:
    """Tell whether any of its terms is summed over the samples."""
    return any(term.samples for term in terms_of(statement))


def with_accesses(statement: Statement, change: Callable[[Access], Access]) -> Statement:
    """Give a statement with another access in place of each, those that choose included.

    They are made by hand: that is far faster than `replace`.
    """

    def in_term(term: Term) -> Term:
        factors = tuple([_changed(factor, change) for factor in term.factors])
        return Term(term.coef, factors, term.over, term.samples)

    if isinstance(statement, Loop):
        body = [with_accesses(one, change) for one in statement.body]
        return replace(statement, body=tuple(body))
    target = _changed(statement.target, change)
    if isinstance(statement, Map):
        operands = [
            _changed(one, change) if isinstance(one, Access) else one for one in statement.operands
        ]
        return Map(target, statement.nest, statement.op, tuple(operands), statement.nodes)
    if isinstance(statement, Runs):
        return replace(statement, target=target, term=in_term(statement.term))
    terms = tuple(map(in_term, statement.terms))
    nest, op = statement.nest, statement.op
    return Reduce(target, nest, op, terms, statement.onto, statement.nodes)


def _changed(access: Access, change: Callable[[Access], Access]) -> Access:
    chosen = access.chosen
    if chosen is not None:
        access = replace(access, chosen=replace(chosen, by=_changed(chosen.by, change)))
    return change(access)
