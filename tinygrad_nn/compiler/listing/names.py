"""What the arrays of a program are called, and what shape they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..program.statements import Statement
from ..program.strides import size_of, strides_of
from ..roll.flatten import OPERATION, SUM
from .notation import View, arranged

if TYPE_CHECKING:
    from ..program.program import Program

__all__ = ["Names", "Piece", "is_run"]

_LETTERS = {SUM: "z", OPERATION: "h"}


class Piece(NamedTuple):
    """A run of numbers in a family, or among the results, that has a name and a shape."""

    name: str
    start: int
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return size_of(self.shape)

    @property
    def end(self) -> int:
        """The place after its last."""
        return self.start + self.size


class Names:
    """The names of a program's arrays.

    Inputs have those of their arrays and parts, results say how they are reached, what
    lies between is numbered: z of sums, h of operations, m of extremes, b of families
    that several statements write. Names of results are known from the beginning; those
    of other statements are given in order.

    Parameters
    ----------
    program : Program
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._counts: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._pieces: dict[int, list[Piece]] = {}
        self._outputs: dict[tuple[int, int], int] = {}
        for position, (family, place, _) in enumerate(program.outputs):
            self._outputs.setdefault((family, place), position)
        count = len(program.outputs)
        whole = Piece("result", 0, () if count == 1 else (count,))
        self._results = [Piece(p.name, p.start, p.shape) for p in program.pieces] or [whole]
        self._named: set[int] = set()
        self._name_inputs()
        self._name_families()

    def _name_inputs(self) -> None:
        for number, array in enumerate(self.program.arrays):
            whole = (array.name, 0, () if array.size == 1 else (array.size,))
            parts = [Piece(p.name, p.start, p.shape) for p in array.pieces]
            if not any(part.start == 0 and part.size == array.size for part in parts):
                parts.insert(0, Piece(*whole))
            self._pieces[number] = parts
            self._taken.update(part.name for part in parts)

    def _name_families(self) -> None:
        """Name what is written in pieces; what one statement writes is named with it."""
        writers = Counter(statement.family for statement in self.program.statements)
        strided = {s.family for s in self.program.statements if not is_run(s)}
        for family in self.program.families[len(self.program.arrays) :]:
            number = family.number
            first = self._place_in_result(number, 0, family.size)
            if number in self.program.constants:
                name = self._fresh("c")
            elif writers[number] < 2 and number not in strided:
                continue
            elif first >= 0:
                name, _ = self.result(first, family.size)
                self._named.update(range(first, first + family.size))
            else:
                name = self._fresh("b")
            self._pieces[number] = [Piece(name, 0, (family.size,))]

    def _fresh(self, letter: str) -> str:
        while True:
            self._counts[letter] += 1
            name = f"{letter}{self._counts[letter]}"
            if name not in self._taken:
                return name

    # ---- results --------------------------------------------------------------------------

    def _place_in_result(self, family: int, start: int, size: int) -> int:
        """Find where in the result a run of a family lies, in one run; -1 if nowhere."""
        first = self._outputs.get((family, start), -1)
        wanted = [(family, place) for place in range(start, start + size)]
        found = [(f, place) for f, place, _ in self.program.outputs[first : first + size]]
        return first if first >= 0 and found == wanted else -1

    def result(self, first: int, size: int) -> tuple[str, tuple[int, ...]]:
        """Name a run of the result, and say which shape it has."""
        part = _covering(self._results, first, first + size)
        assert part is not None  # the whole result is a part
        if (part.start, part.size) == (first, size):
            return part.name, part.shape
        axes = ((0, size, 1),) if size > 1 else ()
        view = View(part.name, part.shape, first - part.start, axes, False)
        return arranged(view, [0] if axes else []) or part.name, (size,) if axes else ()

    def unnamed_results(self) -> list[tuple[int, int]]:
        """List the runs of results that no statement is named after, as first and last + 1.

        No run reaches from one part to another.
        """
        runs: list[tuple[int, int]] = []
        ends = {part.start for part in self._results}
        for place in range(len(self.program.outputs)):
            if place in self._named:
                continue
            if runs and runs[-1][1] == place and place not in ends:
                runs[-1] = runs[-1][0], place + 1
            else:
                runs.append((place, place + 1))
        return runs

    # ---- statements -----------------------------------------------------------------------

    def define(self, statement: Statement, shape: tuple[int, ...]) -> Piece:
        """Name what a statement writes, in one run from its start."""
        family, start, size = statement.family, statement.start, statement.size
        known = self._pieces.setdefault(family, [])
        first = self._place_in_result(family, start, size)
        if first >= 0:
            self._named.update(range(first, first + size))
            name, _ = self.result(first, size)
        elif known:
            name = f"{known[0].name}[{f'{start}:{start + size}' if size > 1 else start}]"
        else:
            name = self._fresh(_LETTERS.get(statement.kind, "m"))
        piece = Piece(name, start, shape)
        if not known or first >= 0 or len(shape) > 1:  # else a slice of the whole says it better
            known.append(piece)
        return piece

    def whole(self, family: int) -> Piece:
        """The name of a whole family."""
        return self._pieces[family][0]

    def find(self, family: int, low: int, high: int) -> Piece:
        """The smallest named piece that has all places from `low` to `high`."""
        known = self._pieces.get(family, [Piece("", 0, (self.program.families[family].size,))])
        return _covering(known, low, high + 1) or known[0]


def is_run(statement: Statement) -> bool:
    """Tell whether results lie side by side, in order."""
    sizes = [n for n, _ in statement.axes]
    return statement.scatter is None and [s for _, s in statement.axes] == strides_of(sizes)


def _covering(pieces: Iterable[Piece], low: int, end: int) -> Piece | None:
    fitting = [piece for piece in pieces if piece.start <= low and end <= piece.end]
    return min(fitting, key=lambda piece: piece.size, default=None)
