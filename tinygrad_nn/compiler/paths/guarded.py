"""A function that looks at numbers, for one structure of arguments: the path that fits is run.

A run whose guards find other answers is dropped. The first of them that differs is right, as all
before it are as they were: it names the branch, and the path below that was taken last is tried, or a
new one is recorded. What no program can say is left to the function itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...tree import Key
from ..entries.entries import Entries
from ..missed import Missed
from ..plan import Plan
from ..trace.tracing import Trace
from ..watch import observer as watching
from ..watch.watch import Watch
from ..whole import refuse_large
from .batches import EnteredBatches
from .eager import Eager
from .entered import EnteredPaths
from .integers import Integers
from .listed import listed
from .patience import Patience
from .samples import Samples
from .tree import Path, Tree

__all__ = ["Guarded"]

Leaves = list[list[Any]]
NOTHING = Watch()


class Guarded:
    """The paths of a function; each call runs the one that its numbers take.

    `record` gives the plan of the path that a call takes, or one of its samples, or None if that has
    none; the trace, which has no recording, calls the function itself. The key says how arguments are
    nested, and which are static; `others` records anew, for calls with integers elsewhere.
    """

    has_free_lengths = False
    runner = None  # each path has its own

    def __init__(
        self,
        patience: Patience,
        record: Callable[[Leaves, int], Plan | None],
        trace: Trace,
        function: Callable[..., Any],
        key: Key,
        first: Plan | None,
        integers: Integers,
        others: Callable[[Leaves], Plan | Guarded],
    ) -> None:
        self._record = record
        self._trace = trace
        self._patience = patience
        self._integers = integers
        self._others = others
        self._other: Plan | Guarded | None = None
        self._eager = Eager(trace)
        self.tree = Tree()
        if first is not None:
            self.tree.add(first)
        self._samples = Samples(self.tree, patience, record, trace, self._eager)
        self._entered = EnteredPaths(self.tree, patience, self._eager, function, key)
        self._batches = EnteredBatches(self._samples, key)

    @property
    def is_watched(self) -> bool:
        """Whether it depends on anything beside its arguments; the function itself is as it is."""
        return not self._patience.is_over

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

    def __str__(self) -> str:
        own, other = listed(self.tree, self._patience), self._other
        if other is None:
            return own
        return f"{own}\n\nwhere integers are elsewhere: {other if isinstance(other, Guarded) else other.program}"

    def meet(
        self, entries: Entries, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Leaves
    ) -> Any:
        """Give what an entry gives for a call, one that is made if it is due; or NotImplemented."""
        integers = self._integers
        if integers.places is not None or integers.are_none:
            return NotImplemented  # an entry tells them not apart
        if self._trace.batched:
            return self._batches.meet(self, entries, args, kwargs, leaves)
        return self._entered.meet(self, entries, args, kwargs)

    def run(self, leaves: Leaves) -> Any:
        """Run the paths that fit, or find them."""
        refuse_large(self._trace.arguments, leaves)
        if not self._integers.fit(leaves):  # it is 2.0 in place of 2
            return self._run_other(leaves)
        if self._patience.is_over:
            return self._eager(leaves)
        return self._samples.run(leaves) if self._trace.batched else self._run_once(leaves)

    def _run_other(self, leaves: Leaves) -> Any:
        """Run what is recorded for calls whose integers are elsewhere."""
        other = self._other
        if other is None or (other.is_watched and not other.watch.holds()):
            other = self._other = self._others(leaves)
        if watching.at_work:
            watching.include(other.watch)
        return other.run(leaves)

    def _run_once(self, leaves: Leaves) -> Any:
        path = self.tree.latest
        tried: list[Path] = []
        at: tuple[Path, int, float] | None = None  # where the latest was left
        while path is not None and path.plan.watch.holds():
            if path in tried:  # programs differ about a tie, by rounding
                return self._eager(leaves)
            result = path.plan.run(leaves)
            if type(result) is not Missed:
                self._take(path)
                return result
            tried.append(path)
            at = path, result.place, result.answer
            if self.tree.is_for_eager(*at):
                return self._eager(leaves)
            path = self.tree.below(*at)
        return self._new(leaves, at)

    def _new(self, leaves: Leaves, at: tuple[Path, int, float] | None) -> Any:
        """Record the path of a call, and run it."""
        plan = self._record(leaves, 0) if self._patience.allows(self.tree) else None
        if plan is not None:
            path = self.tree.add(plan)
            result = plan.run(leaves)
            if type(result) is not Missed:
                self._take(path)
                return result
        if at is not None:  # it has no program, or one that denies the numbers it was made for
            self.tree.deny(*at)
        return self._eager(leaves)

    def _take(self, path: Path) -> None:
        self.tree.take(path)
        if watching.at_work:
            watching.include(path.plan.watch)
