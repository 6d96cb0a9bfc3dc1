"""A function that looks at numbers, for one structure of arguments: the path that fits is run.

A run whose guards find other answers is dropped. The first of them that differs is right, as all
before it are as they were: it names the branch, and the path below that was taken last is tried, or a
new one is recorded. What no program can say is left to the function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..plan import Missed, Plan
from ..watch import observer as watching
from ..watch.watch import Watch
from .tree import Path, Tree

__all__ = ["Guarded"]

Leaves = list[list[Any]]
NOTHING = Watch()


class Guarded:
    """The paths of a function; each call runs the one that its numbers take.

    `record` gives the plan of the path that a call takes, or None if it has none; `eager` calls the
    function itself.
    """

    is_watched = True
    has_free_lengths = False

    def __init__(
        self,
        record: Callable[[Leaves], Plan | None],
        eager: Callable[[Leaves], Any],
        first: Plan | None,
    ) -> None:
        self._record = record
        self._eager = eager
        self.tree = Tree()
        if first is not None:
            self.tree.add(first)

    @property
    def watch(self) -> Watch:
        """What the path that was taken last depends on beside its arguments."""
        latest = self.tree.latest
        return NOTHING if latest is None else latest.plan.watch

    @property
    def program(self) -> Any:
        """The program of the path that was taken last; None if there is none."""
        latest = self.tree.latest
        return None if latest is None else latest.plan.program

    def run(self, leaves: Leaves) -> Any:
        """Run the path that fits, or find it."""
        path = self.tree.latest
        tried: list[Path] = []
        while path is not None and path.plan.watch.holds():
            if path in tried:  # programs differ about a tie, by rounding
                return self._eager(leaves)
            result = path.plan.run(leaves)
            if type(result) is not Missed:
                self._take(path)
                return result
            tried.append(path)
            place = path.leaves_at(result.answers)
            if path.questions[place].place is None:  # something has no finite result
                return self._eager(leaves)
            path = self.tree.below(path, place, result.answers[place])
        return self._new(leaves)

    def _new(self, leaves: Leaves) -> Any:
        """Record the path of a call, and run it."""
        plan = self._record(leaves)
        if plan is None:
            return self._eager(leaves)
        path = self.tree.add(plan)
        result = plan.run(leaves)
        if type(result) is Missed:  # it denies the numbers that it was recorded for, by rounding
            return self._eager(leaves)
        self._take(path)
        return result

    def _take(self, path: Path) -> None:
        self.tree.take(path)
        if watching.at_work:
            watching.include(path.plan.watch)
