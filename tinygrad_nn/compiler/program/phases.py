"""What of a program runs before, for, and after the samples of a batch."""

from __future__ import annotations

from dataclasses import dataclass

from .program import Program
from .statements import Basic, Statement, is_onto, reads_of, sums_samples, unnested

__all__ = ["Phases", "phases_of"]


@dataclass(frozen=True, slots=True)
class Phases:
    """The statements of a program, parted; samples may be taken in blocks, one after the other."""

    before: tuple[Statement, ...]  # what runs once
    body: tuple[Statement, ...]  # what runs for each block of samples
    after: tuple[Statement, ...]  # what runs once again
    # the arrays that blocks are added up in: sums over the samples of the body
    sums: tuple[int, ...]
    # whether all is body and takes all samples at once, as it reads a sum over them
    coupled: bool


def phases_of(program: Program) -> Phases:
    """Part the statements of a program. A loop is taken as a whole, and so is an array."""
    before: list[Statement] = []
    body: list[Statement] = []
    after: list[Statement] = []
    sums: set[int] = set()
    late: set[int] = set()  # what the statements after the samples write
    begun: set[int] = set()  # and what they do not only add to
    beside: set[int] = set()  # what samples share, and a loop writes beside what they do not
    for statement in program.statements:
        use = _Use(program, statement)
        if use.of_samples:
            sums |= use.sums
            waits = (use.reads | use.shared) & sums or use.reads & late or use.joins & begun
            if waits or use.repeats:
                return Phases((), tuple(program.statements), (), (), True)
            beside |= use.shared
            body.append(statement)
        elif (use.reads | use.writes) & (sums | late | beside):
            late |= use.writes
            begun |= use.begins
            after.append(statement)
        else:
            before.append(statement)
    return Phases(tuple(before), tuple(body), tuple(after), tuple(sorted(sums)), False)


class _Use:
    """What a statement does with arrays, by their numbers."""

    def __init__(self, program: Program, statement: Statement) -> None:
        self.reads: set[int] = set()
        self.writes: set[int] = set()
        self.begins: set[int] = set()  # what it writes without joining it onto what is there
        self.sums: set[int] = set()  # over samples
        self.joins: set[int] = set()  # of the sums, what it joins onto what is there
        self.shared: set[int] = set()  # what else it writes and samples share
        self.repeats = False  # whether each block of samples would join onto such an array again
        for one in unnested((statement,)):
            self._take(program, one)
        # whether anything is for each, or a sum over them
        self.of_samples = bool(self.writes - self.shared)

    def _take(self, program: Program, statement: Basic) -> None:
        target = statement.target.array
        self.reads |= {access.array for access in reads_of(statement)}
        self.writes.add(target)
        if not is_onto(statement):
            self.begins.add(target)
        if sums_samples(statement):
            self.sums.add(target)
            if is_onto(statement):
                self.joins.add(target)
            return
        if not program.arrays[target].per_sample:
            self.shared.add(target)
            self.repeats = self.repeats or is_onto(statement)
