"""What a backend is: what makes the code of a program that lies in a memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, Protocol

from ..program.phases import Phases
from ..program.program import Floats, Ints, Program
from .memory import Layout, Memory

__all__ = ["Backend", "Code", "Kernel", "Maker"]


_NONE: Mapping[int, int] = {}


class Kernel(NamedTuple):
    """Machine code that runs a program in one memory: addresses of functions, 0 for what is nothing.

    Each is given a table of pointers, the number of samples, and how far their rows lie apart;
    `kept` must live as long as they can be called. `whole` does what all of them do, and looks.
    The table has a pointer for each of the `ports`, which may be elsewhere in another table: for
    numbers of samples that are multiples of `step`, no code reads or writes behind them.
    With `releases`, so much is to be done that others are to run meanwhile.
    """

    before: int
    body: int
    after: int
    whole: int
    pointers: Ints
    samples: int
    row: int
    releases: bool
    kept: Any
    ports: Mapping[int, int] = _NONE  # by arrays, their places in the table
    step: int = 1

    @property
    def table(self) -> int:
        """The address of the pointers."""
        address: int = self.pointers.ctypes.data
        return address


class Code(NamedTuple):
    """What runs the phases of a program in one memory, and how often a run calls NumPy.

    `faults` looks at what a run has left there: NOT_FINITE if not all results are finite, plus
    NO_PLACE if a number is no place of the table that it chooses from. Of the samples, those of
    one block are looked at; before the last of them, what samples share is not done.
    `whole` runs all phases, and then looks.
    With a kernel, all of it can be run without the interpreter as well.
    """

    before: Callable[[], Any]
    body: Callable[[], Any]
    after: Callable[[], Any]
    calls: int
    faults: Callable[[], int] | None = None
    whole: Callable[[], int] | None = None
    kernel: Kernel | None = None


class Maker(Protocol):
    """Makes the code of one program, for each memory that it is run in."""

    def row(self, count: int) -> int:
        """Tell how far apart rows of so many samples are to lie, as code may write behind them."""

    def make(self, outside: Mapping[int, Floats]) -> None:
        """Make what all memories share, of which these arrays live outside."""

    def code(self, memory: Memory, releases: bool = False) -> Code:
        """Make what runs the program in a memory of its layout.

        With `releases`, other threads of Python's may run meanwhile, if that is for it to say.
        """


class Backend(Protocol):
    """A way of running programs; `name` is what users call it."""

    @property
    def name(self) -> str:
        """How it is called."""

    def prepared(self, program: Program) -> Program:
        """Give what it runs in place of a simple program, with arrays of the same numbers."""

    def maker(self, layout: Layout, phases: Phases, outside: Collection[int] = ()) -> Maker:
        """Take up a simple program, of which some arrays will live outside of its memory."""
