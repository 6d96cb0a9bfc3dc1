"""A recording in the making: a graph written on a tape, until it is said what of it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...scalar.graph import CONSTANT, Node
from ...scalar.ops import add, eq, floor, ge, lt, mul, sub
from ...scalar.value import Value
from ...tree import Structure
from ..program.program import Array, Piece, Role, number_of
from ..tape.record import Known, record_tape
from ..tape.recording import Recording, Result
from ..tape.tape import Tape, input_number
from .parts import parts_of
from .questions import Question
from .structure import Key, Nesting, flat, nesting_of

__all__ = ["Argument", "Recorder"]

_OTHERS = (
    Array(0, False, Role.CAPTURED, "captured"),
    Array(2, False, Role.BATCH, "samples", (Piece("batch", 0, ()), Piece("1/batch", 1, ()))),
)


class Argument:
    """One argument of the function: how it is nested, and whether each sample has its own.

    Its `pieces` are called as Python reaches them, if they are not given.
    """

    __slots__ = ("_given", "name", "nesting", "per_sample", "pieces")

    def __init__(
        self, name: str, key: Key, per_sample: bool, pieces: Iterable[Piece] | None = None
    ) -> None:
        self.name = name
        self.nesting = Nesting(key)
        self._given = Structure(key, _itself)
        self.per_sample = per_sample
        self.pieces = tuple(parts_of(name, key) if pieces is None else pieces)

    def given(self, numbers: list[Any], as_they_are: bool) -> Any:
        """Nest numbers as they were given, but that floats of NumPy's are Python's, of 64 bits.

        If all are to be as they are, these are too, and an array that is the whole argument is
        a copy.
        """
        key = self.nesting.key
        if as_they_are:
            if key != 0 and key[0] == "array" and len(numbers) == 1:
                return numbers[0].copy()
            return self._given.rebuild(flat(numbers))
        return self._given.rebuild([_of_64_bits(number) for number in flat(numbers)])


class Recorder:
    """Makes a recording: a graph is written, then summed over the samples, then finished.

    The graph ends at `inputs`: nodes with their `input_number`, of an argument and a place in it.
    `verbatim` keeps every operation as the user wrote it, with his lines. `captured` are leaves
    that the function takes from elsewhere, read at every call; `blocks` the derivatives of each
    call that recorded some; `lookups` the entries that choose from tables, and the sizes of these.
    """

    def __init__(
        self,
        arguments: Sequence[Argument],
        inputs: dict[Node, int],
        verbatim: bool = False,
    ) -> None:
        given = [
            Array(a.nesting.size, a.per_sample, Role.INPUT, a.name, a.pieces) for a in arguments
        ]
        self.arguments = tuple(arguments)
        self.tape = Tape([*given, *_OTHERS], verbatim)
        self.captured: list[Value] = []
        self.blocks: list[list[int]] = []
        self.lookups: set[tuple[int, int]] = set()
        self.questions: dict[int, Question] = {}  # by the entries of their guards
        self.chooses = False  # whether derivatives go through choices
        self._inputs = inputs
        self._batch = number_of(self.tape.arrays, Role.BATCH)

    def add_inverse(self, node: Node) -> None:
        """Take a node for one over the number of samples."""
        self._inputs[node] = input_number(self._batch, 1)

    def write(
        self,
        result: Any,
        check: Callable[[Node], None],
        derived: Sequence[Sequence[Any]] = (),
        chosen: Sequence[tuple[Node, int]] = (),
        questions: Sequence[tuple[Node, Question]] = (),
    ) -> None:
        """Write the graph of a nesting on the tape; `check` may refuse a leaf that is no input.

        `derived` are the derivatives of each call that recorded some; `chosen` nodes that choose
        from tables, and the sizes of these; `questions` what Python asked, with the guards.
        """
        leaves: list[Any] = []
        self.nesting = nesting_of(result, leaves)
        numbers = flat(leaves)
        home = number_of(self.tape.arrays, Role.CAPTURED)

        def capture(node: Node) -> tuple[int, int]:
            check(node)
            assert isinstance(node, Value)
            self.captured.append(node)
            return home, len(self.captured) - 1

        roots: list[Node] = [number for number in numbers if isinstance(number, Value)]
        roots += [node for node, _ in chosen]
        roots += [guard for guard, _ in questions]
        known = record_tape(self.tape, roots, self._inputs, capture)
        self.lookups |= {(known[node], size) for node, size in chosen}
        self.tape.arrays[home] = replace(self.tape.arrays[home], size=len(self.captured))
        self.entries: list[int] = [
            known[number] if isinstance(number, Value) else self.tape.constant(float(number))
            for number in numbers
        ]
        self._find_derivatives(known, derived)
        for guard, question in questions:  # what is the same number was asked before
            self._ask(known[guard], question)
        if self.questions:  # on another path it may choose what is not there
            for entry, size in sorted(self.lookups):
                self._ask(self._misses(entry, size), Question(0.0, None))
            self.lookups = set()

    def _ask(self, entry: int, question: Question) -> None:
        if self.tape.rows[entry] is not CONSTANT:
            self.questions.setdefault(entry, question)

    def _misses(self, entry: int, size: int) -> int:
        """Give the entry of whether a place is not in a table of some size: 1 or 0."""
        apply, constant = self.tape.apply, self.tape.constant
        whole = apply(eq, apply(floor, entry), entry)
        above, below = apply(ge, entry, constant(0.0)), apply(lt, entry, constant(float(size)))
        found: int = apply(sub, constant(1.0), apply(mul, whole, apply(mul, above, below)))
        return found

    def _find_derivatives(self, known: Known, derived: Sequence[Sequence[Any]]) -> None:
        for found in derived:
            # One that does not depend on what varies is a plain number.
            entries = [known[d] for d in found if isinstance(d, Node) and d in known]
            if entries:
                self.blocks.append(entries)

    def reduce(self, entry: int, how: str, many: bool = False) -> tuple[int, int]:
        """Sum something over the samples, and give its entry, and that of the bare sum, or -1.

        With `many`, many are reduced so with common factors, as derivatives by weights.
        """
        one = self.tape.constant(1.0)
        if how == "sum":
            return self.tape.batch_sum(entry, one, self.tape.leaf(self._batch, 0))
        return self.tape.batch_sum(entry, self.tape.leaf(self._batch, 1), one, many)

    def leaving(self) -> int:
        """Give the entry of how many questions a sample answers in another way: 0 if none."""
        apply, constant = self.tape.apply, self.tape.constant
        total: int = constant(0.0)
        for entry, question in self.questions.items():
            if question.is_silent:  # 0 or NaN
                wrong = entry
            else:
                same = entry
                if not question.is_logical:
                    same = apply(eq, entry, constant(question.answer))
                elif question.answer == 0.0:
                    same = apply(sub, constant(1.0), entry)
                wrong = apply(sub, constant(1.0), same)
            total = apply(add, total, wrong)
        return total

    def finish(
        self,
        results: Iterable[Result],
        pieces: Iterable[Piece] = (),
        blocks: Iterable[Sequence[int]] = (),
        read_in_blocks: bool = False,
    ) -> Recording:
        """Say what is wanted, as in `Recording`, and give it; nothing can be added to it."""
        self.tape.close()
        self._inputs = {}
        return Recording(
            self.tape,
            tuple(results),
            tuple(pieces),
            tuple(map(tuple, blocks)),
            read_in_blocks,
            frozenset(self.lookups),
        )


def _itself(number: Any) -> Any:
    return number


def _of_64_bits(number: Any) -> Any:
    return float(number) if isinstance(number, np.floating) else number
