"""Recordings at small lengths, and what they may cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ...errors import SizeError
from ...scalar.contexts import EnoughError, at_most
from .fit import Point
from .terms import Sections

__all__ = ["BudgetError", "Recordings", "Refusal", "Sample", "Source", "if_quick"]

T = TypeVar("T")

SHARE = 10  # of what the full compile would record, inference may record one part
LEAST = 20_000  # nodes that it may record in any case
SMALL = 40_000  # nodes that are compiled in full without asking
_QUICK = "recording everything is quick"
_DEAR = "finding the rule would take longer than a tenth of recording everything"
RECORDING = 400  # nodes that take as long as what every recording takes beside its nodes


@dataclass(frozen=True, slots=True)
class Sample:
    """A program at some lengths, taken apart."""

    sections: Sections
    nodes: int  # that were recorded


class Source(Protocol):
    """What can be recorded at other lengths."""

    def numbers(self, sizes: Mapping[int, int]) -> int:
        """Count the numbers that go in, with other lengths in place of some."""

    def sample(self, sizes: Mapping[int, int]) -> Sample:
        """Record it with other lengths in place of some, or raise SizeError."""


class Refusal(SizeError):  # noqa: N818  # it is no fault
    """What was found to be no rule in the lengths, and why each of them stays."""

    def __init__(self, text: str, why: Mapping[int, str] | None = None) -> None:
        super().__init__(text)
        self.why = dict(why or {})


class BudgetError(Refusal):
    """It costs more to find the rules than they would save."""


class Recordings:
    """Programs at small lengths, each recorded once."""

    def __init__(self, source: Source, lengths: Sequence[int], patient: bool) -> None:
        self._source = source
        self._patient = patient
        self._full = {n: n for n in lengths}
        self._known: dict[tuple[tuple[int, int], ...], Sample | SizeError] = {}
        self._nodes = 0
        self._allowed = LEAST
        self._ratio = 1.0  # nodes for each number that goes in, in what was recorded

    def at(self, variables: Sequence[int], point: Point) -> Sample:
        """Give the program with some lengths in place of the variables."""
        key = tuple(zip(variables, point, strict=True))
        if key not in self._known:
            self._known[key] = self._recorded(dict(key))
        found = self._known[key]
        if isinstance(found, SizeError):
            raise found
        return found

    def _recorded(self, sizes: dict[int, int]) -> Sample | SizeError:
        if self._patient:
            return self._sampled(sizes)
        left = self._allowed - self._nodes - RECORDING
        if self._ratio * self._source.numbers(sizes) > left:
            raise BudgetError(_DEAR)
        limit = at_most(left)
        try:
            with limit:
                return self._sampled(sizes)
        except EnoughError:
            raise BudgetError(_DEAR) from None
        finally:
            self._nodes += RECORDING + limit.recorded

    def _sampled(self, sizes: dict[int, int]) -> Sample | SizeError:
        try:
            found = self._source.sample(sizes)
        except SizeError as error:
            return error
        self._ratio = max(self._ratio, found.nodes / max(self._source.numbers(sizes), 1))
        return found

    def allow_for(self, variables: Sequence[int], points: Sequence[Point]) -> None:
        """Estimate what everything is, from a base and what is next to it along each variable."""
        if self._patient:
            return
        base, *others = points
        first = self.at(variables, base).nodes
        nodes = float(first)
        for place, (real, other) in enumerate(zip(variables, others, strict=True)):
            nodes *= _growth(
                real, (base[place], first), (other[place], self.at(variables, other).nodes)
            )
        if nodes < SMALL:
            raise BudgetError(_QUICK)
        self._allowed = max(LEAST, int(nodes / SHARE))


def if_quick(
    record: Callable[[Refusal], T], why: str = _QUICK, unless: Callable[[], bool] | None = None
) -> T | None:
    """Record everything, told why; None if it is more than little, unless that is told then."""
    try:
        with at_most(SMALL, unless):
            return record(BudgetError(why))
    except EnoughError:
        return None


def _growth(real: int, one: tuple[int, int], other: tuple[int, int]) -> float:
    """Say by what nodes are multiplied, from two lengths and their nodes: by a line or a power."""
    (base, first), (length, nodes) = one, other
    line = 1.0 + (nodes / first - 1.0) * (real - base) / (length - base)
    power = math.log(nodes / first) / math.log(length / base)
    return max(line, math.pow(real / base, power), 1.0)
