"""From numbers that differ to the mistakes that give just these numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import chain, combinations
from typing import NamedTuple

from .engine import Node, Rules
from .graphs import Graph
from .mistake import Mistake
from .mistakes import MISTAKES
from .observing import Observation, agrees, observe, same

__all__ = ["Trial", "mistakes_in", "shows"]

_TOGETHER = 3  # mistakes that are looked for at once
_CANDIDATES = 20  # of those that give some of the wrong numbers, the best


class _Style(NamedTuple):
    """Which operations an engine makes of others."""

    reflects: bool
    composes: bool


_STYLES = (_Style(False, False), _Style(True, False), _Style(True, True))


class Trial(NamedTuple):
    """A graph, what the engine that is graded made of it, and what is right."""

    graph: Graph
    theirs: Observation
    right: Observation

    @property
    def differs(self) -> bool:
        """Tell whether the two are not the same."""
        return not agrees(self.right, self.theirs)

    def is_given_by(self, seen: Observation) -> bool:
        """Tell whether an engine that gave this is like theirs.

        Where a number is wrong, its gradients are those of nobody knows what, and are not compared.
        """
        if self.theirs.failed or same(self.theirs.data, self.right.data):
            return agrees(seen, self.theirs)
        return same(seen.data, self.theirs.data)


def mistakes_in(trials: Sequence[Trial]) -> tuple[Mistake, ...]:
    """Find the fewest mistakes that together give every number of these trials; () if none do."""
    wrong = [trial for trial in trials if trial.differs]
    ordered = [*wrong, *(trial for trial in trials if not trial.differs)]
    for style in _STYLES:
        for mistake in MISTAKES:
            if _explains((mistake,), ordered, style):
                return (mistake,)
    for style in _STYLES:
        candidates = _candidates(wrong, style)
        for size in range(2, _TOGETHER + 1):
            for found in combinations(candidates, size):
                if _may_explain(found, wrong) and _explains(found, ordered, style):
                    return found
    return ()


def shows(mistake: Mistake, trial: Trial) -> bool:
    """Tell whether this mistake by itself gives the wrong numbers of a trial."""
    return trial.differs and any(_explains((mistake,), [trial], style) for style in _STYLES)


def _candidates(wrong: Sequence[Trial], style: _Style) -> list[Mistake]:
    """Give the mistakes that by themselves explain some trials, the best first, one of those alike."""
    found: dict[frozenset[int], Mistake] = {}
    for mistake in MISTAKES:
        explained = frozenset(
            k for k, trial in enumerate(wrong) if _explains((mistake,), [trial], style)
        )
        if explained:
            found.setdefault(explained, mistake)
    ranked = sorted(found, key=len, reverse=True)[:_CANDIDATES]
    return [found[explained] for explained in ranked]


def _may_explain(found: Iterable[Mistake], wrong: Sequence[Trial]) -> bool:
    """Tell whether these are about different things, and so can be made together."""
    seen: set[str] = set()
    for mistake in found:
        for key in mistake.operations or (mistake.name,):
            if f"{mistake.name} {key}" in seen:
                return False
            seen.add(f"{mistake.name} {key}")
    return bool(wrong)


def _explains(mistakes: tuple[Mistake, ...], trials: Iterable[Trial], style: _Style) -> bool:
    """Tell whether an engine with these mistakes gives the numbers of all trials.

    Of a set of operands any may come first, and not the same in every graph.
    """
    kinds = _engines(mistakes, style)
    everywhere = not all(mistake.operations for mistake in mistakes)
    touched = frozenset(chain.from_iterable(mistake.operations for mistake in mistakes))
    for trial in trials:
        if everywhere or touched & _operations_in(trial.graph, style):
            if not any(map(trial.is_given_by, _seen(kinds, trial.graph))):
                return False
        elif trial.differs:
            return False
    return True


@cache
def _operations_in(graph: Graph, style: _Style) -> frozenset[str]:
    """Give the operations that an engine of this style makes in a graph."""
    made: set[str] = set()

    class Noting(Node):
        rules = Rules(reflects=style.reflects, composes=style.composes)

        def __init__(self, data: float, operation: str = "", operands: tuple[Node, ...] = ()):
            super().__init__(data, operation, operands)
            made.add(operation)

    observe(Noting, graph)
    return frozenset(made)


@lru_cache(maxsize=20_000)
def _seen(kinds: tuple[type[Node], ...], graph: Graph) -> tuple[Observation, ...]:
    """Give what the engines make of a graph, each fresh; it is asked for again and again."""
    return tuple(_of_fresh(kind, graph) for kind in kinds)


def _of_fresh(kind: type[Node], graph: Graph) -> Observation:
    try:
        return observe(Node.bound(kind.rules) if kind.rules.keeps_order else kind, graph)
    except RecursionError as error:
        return Observation(failed="raised", error=str(error))


@cache
def _engines(mistakes: tuple[Mistake, ...], style: _Style) -> tuple[type[Node], ...]:
    rules = Rules(reflects=style.reflects, composes=style.composes)
    for mistake in mistakes:
        rules = mistake.change(rules)
    matters = rules.order != "topological" or rules.assigns or rules.equal_is_same
    return tuple(Node.bound(replace(rules, first=first)) for first in range(8 if matters else 1))
