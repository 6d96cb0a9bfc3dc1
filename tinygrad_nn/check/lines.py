"""Derivatives along lines: by each leaf, and in random directions."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..cached import cached_property
from ..scalar.value import Value
from .differences import EPSILON, SAFETY, Side
from .judge import Verdict, judge
from .problem import UNDEFINED, Linearization, Problem, linearize
from .report import Entry
from .rules import Rules, inspect_rules, side_slope

__all__ = ["check_lines", "random_direction"]

ROUNDINGS = 64 * EPSILON  # what the roundings along a path may do to a derivative, relatively
CLOSE = 1e-7  # how well the slopes of the rules at a kink must agree with those of the function
ASIDE = (2.0**-7, 2.0**-14, 2.0**-21, 2.0**-28)  # where one looks beside a kink, until it is clear
OVERFLOW = "no rule is wrong, but a number on the way to the derivative exceeds 1.8e308"
LOST = "look for .data, float(...) or no_grad inside f"


@dataclass(frozen=True)
class _Line:
    """A line through the point, along which the function is differentiated."""

    name: str
    direction: list[float]
    unit: float
    beside: bool = False  # a kink, which is a unit away
    is_random: bool = False  # and not by a single leaf


def random_direction(problem: Problem, rng: random.Random) -> list[float]:
    """Draw a direction in which every leaf moves by about its own size."""
    return [rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) * unit for unit in problem.units]


def check_lines(
    problem: Problem, order: int, directions: int, rng: random.Random
) -> Iterator[Entry]:
    """Check one order of derivatives: by each leaf, then along random directions."""
    output = problem.output()
    found = linearize(output, problem.leaves)
    doubt = problem.doubt(output)
    if doubt:
        for name, slope in zip(problem.names, found.gradient, strict=True):
            yield Entry(name, order, slope, math.nan, math.nan, "inconclusive", doubt)
        return
    point = _Point(output, problem, found)
    for line in _lines(problem, directions, rng):
        claim, verdict = point.verdict(line)
        yield Entry(
            line.name, order, claim, verdict.slope, verdict.error, verdict.status, verdict.note
        )


def _lines(problem: Problem, directions: int, rng: random.Random) -> Iterator[_Line]:
    """One line for each leaf, then random ones."""
    count = len(problem.names)
    for place, (name, unit) in enumerate(zip(problem.names, problem.units, strict=True)):
        yield _Line(name, [float(other == place) for other in range(count)], unit)
    if count > 1:
        for number in range(directions):
            yield _Line(f"direction {number}", random_direction(problem, rng), 1.0, is_random=True)


def _project(numbers: Sequence[float], line: _Line) -> float:
    return sum(a * b for a, b in zip(numbers, line.direction, strict=True) if b != 0.0)


def _slack(found: Linearization, line: _Line) -> float:
    """Bound the rounding error of a derivative itself."""
    sizes = zip(found.magnitude, found.lost, line.direction, strict=True)
    return sum((ROUNDINGS * size + lost) * abs(part) for size, lost, part in sizes if part != 0.0)


class _Point:
    """A function at a point, with its derivatives there; its rules are inspected once, if at all."""

    def __init__(self, output: Value, problem: Problem, found: Linearization) -> None:
        self.output = output
        self.problem = problem
        self.found = found
        self.all_right = True  # by each leaf so far

    def verdict(self, line: _Line) -> tuple[float, Verdict]:
        """Judge the derivative along a line, by both of our reverse passes."""
        slack = _slack(self.found, line)
        claim = _project(self.found.gradient, line)
        verdict = self._judged(line, claim)
        recorded = _project(self.found.recorded, line)
        if verdict.status != "wrong" and abs(recorded - claim) > slack:
            claim = recorded
            verdict = self._judged(line, claim)
        if verdict.status in ("wrong", "kink", "edge"):
            verdict = self._explained(verdict, line, claim)
        self.all_right = self.all_right and (line.is_random or verdict.status != "wrong")
        return claim, verdict

    def _judged(self, line: _Line, claim: float) -> Verdict:
        """Compare with differences of the function, in which nothing is held by `stop_gradient`."""
        held = _project(self.found.held, line)
        shaken = zip(self.found.shaken, line.direction, strict=True)
        verdict = judge(
            self.problem.along(line.direction),
            claim + held,
            unit=line.unit,
            noise=self.found.noise,
            shaken=sum(loss for loss, part in shaken if part != 0.0),
            slack=_slack(self.found, line),
            spacing=self.problem.spacing(line.direction),
            within=line.beside,
            explained=lambda: self.problem.explained(self.output, line.direction),
        )
        return replace(verdict, slope=verdict.slope - held) if held else verdict

    @cached_property
    def _rules(self) -> Rules:
        return inspect_rules(self.output, self.problem.leaves)

    def _explained(self, verdict: Verdict, line: _Line, claim: float) -> Verdict:
        """Name the wrong rule; or see whether a kink is one of the rules, and all is right beside it."""
        rules = self._rules
        if rules.wrong:
            return replace(verdict, status="wrong", note=rules.wrong[0])
        if verdict.status != "wrong":
            return self._seen_beside(verdict, line)
        if verdict.note and verdict.sides is None:
            return verdict  # a staircase
        by_rules = self._rules_excuse(verdict, line)
        if by_rules or self._may_be_bent_by_python(verdict, line):
            note = rules.bent[0] if by_rules else verdict.note
            beside = self._seen_beside(replace(verdict, status="kink", note=note), line)
            if by_rules or beside.status != "inconclusive":
                return beside
        if not math.isfinite(claim):
            return replace(verdict, status="inconclusive", note=OVERFLOW)
        seen = f"{verdict.note}; " if verdict.sides else ""
        return replace(verdict, note=f"{seen}every rule agrees with differences: {LOST}")

    def _may_be_bent_by_python(self, verdict: Verdict, line: _Line) -> bool:
        """Whether what rules do not explain may be kinks that Python made by ``if``.

        Several may do anything in a random direction, if all is right by each leaf.
        """
        if line.is_random and self.all_right and verdict.sides is not None:
            return True
        return self._rules_excuse(verdict, line, strictly=False)

    def _rules_excuse(self, verdict: Verdict, line: _Line, strictly: bool = True) -> bool:
        """Whether a rule has a kink, and the rules the slopes of the function on both its sides.

        What they do not explain, a kink that Python made by ``if``, has slope 0 here, which must
        be between those of its sides. `strictly` there is no such kink.
        """
        if not self._rules.jumping:
            return False
        held = 0.0 if verdict.sides else _project(self.found.held, line)
        sides = verdict.sides or (Side(verdict.slope + held, verdict.error),) * 2
        left = [slope for slope in self._unexplained(sides, line) if slope is not None]
        if any(math.isnan(slope) for slope in left):
            return True  # nobody can tell
        if strictly:
            return not any(left)
        return min(left, default=0.0) <= 0.0 <= max(left, default=0.0)

    def _unexplained(self, sides: tuple[Side, Side], line: _Line) -> Iterator[float | None]:
        """What of the slope on each side does not follow from the rules: None at an edge."""
        slack = _slack(self.found, line)
        for sign, side in zip((-1.0, 1.0), sides, strict=True):
            direction = [sign * part for part in line.direction]
            slope = sign * side_slope(
                self.output, self.problem.leaves, direction, self._rules.jumping
            )
            if math.isnan(side.slope):
                yield None
            elif math.isinf(side.slope) or math.isnan(slope):
                yield math.nan
            else:
                off = side.slope - slope
                tolerance = slack + SAFETY * side.error + CLOSE * abs(slope)
                yield 0.0 if abs(off) <= tolerance else off

    def _seen_beside(self, verdict: Verdict, line: _Line) -> Verdict:
        """Check the derivative on both sides of a kink, where it says more than a choice."""
        clear = False
        for sign in (-1.0, 1.0):
            sizes = [line.unit * size for size in ASIDE]
            for size in sizes if line.unit > ASIDE[0] else [*sizes, *ASIDE[:2]]:
                step = sign * size
                beside = self._beside(line, step)
                if beside is None or beside.status not in ("ok", "wrong"):
                    continue
                if beside.status == "wrong":
                    note = f"beside the kink, {step:.2g} away, the slope is {beside.slope:.9g}: "
                    return replace(verdict, status="wrong", note=note + LOST)
                clear = True
                break
        if clear or verdict.status == "edge":
            return verdict
        return replace(
            verdict, status="inconclusive", note=f"{verdict.note}, and unclear beside it"
        )

    def _beside(self, line: _Line, step: float) -> Verdict | None:
        """Judge the derivative a step away; None where the function is not defined."""
        problem = self.problem
        try:
            with problem.moved(line.direction, step):
                output = problem.output()
                if not math.isfinite(output.data):
                    return None
                found = linearize(output, problem.leaves)
                there = _Point(output, problem, found)
                near = replace(line, unit=abs(step), beside=True)
                claim = _project(found.gradient, near)
                if not math.isfinite(claim):
                    return None
                verdict = there._judged(near, claim)
                excused = verdict.status == "wrong" and there._rules_excuse(verdict, near)
                return None if excused else verdict
        except UNDEFINED:
            return None
