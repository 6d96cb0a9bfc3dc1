"""What the arrays of a program are called, and what shape they have."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from ...scalar.ops import add
from ..program.program import Array, Piece, Program, Role
from ..program.statements import Basic, Map, reads_of
from ..program.strides import row_major
from .entries import Entry, hidden_arrays, is_run
from .notation import View, arranged
from .results import Results
from .steps import moves_of

__all__ = ["Names", "end_of"]


class Names:
    """The names of a program's arrays.

    Inputs have those of their arrays and pieces, results say how they are reached, what
    lies between is numbered: z of sums, h of operations, m of extremes, b of arrays
    that several lines write, c of constants. Names of results are known from the beginning;
    those of what else is computed are given in order.
    """

    def __init__(self, program: Program, entries: Sequence[Entry]) -> None:
        self.program = program
        self.hidden = hidden_arrays(program, entries)  # no line names them
        self.rows: set[int] = set()  # arrays that loops write, step by step
        self.results = Results(program)
        self.pieces: dict[int, list[Piece]] = {}
        self._counts: Counter[str] = Counter()
        self._taken: set[str] = set()
        self._named: set[int] = set()  # results that have the name of what computes them
        self._joins: set[int] = set()  # arrays that are several results
        count = len(self.results)
        whole = Piece("result", 0, () if count == 1 else (count,))
        self._of_results = program.pieces or [whole]
        for number, array in enumerate(program.arrays):
            if array.role not in (Role.CONSTANT, Role.INNER):
                self._name_input(number, array)
        self._name_shared_arrays(entries)

    def _name_input(self, number: int, array: Array) -> None:
        pieces = list(array.pieces)
        if not any(p.start == 0 and end_of(p) == array.size for p in pieces):
            pieces.insert(0, Piece(array.name, 0, () if array.size == 1 else (array.size,)))
        self.pieces[number] = pieces
        self._taken.update(piece.name for piece in pieces)

    def _name_shared_arrays(self, entries: Sequence[Entry]) -> None:
        """Name constants, and what is written in pieces; what one line writes is named with it."""
        writers = Counter(entry.first.target.array for entry in entries)
        strided = {e.first.target.array for e in entries if not is_run(e.first)}
        for entry in entries:
            if moves_of(entry.first.target) and entry.first.target.array not in self.rows:
                self._name_rows(entry.first)
        for number, array in enumerate(self.program.arrays):
            if number in self.rows:
                continue
            if array.role is Role.CONSTANT and number not in self.hidden:
                name = self._fresh("c")
            elif writers[number] > 1 or number in strided:
                name = self._result_of(number, 0, array.size)
                if name:
                    first = self.results.find(number, 0, array.size)
                    self.pieces[number] = [Piece(name, 0, self.result(first, array.size)[1])]
                    continue
                name = self._fresh("b")
            else:
                continue
            self.pieces[number] = [Piece(name, 0, (array.size,))]

    def _name_rows(self, statement: Basic) -> None:
        """Name an array that steps write, with an axis of steps if each writes a row.

        What is computed element by element has the rows of what it is computed from.
        """
        target, array = statement.target, self.program.arrays[statement.target.array]
        length = max(abs(stride) for _, _, stride in moves_of(target))
        beside = target.strides == row_major(statement.nest)
        rows = [statement.nest if beside else (), (length,)]
        if isinstance(statement, Map) and beside:
            known = [read.array for read in reads_of(statement) if read.array in self.rows]
            rows = [*[self.pieces[number][0].shape[1:] for number in known], *rows]
        row = next(shape for shape in rows if math.prod(shape) == length)
        first = self.results.find(target.array, 0, array.size)
        run = first, first + array.size
        whole = [piece for piece in self._of_results if (piece.start, end_of(piece)) == run]
        if whole:
            self._named.update(range(*run))
            name, shape = whole[0].name, whole[0].shape
        else:
            cut = length > 1 and array.size % length == 0
            shape = (array.size // length, *row) if cut else (array.size,)
            name = self._fresh(_letter(statement))
        self.pieces[target.array] = [Piece(name, 0, shape)]
        self.rows.add(target.array)

    def _fresh(self, letter: str) -> str:
        while True:
            self._counts[letter] += 1
            name = f"{letter}{self._counts[letter]}"
            if name not in self._taken:
                return name

    # ---- results --------------------------------------------------------------------------

    def _result_of(self, array: int, start: int, size: int) -> str:
        """Name a run of an array after the results that it is; "" if it is none.

        Nor is any run of an array that is several results, and read as one: it has a name of its own.
        """
        first = self.results.find(array, start, size)
        if first < 0 or array in self._joins:
            return ""
        if _covering(self._of_results, first, first + size) is None:
            self._joins.add(array)
            return ""
        self._named.update(range(first, first + size))
        return self.result(first, size)[0]

    def result(self, first: int, size: int) -> tuple[str, tuple[int, ...]]:
        """Name a run of the result, and say which shape it has."""
        piece = _covering(self._of_results, first, first + size)
        assert piece is not None  # the whole result is a piece
        if (piece.start, end_of(piece)) == (first, first + size):
            return piece.name, piece.shape
        axes = ((0, size, 1),) if size > 1 else ()
        view = View(piece.name, piece.shape, first - piece.start, axes, False)
        return arranged(view, [0] if axes else []) or piece.name, (size,) if axes else ()

    def unnamed_results(self) -> list[tuple[int, int]]:
        """List the runs of results that no line is named after, as first and last + 1.

        No run reaches from one piece to another.
        """
        runs: list[tuple[int, int]] = []
        ends = {piece.start for piece in self._of_results}
        for place in range(len(self.results)):
            if place in self._named:
                continue
            if runs and runs[-1][1] == place and place not in ends:
                runs[-1] = runs[-1][0], place + 1
            else:
                runs.append((place, place + 1))
        return runs

    # ---- what is computed -----------------------------------------------------------------

    def define(self, statement: Basic, shape: tuple[int, ...]) -> Piece:
        """Name what a statement writes, in one run from its start."""
        array, start, size = statement.target.array, statement.target.start, math.prod(shape)
        known = self.pieces.setdefault(array, [])
        result = self._result_of(array, start, size)
        is_grid = bool(known) and len(known[0].shape) > 1
        if result and is_grid and result == known[0].name and len(shape) == 1:
            name = f"{result}.ravel()"
        elif result:
            name = result
        elif known:
            name = f"{known[0].name}[{f'{start}:{start + size}' if size > 1 else start}]"
        else:
            name = self._fresh(_letter(statement))
        piece = Piece(name, start, shape)
        is_slice = is_grid and name.startswith(known[0].name)  # which the whole says better
        if not known or (result and not is_slice) or len(shape) > 1:
            known.append(piece)
        return piece

    def whole(self, array: int) -> Piece:
        """The name of a whole array."""
        return self.pieces[array][0]

    def find(self, array: int, low: int, high: int) -> Piece:
        """The smallest named piece that has all places from `low` to `high`."""
        known = self.pieces.get(array, [Piece("", 0, (self.program.arrays[array].size,))])
        return _covering(known, low, high + 1) or known[0]


def _letter(statement: Basic) -> str:
    if isinstance(statement, Map):
        return "h"
    return "z" if statement.op is add else "m"


def end_of(piece: Piece) -> int:
    """The place after the last of a piece."""
    return piece.start + math.prod(piece.shape)


def _covering(pieces: Iterable[Piece], low: int, end: int) -> Piece | None:
    fitting = [piece for piece in pieces if piece.start <= low and end <= end_of(piece)]
    return min(fitting, key=lambda piece: math.prod(piece.shape), default=None)
