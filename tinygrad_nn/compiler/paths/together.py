"""Samples on several paths, run by turns: what is near in a batch is in the cache for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from ..entries.samples import stacks_of
from ..plan import RunSome
from ..program.program import Floats, Ints
from .batch import Batch
from .joined import Part
from .parting import Leaving, parted
from .tree import Path, Tree

__all__ = ["below_of", "run_together"]

NEAR = 1 << 16  # samples

Below: TypeAlias = Mapping[tuple[int, float], Path]  # a question, and what is answered there


def below_of(
    tree: Tree, path: Path, known: Callable[[tuple[Path, int, float]], tuple[Path, ...]]
) -> Below:
    """Find the paths on which samples go on that leave one, where only one is known."""
    below = {}
    for place, question in enumerate(path.questions):
        for answer in list(path.branches[place].below):
            if answer is None or answer == question.answer:
                continue
            at = path, place, answer
            others = known(at)
            if len(others) == 1 and not tree.is_for_eager(*at):
                below[place, answer] = others[0]
    return below


def run_together(
    batch: Batch, path: Path, below: Below
) -> tuple[list[Part], list[Leaving], list[Floats] | None]:
    """Part a batch by the answers to the questions of a path, and run that and those `below` it.

    Give the parts that these take, the samples that are left, and the rows of all with the results. There are
    none if it cannot be done so.
    """
    key = path.plan.trace.nesting.key
    below = {at: own for at, own in below.items() if own.plan.trace.nesting.key == key}
    if not below or batch.count < 2 * NEAR:
        return [], [], None
    # One for each array of a result, as in the entry of a plan: a later one takes the place of what is freed.
    tables: list[Floats] = [np.empty((size, batch.count)) for size in stacks_of(key)]
    turns = _Turns(batch, path, below)
    if not turns.run(tables):
        return [], [], None
    return turns.parts(), turns.left(), [row for table in tables for row in table]


class _Turns:
    """Runs paths by turns."""

    def __init__(self, batch: Batch, path: Path, below: Below) -> None:
        self._batch = batch
        self._path = path
        self._below = below
        self._runs: dict[Path, RunSome] = {}
        self._taken: dict[Path, tuple[Ints, int]] = {}  # the first samples, and how many in all
        self._left: dict[tuple[int, str], list[Leaving]] = {}  # a NaN is no key

    def run(self, tables: Sequence[Floats]) -> bool:
        """Tell whether all samples have run that take these paths; results are in tables."""
        return self._prepare([self._path, *self._below.values()], tables)

    def _prepare(self, paths: Sequence[Path], tables: Sequence[Floats]) -> bool:
        """Prepare some paths, in the memory of those before, and run all."""
        if not paths:
            self._run_all()
            return True
        path, *others = paths
        are_run = False

        def go_on(run: RunSome) -> None:
            nonlocal are_run
            self._runs[path] = run
            are_run = self._prepare(others, tables)

        return path.plan.placing(self._batch.leaves, tables, go_on) and are_run

    def _run_all(self) -> None:
        from ..backends.llvm.splitting import splitter  # there is machine code

        expected = self._path.expected()
        with splitter(NEAR) as split:
            for begin in range(0, self._batch.count, NEAR):
                given, count = self._batch.near(begin, NEAR)
                _, answers = self._path.answers(given, count)
                right, leaving = parted(answers, *expected, split)
                if len(right):
                    self._run(self._path, right + begin)
                for places, place, answer in leaving:
                    own, samples = self._below.get((place, answer)), places + begin
                    if own is None:
                        left = self._left.setdefault((place, str(answer)), [])
                        left.append(Leaving(samples, place, answer))
                    else:
                        self._run(own, samples)

    def _run(self, path: Path, samples: Ints) -> None:
        self._runs[path](samples)
        first, count = self._taken.get(path, (samples, 0))
        self._taken[path] = first, count + len(samples)

    def parts(self) -> list[Part]:
        """List what took a path each."""
        return [
            Part(first, path.plan.trace.nesting.key, None, path, count - len(first))
            for path, (first, count) in self._taken.items()
        ]

    def left(self) -> list[Leaving]:
        """List the samples that took none of them, by where they left."""
        return [
            ones[0]._replace(samples=np.concatenate([one.samples for one in ones]))
            for ones in self._left.values()
        ]
