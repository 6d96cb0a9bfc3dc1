"""What users hold: a program with its text and its cost."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from itertools import chain

from .. import hypertext
from ..errors import ArgumentError
from .backends.auto import Tiers
from .file import write
from .interface import Interface
from .listing.listing import listing
from .listing.named import named_listing
from .listing.stats import Stats, added, stats_of
from .program import program as data
from .program.program import DOUBLE
from .program.statements import Statement
from .sizes.report import Sizes

__all__ = ["Chain", "Program"]


@dataclass(frozen=True, eq=False)
class Program(data.Program):
    """A program; ``print`` shows it."""

    tiers: Tiers = field(kw_only=True)  # what runs it
    interface: Interface | None = field(kw_only=True, default=None)  # of a function's
    proved: bool = False  # whether it was shown to be the function that it was made from
    lengths: Callable[[], Sizes] | None = None  # says what `sizes` is

    @classmethod
    def of(
        cls,
        program: data.Program,
        tiers: Tiers,
        interface: Interface | None = None,
        proved: bool = False,
        lengths: Callable[[], Sizes] | None = None,
    ) -> Program:
        """Give a program with what runs it."""
        parts = {one.name: getattr(program, one.name) for one in fields(program)}
        return cls(**parts, tiers=tiers, interface=interface, proved=proved, lengths=lengths)

    @property
    def sizes(self) -> Sizes:
        """Which lengths of the arguments are free, which are fixed, and why."""
        return Sizes() if self.lengths is None else self.lengths()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the program to a safetensors file, which `load_program` reads: whole, or not at all.

        The file has numbers and names, and no code. Numbers that were taken from Values are
        saved as they stand; what else the function took from outside is part of the program.

        Parameters
        ----------
        path : str or path
            Where to; a file that is there is replaced.

        Raises
        ------
        ArgumentError
            When the program has an operation of your own, or is a step of a training.
        ArgumentTypeError
            When an argument or the result has a class of your own, as a named tuple.
        MissingExtraError
            When safetensors is not installed.
        """
        if self.interface is None:
            raise ArgumentError(
                "this program is a part of a training or of a model's predict, and has no arguments "
                "that could be given to it: compile a function of its own, and save that"
            )
        write(self, self.interface, path, self.tiers.standing[0])

    @property
    def backend(self) -> str:
        """What runs it: "numpy" or "machine"; and why NumPy does, where machine code might."""
        return self.tiers.name

    @property
    def dtype(self) -> str:
        """What numbers it computes with: "float64" or "float32"."""
        name: str = self.tiers.dtype.name
        return name

    @property
    def calls(self) -> int | None:
        """How many calls of NumPy a run makes; None before the first."""
        return self.tiers.calls

    @property
    def stats(self) -> Stats:
        """What it costs."""
        return stats_of(self, self.calls, self.tiers.dtype.itemsize)

    def __str__(self) -> str:
        text = self._listed()
        return text if self.dtype == DOUBLE.name else f"{text}\nin {self.dtype}"

    def _listed(self) -> str:
        sizes = self.sizes
        if sizes.samples:
            text = named_listing(self, [program for _, program in sizes.samples], sizes.rule())
        else:
            text = listing(self)
        return f"{text}\n{_proof(self, sizes)}" if self.proved else text

    def _repr_html_(self) -> str:
        return hypertext.listing(str(self))

    def __repr__(self) -> str:
        return f"<program of {len(self.statements)} statements>"


def _proof(program: data.Program, sizes: Sizes) -> str:
    """Say for which sizes of its arguments a program is proved."""
    where = [f"{one.name} = {one.size}" for one in sizes.named] or [
        f"{array.name}: {' x '.join(map(str, array.pieces[0].shape)) or 1}"
        for array in program.arrays
        if array.role is data.Role.INPUT and array.pieces
    ]
    return f"proved at {', '.join(where)}" if where else "proved"


class Chain:
    """A program in parts, each named by what its batch consists of, as "sample".

    `handed` are the results that are arguments of the next part: the number of its array, and the
    first and the last + 1 of the results.
    """

    def __init__(
        self, parts: Sequence[tuple[str, Program]], handed: dict[int, tuple[int, int]]
    ) -> None:
        self.parts = tuple(parts)
        self.handed = handed

    @property
    def programs(self) -> tuple[Program, ...]:
        """The parts."""
        return tuple([program for _, program in self.parts])

    @property
    def statements(self) -> list[Statement]:
        """The statements of all parts."""
        return list(chain.from_iterable(program.statements for program in self.programs))

    @property
    def backend(self) -> str:
        """What runs its parts."""
        names = dict.fromkeys([program.backend for program in self.programs])
        if len(names) == 1:
            return next(iter(names))
        return "; ".join([f"for each {what} {program.backend}" for what, program in self.parts])

    @property
    def calls(self) -> int | None:
        """How many calls of NumPy a run makes; None before the first."""
        return self.stats.calls

    @property
    def stats(self) -> Stats:
        """What it costs."""
        return added([program.stats for program in self.programs])

    def __str__(self) -> str:
        return "\n\n".join(f"for each {what} of a batch\n{program}" for what, program in self.parts)
