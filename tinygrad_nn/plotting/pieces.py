"""Curves that are broken where the function jumps, not joined by a line that is not there."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Pieces", "draw_pieces", "in_pieces"]

POINTS = 801  # odd, so that the middle of an interval, where kinks often are, is one
STEEP = 0.02  # of the curve's height: neighbours further apart may have a jump between them
DIGITS = 8  # to which the place of a jump is known
WIDTH = 1e-9  # of the interval that holds it
BESIDE = 1e-7  # where its limits are read


@dataclass(frozen=True)
class Pieces:
    """A curve between its jumps."""

    parts: list[tuple[list[float], list[float]]]  # arguments and values of each, ends included
    reached: list[tuple[float, float]]  # the function's own value where it jumps,
    missed: list[tuple[float, float]]  # and limits that are not it


def in_pieces(function: Callable[[float], float], low: float, high: float) -> Pieces:
    """Evaluate a function on an interval, and find where it jumps.

    Steps that halving the interval does not make smaller are jumps; the others are
    steep slopes.
    """
    xs = [low + (high - low) * k / (POINTS - 1) for k in range(POINTS)]
    ys = [function(x) for x in xs]
    finite = [y for y in ys if math.isfinite(y)]
    steep = STEEP * (max(finite, default=0.0) - min(finite, default=0.0))
    reached: list[tuple[float, float]] = []
    missed: list[tuple[float, float]] = []
    parts: list[tuple[list[float], list[float]]] = [([xs[0]], [ys[0]])]
    for k in range(1, POINTS):
        candidate = steep < abs(ys[k] - ys[k - 1]) < math.inf
        place = _jump(function, xs[k - 1], xs[k], steep) if candidate else None
        if place is not None and (not reached or place > reached[-1][0]):
            before, at, behind = (function(place + shift) for shift in (-BESIDE, 0.0, BESIDE))
            parts[-1][0].append(place)
            parts[-1][1].append(before)
            parts.append(([place], [behind]))
            reached.append((place, at))
            missed += [(place, y) for y in (before, behind) if abs(y - at) > steep]
        if not reached or xs[k] > reached[-1][0]:
            parts[-1][0].append(xs[k])
            parts[-1][1].append(ys[k])
    return Pieces(parts, reached, missed)


def draw_pieces(axes: Any, pieces: Pieces, color: str, **look: Any) -> None:
    """Draw the parts, with a dot at the value of each jump and a ring at what it misses."""
    label = look.pop("label", None)
    for xs, ys in pieces.parts:
        axes.plot(xs, ys, color=color, label=label, **look)
        label = None  # one entry of the legend for all parts
    dot: dict[str, Any] = {"color": color, "markersize": 5, "zorder": 3, "clip_on": False}
    for place in pieces.reached:
        axes.plot(*place, "o", **dot)
    for place in pieces.missed:
        axes.plot(*place, "o", markerfacecolor=axes.get_facecolor(), **dot)


def _jump(
    function: Callable[[float], float], low: float, high: float, steep: float
) -> float | None:
    """Halve an interval around its greatest step; None if the step goes away."""
    while high - low > WIDTH:
        middle = 0.5 * (low + high)
        left, right = (abs(function(middle) - function(end)) for end in (low, high))
        low, high = (low, middle) if left > right else (middle, high)
    return round(high, DIGITS) if abs(function(high) - function(low)) > steep else None
