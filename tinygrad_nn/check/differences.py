"""The slope of a function of one number by differences, and how far to trust it.

The function is evaluated at steps that are powers of two. Four steps in a row
are a window: the central differences of a window are extrapolated to step 0
(Richardson; the table is Neville's, the error estimate Ridders'), and what
rounding can do to them is added to the error. Small steps suffer from rounding,
which is known; large ones from curvature, kinks and edges, which are not. So the
most precise window is chosen among those that agree with all smaller ones
(Lepski's rule).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["BLUNT", "EPSILON", "FIRST_LEVEL", "SAFETY", "Ladder", "Side", "Window", "grows"]

EPSILON = sys.float_info.epsilon
UNDERFLOW = 8 * math.ulp(0.0)  # what the smallest numbers are off by
WINDOW = 4  # steps in a window
FIRST_LEVEL = -5  # the first window begins at the step 2**-5: truncation and rounding are alike
LAST_LEVEL = -120  # of the search for ever smaller steps at 0
DENSE = -44  # below, windows do not overlap
LAST_BITS = 8  # elsewhere: steps of fewer spacings of floats are lost in the rounding of x + h
NEXT = (4, 5, 7, 11, 16, 23)  # the numbers of spacings at which floats are next to a point
SAFETY = 5.0  # a slope is wrong only if it is off by more than so many estimated errors
BLUNT = 1e-3  # a relative tolerance above which agreement means nothing


@dataclass(frozen=True)
class Window:
    """The slope by four steps, its error, and by how much the slope jumps at step 0.

    A jump below `sight` may be an effect of rounding.
    """

    slope: float
    error: float
    jump: float
    sight: float
    grows: bool
    variation: float

    @property
    def bent(self) -> bool:
        """Whether the slope jumps by more than rounding could do."""
        return abs(self.jump) > self.sight


@dataclass(frozen=True)
class Side:
    """The slope on one side of a point; infinite at a jump, NaN where nothing is defined."""

    slope: float
    error: float


class Ladder:
    """A function at plus and minus the unit times powers of two, each evaluated once.

    Neighbouring floats are `spacing` apart where the function is looked at; 0 at a zero, to
    which any step can be added exactly. The rounding errors of the function are up to `noise`, and
    what those of its arguments do to it up to `shaken`. All steps stay `within` the unit, or may
    be longer.
    """

    def __init__(
        self,
        function: Callable[[float], float],
        unit: float,
        noise: float,
        spacing: float,
        shaken: float = 0.0,
        within: bool = False,
    ) -> None:
        self.function = function
        self.unit = unit
        self.spacing = spacing
        bits = math.frexp(spacing / unit)[1] if spacing > 0.0 else LAST_LEVEL
        self.last: int = max(LAST_LEVEL, min(FIRST_LEVEL - WINDOW, bits + LAST_BITS - 1))
        longest = 0 if within else 4 + max(0, -math.frexp(unit)[1])
        self.levels: list[int] = [
            *range(self.last, DENSE, WINDOW),
            *range(max(self.last, DENSE), longest),
        ]
        self.noise = noise
        self.shaken = shaken
        self.center = function(0.0)
        self._rises: dict[tuple[int, float], float] = {}
        self._windows: dict[int, Window | None] = {}

    def window(self, level: int) -> Window | None:
        """Look at the steps unit * 2**level and its next three halves; None where undefined."""
        if level not in self._windows:
            self._windows[level] = self._look(level)
        return self._windows[level]

    def side(self, sign: float) -> Side:
        """Find the slope on the right (1) or on the left (-1), where the function may have a kink.

        As with windows, the most precise among those that agree with all of smaller steps is taken.
        """
        best: Side | None = None
        low, high = -math.inf, math.inf
        for level in self.levels[: self.levels.index(FIRST_LEVEL) + 3]:
            found = self._one_sided(level, sign)
            if found is None:
                if best is not None:
                    break  # what is defined again farther away says nothing of this point
                continue
            if math.isinf(found.slope):
                if best is None:
                    return found
                break
            margin = SAFETY * found.error
            if found.slope + margin < low or found.slope - margin > high:
                break
            low, high = max(low, found.slope - margin), min(high, found.slope + margin)
            if best is None or found.error < best.error:
                best = found
        return best or Side(math.nan, math.inf)

    def flat_afar(self) -> bool:
        """Tell whether the function stays as it is where steps are no longer lost in it."""
        steps = [sign * step for step in (2.0**-5, 0.7) for sign in (-1.0, 1.0)]
        return self.unit >= 2.0**-10 or all(self.function(h) == self.center for h in steps)

    def unresolved(self, smooth: bool) -> bool:
        """Tell whether the function changes as much from float to float as it does from afar.

        Where it seems `smooth`, also between the floats on both sides of the point.
        """
        if self.spacing == 0.0:
            return False
        right, left = (
            [self.function(sign * k * self.spacing) for k in NEXT] for sign in (1.0, -1.0)
        )
        changes = min(max(right) - min(right), max(left) - min(left))
        if smooth:
            changes = max(changes, abs(right[0] - left[0]))
        afar = abs(self._rise(FIRST_LEVEL, 1.0)) + abs(self._rise(FIRST_LEVEL, -1.0))
        lost = self.noise + EPSILON * abs(self.center)
        return changes > 0.1 * afar and changes > 100 * lost

    def _rise(self, level: int, sign: float) -> float:
        """How much the function rises to the right, f(h) - f(0), or from the left, f(0) - f(-h)."""
        key = level, sign
        if key not in self._rises:
            value = self.function(sign * self.unit * 2.0**level)
            self._rises[key] = sign * (value - self.center)
        return self._rises[key]

    def _look(self, level: int) -> Window | None:
        levels = range(level, level - WINDOW, -1)
        steps = [self.unit * 2.0**each for each in levels]
        if steps[-1] == 0.0:
            return None
        rises: list[tuple[float, float]] = []
        for each in levels:
            right = self._rise(each, 1.0)
            left = self._rise(each, -1.0) if math.isfinite(right) else math.nan
            if not math.isfinite(left):
                return None
            rises.append((right, left))
        central = [(right + left) / (2 * h) for (right, left), h in zip(rises, steps, strict=True)]
        gaps = [(right - left) / h for (right, left), h in zip(rises, steps, strict=True)]
        rounding = [
            self._rounding(max(abs(right), abs(left)), h) / h
            for (right, left), h in zip(rises, steps, strict=True)
        ]
        slope, error = _extrapolate(central, rounding, 4.0)
        # The one-sided slopes differ by h f'' + O(h^3) where f is smooth; what is left of the
        # difference when the term in h is gone falls by 64 over the window, or is a kink.
        far = 2 * gaps[1] - gaps[0]
        near = 2 * gaps[3] - gaps[2]
        jump = near if abs(near) > 0.5 * abs(far) else 0.0
        if grows(central):  # as at a step between -1 and 1, which has no gap
            jump = max(jump, central[3], key=abs)
        growing = grows(gaps) or grows(central)
        variation = max(map(abs, gaps + central))
        return Window(slope, error, jump, 20 * rounding[3], growing, variation)

    def _one_sided(self, level: int, sign: float) -> Side | None:
        levels = range(level, level - WINDOW, -1)
        steps = [self.unit * 2.0**each for each in levels]
        if steps[-1] == 0.0:
            return None
        rises = [self._rise(each, sign) for each in levels]
        if not all(map(math.isfinite, rises)):
            return None
        slopes = [rise / h for rise, h in zip(rises, steps, strict=True)]
        rounding = [self._rounding(abs(r), h) / h for r, h in zip(rises, steps, strict=True)]
        if grows(slopes) and abs(slopes[3]) > 20 * rounding[3]:
            return Side(math.copysign(math.inf, slopes[3]), math.inf)
        return Side(*_extrapolate(slopes, rounding, 2.0))

    def _rounding(self, rise: float, step: float) -> float:
        """Bound the rounding errors of a rise: of the function, and of its argument."""
        lost = UNDERFLOW + EPSILON * (abs(self.center) + rise)
        return self.noise + self.shaken + lost + rise * (self.spacing / step)


def grows(slopes: Sequence[float]) -> bool:
    """Whether slopes grow as the step is halved, as at a jump or a vertical tangent."""
    first, second, third = map(abs, slopes[1:])
    return third > 1.4 * second > 1.9 * first


def _extrapolate(slopes: list[float], rounding: list[float], factor: float) -> tuple[float, float]:
    """Extrapolate slopes to step 0; return the best entry and its error.

    What is left of their error falls by powers of `factor` as the step is halved.
    """
    best, error = slopes[-1], math.inf
    column = slopes
    for order in range(1, len(slopes)):
        previous = column
        column = [b + (b - a) / (factor**order - 1.0) for a, b in pairwise(previous)]
        for row, entry in enumerate(column):
            spread = max(abs(entry - previous[row]), abs(entry - previous[row + 1]))
            total = spread + 2 * rounding[row + order]
            if total < error:
                best, error = entry, total
    return best, error
