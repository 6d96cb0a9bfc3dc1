"""What users hold: a program with its text and its cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from .backends.numpy.runner import Runner
from .form import program as form
from .form.convert import convert
from .listing.listing import listing
from .listing.stats import Stats, added, stats_of
from .program import program as data
from .program.statements import Statement

__all__ = ["Chain", "Program"]


class Program(data.Program):
    """A program; ``print`` shows it.

    Parameters
    ----------
    program : Program
        As it was compiled.
    runner : Runner
        What runs it.
    """

    def __init__(self, program: data.Program, runner: Runner) -> None:
        self.__dict__.update(program.__dict__)
        self._runner = runner

    @property
    def calls(self) -> int | None:
        """How many calls of NumPy a run makes; None before the first."""
        return self._runner.calls

    @property
    def stats(self) -> Stats:
        """What it costs."""
        return stats_of(self.form, self.calls)

    @cached_property
    def form(self) -> form.Program:
        """What it does, in the one form."""
        return convert(self)

    def __str__(self) -> str:
        return listing(self.form)


class Chain:
    """A program in parts, each for a batch of its own.

    Parameters
    ----------
    parts : sequence of (str, Program)
        What the batch of each part consists of, as "sample", and the part.
    handed : dict
        Which results are arguments of the next part: the number of its array, and the first
        and the last + 1 of the results.
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
    def calls(self) -> int | None:
        """How many calls of NumPy a run makes; None before the first."""
        return self.stats.calls

    @property
    def stats(self) -> Stats:
        """What it costs."""
        return added([program.stats for program in self.programs])

    def __str__(self) -> str:
        return "\n\n".join(f"for each {what} of a batch\n{program}" for what, program in self.parts)
