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
from .by_classes import ByClasses
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
    nested, and which are static; `calls` finds what is for numbers of other classes.
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
        calls: ByClasses,
    ) -> None:
        self.calls = calls
        self._recorded = record
        self._trace = trace
        self._patience = patience
        self._latest = self  # or what is for numbers of other classes
        self._eager = Eager(trace, integers.call, calls.asked)
        self.tree = Tree()
        if first is not None:
            self.tree.add(first)
        self._samples = Samples(self.tree, patience, self._record, trace, self._eager)
        self._entered = EnteredPaths(self.tree, patience, self._eager, function, key, calls)
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
        latest = self._latest.tree.latest
        return None if latest is None else latest.plan.program

    def __str__(self) -> str:
        """List the paths; those for numbers of other classes come after those of the first call."""
        own = listed(self.tree, self._patience)
        others = [f"where numbers are of other classes: {other}" for other in self.calls.others]
        return "\n\n".join([own, *others])

    def meet(
        self, entries: Entries, args: tuple[Any, ...], kwargs: dict[str, Any], leaves: Leaves
    ) -> Any:
        """Give what an entry gives for a call, one that is made if it is due; or NotImplemented."""
        if self._trace.batched:
            if self.calls.asked.version:
                return NotImplemented  # their entries tell classes not apart
            return self._batches.meet(self, entries, args, kwargs, leaves)
        own = self.calls.of(self, leaves, only_known=True)
        return NotImplemented if own is None else own._entered.meet(own, entries, args, kwargs)

    def run(self, leaves: Leaves) -> Any:
        """Run the paths that fit, or find them."""
        refuse_large(self._trace.arguments, leaves)
        own = self.calls.of(self, leaves)
        if own is None:
            self._patience.end(
                "is called with numbers of other classes at nearly each call, and asks for them",
                "give the same ones, as floats for integers, or name in static what is an integer",
            )
            return self._eager(leaves)
        self._latest = own
        if watching.at_work:
            watching.include(own.watch)
        return own._run(leaves)

    def _run(self, leaves: Leaves) -> Any:
        if self._patience.is_over:
            return self._eager(leaves)
        return self._samples.run(leaves) if self._trace.batched else self._run_once(leaves)

    def _record(self, leaves: Leaves, sample: int) -> Plan | None:
        """Record the path of a call; note which classes of numbers it is for."""
        try:
            return self._recorded(leaves, sample)
        finally:
            self.calls.note(leaves)

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
