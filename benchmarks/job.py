"""What an engine offers to be measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Phases: TypeAlias = dict[str, Callable[[Any], Any]]


@dataclass(frozen=True)
class Job:
    """One workload, ready to run any number of times.

    Attributes
    ----------
    phases : dict of str to callable
        What is timed, in order: the first is called with None, each later one with what
        the one before returned. What the last returns is dropped, within the time.
    read : callable
        Lists the value and then the gradients, from what the last phase returned.
    collectors : tuple of bool
        Whether to measure with the garbage collector on, off, or both in turn.
    """

    phases: Phases
    read: Callable[[Any], list[float]]
    collectors: tuple[bool, ...] = (True,)


@dataclass(frozen=True)
class Engine:
    """One way of writing the workloads: a name, and what makes each job from its problem."""

    name: str
    jobs: dict[str, Callable[[Any], Job]]


def same(found: Sequence[float], expected: Sequence[float]) -> bool:
    """Tell whether numbers agree to 1e-9; those that cancel, to 1e-12 of the greatest."""
    greatest = max(map(abs, expected))
    return len(found) == len(expected) and all(
        math.isclose(f, e, rel_tol=1e-9, abs_tol=1e-12 * greatest)
        for f, e in zip(found, expected, strict=True)
    )
