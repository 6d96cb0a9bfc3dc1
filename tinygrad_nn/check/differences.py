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
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

__all__ = ["EPSILON", "Status", "Verdict", "judge"]

Status: TypeAlias = Literal["ok", "wrong", "kink", "edge", "inconclusive"]

EPSILON = sys.float_info.epsilon
UNDERFLOW = 8 * math.ulp(0.0)  # what the smallest numbers are off by
WINDOW = 4  # steps in a window
FIRST_LEVEL = -5  # the first window begins at the step 2**-5: truncation and rounding are alike
LAST_LEVEL = -120  # of the search for ever smaller steps at 0
LAST_LEVEL_ROUNDED = -44  # elsewhere: smaller steps are lost in the rounding of x + h
SAFETY = 5.0  # a slope is wrong only if it is off by more than so many estimated errors
SHARP = 2e-6  # a relative tolerance with which the search for a better window may end
BLUNT = 1e-3  # a relative tolerance above which agreement means nothing


@dataclass(frozen=True)
class Verdict:
    """What differences say of a claimed slope."""

    status: Status
    slope: float  # by differences; NaN at an edge
    error: float  # its estimated error
    note: str = ""  # what was seen, in words


@dataclass(frozen=True)
class _Window:
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
        return abs(self.jump) > self.sight


class _Ladder:
    """A function at plus and minus the unit times powers of two, each evaluated once."""

    def __init__(
        self, function: Callable[[float], float], unit: float, noise: float, at_zero: bool
    ) -> None:
        self.function = function
        self.unit = unit
        self.spacing = 0.0 if at_zero else EPSILON * unit
        self.last = LAST_LEVEL if at_zero else LAST_LEVEL_ROUNDED
        self.longest = 4 + max(0, -math.frexp(unit)[1])
        self.noise = noise
        self.center = function(0.0)
        self._sides: dict[int, tuple[float, float]] = {}
        self._windows: dict[int, _Window | None] = {}

    def window(self, level: int) -> _Window | None:
        """Look at the steps unit * 2**level and its next three halves; None where undefined."""
        if level not in self._windows:
            self._windows[level] = self._look(level)
        return self._windows[level]

    def _side(self, level: int) -> tuple[float, float]:
        """The rise to the right and from the left: f(h) - f(0) and f(0) - f(-h)."""
        if level not in self._sides:
            step = self.unit * 2.0**level
            right = self.function(step) - self.center
            left = self.center - self.function(-step) if math.isfinite(right) else math.nan
            self._sides[level] = right, left
        return self._sides[level]

    def _look(self, level: int) -> _Window | None:
        levels = range(level, level - WINDOW, -1)
        steps = [self.unit * 2.0**each for each in levels]
        if steps[-1] == 0.0:
            return None
        rises: list[tuple[float, float]] = []
        for each in levels:
            rise = self._side(each)
            if not (math.isfinite(rise[0]) and math.isfinite(rise[1])):
                return None
            rises.append(rise)
        central = [(right + left) / (2 * h) for (right, left), h in zip(rises, steps, strict=True)]
        gaps = [(right - left) / h for (right, left), h in zip(rises, steps, strict=True)]
        rounding = [self._rounding(*rise, h) / h for rise, h in zip(rises, steps, strict=True)]
        slope, error = _extrapolate(central, rounding)
        # The one-sided slopes differ by h f'' + O(h^3) where f is smooth; what is left of the
        # difference when the term in h is gone falls by 64 over the window, or is a kink.
        far = 2 * gaps[1] - gaps[0]
        near = 2 * gaps[3] - gaps[2]
        jump = near if abs(near) > 0.5 * abs(far) else 0.0
        if _grows(central):  # as at a step between -1 and 1, which has no gap
            jump = max(jump, central[3], key=abs)
        grows = _grows(gaps) or _grows(central)
        variation = max(map(abs, gaps + central))
        return _Window(slope, error, jump, 20 * rounding[3], grows, variation)

    def _rounding(self, right: float, left: float, step: float) -> float:
        """Bound the rounding errors of a rise: of the function, and of its argument."""
        rise = max(abs(right), abs(left))
        lost = UNDERFLOW + EPSILON * (abs(self.center) + rise)
        return self.noise + lost + rise * (self.spacing / step)


def _grows(slopes: list[float]) -> bool:
    """Whether slopes grow as the step is halved, as at a jump or a vertical tangent."""
    first, second, third = map(abs, slopes[1:])
    return third > 1.4 * second > 1.9 * first


def _extrapolate(central: list[float], rounding: list[float]) -> tuple[float, float]:
    """Extrapolate central differences to step 0; return the best entry and its error."""
    best, error = central[-1], math.inf
    column = central
    for order in range(1, len(central)):
        factor = 4.0**order
        previous = column
        column = [b + (b - a) / (factor - 1.0) for a, b in pairwise(previous)]
        for row, entry in enumerate(column):
            spread = max(abs(entry - previous[row]), abs(entry - previous[row + 1]))
            total = spread + 2 * rounding[row + order]
            if total < error:
                best, error = entry, total
    return best, error


def judge(
    function: Callable[[float], float],
    claim: float,
    *,
    unit: float = 1.0,
    noise: float = 0.0,
    slack: float = 0.0,
    at_zero: bool = False,
) -> Verdict:
    """Compare a claimed slope at 0 with differences of a function, NaN where it is not defined.

    `unit` is a natural step: the size of the number that is moved. `noise` and `slack` bound the
    rounding errors of the function, beyond its last operation, and of the claim. If the number is
    `at_zero`, any step can be added to it exactly.
    """
    ladder = _Ladder(function, unit, noise, at_zero)
    first = ladder.window(FIRST_LEVEL)
    if first is not None and not first.bent and _agree(claim, first, slack, SHARP):
        return Verdict("ok", first.slope, first.error)
    smooth, bend = _smooth_windows(ladder, claim)
    window = _most_precise(smooth)
    if bend is not None and (window is None or window.sight > 0.5 * abs(bend.jump)):
        return Verdict("kink", bend.slope, bend.error, _describe(bend))
    if window is None:
        return Verdict("edge", math.nan, math.nan, note="defined on one side only")
    status, note = _compare(claim, window, slack)
    return Verdict(status, window.slope, window.error, note)


def _smooth_windows(ladder: _Ladder, claim: float) -> tuple[list[_Window], _Window | None]:
    """List the windows from the smallest step to the first kink, and that with the kink."""
    smooth: list[_Window] = []
    for level in range(_lowest_level(ladder, claim), ladder.longest):
        window = ladder.window(level)
        if window is None:  # what is defined again farther away says nothing of this point
            return smooth, None
        if window.bent:
            return smooth, window
        smooth.append(window)
    return smooth, None


def _lowest_level(ladder: _Ladder, claim: float) -> int:
    """Go down to the smallest step at which rounding leaves anything of the slope."""
    worth: float | None = None
    for level in range(FIRST_LEVEL, ladder.last, -1):
        window = ladder.window(level)
        if window is None:
            continue
        if worth is None:
            worth = max(abs(claim) if math.isfinite(claim) else 0.0, window.variation)
        if window.error < 0.1 * abs(window.slope):
            worth = max(worth, abs(window.slope))
        if window.sight > 40 * worth:
            return level
    return ladder.last


def _most_precise(windows: list[_Window]) -> _Window | None:
    """Choose the window of least error that agrees with all of smaller steps."""
    best: _Window | None = None
    low, high = -math.inf, math.inf
    for window in windows:
        margin = SAFETY * window.error
        if window.slope + margin < low or window.slope - margin > high:
            continue
        low, high = max(low, window.slope - margin), min(high, window.slope + margin)
        if best is None or window.error < best.error:
            best = window
    return best


def _agree(claim: float, window: _Window, slack: float, limit: float) -> bool:
    """Whether a claim agrees with a window that could tell it from one wrong by `limit`."""
    tolerance = SAFETY * window.error + slack
    if not abs(claim - window.slope) <= tolerance:
        return False
    size = max(abs(claim), abs(window.slope))
    if abs(claim) <= tolerance:  # a slope of 0 is as precise as the slopes around it
        size = max(size, window.variation)
    return tolerance <= limit * size or claim == window.variation == 0.0


def _compare(claim: float, window: _Window, slack: float) -> tuple[Status, str]:
    """Judge a claim by the best window, in a status and in words."""
    tolerance = SAFETY * window.error + slack
    if _agree(claim, window, slack, BLUNT):
        return "ok", ""
    if not math.isfinite(claim) and tolerance > BLUNT * max(window.variation, abs(window.slope)):
        return "kink", "the slope grows without bound"
    if not abs(claim - window.slope) <= tolerance:
        return "wrong", ""
    return "inconclusive", "rounding hides the slope: the function is ill-conditioned here"


def _describe(window: _Window) -> str:
    if window.grows:
        return "the function jumps, or is vertical"
    left, right = window.slope - window.jump / 2, window.slope + window.jump / 2
    return f"slope {left:.6g} on the left, {right:.6g} on the right"
