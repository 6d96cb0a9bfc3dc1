"""What a program costs: statements, calls, operations and memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..program.statements import Factor, Statement, Term
from ..roll.flatten import OPERATION
from .listing import Line, statement_lines
from .names import Names

if TYPE_CHECKING:
    from ..program.program import Program

__all__ = ["Gather", "Stats", "added", "stats_of"]

BYTES = 8  # of a float64


@dataclass(frozen=True, slots=True)
class Gather:
    """A statement that reads or writes through a table of places, as no slice would do.

    Attributes
    ----------
    statement : str
        The statement as the listing shows it.
    why : str
        What goes through a table.
    places : int
        How many entries the tables have.
    """

    statement: str
    why: str
    places: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of a program.

    Attributes
    ----------
    nodes : int
        The numbers of the scalar graph that the statements stand for, for one sample.
    statements : int
    calls : int or None
        Calls of NumPy that one run makes; None before the first run.
    flops : int
        Additions and multiplications of sums, and evaluations of anything else, for one
        sample.
    gathered_flops : int
        Those of statements that read or write through tables.
    shared_bytes, sample_bytes : int
        Memory for the numbers that all samples share, and for those of each sample; the
        backend's intermediate results come on top.
    gathers : tuple of Gather

    Examples
    --------
    >>> from tinygrad_nn import compile
    >>> norm = compile(lambda x: sum(a * a for a in x))
    >>> norm([1.0, 2.0, 3.0])
    14.0
    >>> print(stats_of(norm.program))
    1 statement for 3 nodes
    5 flops for a sample, 0 % of them gathered
    48 bytes shared
    """

    nodes: int
    statements: int
    calls: int | None
    flops: int
    gathered_flops: int
    shared_bytes: int
    sample_bytes: int
    gathers: tuple[Gather, ...]

    @property
    def gathered(self) -> float:
        """The share of flops that go through tables."""
        return self.gathered_flops / self.flops if self.flops else 0.0

    def __str__(self) -> str:
        calls = "" if self.calls is None else f", {_count(self.calls, 'call')} of NumPy"
        memory = f"{self.shared_bytes:,} bytes shared"
        if self.sample_bytes:
            memory += f", {self.sample_bytes:,} for each sample"
        rows = [
            f"{_count(self.statements, 'statement')} for {_count(self.nodes, 'node')}{calls}",
            f"{_count(self.flops, 'flop')} for a sample, {self.gathered:.0%} of them gathered".replace(
                "%", " %"
            ),
            memory,
        ]
        rows += [f"gathered, as {gather.why}: {gather.statement}" for gather in self.gathers]
        return "\n".join(rows)


def stats_of(program: Program, calls: int | None = None) -> Stats:
    """Count what a program costs.

    Parameters
    ----------
    program : Program
    calls : int, optional
        How many calls of NumPy a run makes: `Bound.calls`.

    Returns
    -------
    Stats
    """
    names = Names(program)
    lines = statement_lines(program, names)
    flops = [_flops(statement) for statement in program.statements]
    gathered = [place for place, s in enumerate(program.statements) if s.gathered]
    return Stats(
        sum(statement.nodes for statement in program.statements),
        len(program.statements),
        calls,
        sum(flops),
        sum(flops[place] for place in gathered),
        program.layout.shared * BYTES,
        program.layout.samples * BYTES,
        tuple([_gather(program.statements[place], lines[place]) for place in gathered]),
    )


def added(parts: Sequence[Stats]) -> Stats:
    """Add up what the parts of a program cost."""
    calls = [part.calls for part in parts if part.calls is not None]
    return Stats(
        sum(part.nodes for part in parts),
        sum(part.statements for part in parts),
        sum(calls) if len(calls) == len(parts) else None,
        sum(part.flops for part in parts),
        sum(part.gathered_flops for part in parts),
        sum(part.shared_bytes for part in parts),
        sum(part.sample_bytes for part in parts),
        tuple([gather for part in parts for gather in part.gathers]),
    )


def _flops(statement: Statement) -> int:
    """Count a multiplication and an addition for each product, and one for all else."""
    if statement.kind == OPERATION:
        return statement.size
    begins = statement.accumulates or all(term.scatters for term in statement.terms)
    count = 0 if begins else -statement.size  # n terms take n - 1 additions
    for term in statement.terms:
        count += _terms(term, statement) * (1 if term.right is None else 2)
        if term.coef != 1.0 and term.left is not None:
            count += term.work if term.scatters else statement.size
    return count


def _terms(term: Term, statement: Statement) -> int:
    if term.is_number:
        return statement.size
    if term.offsets is not None:
        assert term.left is not None
        return len(term.left.table)
    return term.work


def _gather(statement: Statement, line: Line) -> Gather:
    factors = [factor for factor in statement.factors() if factor.table is not None]
    tables = [factor.table for factor in factors]
    tables += [term.select for term in statement.terms if term.select is not None]
    tables += [statement.scatter] if statement.scatter is not None else []
    return Gather(line.text, _why(statement, factors), sum(len(table) for table in tables))


def _why(statement: Statement, factors: list[Factor]) -> str:
    reasons = []
    if any(term.offsets is not None for term in statement.terms):
        reasons.append("sums differ in length")
    elif any(factor.scale is not None for factor in factors):
        reasons.append("coefficients differ")
    elif factors:
        reasons.append("what is read is no slice")
    if any(term.select is not None for term in statement.terms):
        reasons.append("some products of a matrix product are left out")
    if statement.scatter is not None:
        reasons.append("where it is written is no slice")
    return ", ".join(reasons)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
