"""What a function has asked about the classes of its numbers, and which these are in a call."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, TypeAlias

import numpy as np

from ...errors import ArgumentTypeError
from ...scalar.value import Value
from .recorder import Argument

__all__ = [
    "FLOATS",
    "NUMBERS",
    "PLAIN",
    "Asked",
    "Kinds",
    "Leaves",
    "Question",
    "are_told",
    "kinds_of",
    "sample_kinds",
]

Kinds: TypeAlias = tuple[type, ...]  # of the numbers of an argument; one stands for all alike
Question: TypeAlias = tuple[type, ...] | str | None  # classes, a name, or what it is
Leaves: TypeAlias = Sequence[list[Any]]

FLOATS = frozenset({float, np.float64})  # of which results are such
PLAIN = (float, int, bool)
NUMBERS = (*PLAIN, np.float64, np.float32, np.int64, np.bool_)


class Asked:
    """The questions about classes that a function has asked, of each argument.

    If `of_values`, it speaks of Values, and is to be given such where no program is run; if
    `as_values`, it is recorded as for these, whatever they are in place of.
    """

    def __init__(self, of_values: bool = False) -> None:
        self.of_values = of_values
        self.as_values = False
        self.is_plain = False  # whether a symbol was to be a plain number, in the latest recording
        self.line = ""  # at which a symbol said to be a number of Python's, in the latest recording
        self.version = 0  # how many questions there are
        self._questions: dict[int, dict[Question, None]] = {}

    def add(self, place: int, question: Question) -> None:
        """Note a question about an argument."""
        known = self._questions.setdefault(place, {})
        if question not in known:
            known[question] = None
            self.version += 1

    def signature(self, kinds: Sequence[Kinds]) -> Hashable:
        """Say what numbers of some classes answer."""
        return tuple([self._answers(place, kinds[place]) for place in sorted(self._questions)])

    def signature_of(self, arguments: Sequence[Argument], leaves: Leaves) -> Hashable:
        """Say what the numbers of a call answer."""
        return tuple(
            [
                self._answers(place, kinds_of(arguments[place], leaves[place]))
                for place in sorted(self._questions)
            ]
        )

    def tells(self, place: int) -> bool:
        """Whether an integer and a float in an argument are told apart."""
        return self._answers(place, (int,)) != self._answers(place, (float,))

    def _answers(self, place: int, kinds: Kinds) -> Hashable:
        questions = self._questions.get(place, {})
        found = [tuple([_answer(one, kind) for one in questions]) for kind in kinds]
        return (found[0],) if found and found.count(found[0]) == len(found) else tuple(found)


def _answer(question: Question, kind: type) -> Hashable:
    if question is None:
        return kind
    return hasattr(kind, question) if isinstance(question, str) else issubclass(kind, question)


def kinds_of(argument: Argument, numbers: list[Any]) -> Kinds:
    """List the classes of the numbers that an argument is given; those of each sample are alike."""
    if not argument.per_sample:
        return _kinds(numbers)
    if numbers and isinstance(
        numbers[0], np.ndarray
    ):  # of all samples, which are numbers of Python's
        return (type(numbers[0].dtype.type(0).item()),)
    rows = {_kinds(row) for row in numbers}
    if len(rows) > 1:
        raise ArgumentTypeError(
            f"{argument.name} has numbers that are integers, say, in some samples of a batch only, and "
            "the function asks for their classes: give integers in all of them, or floats"
        )
    return rows.pop() if rows else (float,)


def sample_kinds(argument: Argument, numbers: list[Any], sample: int) -> Kinds:
    """List the classes of the numbers of one sample."""
    is_listed = argument.per_sample and numbers and not isinstance(numbers[0], np.ndarray)
    return kinds_of(argument, numbers[sample : sample + 1] if is_listed else numbers)


def _kinds(row: Sequence[Any]) -> Kinds:
    kinds = set(map(type, row))
    if len(kinds) == 1 and not kinds.isdisjoint(NUMBERS):
        return tuple(kinds)
    each: list[type] = []
    for one in row:
        if isinstance(one, np.ndarray):
            each += [one.dtype.type] * one.size
        else:
            each.append(Value if isinstance(one, Value) else type(one))
    return tuple(each) if len(set(each)) > 1 else tuple(each[:1])


def are_told(classes: tuple[type, ...], among: Sequence[type] = NUMBERS) -> bool:
    """Tell whether numbers of some classes are told apart."""
    return len({issubclass(kind, classes) for kind in among}) > 1
