"""Staircases: functions that are flat from near and rise from afar.

A number that was rounded, or a root that was found to a tolerance, has slope 0 nearly everywhere,
and small differences agree. Differences over many steps show the slope that was meant.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from .differences import EPSILON, Ladder

__all__ = ["Stairs", "find_stairs"]

# Fractions that fall on no pattern of a staircase: multiples of the golden ratio.
FRACTIONS = sorted(math.fmod(k * 0.6180339887498949, 1.0) for k in range(1, 9))
WIDEST, STRIDE = 4, 2  # the levels at which straight lines are looked for: every other one
SCREEN = -3  # the level at which to look first whether there is anything
STRAIGHT = 0.12  # how far from a straight line, relatively to its rise
NARROWEST = 2.0**-44  # steps of less, relatively to where one looks, are lost in rounding
FLAT = 0.25  # how much of the rise may be left on a step


@dataclass(frozen=True)
class Stairs:
    """The slope from step to step, its error, and how wide the steps are at least."""

    slope: float
    error: float
    width: float


@dataclass(frozen=True)
class _Line:
    slope: float
    error: float
    straight: bool
    most: float  # the greatest of all values


def find_stairs(rest: Callable[[float], float], ladder: Ladder) -> Stairs | None:
    """Find a slope that a function has over many steps, if it is flat on nearly all of them."""
    noise = 4 * (ladder.noise + EPSILON * abs(ladder.center))
    screen = _line(rest, ladder.unit * 2.0**SCREEN)
    if screen is not None and screen.most <= noise:
        return None  # all is explained
    best: _Line | None = None
    reach = finest = 0.0
    before: _Line | None = None
    for level in range(WIDEST, ladder.last, -STRIDE):
        size = ladder.unit * 2.0**level
        line = _line(rest, size)
        if line is None:
            before = None
            continue
        if line.most <= noise:
            break  # from here on it is flat
        if line.straight and before is not None and before.straight:
            error = line.error + abs(line.slope - before.slope)
            if error < 0.25 * abs(line.slope):
                finest = size
                if best is None or error < best.error:
                    best, reach = replace(line, error=error), size
        elif best is not None:
            break
        before = line
    if best is None:
        return None
    noise += 4 * EPSILON * max(abs(ladder.function(finest)), abs(ladder.function(-finest)))
    narrowest = max(4 * ladder.spacing, NARROWEST * finest)
    width = _width(rest, best.slope, finest, noise, narrowest)
    return Stairs(best.slope, best.error, width) if width < reach else None


def _line(rest: Callable[[float], float], size: float) -> _Line | None:
    """Fit a line on both sides of 0: the slope, its error, and whether it is one straight line."""
    right = [rest(fraction * size) for fraction in FRACTIONS]
    left = [-rest(-fraction * size) for fraction in FRACTIONS]
    if not all(map(math.isfinite, right + left)):
        return None
    square = sum(fraction * fraction for fraction in FRACTIONS)
    rises = [
        sum(part * y for part, y in zip(FRACTIONS, ys, strict=True)) / square
        for ys in (right, left)
    ]
    rise = (rises[0] + rises[1]) / 2
    odd = [(a + b) / 2 - rise * part for a, b, part in zip(right, left, FRACTIONS, strict=True)]
    off = math.sqrt(sum(y * y for y in odd) / len(odd))
    straight = off < STRAIGHT * abs(rise) and abs(rises[0] - rises[1]) < abs(rise)
    return _Line(rise / size, off / size, straight, max(map(abs, right + left)))


def _width(
    rest: Callable[[float], float], slope: float, size: float, noise: float, narrowest: float
) -> float:
    """Find how small steps must be to be flat at nearly all places; infinite if they never are."""
    places = [sign * fraction * size for fraction in FRACTIONS[::2] for sign in (-1.0, 1.0)]
    begins = [rest(place) for place in places]
    width = size / 4
    while noise < FLAT * abs(slope) * width and width > narrowest:
        changes = [
            abs(rest(place + width) - begin) for place, begin in zip(places, begins, strict=True)
        ]
        flat = sum(change <= FLAT * abs(slope) * width for change in changes)
        if flat >= len(places) - 2:
            return width
        width /= 2
    return math.inf
