"""The known ways through a function, as a tree: at each question there is a branch for each answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ...scalar.user_line import Place
from ..backends.runner import Runner
from ..entries.entries import NO_ENTRY
from ..entries.written import Entry
from ..plan import Plan
from ..program.program import Floats, Piece
from ..tape.recording import Recording, Result
from ..trace.structure import Nesting

__all__ = ["Path", "Tree"]

MOST_DENIED = 3  # recordings for an answer that led to no program


class _Branch:
    """A question: where each answer leads, and the path below that was taken last."""

    __slots__ = ("below", "denied", "latest")

    def __init__(self) -> None:
        self.below: dict[float | None, _Branch] = {}
        self.denied: Counter[float | None] = Counter()  # how often an answer led nowhere
        self.latest: Path | None = None


class Path:
    """One way through a function: its program, and the branches on the way."""

    def __init__(self, plan: Plan, branches: Sequence[Any]) -> None:
        self.plan = plan
        self.questions = plan.trace.questions
        self.branches: tuple[_Branch, ...] = tuple(branches)
        self.taken = 0
        self.call, self.builtin, _ = self._entry = NO_ENTRY  # for calls that come again
        self.entered: Runner | None = None  # what it runs

    def expected(self) -> tuple[list[float], list[list[float]]]:
        """Give the answers of its questions, and those of other paths to the same."""
        branches = self.branches[: len(self.questions)]
        known = [[one for one in list(b.below) if one is not None] for b in branches]
        return [question.answer for question in self.questions], known

    def enter(self, entry: Entry, instead: Entry | None) -> None:
        """Keep an entry; one that is made later only in place of what it was made for."""
        if instead is None or instead is self._entry:
            self.call, self.builtin, _ = self._entry = entry
            self.entered = self.plan.runner

    @property
    def times(self) -> str:
        """How often it was taken."""
        return "once" if self.taken == 1 else f"{self.taken} times"

    def answers(
        self, given: list[list[Any]], count: int, tells: bool = False
    ) -> tuple[list[Any] | None, list[Floats]]:
        """List what so many samples answer to its questions; with their results if it `tells`."""
        found = (self.telling if tells else self.asking).rows(given)
        assert isinstance(found, list)  # nothing is asked of these
        size = len(found) - len(self.questions)
        answers = [
            row[:count] if isinstance(row, np.ndarray) else np.broadcast_to(row, count)
            for row in found[size:]
        ]
        return found[:size] if tells else None, answers

    @cached_property
    def asking(self) -> Plan:
        """A program of the guards alone, for samples: what each of them answers."""
        return _asking(self.plan, 0)

    @cached_property
    def telling(self) -> Plan:
        """A program of the results of samples, and then of the guards."""
        return _asking(self.plan, self.plan.trace.nesting.size)


class Tree:
    """All known paths. One thread adds to it, while others read."""

    def __init__(self) -> None:
        self.root = _Branch()
        self.paths: tuple[Path, ...] = ()  # in the order in which they were found

    @property
    def latest(self) -> Path | None:
        """The path that was taken last."""
        return self.root.latest

    def add(self, plan: Plan) -> Path:
        """Put a path in its place, in place of one with the same answers.

        Where integers are asked for from now on, it is in place of all.
        """
        if any(_asks_integers(plan) != _asks_integers(path.plan) for path in self.paths):
            self.paths, self.root.below = (), {}
        branch = self.root
        branches = []
        for question in plan.trace.questions:
            branches.append(branch)
            branch = branch.below.setdefault(_key(question.answer), _Branch())
        old = branch.latest
        path = Path(plan, [*branches, branch])
        if old is not None and old.branches == path.branches:
            path.taken = old.taken
        self.paths = (*[one for one in self.paths if one.branches != path.branches], path)
        self._put_first(path)
        return path

    def take(self, path: Path) -> None:
        """Note that a path was taken: it is the first that is tried next time."""
        path.taken += 1
        if self.root.latest is not path:
            self._put_first(path)

    def _put_first(self, path: Path) -> None:
        for branch in path.branches:
            branch.latest = path

    def below(self, path: Path, place: int, answer: float) -> Path | None:
        """Give the path last taken where a question of this one has another answer, if one is known."""
        branch = path.branches[place].below.get(_key(answer))
        return None if branch is None else branch.latest

    def paths_below(self, at: tuple[Path, int, float] | None) -> list[Path]:
        """List the paths that go on where one was left, or all; the one taken last is first."""
        branch: _Branch | None = self.root
        depth = 0
        if at is not None:
            path, place, answer = at
            branch, depth = path.branches[place].below.get(_key(answer)), place + 1
        if branch is None:
            return []
        found = [one for one in self.paths if branch in one.branches[depth : depth + 1]]
        return sorted(found, key=lambda one: one is not branch.latest)

    def deny(self, path: Path, place: int, answer: float) -> None:
        """Note that no program was found where a question has another answer.

        The function does not give that answer, by rounding, or has no program for it.
        """
        path.branches[place].denied[_key(answer)] += 1

    def is_for_eager(self, path: Path, place: int, answer: float) -> bool:
        """Tell whether the function itself goes on where a question has another answer.

        Something has no finite result, or no program was found there, several times.
        """
        denied = path.branches[place].denied[_key(answer)]
        return path.questions[place].is_silent or denied >= MOST_DENIED

    def parting(self) -> Place | None:
        """Give the line at which paths part most often."""
        counts: Counter[Place] = Counter()
        seen: set[_Branch] = set()
        for path in self.paths:
            for question, branch in zip(path.questions, path.branches, strict=False):
                if branch not in seen and len(branch.below) > 1 and question.place is not None:
                    counts[question.place] += len(branch.below) - 1
                seen.add(branch)
        return counts.most_common(1)[0][0] if counts else None


def _asks_integers(plan: Plan) -> bool:
    questions = plan.trace.questions
    return bool(questions) and bool(questions[0].name)


def _key(answer: float) -> float | None:
    return answer if answer == answer else None


def _asking(plan: Plan, size: int) -> Plan:
    """Make a plan that gives so many results, and the answers, of samples."""
    trace = plan.trace
    assert trace.recording is not None
    results, count = trace.recording.results, size + len(trace.looked_at)
    asked = *(results[:-1] if size else ()), Result(trace.looked_at, True)
    recording = Recording(trace.recording.tape, asked, (Piece("answers", 0, (count,)),))
    asking = replace(
        trace,
        recording=recording,
        nesting=Nesting((tuple, count)),
        reduce=None,
        questions=(),
        chooses=False,
    )
    backend, dtype, threads = plan.backend, plan.dtype, plan.runner.threads
    return Plan(asking, False, backend=backend, dtype=dtype, threads=threads)
