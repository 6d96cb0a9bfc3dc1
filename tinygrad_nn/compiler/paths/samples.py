"""The samples of a batch, parted by the paths that they take, and their results put together.

The program of a path says how many samples leave it. Only if some do, a program of its guards alone
says which, and at which question; each part goes on with the path that is below its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..calling import has_arrays, has_values, is_differentiated
from ..missed import Missed
from ..plan import Plan
from ..program.program import DOUBLE, Ints
from ..trace.results import assemble, means_of, segments
from ..trace.structure import Key, Nesting
from ..trace.tracing import Trace
from ..watch import observer as watching
from .batch import Batch
from .eager import Eager
from .parting import parted
from .patience import Patience
from .tree import MOST_DENIED, Path, Tree

__all__ = ["Samples"]

Leaves = list[list[Any]]


class _Part(NamedTuple):
    """Some samples, and for each number of a result what it is for all of them, or for each."""

    samples: Ints
    key: Key
    rows: list[Any]


class _Group(NamedTuple):
    """Samples, and where they left a path: at which question, and what they answer.

    If it is known, `path` is what they are said to take; `tried` are those that they do not.
    """

    samples: Ints
    path: Path | None
    at: tuple[Path, int, float] | None = None
    tried: tuple[Path, ...] = ()

    @property
    def rank(self) -> tuple[bool, int]:
        """How early they are looked at."""
        return self.path is not None, len(self.samples)


class Samples:
    """Runs a function that looks at numbers on the samples of a batch."""

    def __init__(
        self,
        tree: Tree,
        patience: Patience,
        record: Callable[[Leaves, int], Plan | None],
        trace: Trace,
        eager: Eager,
    ) -> None:
        self._tree = tree
        self._patience = patience
        self._record = record
        self._trace = trace
        self._eager = eager
        self._differ = False  # whether the samples of the latest batch took several paths

    def run(self, leaves: Leaves) -> Any:
        """Give the result of all samples."""
        if has_values(self._trace.arguments, leaves) or self._hangs_on_others():
            return self._eager(leaves)
        batch = Batch(self._trace.arguments, leaves)
        count = batch.count
        path = self._first()
        if path is not None and (not count or not self._differ):
            result = path.plan.run(leaves)
            if type(result) is not Missed:
                self._take(path)
                return result
        # In an order that does not hang on which path is tried first, as sums of floats do on theirs.
        parts = sorted(self._parts(batch), key=lambda part: part.samples[:1].tolist())
        if any(part.key != parts[0].key for part in parts) or self._hangs_on_others():
            return self._eager(leaves)  # which refuses results that differ in structure
        self._differ = len(parts) > 1
        rows = _joined(self._trace.reduce, parts, count)
        dtype = DOUBLE if has_arrays(self._trace.arguments, leaves) else None
        return assemble(self._trace.reduce, parts[0].key, rows, count, dtype)

    def _hangs_on_others(self) -> bool:
        """Tell whether an open call may differentiate by Values that are no arguments."""
        return is_differentiated() and any(p.plan.trace.captured for p in self._tree.paths)

    def _first(self) -> Path | None:
        """Give the path to begin with: where there are several, the longest says most of others."""
        known = [path for path in self._tree.paths if path.plan.watch.holds()]
        if self._differ and known:
            return max(known, key=lambda path: len(path.questions))
        latest = self._tree.latest
        return latest if latest in known else None

    def _parts(self, batch: Batch) -> Iterator[_Part]:
        todo = [_Group(np.arange(batch.count), self._first())]
        waits = False  # whether a path has been recorded, or that was in vain
        while todo:
            # Known paths first, as they say whether new ones pay; of others those of most samples.
            samples, path, at, tried = todo.pop(max(range(len(todo)), key=lambda n: todo[n].rank))
            # Programs differ about a tie, by rounding, where one was tried before.
            if path in tried or (at is not None and self._tree.is_for_eager(*at)):
                yield self._called(batch, samples)
                continue
            first = -1  # the sample that was recorded
            if path is None or not path.plan.watch.holds():
                path, place, failed = self._recorded(batch, samples, waits)
                waits = True
                if path is None:
                    if at is not None and failed:
                        self._tree.deny(*at)
                    yield self._called(batch, samples)
                    continue
                first = int(samples[place])
                if failed:
                    yield self._called(batch, samples[failed])
                    samples = np.delete(samples, failed)
            part, others = self._tried(batch, samples, path)
            if part is not None:
                yield part
            for other in others:
                if first in other.samples:  # its own program denies it, by rounding
                    for one in (at, other.at):
                        if one is not None:
                            self._tree.deny(*one)
                todo.append(other._replace(tried=(*tried, path)))

    def _recorded(
        self, batch: Batch, samples: Ints, waits: bool
    ) -> tuple[Path | None, int, list[int]]:
        """Record the path of one of some samples; give its place, and those that have no program."""
        failed: list[int] = []
        for place in np.linspace(0, len(samples) - 1, min(len(samples), MOST_DENIED)).astype(int):
            if not self._patience.allows(self._tree, waits):
                break
            plan = self._record(batch.leaves, int(samples[place]))
            if plan is not None:
                return self._tree.add(plan), int(place), failed
            failed.append(int(place))
        return None, -1, failed

    def _tried(self, batch: Batch, samples: Ints, path: Path) -> tuple[_Part | None, list[_Group]]:
        """Run a path on samples; give the part that takes it, and the others by where they leave."""
        whole = len(samples) == batch.count
        if not path.questions or not self._differ or not whole:
            part = self._run(path, batch, samples)
            if part is not None:
                return part, []
        answers = np.asarray(path.asking.run(batch.taken(samples)), float).reshape(len(samples), -1)
        right, leaving = parted(answers, *path.expected())
        part = None
        if len(right):
            theirs = right if whole else samples[right]
            part = self._run(path, batch, theirs)
            if part is None:  # its two programs differ about a tie
                part = self._called(batch, theirs)
        others = []
        for places, place, answer in leaving:
            at = path, place, answer
            theirs = places if whole else samples[places]
            others.append(_Group(theirs, self._tree.below(*at), at))
        return part, others

    def _run(self, path: Path, batch: Batch, samples: Ints) -> _Part | None:
        """Run a path on samples; None if some leave it."""
        rows = path.plan.rows(batch.taken(samples))
        if isinstance(rows, Missed):
            return None
        if rows is None:
            return self._called(batch, samples)
        self._take(path)
        return _Part(samples, path.plan.trace.nesting.key, rows)

    def _called(self, batch: Batch, samples: Ints) -> _Part:
        """Call the function itself on samples."""
        return _Part(samples, *self._eager.rows(batch.taken(samples)))

    def _take(self, path: Path) -> None:
        self._tree.take(path)
        if watching.at_work:
            watching.include(path.plan.watch)


def _joined(reduce: Any, parts: list[_Part], count: int) -> list[Any]:
    """Put the numbers of all parts together: of each sample, or sums, of which means are made."""
    found: list[Any] = []
    key = parts[0].key
    for how, part_key in segments(reduce, key):
        begin, size = len(found), Nesting(part_key).size
        if how is None:
            found.extend(np.empty((size, count)))
        for place in range(begin, begin + size):
            if how is None:
                for part in parts:
                    found[place][part.samples] = part.rows[place]
            else:
                found.append(sum(part.rows[place] for part in parts))
    return means_of(reduce, key, found, count)
