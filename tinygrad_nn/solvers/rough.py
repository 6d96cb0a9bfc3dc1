"""Steps and kinks that move with what is differentiated by: under an integral sign they are not seen.

The derivative of an integral is the integral of the derivative as long as no step of it moves, and so
for solutions of differential equations. So derivatives are compared with differences: those of
integrals always, as that costs little, and those of solutions where a function holds what may be a
step or a kink, or the solver had to slow down at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import numpy as np

from ..errors import ConvergenceError
from ..scalar.arrays import call_with_values
from ..scalar.contexts import deriving, looking
from ..scalar.custom import Custom
from ..scalar.graph import Node, ancestors
from ..scalar.operation import Op, flat
from ..scalar.value import Value
from ..tree import flatten
from .implicit import Floats
from .smooth import is_of_solver

__all__ = ["Roughness", "confirm"]

CLOSEST: Final = 1e-4  # points that are compared, relative to the number
CURVED: Final = 30.0  # how much greater than the square of that a difference is by curving
SHORT: Final = (
    30.0  # times the root of an error: a step of a solver, relative to the longest before
)
LONGEST_SHORT: Final = 0.5
SMOOTH: Final = frozenset({"pow", "xlogy", "xlog1py", "stop_gradient"})
"""Rows that choose to keep NaN out only, and the one that is meant to have another slope."""

Evaluate = Callable[[tuple[float, ...]], tuple[Floats, Floats]]


class Roughness:
    """Calls a function, and notes whether it has met what may be a step or a kink."""

    def __init__(self) -> None:
        self.is_met = False

    def see_steps(self, times: Floats, rtol: float) -> None:
        """Look whether a solver has slowed down, other than to end where it is to.

        At a kink its steps become as short as the root of the error that is asked for; a large
        error tells nothing.
        """
        lengths = abs(np.diff(times))[:-1]
        short = SHORT * rtol**0.5
        longest = np.maximum.accumulate(lengths)
        slowed = bool((lengths < min(short, LONGEST_SHORT) * longest).any())
        self.is_met = self.is_met or slowed or short >= 1.0

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call a function of Values, which Python may look at to choose what is computed."""
        if self.is_met:
            return call_with_values(function, *args)
        with looking() as looked:
            result = call_with_values(function, *args)
        nodes = [leaf for leaf in flatten(result)[0] if isinstance(leaf, Node)]
        self.is_met = bool(looked) or any(_has_steps(node.row) for node in ancestors(*nodes))
        return result


def _has_steps(row: Op) -> bool:
    """Tell whether a row, or one of its slopes, is a staircase or a choice."""
    if is_of_solver(row) or row.name in SMOOTH or not row.partials:
        return False
    return _meets_steps(row) if isinstance(row, Custom) else _known_to_meet_steps(row)


def _meets_steps(row: Op) -> bool:
    if row.pull or _is_staircase(row):
        return True
    operands = [Value(0.5) for _ in row.partials]
    try:
        with deriving():
            result = Value(row.quiet(*[0.5] * len(operands)))
            slopes = [rule(*operands, result) for rule in row.partials if rule is not None]
    except Exception:  # a rule of the user's for floats only
        return True
    nodes = [slope for slope in slopes if isinstance(slope, Node)]
    return any(_is_staircase(node.row) for node in ancestors(*nodes) if node.args)


_known_to_meet_steps = cache(_meets_steps)  # rows of tables stay


def _is_staircase(row: Op) -> bool:
    return all(rule is None or rule is flat for rule in row.partials)


def confirm(
    solver: str,
    before: Evaluate,
    numbers: tuple[float, ...],
    found: Floats,
    rtol: float,
    remedy: str,
) -> None:
    """Compare derivatives with differences of what `before` gives, the order below, and its errors.

    First at a distance where what curves and the relative error `rtol` of both ends count about as
    much. Where they do not agree, at smaller ones, where what curves counts a hundredth each time:
    what is lost at a step or a narrow peak stays missing, or all digits are gone.
    """
    for position in range(len(numbers)):
        derivative = found[..., position]
        settled = np.zeros(derivative.shape, dtype=bool)
        first: Floats | None = None
        apart = np.full(derivative.shape, np.inf)
        for closer in (1.0, 0.1, 0.01, 0.001):
            relative = max(CLOSEST, rtol ** (1 / 3)) * closer
            try:
                difference, noise = _difference(before, numbers, position, relative)
            except (ArithmeticError, ConvergenceError):  # there is nothing to compare with
                continue
            last, apart = apart, abs(difference - derivative)
            greater = np.maximum(abs(difference), abs(derivative))
            if first is None:
                first = difference
                settled |= apart <= CURVED * relative**2 * greater + noise
            else:
                is_told = noise <= 0.1 * np.maximum(greater, last)
                settled |= is_told & (last / 1000.0 <= apart) & (apart <= last / 5.0)
            if settled.all():
                break
        if first is not None and not settled.all():
            raise ConvergenceError(
                f"{solver} has a derivative that differences do not confirm: "
                f"{derivative.tolist()} and {first.tolist()}. The function has a step or a kink "
                f"that moves with what it is differentiated by; or errors have added up, and a "
                f"smaller rtol is needed. {remedy}"
            )


def _difference(
    before: Evaluate, numbers: tuple[float, ...], position: int, relative: float
) -> tuple[Floats, Floats]:
    """Give a central difference, and how much of it may be noise."""
    ends = []
    for sign in (1.0, -1.0):
        moved = list(numbers)
        moved[position] += sign * relative * (abs(moved[position]) or 1.0)
        ends.append((*before(tuple(moved)), moved[position]))
    (upper, upper_error, high), (lower, lower_error, low) = ends
    noise = 10.0 * (upper_error + lower_error) / (high - low)
    return (upper - lower) / (high - low), noise
