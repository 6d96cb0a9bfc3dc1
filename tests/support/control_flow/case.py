"""What a function is called with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """A function, and what draws its arguments: numbers, whole numbers, and lists of numbers."""

    function: Function
    draw: Callable[[random.Random], tuple[Any, ...]]

    def points(self, seed: int, count: int) -> list[tuple[Any, ...]]:
        rng = random.Random(f"{seed} {self.function.__name__}")
        return [self.draw(rng) for _ in range(count)]

    @property
    def argnums(self) -> tuple[int, ...]:
        """The arguments by which it is differentiated: those that are no whole numbers."""
        (point,) = self.points(0, 1)
        return tuple(i for i, argument in enumerate(point) if not _is_whole(argument))


def _is_whole(argument: Any) -> bool:
    if isinstance(argument, list):
        return all(map(_is_whole, argument))
    return isinstance(argument, int)


CASES: dict[str, Case] = {}


def case(draw: Callable[[random.Random], tuple[Any, ...]]) -> Callable[[Function], Function]:
    """Keep a function among the cases."""

    def kept(function: Function) -> Function:
        assert function.__name__ not in CASES
        CASES[function.__name__] = Case(function, draw)
        return function

    return kept
