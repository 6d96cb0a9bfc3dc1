"""A recording: a tape that is finished, and what of it is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from ..program.program import Piece
from .tape import Tape

__all__ = ["Recording", "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """Outputs that belong together."""

    entries: tuple[int, ...]
    per_sample: bool  # whether who reads them gets numbers for each sample


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What is computed, number by number. Nobody changes one, nor its tape."""

    tape: Tape
    results: tuple[Result, ...]  # their entries, in order, are the outputs
    pieces: tuple[Piece, ...] = ()  # names of outputs, as if they lay in one array
    # entries best kept in one piece, in this order: the gradients of one call
    blocks: tuple[tuple[int, ...], ...] = ()
    read_in_blocks: bool = False  # whether blocks are read from outside, and so kept together
    # entries that choose from a table, and its size
    lookups: frozenset[tuple[int, int]] = frozenset()

    @property
    def outputs(self) -> list[int]:
        """The entries of all results."""
        return list(chain.from_iterable(result.entries for result in self.results))

    def wanted(self) -> list[int]:
        """List the entries that are results, kept in one piece, or looked at as they choose."""
        choosing = [entry for entry, _ in sorted(self.lookups)]
        return [*self.outputs, *chain.from_iterable(self.blocks), *choosing]
