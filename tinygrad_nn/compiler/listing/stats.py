"""What a program costs: statements, calls, operations and memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

from ..program.program import Program, Role
from ..program.statements import (
    Basic,
    Map,
    Runs,
    Term,
    extents_of,
    reads_of,
    terms_of,
)
from .entries import Entry, scaled
from .listing import Line, Lines, lines_of

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
    >>> print(norm.program.stats)
    1 statement for 3 nodes, 0 calls of NumPy
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


def stats_of(program: Program, calls: int | None = None, size: int = BYTES) -> Stats:
    """Count what a program costs; `calls` of NumPy make a run, and a number has `size` bytes."""
    lines = lines_of(program)
    flops = [entry.times * _flops(program, entry) for entry in lines.entries]
    gathers = list(map(_gather, repeat(program), lines.entries, lines.statements))
    shared, samples = _places(program, lines)
    return Stats(
        sum(entry.nodes for entry in lines.entries),
        len(lines.entries),
        calls,
        sum(flops),
        sum(count for count, gather in zip(flops, gathers, strict=True) if gather is not None),
        shared * size,
        samples * size,
        tuple([gather for gather in gathers if gather is not None]),
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


# ---- operations ---------------------------------------------------------------------------------


def _flops(program: Program, entry: Entry) -> int:
    """Count a multiplication and an addition for each product, and one for all else."""
    if isinstance(entry.first, Map):
        return entry.size
    begins = entry.adds or not entry.terms
    count = 0 if begins else -entry.size  # n terms take n - 1 additions
    for term in entry.terms:
        piece = entry.piece(term)
        if piece is None:
            count += _products(program, entry.first, term)
        else:
            count += sum(_products(program, piece, own) for own in terms_of(piece))
        count += _multiples(term, entry.size)
    for statement, _ in entry.added:
        for term in statement.terms:
            count += _products(program, statement, term)
            count += _multiples(term, math.prod(statement.nest))
    return count


def _products(program: Program, statement: Basic, term: Term) -> int:
    """Count what it takes to multiply the factors of a term, and to join the products."""
    factors = scaled(program, term.factors)
    return math.prod(extents_of(statement, term)) * (2 if len(factors) > 1 else 1)


def _multiples(term: Term, size: int) -> int:
    return size if term.coef != 1.0 and term.factors else 0


# ---- memory -------------------------------------------------------------------------------------


def _places(program: Program, lines: Lines) -> tuple[int, int]:
    """Count the places of what samples share, and of what each sample has its own of.

    What lines show inside is an intermediate result. An array of the samples that is no more
    read, in no step of a loop, gives its places to a later one of the same size.
    """
    sizes = [array.size for array in program.arrays]
    own = {n for n, array in enumerate(program.arrays) if array.per_sample}
    shared = set(range(len(sizes))) - own - lines.names.hidden
    uses = [{line.array, *[a for a, _, _ in line.reads]} & own for line in lines.statements]
    ends = {line.loops[0]: place for place, line in enumerate(lines.statements) if line.loops}
    last = {
        array: ends[line.loops[0]] if line.loops else place
        for place, (line, used) in enumerate(zip(lines.statements, uses, strict=True))
        for array in used
    }
    placed = {n for n in own if program.arrays[n].role is Role.INPUT}
    kept = placed.union(lines.names.results.arrays)
    samples = sum(sizes[array] for array in placed)
    free: Counter[int] = Counter()
    for place, (line, used) in enumerate(zip(lines.statements, uses, strict=True)):
        if line.array in used - placed:
            placed.add(line.array)
            if free[sizes[line.array]]:
                free[sizes[line.array]] -= 1
            else:
                samples += sizes[line.array]
        free.update(sizes[n] for n in used - kept if last[n] == place)
    return sum(sizes[array] for array in shared), samples


# ---- tables -------------------------------------------------------------------------------------


def _gather(program: Program, entry: Entry, line: Line) -> Gather | None:
    """Say what goes through tables in a line; None if nothing does."""
    reads = [access for statement in entry.statements for access in reads_of(statement)]
    gathered = [access for access in reads if access.table >= 0]
    selected = [access for access in gathered if access.array in entry.inside]
    scattered = [entry.first.target] * (entry.first.target.table >= 0)
    terms = [term for statement in entry.statements for term in terms_of(statement)]
    reasons = []
    if any(isinstance(statement, Runs) for statement in entry.statements):
        reasons.append("sums differ in length")
    elif any(scale is not None for t in terms for _, scale in scaled(program, t.factors)):
        reasons.append("coefficients differ")
    elif len(gathered) > len(selected):
        reasons.append("what is read is no slice")
    if selected:
        reasons.append("some products of a matrix product are left out")
    if scattered:
        reasons.append("where it is written is no slice")
    if not reasons:
        return None
    places = sum(len(program.tables[access.table]) for access in (*gathered, *scattered))
    return Gather(line.text, ", ".join(reasons), places)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
