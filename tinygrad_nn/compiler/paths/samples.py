"""The samples of a batch, parted by the paths that they take, and their results put together.

The program of a path says how many samples leave it. Only if some do, a program of its guards alone
says which, and at which question; each part goes on with the path that is below its answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...errors import ProgramError, ProofError, TraceError
from ..calling import has_arrays, has_values, is_differentiated
from ..missed import Missed
from ..plan import Plan
from ..program.program import DOUBLE, Floats, Ints
from ..trace.results import assemble
from ..trace.tracing import Trace
from ..watch import observer as watching
from .batch import Batch
from .eager import Eager
from .joined import Part, joined
from .parting import parted
from .patience import Patience
from .together import below_of, run_together
from .tree import MOST_DENIED, Path, Tree

__all__ = ["Samples"]

Leaves = list[list[Any]]

NEARLY_ALL = 0.9
MOST_ANSWERS = 2**25  # that are looked at together


class _Group(NamedTuple):
    """Samples, and where they left a path: at which question, and what they answer.

    `known` are the paths that go on from there, `tried` those that they do not all take.
    """

    samples: Ints
    known: tuple[Path, ...]
    at: tuple[Path, int, float] | None = None
    tried: tuple[Path, ...] = ()

    @property
    def rank(self) -> tuple[bool, int]:
        """How early they are looked at."""
        return bool(self.known), len(self.samples)


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
        self._counts: Counter[Path] = Counter()  # of samples on each path, in the latest batch
        self.sole: Path | None = None  # the path that all samples of the latest batch took
        self.left: Path | None = None  # one that an entry has tried in vain, for the batch to come

    def run(self, leaves: Leaves) -> Any:
        """Give the result of all samples."""
        if has_values(self._trace.arguments, leaves) or self._hangs_on_others():
            return self._eager(leaves)
        batch = Batch(self._trace.arguments, leaves)
        count = batch.count
        path = self._tree.latest
        left = self.left  # a path that not all samples take
        self.sole = self.left = None
        if path is not None and path is not left and self._may_be_sole(path, count):
            result = path.plan.run(leaves)
            if type(result) is not Missed:
                self._take(path)
                self.sole = path
                return result
            left = path
        # In an order that does not hang on which path is tried first, as sums of floats do on theirs.
        try:
            parts, todo, done = self._together(batch)
            parts += self._parts(batch, left, todo)
            parts.sort(key=lambda part: part.samples[:1].tolist())
        except (ProgramError, ProofError, TraceError):
            raise
        except Exception as error:
            # Paths come in another order than samples: the first one's error counts, if there is one.
            result = self._eager(leaves)
            self._patience.faults.tell(error)
            return result
        if any(part.key != parts[0].key for part in parts) or self._hangs_on_others():
            return self._eager(leaves)  # which refuses results that differ in structure
        self._counts = Counter({p.path: p.size for p in parts if p.path is not None})
        self.sole = parts[0].path if len(parts) == 1 else None
        rows = joined(self._trace.reduce, parts, count, done)
        dtype = DOUBLE if has_arrays(self._trace.arguments, leaves) else None
        return assemble(self._trace.reduce, parts[0].key, rows, count, dtype)

    def _may_be_sole(self, path: Path, count: int) -> bool:
        """Tell whether all samples may take a path, as those of the latest batch did."""
        return path.plan.watch.holds() and (not count or len(self._counts) < 2)

    def _hangs_on_others(self) -> bool:
        """Tell whether an open call may differentiate by Values that are no arguments."""
        return is_differentiated() and any(p.plan.trace.captured for p in self._tree.paths)

    def _together(self, batch: Batch) -> tuple[list[Part], list[_Group], list[Floats] | None]:
        """Run what takes several known paths by turns, if there is code for that.

        Give the parts that were run, what is left to do, and the rows that have their results.
        """
        known = self._known()
        path = _first_of(known, self._counts) if len(self._counts) > 1 and known else None
        if path is None or self._trace.reduce is not None or self._is_of_most(path):
            return [], [_Group(np.arange(batch.count), known)], None
        below = below_of(self._tree, path, self._known)
        parts, leaving, rows = run_together(batch, path, below)
        if rows is None:
            return [], [_Group(np.arange(batch.count), known)], None
        for part in parts:
            if part.path is not None:
                self._take(part.path)
        places = [(samples, (path, place, answer)) for samples, place, answer in leaving]
        return parts, [_Group(s, self._known(at), at, (path,)) for s, at in places], rows

    def _is_of_most(self, path: Path) -> bool:
        """Tell whether more than half of the latest batch took a path."""
        return 2 * self._counts[path] > sum(self._counts.values())

    def _parts(self, batch: Batch, left: Path | None, todo: list[_Group]) -> Iterator[Part]:
        """Run all samples; not all take the path that some have left."""
        waits = False  # whether a path has been recorded, or that was in vain
        while todo:
            # Known paths first, as they say whether new ones pay; of others those of most samples.
            group = todo.pop(max(range(len(todo)), key=lambda n: todo[n].rank))
            samples, known, at, tried = group
            path = _first_of(known, self._counts) if known else None
            # Programs differ about a tie, by rounding, where one was tried before.
            if path in tried or (at is not None and self._tree.is_for_eager(*at)):
                yield self._called(batch, samples)
                continue
            is_sole = len(known) < 2 and path is not left
            if path is not None and not is_sole and len(samples) > _most_of(path):
                blocks = np.array_split(samples, -(-len(samples) // _most_of(path)))
                todo += [group._replace(samples=block) for block in blocks]
                continue
            first = -1  # the sample that was recorded
            if path is None:
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
            part, others = self._tried(batch, samples, path, is_sole)
            if part is not None:
                yield part
            for other in others:
                if first in other.samples:  # its own program denies it, by rounding
                    for one in (at, other.at):
                        if one is not None:
                            self._tree.deny(*one)
                todo.append(other._replace(tried=(*tried, path)))

    def _known(self, at: tuple[Path, int, float] | None = None) -> tuple[Path, ...]:
        """List the known paths that go on where one was left; the one that was taken last is first."""
        paths = self._tree.paths_below(at)
        return tuple([path for path in paths if path.plan.watch.holds()])

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

    def _tried(
        self, batch: Batch, samples: Ints, path: Path, is_sole: bool
    ) -> tuple[Part | None, list[_Group]]:
        """Run a path on samples; give the part that takes it, and the others by where they leave.

        If it is the sole one that is known, it is expected to be that of all.
        """
        if is_sole or not path.questions:
            part = self._run(path, batch, samples)
            if part is not None:
                return part, []
        rows, answers = self._answers(batch, samples, path)
        right, leaving = parted(answers, *path.expected())
        whole = len(samples) == batch.count
        part, others = None, []
        if len(right):
            theirs = right if whole else samples[right]
            if rows is not None:
                self._take(path)
                own = [row[right] if isinstance(row, np.ndarray) else row for row in rows]
                part = Part(theirs, path.plan.trace.nesting.key, own, path)
            else:
                part = self._run(path, batch, theirs)
            if part is None:  # its two programs differ about a tie
                part = self._called(batch, theirs)
        for places, place, answer in leaving:
            at = path, place, answer
            theirs = places if whole else samples[places]
            others.append(_Group(theirs, self._known(at), at))
        return part, others

    def _answers(
        self, batch: Batch, samples: Ints, path: Path
    ) -> tuple[list[Any] | None, list[Any]]:
        """List what samples answer to the questions of a path; with results if most may take it.

        There are none where they are sums, or where one may be NaN that is none.
        """
        given, trace = batch.taken(samples, is_padded=True), path.plan.trace
        tells = self._is_of_most(path) and self._trace.reduce is None
        return path.answers(given, len(samples), tells and not (trace.chooses or path.plan.check))

    def _run(self, path: Path, batch: Batch, samples: Ints) -> Part | None:
        """Run a path on samples; None if some leave it."""
        is_each = self._trace.reduce is None  # what is repeated may not be summed
        rows = path.plan.rows(batch.taken(samples, is_padded=is_each))
        if isinstance(rows, Missed):
            return None
        if rows is None:
            return self._called(batch, samples)
        self._take(path)
        if is_each:
            rows = [row[: len(samples)] if isinstance(row, np.ndarray) else row for row in rows]
        return Part(samples, path.plan.trace.nesting.key, rows, path)

    def _called(self, batch: Batch, samples: Ints) -> Part:
        """Call the function itself on samples."""
        return Part(samples, *self._eager.rows(batch.taken(samples)))

    def _take(self, path: Path) -> None:
        self._tree.take(path)
        if watching.at_work:
            watching.include(path.plan.watch)


def _first_of(paths: Sequence[Path], counts: Counter[Path]) -> Path:
    """Choose the path to begin with, by the samples of the latest batch on each.

    It is the one that most take, if these are more than half; else one that goes as far as nearly
    all, and so says of them which they take.
    """
    taken = sum(counts[path] for path in paths)
    if not taken:
        return paths[0]
    best = max(paths, key=counts.__getitem__)
    if 2 * counts[best] > taken:
        return best
    reached = 0
    for path in sorted(paths, key=lambda path: len(path.questions)):
        reached += counts[path]
        if reached >= NEARLY_ALL * taken:
            break
    return path


def _most_of(path: Path) -> int:
    """Say of how many samples the answers to all questions of a path are looked at together."""
    return max(1, MOST_ANSWERS // max(1, len(path.questions)))
