"""A recording: a tape that is finished, and what of it is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from ..program.program import Piece
from .tape import Tape

__all__ = ["Recording", "Result"]


@dataclass(frozen=True, slots=True)
class Result:
    """Outputs that belong together.

    Attributes
    ----------
    entries : tuple of int
    per_sample : bool
        Whether whoever reads them gets numbers for each sample.
    """

    entries: tuple[int, ...]
    per_sample: bool


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What is computed, number by number. Nobody changes one, nor its tape.

    Attributes
    ----------
    tape : Tape
    results : tuple of Result
        What is wanted; all their entries, in order, are the outputs.
    pieces : tuple of Piece
        Names of outputs, as if they lay in one array.
    blocks : tuple of tuple of int
        Entries that are best kept in one piece, in this order: the gradients of one call.
    read_in_blocks : bool
        Whether blocks are read from outside, so that one is kept together though no entry is
        made of it.
    lookups : frozenset of (int, int, int)
        The array and the place of inputs that choose from tables, with the sizes of these.
    """

    tape: Tape
    results: tuple[Result, ...]
    pieces: tuple[Piece, ...] = ()
    blocks: tuple[tuple[int, ...], ...] = ()
    read_in_blocks: bool = False
    lookups: frozenset[tuple[int, int, int]] = frozenset()

    @property
    def outputs(self) -> list[int]:
        """The entries of all results."""
        return list(chain.from_iterable(result.entries for result in self.results))

    def wanted(self) -> list[int]:
        """List the entries that are results, or kept in one piece."""
        return [*self.outputs, *chain.from_iterable(self.blocks)]
