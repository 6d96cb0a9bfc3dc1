"""Solutions of differential equations, and their sensitivities."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
from scipy import integrate, sparse

from ..errors import ArgumentError, ConvergenceError
from ..scalar.graph import Node
from ..scalar.value import Value
from ..tree import flatten, leaf_paths
from .arguments import (
    begin,
    by_arguments_only,
    check_arguments,
    check_method,
    check_tolerances,
    numbers_of,
    varying_in,
)
from .implicit import Floats
from .rough import Roughness, confirm
from .sensitivities import Sensitivities
from .slopes import Slopes, slopes_of
from .smooth import Kept, Smooth, limited, tie_to

__all__ = ["trajectory"]

Function = Callable[..., Any]

METHODS: Final = ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"]
STIFF: Final = frozenset({"Radau", "BDF", "LSODA"})
MOST_SOLUTIONS: Final = 64  # that are kept
ADDED_UP: Final = 3.0  # how much greater than that of a step an error may be at the end
CONFIRMED: Final = 1e-6  # the error up to which steps and kinks are told from it
FINE: Final = 64.0  # steps at least, where there may be a step or a kink in f
MANY: Final = 100  # numbers whose Jacobian is mostly 0
SMALL: Final = 1000.0  # times `atol`: a y below has few digits
REMEDY: Final = "Solve up to the step, and go on from there: where it depends on the solution, find its time by root"


def trajectory(
    f: Function, y0: Any, t: Any, args: Any, method: str, rtol: float, atol: float
) -> list[Any]:
    """Solve dy/dt = f(t, y, *args): see `ode`."""
    args = check_arguments(f, args, "f")
    check_method(method, METHODS)
    check_tolerances(rtol, atol)
    begin(y0, "y0")
    moments = flatten(t)[0]
    times = _checked_times(moments, leaf_paths(t, "t"))
    slopes, numbers = slopes_of(f, y0, args)
    first, rebuild = flatten(y0)
    start = _moved(slopes, moments[0], times[0], first, args, ahead=False)
    flow = _Flow(slopes, numbers, times, (start, args), method, rtol, atol)
    varying = flow.varying
    states = [first]
    for step, time in enumerate(times[1:]):
        places = range(step * len(first), (step + 1) * len(first))
        state: list[Any]
        with by_arguments_only(f):
            if varying:
                rows = [Smooth("ode", flow.solve, len(varying), place) for place in places]
                state = [row(*varying) for row in rows]
            else:
                state = flow.solve((), 0)[places.start : places.stop].tolist()
        if isinstance(moments[step + 1], Node):
            moved = _moved(slopes, moments[step + 1], time, state, args, ahead=True)
            state = limited("ode", moved)
        states.append(state)
    return list(map(rebuild, states))


def _checked_times(moments: Sequence[Any], paths: Sequence[str]) -> list[float]:
    if not moments:
        raise ArgumentError(
            "t has no number: expected the time of y0, and those that are asked for"
        )
    times = numbers_of(moments, paths)
    steps = [after - before for before, after in pairwise(times)]
    forward = all(step >= 0.0 for step in steps) or all(step <= 0.0 for step in steps)
    if not forward or not all(map(math.isfinite, times)):
        raise ArgumentError(
            f"t is {times!r}: expected finite times in order, that of y0 first; sort them"
        )
    return times


def _moved(
    f: Slopes, moment: Any, time: float, y: Sequence[Any], args: tuple[Any, ...], ahead: bool
) -> list[Any]:
    """Record the step between a time and the Value of which it is the number, of no length.

    By the midpoint rule, which is right to the second order in its length.
    """
    if not isinstance(moment, Value):
        return list(y)
    length: Any = moment - time if ahead else time - moment
    tie_to(length)
    begin = time if ahead else moment
    half = length / 2.0
    middle = [a + half * b for a, b in zip(y, f.of_values(begin, y, args), strict=True)]
    slopes = f.of_values(begin + half, middle, args)
    return [a + length * b for a, b in zip(y, slopes, strict=True)]


class _Flow:
    """The states at some times, as a function of what varies in the first one and the arguments."""

    def __init__(
        self,
        f: Slopes,
        fixed: list[float],
        times: Sequence[float],
        given: tuple[list[Any], tuple[Any, ...]],
        method: str,
        rtol: float,
        atol: float,
    ) -> None:
        self.varying, self._again = varying_in(given)
        self._places = [k for k, number in enumerate(given[0]) if isinstance(number, Node)]
        self._f = f
        self._fixed = fixed
        self._times = times
        self._method = method
        self._rtol = rtol
        self._atol = atol
        self._roughness = Roughness()
        self._kept = Kept(MOST_SOLUTIONS)

    def solve(self, numbers: tuple[float, ...], order: int) -> Floats:
        """Compute all states, or their derivatives of an order."""
        found: Floats = self._kept.result(numbers, order, of=self._confirmed)
        return found

    def _confirmed(self, numbers: tuple[float, ...], order: int) -> Floats:
        found = self._computed(numbers, order, False)[0]
        if order and self._roughness.is_met:  # a long step may pass over it
            found = self._computed(numbers, order, True)[0]
            beside = lambda at: self._computed(at, order - 1, True)  # noqa: E731
            confirm("ode", beside, numbers, found, self._error(True), REMEDY)
        return found

    def _computed(
        self, numbers: tuple[float, ...], order: int, finely: bool
    ) -> tuple[Floats, Floats]:
        """Integrate the states and all sensitivities up to an order; give the last, and errors."""
        y, args = self._again(numbers)
        moved = Sensitivities(
            self._f, self._fixed, list(map(float, y)), self._places, numbers, order
        )
        found = []
        state, greatest = moved.start, 0.0
        for low, high in pairwise(self._times):
            if low != high:
                states = self._integrated(moved, state, (low, high), args, finely)
                state = np.ascontiguousarray(states[:, -1])
                greatest = max(greatest, float(abs(states[: self._f.size]).max()))
            found.append(moved.of_order(state))
        if 0.0 < greatest < SMALL * self._atol:
            raise ConvergenceError(
                f"ode gives a y that stays below {greatest:.1e}, where errors of atol = "
                f"{self._atol!r} are let pass: hand over a smaller atol"
            )
        result = np.concatenate(found) if found else np.zeros(0)
        return result, ADDED_UP * (self._error(finely) * abs(result) + self._atol)

    def _error(self, finely: bool) -> float:
        return min(self._rtol, CONFIRMED) if finely else self._rtol

    def _integrated(
        self,
        moved: Sensitivities,
        state: Floats,
        span: tuple[float, float],
        args: tuple[Any, ...],
        finely: bool,
    ) -> Floats:
        """Go from one time to another; give all states on the way."""
        size = self._f.size

        def slopes(t: float, state: Floats) -> Floats:
            try:
                plain = self._f.of_floats(t, state[:size].tolist(), args)
                found = moved.slopes(t, state, plain)
            except ArithmeticError:
                found = np.full_like(state, math.nan)
            # Where f is not defined no step ends; some solvers never end at infinity.
            return found if np.isfinite(found).all() else np.full_like(state, math.nan)

        self._f.of_floats(span[0], state[:size].tolist(), args)  # raises where it cannot begin
        options: dict[str, Any] = {"rtol": self._error(finely), "atol": self._atol}
        if finely:
            options["max_step"] = abs(span[1] - span[0]) / FINE
        if self._method in STIFF:
            options["jac"] = lambda t, state: self._jacobian(moved, t, state)
        with np.errstate(all="ignore"):
            if not np.isfinite(slopes(span[0], state)).all():
                raise self._not_finite(span[0], state)
            found = integrate.solve_ivp(slopes, span, state, self._method, **options)
        if found.status != 0 or not np.isfinite(found.y[:, -1]).all():
            raise ConvergenceError(
                f"ode has not come to t = {span[1]!r}: at t = {float(found.t[-1])!r} y is "
                f"{found.y[:size, -1].tolist()!r}. SciPy says: {found.message} End sooner, or try "
                'another method, as method="Radau" for a stiff equation'
            )
        if len(state) > size:
            self._examine(moved, found)
        return np.asarray(found.y, dtype=float)

    def _jacobian(self, moved: Sensitivities, t: float, state: Floats) -> Any:
        found = moved.jacobian(t, state)
        if not np.isfinite(found).all():
            raise self._not_finite(t, state)
        is_dense = len(state) < MANY or self._method == "LSODA"
        return found if is_dense else sparse.csc_array(found)

    def _not_finite(self, t: float, state: Floats) -> ConvergenceError:
        return ConvergenceError(
            f"ode comes to t = {t!r}, y = {state[: self._f.size].tolist()!r}, where the slopes or "
            "their derivatives are not finite: begin elsewhere, or end sooner"
        )

    def _examine(self, moved: Sensitivities, found: Any) -> None:
        """Look for steps and kinks wherever the solver has come by."""
        self._roughness.see_steps(found.t, self._rtol)
        for t, state in zip(found.t.tolist(), found.y.T, strict=True):
            if not self._roughness.is_met:
                self._roughness.call(self._f, moved.recorded(state), self._fixed, t)
