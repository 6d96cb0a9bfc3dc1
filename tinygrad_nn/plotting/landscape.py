"""The function that a walk goes down: where to look at it, and how high it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from ..errors import ArgumentError, ArgumentTypeError, DomainError, ShapeError
from ..optim import Descent
from ..scalar.contexts import no_grad
from ..scalar.convert import to_number
from ..scalar.number import plain
from ..scalar.value import Value

__all__ = [
    "Window",
    "around",
    "check_walk",
    "finite",
    "height",
    "interval",
    "outcome",
    "points_of",
    "spread",
]

Window: TypeAlias = tuple[float, float]

MARGIN = 0.3  # beside a walk, as a share of its width


def check_walk(walk: object) -> Descent:
    """Check that a walk is one of `minimize`."""
    if not isinstance(walk, Descent):
        raise ArgumentTypeError(
            f"walk is of type {type(walk).__name__}: expected what minimize returned; give "
            "minimize(f, x0)"
        )
    return walk


def points_of(walk: object, dimension: int) -> list[Any]:
    """Give the points of a walk through single numbers, dimension 0, or lists of so many."""
    walk = check_walk(walk)
    found = len(walk.x) if isinstance(walk.x, list) else 0
    if found != dimension:
        pictures = {0: "plot_descent", 2: "plot_surface or plot_contours"}
        remedy = f"use {pictures[found]}" if found in pictures else "minimise f of one or two"
        raise ShapeError(
            f"walk is through {_points(found)}: expected {_points(dimension)}; {remedy}"
        )
    return list(walk.path)


def interval(window: Any, name: str = "window") -> Window:
    """Check a pair of numbers, the smaller one first."""
    try:
        low, high = window
    except (TypeError, ValueError):
        raise ArgumentTypeError(
            f"{name} is {window!r}: expected two numbers, (low, high)"
        ) from None
    low, high = to_number(low, f"{name}[0]"), to_number(high, f"{name}[1]")
    if not -math.inf < low < high < math.inf:
        raise ArgumentError(f"{name} is {window!r}: expected (low, high) with low below high")
    return low, high


def around(numbers: Sequence[float], margin: float = MARGIN) -> Window:
    """Give an interval a little wider than what some numbers take."""
    low, high = min(numbers), max(numbers)
    room = margin * (high - low) or 1.0
    if not math.isfinite(high - low + 2.0 * room):
        raise ArgumentError(
            f"the numbers to show reach from {low:.3g} to {high:.3g}, too far for a picture: give "
            "a window, or lower the learning rate"
        )
    return low - room, high + room


def spread(window: Window, count: int) -> list[float]:
    """Give numbers evenly from one end of an interval to the other."""
    low, high = window
    return [low + (high - low) * k / (count - 1) for k in range(count)]


def height(f: Callable[[Any], Any], point: float | Sequence[float]) -> float:
    """Evaluate a function of one number or of a list; NaN, a gap, where it is not defined."""
    x = [Value(a) for a in point] if isinstance(point, Sequence) else Value(point)
    with no_grad():
        try:
            return float(plain(f(x)))
        except DomainError:
            return math.nan


def finite(heights: Sequence[float]) -> list[float]:
    """Leave out gaps; there must be more than these."""
    found = [number for number in heights if math.isfinite(number)]
    if not found:
        raise ArgumentError("f is defined nowhere in the window: give another window")
    return found


def outcome(walk: Descent) -> str:
    """Say in few words how a walk ended."""
    if walk.converged:
        what = "converged"
    elif walk.values[-1] > walk.values[0] or walk.reason.startswith("diverged"):
        what = "moving away"
    else:
        what = "not converged"
    return f"{what} after {walk.steps} step{'s' * (walk.steps != 1)}"


def _points(dimension: int) -> str:
    return f"lists of {dimension} numbers" if dimension else "single numbers"
