"""Samples, parted by what they answer to the questions of a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ..program.program import Floats, Ints

__all__ = ["Leaving", "parted"]


class Leaving(NamedTuple):
    """Samples that leave a path at the same question, by the same answer."""

    samples: Ints
    place: int
    answer: float


Split: TypeAlias = Callable[[Floats, Sequence[float]], "list[Ints] | None"]


def parted(
    answers: Sequence[Floats],
    expected: Sequence[float],
    known: Sequence[Iterable[float]],
    split: Split | None = None,
) -> tuple[Ints, list[Leaving]]:
    """Part samples by the first answer that is not as expected; those of which all are come first.

    `answers` has those of all samples to each question. Those that are `known` to a question are
    looked for one by one, which is quicker than to sort; or by what can `split` some numbers by these.
    """
    staying: Ints | None = None  # all, at first
    leaving = []
    questions = enumerate(zip(answers, expected, known, strict=True))
    for place, (column, answer, others) in questions:
        own = column if staying is None else column[staying]
        here, elsewhere = _split(own, answer, others, split)
        for other, there in elsewhere:
            leaving.append(Leaving(there if staying is None else staying[there], place, other))
        if elsewhere:
            staying = here if staying is None else staying[here]
    return np.arange(len(answers[0])) if staying is None else staying, leaving


def _split(
    numbers: Floats, expected: float, known: Iterable[float], split: Split | None
) -> tuple[Ints, list[tuple[float, Ints]]]:
    """Give the places of the number that is expected, and of each of the others."""
    others = [one for one in known if one != expected]
    found = None
    if split is not None and not (numbers == expected).all():
        found = split(numbers, [expected, *others])
    if found is None:
        here = np.flatnonzero(numbers == expected)
        left = len(numbers) - len(here)
        return here, [*_by_answer(numbers, expected, others, left)] if left else []
    here, *there, rest = found
    elsewhere = [(n, places) for n, places in zip(others, there, strict=True) if len(places)]
    return here, elsewhere + [(n, rest[own]) for n, own in _each(numbers[rest])]


def _by_answer(
    numbers: Floats, expected: float, known: Iterable[float], left: int
) -> Iterator[tuple[float, Ints]]:
    """Yield each number but the expected one, and the places where it is, `left` in all."""
    found = [expected]
    for one in known:
        if left:
            places = np.flatnonzero(numbers == one)
            left -= len(places)
            found.append(one)
            if len(places):
                yield one, places
    if left:
        others = np.flatnonzero(np.isin(numbers, found, invert=True))
        for one, places in _each(numbers[others]):
            yield one, others[places]


def _each(numbers: Floats) -> Iterator[tuple[float, Any]]:
    """Yield each of some numbers, and where it is."""
    for one in np.unique(numbers).tolist():
        yield one, numbers == one if one == one else np.isnan(numbers)
