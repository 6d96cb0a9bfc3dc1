"""Derivatives against finite differences."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar import ops
from ..scalar.graph import ancestors
from ..scalar.value import Value
from .differences import EPSILON, Verdict, judge
from .leaves import chosen_leaves, leaves_below, put_leaves
from .problem import Linearization, Problem, Recomputation, linearize
from .report import Entry, GradientError, Report
from .rules import inspect_rules

__all__ = ["Entry", "GradientError", "Report", "check_grad"]

ROUNDINGS = 64 * EPSILON  # what the roundings along a path may do to a derivative, relatively


def check_grad(
    f: Callable[..., Any] | Value,
    *args: Any,
    wrt: Any = None,
    order: int = 1,
    directions: int = 2,
    seed: int | None = None,
    rng: random.Random | None = None,
) -> Report:
    """Compare every derivative with finite differences.

    Central differences (f(x + h) - f(x - h)) / 2h at several h are extrapolated to
    h = 0. The steps are chosen for each argument, and how close is close enough
    follows from the estimated error of the differences. Kinks and edges of the
    domain at the point are recognised, and are no failures.

    Parameters
    ----------
    f : callable or Value
        A function that returns one number; or a recorded result, whose graph is then
        evaluated again without running Python.
    *args
        What to call `f` with: numbers, or nestings of lists, tuples, dicts and arrays.
    wrt : Value, nesting of Values, or model, optional
        The leaves to differentiate by. They are moved in place and put back exactly,
        whatever happens; their gradients stay as they are. Without it, every number
        in `args`, or every leaf below a recorded result.
    order : int
        2 also checks second derivatives: those of the derivative along a random
        direction (products of the Hessian matrix and a vector); 3 third ones.
    directions : int
        In how many random directions to check as well.
    seed : int, optional
        What the random directions depend on.
    rng : random.Random, optional
        Where they come from. Without either, from `random` itself.

    Returns
    -------
    Report
        True if nothing is wrong; printed, a table of what is remarkable.

    Raises
    ------
    ArgumentTypeError
        When `f` returns no number, or `wrt` holds what is no leaf.
    ArgumentError
        When there is nothing to differentiate by.

    Examples
    --------
    >>> from tinygrad_nn import Value, tanh
    >>> check_grad(lambda x, w: tanh(w["a"] * x) + w["b"], 0.5, {"a": 2.0, "b": 1.0})
    check_grad passed: 5 derivatives: 5 ok

    A number taken out of the graph has no derivative there:

    >>> report = check_grad(lambda x: x * x.data, 3.0, directions=0)
    >>> bool(report), report.failures[0].argument, report.failures[0].analytic
    (False, 'args[0]', 3.0)

    Parameters that the function finds by itself, and a recorded graph:

    >>> w = Value(0.3, label="w")
    >>> assert check_grad(lambda x: tanh(w * x), 2.0, wrt=[w])
    >>> assert check_grad(tanh(w * 2.0), order=2)
    """
    problem = _problem(f, args, wrt)
    if rng is None:
        rng = random if seed is None else random.Random(seed)  # type: ignore[assignment]  # the module has the functions of an instance
    assert rng is not None
    entries: list[Entry] = []
    for each in range(1, order + 1):
        entries += _check(problem, each, directions, rng)
        problem = problem.derivative(_direction(problem, rng))
    return Report(entries)


def _problem(f: Callable[..., Any] | Value, args: Sequence[Any], wrt: Any) -> Problem:
    """Find the function without arguments, and its leaves."""
    if isinstance(f, Value):
        if args:
            raise ArgumentError("args must be empty for a recorded result: give the function")
        leaves = leaves_below(f) if wrt is None else chosen_leaves(wrt)
        return Problem(Recomputation(f, list(leaves.values())), leaves)
    if not callable(f):
        raise ArgumentTypeError(f"f must be a function or a Value, got {f!r}: give one of them")
    if wrt is not None:
        return Problem(lambda: f(*args), chosen_leaves(wrt))
    replaced, leaves = put_leaves(args)
    return Problem(lambda: f(*replaced), leaves)


def _direction(problem: Problem, rng: random.Random) -> list[float]:
    """Draw a direction in which every leaf moves by about its own size."""
    return [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) * unit for unit in problem.units]


@dataclass(frozen=True)
class _Line:
    """A line through the point, along which the function is differentiated."""

    name: str
    direction: list[float]
    unit: float


def _lines(problem: Problem, directions: int, rng: random.Random) -> Iterator[_Line]:
    """One line for each leaf, then random ones."""
    count = len(problem.names)
    for place, (name, unit) in enumerate(zip(problem.names, problem.units, strict=True)):
        yield _Line(name, [float(other == place) for other in range(count)], unit)
    if count > 1:
        for number in range(directions):
            yield _Line(f"direction {number}", _direction(problem, rng), 1.0)


def _check(problem: Problem, order: int, directions: int, rng: random.Random) -> Iterator[Entry]:
    """Check one order of derivatives: by each leaf, then along random directions."""
    output = problem.output()
    found = linearize(output, problem.leaves)
    doubt = problem.doubt(output)
    if doubt:
        for name, slope in zip(problem.names, found.gradient, strict=True):
            yield Entry(name, order, slope, math.nan, math.nan, "inconclusive", doubt)
        return
    explain = _Explanation(output, problem, found)
    for line in _lines(problem, directions, rng):
        slack = _slack(found, line)
        claim = _project(found.gradient, line)
        verdict = _judge(problem, found, line, claim)
        recorded = _project(found.recorded, line)
        if verdict.status != "wrong" and abs(recorded - claim) > slack:
            claim = recorded
            verdict = _judge(problem, found, line, claim)
        if verdict.status == "wrong":
            verdict = explain(verdict, line, claim)
        elif verdict.status == "kink":
            verdict = explain.at_a_kink(verdict)
        yield Entry(
            line.name, order, claim, verdict.slope, verdict.error, verdict.status, verdict.note
        )


def _judge(problem: Problem, found: Linearization, line: _Line, claim: float) -> Verdict:
    """Compare a derivative along a line with differences."""
    moving = zip(problem.leaves, line.direction, strict=True)
    return judge(
        problem.along(line.direction),
        claim,
        unit=line.unit,
        noise=found.noise,
        slack=_slack(found, line),
        at_zero=all(leaf.data == 0.0 for leaf, part in moving if part != 0.0),
    )


def _project(numbers: Sequence[float], line: _Line) -> float:
    return sum(a * b for a, b in zip(numbers, line.direction, strict=True) if b != 0.0)


def _slack(found: Linearization, line: _Line) -> float:
    """Bound the rounding error of a derivative itself."""
    parts = zip(found.magnitude, line.direction, strict=True)
    return ROUNDINGS * sum(size * abs(part) for size, part in parts)


class _Explanation:
    """Why a derivative disagrees with differences: looked for once, and only if one does."""

    def __init__(self, output: Value, problem: Problem, found: Linearization) -> None:
        self.output = output
        self.problem = problem
        self.found = found

    def at_a_kink(self, verdict: Verdict) -> Verdict:
        """Check the rules at least, each alone, where differences of the whole say nothing."""
        wrong, _ = self._inspected
        return replace(verdict, status="wrong", note=wrong[0]) if wrong else verdict

    @cached_property
    def _inspected(self) -> tuple[list[str], list[str]]:
        return inspect_rules(self.output)

    def __call__(self, verdict: Verdict, line: _Line, claim: float) -> Verdict:
        """Name the wrong rule; or see that the graph has a kink, or holds numbers fixed."""
        wrong, bent = self._inspected
        if wrong:
            return replace(verdict, note=wrong[0])
        if any(node.row is ops.stop_gradient for node in ancestors(self.output)):
            held = self.problem.holding(self.output, ops.stop_gradient)
            again = _judge(held, self.found, line, claim)
            if again.status != "wrong":
                return again
            return replace(verdict, status="inconclusive", note="stop_gradient is in the graph")
        if bent:
            return replace(verdict, status="kink", note=bent[0])
        return replace(
            verdict,
            note="every rule agrees with differences: look for .data or float(...) inside f",
        )
