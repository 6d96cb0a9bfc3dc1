"""What differences say of a claimed slope."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from .differences import BLUNT, FIRST_LEVEL, SAFETY, Ladder, Side, Window
from .stairs import Stairs, find_stairs

__all__ = ["Status", "Verdict", "judge"]

Status: TypeAlias = Literal["ok", "wrong", "kink", "edge", "inconclusive"]

SHARP = 2e-6  # a relative tolerance with which the search for a better window may end
ZOOM = 2.0**-100  # from afar a function may seem to jump at 0 that is smooth from near
NEAREST = 1e-270  # units below are not zoomed into


@dataclass(frozen=True)
class Verdict:
    """What differences say of a claimed slope.

    A kink or an edge may have any slope between those of its sides; what is outside is wrong.
    """

    status: Status
    slope: float  # by differences; NaN at an edge
    error: float  # its estimated error
    note: str = ""  # what was seen, in words
    sides: tuple[Side, Side] | None = None  # on the left and on the right, where there is a kink


def judge(
    function: Callable[[float], float],
    claim: float,
    *,
    unit: float = 1.0,
    noise: float = 0.0,
    shaken: float = 0.0,
    slack: float = 0.0,
    spacing: float = 0.0,
    within: bool = False,
    explained: Callable[[], Callable[[float], float]] | None = None,
) -> Verdict:
    """Compare a claimed slope at 0 with differences of a function, NaN where it is not defined.

    `unit` is a natural step: the size of the number that is moved, and `spacing` how far apart the
    floats are there, 0 at a zero. `noise`, `shaken` and `slack` bound the rounding errors of the
    function beyond its last operation, what those of its arguments do, and those of the claim.
    Steps stay `within` the unit where something else is known to be a unit away. `explained` makes
    a function that is known to have the claimed slope: what is left is a staircase only if the
    claim is wrong.
    """
    ladder = Ladder(function, unit, noise, spacing, shaken, within)
    first = ladder.window(FIRST_LEVEL)
    if first is not None and not first.bent and _agree(claim, first, slack, SHARP):
        flat = claim == first.variation == 0.0
        if not flat or ladder.flat_afar():
            return Verdict("ok", first.slope, first.error)
    verdict = _search(ladder, claim, slack)
    if spacing == 0.0 and _may_be_too_far(verdict):
        verdict = _from_near(verdict, ladder, claim, slack)
    if verdict.status in ("wrong", "kink") and ladder.unresolved(verdict.sides is None):
        note = "the function changes from float to float as much as from afar"
        return replace(verdict, status="inconclusive", note=note)
    return _on_stairs(verdict, ladder, claim, slack, explained)


def _may_be_too_far(verdict: Verdict) -> bool:
    """Whether steps may be too great at a 0, which says nothing of how great they should be."""
    jumps = verdict.sides is not None and any(math.isinf(side.slope) for side in verdict.sides)
    return jumps or verdict.status == "wrong"


def _from_near(verdict: Verdict, ladder: Ladder, claim: float, slack: float) -> Verdict:
    """Look for a scale nearer to 0 on which the function is smooth, with another slope."""
    unit = ladder.unit * ZOOM
    while unit > NEAREST:
        near = Ladder(ladder.function, unit, ladder.noise, 0.0, ladder.shaken)
        window = near.window(FIRST_LEVEL)
        if window is not None and not window.bent and window.error < 0.01 * abs(window.slope):
            other = abs(window.slope - verdict.slope) > SAFETY * (window.error + verdict.error)
            found = _search(near, claim, slack) if other else verdict
            if found.status in ("ok", "kink"):
                return found
        unit *= ZOOM
    return verdict


def _search(ladder: Ladder, claim: float, slack: float) -> Verdict:
    """Judge by the best window of all, or by both sides of a kink."""
    smooth, bend = _smooth_windows(ladder, claim)
    window = _most_precise(smooth)
    if bend is not None and (window is None or window.sight > 0.5 * abs(bend.jump)):
        sides = ladder.side(-1.0), ladder.side(1.0)
        status: Status = "kink" if _between(claim, sides, slack) else "wrong"
        return Verdict(status, bend.slope, bend.error, _describe(bend, sides), sides)
    if window is None:
        sides = ladder.side(-1.0), ladder.side(1.0)
        status = "edge" if _between(claim, sides, slack) else "wrong"
        return Verdict(status, math.nan, math.nan, "defined on one side only", sides)
    status, note = _compare(claim, window, slack)
    return Verdict(status, window.slope, window.error, note)


def _smooth_windows(ladder: Ladder, claim: float) -> tuple[list[Window], Window | None]:
    """List the windows from the smallest step to the first kink, and that with the kink."""
    smooth: list[Window] = []
    lowest = _lowest_level(ladder, claim)
    for level in ladder.levels:
        if level < lowest:
            continue
        window = ladder.window(level)
        if window is None:  # what is defined again farther away says nothing of this point
            return smooth, None
        if window.bent:
            return smooth, window
        smooth.append(window)
    return smooth, None


def _lowest_level(ladder: Ladder, claim: float) -> int:
    """Go down to the smallest step at which rounding leaves anything of the slope."""
    worth: float | None = None
    for level in reversed(ladder.levels[1 : ladder.levels.index(FIRST_LEVEL) + 1]):
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


def _most_precise(windows: list[Window]) -> Window | None:
    """Choose the window of least error that agrees with all of smaller steps."""
    best: Window | None = None
    low, high = -math.inf, math.inf
    for window in windows:
        margin = SAFETY * window.error
        if window.slope + margin < low or window.slope - margin > high:
            continue
        low, high = max(low, window.slope - margin), min(high, window.slope + margin)
        if best is None or window.error < best.error:
            best = window
    return best


def _agree(claim: float, window: Window, slack: float, limit: float) -> bool:
    """Whether a claim agrees with a window that could tell it from one wrong by `limit`."""
    tolerance = SAFETY * window.error + slack
    if not abs(claim - window.slope) <= tolerance:
        return False
    size = max(abs(claim), abs(window.slope))
    if abs(claim) <= tolerance:  # a slope of 0 is as precise as the slopes around it
        size = max(size, window.variation)
    return tolerance <= limit * size or claim == window.variation == 0.0


def _compare(claim: float, window: Window, slack: float) -> tuple[Status, str]:
    """Judge a claim by the best window, in a status and in words."""
    tolerance = SAFETY * window.error + slack
    if _agree(claim, window, slack, BLUNT):
        return "ok", ""
    if claim == window.slope:  # both are infinite
        return "inconclusive", "the slope exceeds 1.8e308"
    if not math.isfinite(claim) and tolerance > BLUNT * max(window.variation, abs(window.slope)):
        return "kink", "the slope grows without bound"
    if not abs(claim - window.slope) <= tolerance:
        return "wrong", ""
    return "inconclusive", "rounding hides the slope: the function is ill-conditioned here"


def _between(claim: float, sides: tuple[Side, Side], slack: float) -> bool:
    """Whether a claim is between the slopes of both sides, as far as they are known, or no number."""
    known = [side for side in sides if not math.isnan(side.slope)]
    if not known or not math.isfinite(claim) or any(math.isinf(side.slope) for side in known):
        return True
    tolerance = slack + SAFETY * max(side.error for side in known)
    slopes = [side.slope for side in known]
    return min(slopes) - tolerance <= claim <= max(slopes) + tolerance


def _describe(window: Window, sides: tuple[Side, Side]) -> str:
    if window.grows or any(math.isinf(side.slope) for side in sides):
        return "the function jumps, or is vertical"
    return f"slope {sides[0].slope:.6g} on the left, {sides[1].slope:.6g} on the right"


def _on_stairs(
    verdict: Verdict,
    ladder: Ladder,
    claim: float,
    slack: float,
    explained: Callable[[], Callable[[float], float]] | None,
) -> Verdict:
    """See whether the point is on a step of a staircase, whose slope only greater steps show."""
    if explained is None or not math.isfinite(claim):
        return verdict
    if verdict.status == "wrong":
        if verdict.sides is not None:
            return verdict
        afar = ladder.window(FIRST_LEVEL)
        if afar is None or abs(afar.slope - claim) > 0.5 * abs(verdict.slope - claim):
            return verdict
        stairs = _stairs(ladder, lambda step: ladder.center + verdict.slope * step)
        return _from_afar(verdict, stairs, claim, slack) if stairs else verdict
    stairs = _stairs(ladder, explained())
    if stairs is None or abs(stairs.slope) < 0.5 * BLUNT * abs(claim):
        return verdict
    return _seen("wrong", claim + stairs.slope, stairs)


def _stairs(ladder: Ladder, explained: Callable[[float], float]) -> Stairs | None:
    def rest(step: float) -> float:
        return ladder.function(step) - explained(step)

    return find_stairs(rest, ladder)


def _from_afar(verdict: Verdict, stairs: Stairs, claim: float, slack: float) -> Verdict:
    """Judge a claim by the slope from step to step: a rule may know better than a rounded result."""
    slope, tolerance = verdict.slope + stairs.slope, SAFETY * stairs.error + slack
    if abs(slope - claim) > tolerance:
        return verdict
    status: Status = "ok" if tolerance <= BLUNT * abs(claim) else "inconclusive"
    return _seen(status, slope, stairs)


def _seen(status: Status, slope: float, stairs: Stairs) -> Verdict:
    note = (
        f"a staircase with steps of {stairs.width:.1g} or more, on the whole of slope {slope:.3g}: "
        "what was rounded, or found to a tolerance, has no slope of its own"
    )
    return Verdict(status, slope, stairs.error, note)
