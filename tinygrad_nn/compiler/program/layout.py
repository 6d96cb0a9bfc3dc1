"""Where each family lies: for programs of the statements that are read no more by what runs."""

from __future__ import annotations

from collections.abc import Sequence

from ..roll.shapes import Family
from .statements import Statement

__all__ = ["Layout"]


class Layout:
    """Places for all families.

    What is shared keeps a place of its own: inputs first, in the order of the arguments.
    Of the samples, a family that is no more read gives its place to a later one of the
    same size, so that long batches stay in the cache.

    Parameters
    ----------
    families : sequence of Family
    statements : sequence of Statement
    kept : set of int
        The families that are read from outside: results.

    Attributes
    ----------
    start : list of int
        The first place of each family.
    shared, samples : int
        How many places there are, in all and for each sample.
    """

    def __init__(
        self, families: Sequence[Family], statements: Sequence[Statement], kept: set[int]
    ) -> None:
        self.start = [-1] * len(families)
        self.shared = 0
        self.samples = 0
        for family in families:
            if not family.per_sample:
                self.start[family.number] = self.shared
                self.shared += family.size
            elif family.array >= 0:
                self._extend(family)
        self._place_samples(families, statements, kept)

    def _extend(self, family: Family) -> None:
        self.start[family.number] = self.samples
        self.samples += family.size

    def _place_samples(
        self, families: Sequence[Family], statements: Sequence[Statement], kept: set[int]
    ) -> None:
        last = {}
        for position, statement in enumerate(statements):
            for number in (*statement.reads(), statement.family):
                last[number] = position
        free: dict[int, list[int]] = {}
        for position, statement in enumerate(statements):
            family = families[statement.family]
            if family.per_sample and self.start[family.number] < 0:
                found = free.get(family.size)
                if found:
                    self.start[family.number] = found.pop()
                else:
                    self._extend(family)
            for number in (*statement.reads(), statement.family):
                done = families[number]
                if done.per_sample and done.array < 0 and last[number] == position:
                    if number not in kept:
                        free.setdefault(done.size, []).append(self.start[number])
                    last[number] = -1
