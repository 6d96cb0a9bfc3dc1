"""What of a program runs before, for, and after the samples of a batch."""

from __future__ import annotations

from collections.abc import Iterable
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
    if not any(array.per_sample for array in program.arrays):
        return Phases(tuple(program.statements), (), (), (), False)
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
        inside = list(unnested((statement,)))
        summing = [one for one in inside if sums_samples(one)]
        others = [one for one in inside if not sums_samples(one)]
        sharing = [one for one in others if not program.arrays[one.target.array].per_sample]
        self.reads = {access.array for one in inside for access in reads_of(one)}
        self.writes = _targets(inside)
        # What it writes without joining it onto what is there.
        self.begins = _targets([one for one in inside if not is_onto(one)])
        self.sums = _targets(summing)  # over samples
        self.joins = _targets(filter(is_onto, summing))  # onto what is there
        self.shared = _targets(sharing)  # what else it writes and samples share
        # Whether each block of samples would join onto such an array again.
        self.repeats = any(map(is_onto, sharing))
        # Whether anything is for each sample, or a sum over them.
        self.of_samples = bool(self.writes - self.shared)


def _targets(statements: Iterable[Basic]) -> set[int]:
    return {statement.target.array for statement in statements}
