"""Samples, parted by what they answer to the questions of a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ..program.program import Floats, Ints

__all__ = ["Leaving", "parted"]


class Leaving(NamedTuple):
    """Samples that leave a path at the same question, by the same answer."""

    samples: Ints
    place: int
    answer: float


def parted(
    answers: Sequence[Floats], expected: Sequence[float], known: Sequence[Iterable[float]]
) -> tuple[Ints, list[Leaving]]:
    """Part samples by the first answer that is not as expected; those of which all are come first.

    `answers` has those of all samples to each question. Those that are `known` to a question are looked for one by
    one, which is quicker than to sort.
    """
    staying: Ints | None = None  # all, at first
    leaving = []
    questions = enumerate(zip(answers, expected, known, strict=True))
    for place, (column, answer, others) in questions:
        own = column if staying is None else column[staying]
        here = np.flatnonzero(own == answer)
        if len(here) == len(own):
            continue
        for other, there in _by_answer(own, answer, others, len(own) - len(here)):
            leaving.append(Leaving(there if staying is None else staying[there], place, other))
        staying = here if staying is None else staying[here]
    return np.arange(len(answers[0])) if staying is None else staying, leaving


def _by_answer(
    numbers: Floats, expected: float, known: Iterable[float], left: int
) -> Iterator[tuple[float, Ints]]:
    """Yield each number but the expected one, and the places where it is, `left` in all."""
    found = [expected]
    for one in known:
        if left and one != expected:
            places = np.flatnonzero(numbers == one)
            left -= len(places)
            found.append(one)
            if len(places):
                yield one, places
    if left:
        others = np.flatnonzero(np.isin(numbers, found, invert=True))
        numbers = numbers[others]
        for one in np.unique(numbers).tolist():
            yield one, others[numbers == one if one == one else np.isnan(numbers)]
