"""Steps on arrays like those of the steps before, each of which is one call of machine code.

Such a step asks nothing of the engine: it changes the arrays of the two sides, the number of steps
that the optimiser counts, and the words that it shares with the engine, which learns of it later. It
holds the lock of the interpreter throughout, and so it comes between two lines of Python at most;
while an engine is at work on the numbers it says that it is not ready.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any, TypeAlias

import numpy as np

from ...compiler.entries.words import MADE, READY, SIDE, Words
from ...compiler.watch.checks import Check
from ...compiler.watch.watch import Watch
from ..samples import Targets
from .sides import InOneCall, Side, keep

__all__ = ["AtOnce"]

Builtin: TypeAlias = Callable[..., Any]

FLOAT = np.dtype(float)
OFTEN = 4  # steps alike, before a function is made for them


class AtOnce:
    """Makes them, each for what it is given and targets of some shape.

    `settings` has the learning rate and the number of steps by their names.
    """

    def __init__(self, sides: tuple[Side, Side], settings: dict[str, Any]) -> None:
        self.words = Words()
        self._sides = sides
        self._settings = settings
        self._outside: Watch | None = None
        self.holds: Builtin | None = None  # tells sooner whether that is as it was
        self._given: tuple[Any, ...] = ()  # in the latest steps
        self._asked: dict[tuple[int, ...], int] = {}
        self._made: dict[tuple[int, ...], tuple[Builtin | None, list[InOneCall]]] = {}
        self._moves: list[InOneCall] = []  # of the latest function

    def step(
        self, given: tuple[Any, ...], shape: tuple[int, ...], targets: Targets, outside: Watch
    ) -> Builtin | None:
        """Give the function for steps like one that has just been made, if they come again.

        It is right as long as all is outside as it was.
        """
        if outside is not self._outside or not all(map(is_, given, self._given)):
            self._given, self._outside, self.holds = given, outside, None
            self._asked.clear()
            self._made.clear()
        if shape not in self._made:
            asked = self._asked[shape] = self._asked.get(shape, 0) + 1
            if asked < OFTEN or not all(side.keeps_code for side in self._sides):
                return None
            keep(self._made, shape, self._make(shape, outside.checks))
        step, self._moves = self._made[shape]
        latest = targets.latest
        if step is not None and latest is not None and latest is not self.words.targets:
            self.words.know_targets(latest, targets.known)
        return step

    def _make(
        self, shape: tuple[int, ...], checks: Sequence[Check]
    ) -> tuple[Builtin | None, list[InOneCall]]:
        moves = [side.move(shape) for side in self._sides]
        known = [one for one in moves if isinstance(one, InOneCall)]
        is_double = self._sides[0].table.dtype == FLOAT
        if not is_double or len(known) < len(moves) or not all(map(_is_plain, known)):
            return None, []
        from ...compiler.entries.making import asking
        from ...compiler.entries.stepping import Begin, Settings, stepping

        self.holds = self.holds or asking(checks)
        begins = [Begin(move.job, move.rates, move.costs) for move in known]
        settings = Settings(self._settings, "lr", "steps")
        return stepping(begins, self.words, self._given, settings, checks), known

    def stop(self) -> InOneCall | None:
        """Let no step be made for a while; give the latest that was, if nobody has asked since."""
        words = self.words.all
        words[READY] = 0
        if not words[MADE]:
            return None
        words[MADE] = 0
        begun: int = 1 - words[SIDE]
        return self._moves[begun]

    def go_on(self, now: Side, is_ready: bool) -> None:
        """Say where the numbers are, and that steps may be made from there."""
        words = self.words.all
        words[SIDE] = now is self._sides[1]
        words[READY] = is_ready

    @property
    def now(self) -> tuple[Side, Side]:
        """The side where the numbers are, and the other one."""
        one, other = self._sides
        return (other, one) if self.words.all[SIDE] else (one, other)


def _is_plain(move: InOneCall) -> bool:
    """Tell whether a step is short, and made whatever length the gradient has."""
    return not move.job.is_long and move.rates.size == 2
