"""Integrals over an interval, adaptive ones and plain sums."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
from scipy import integrate

from ..arguments import check_count
from ..errors import ArgumentError, ConvergenceError
from ..scalar.arrays import call_with_values
from ..scalar.graph import Node
from ..scalar.number import is_unknown, plain
from ..scalar.value import Value
from ..transforms import grad, hessian
from .arguments import (
    by_arguments_only,
    check_arguments,
    check_tolerances,
    numbers_of,
    plain_result,
    varying_in,
)
from .implicit import Floats
from .rough import confirm
from .smooth import Kept, Smooth, limited, tie_to

__all__ = ["integral", "sum_of_nodes"]

Function = Callable[..., Any]

MOST_POINTS: Final = 64  # whose integrals are kept
MOST_PIECES: Final = 200  # of the interval
MOST_SUMMED: Final = 2000  # ... where nothing is extrapolated
_Known: TypeAlias = tuple[Floats, Floats, list[float]]

REMEDY: Final = "Split the integral there, quad(f, a, c) + quad(f, c, b), where c is a limit"


def integral(f: Function, a: Any, b: Any, args: Any, rtol: float, atol: float) -> Any:
    """Integrate f from a to b: see `quad`."""
    args = check_arguments(f, args, "f")
    check_tolerances(rtol, atol)
    low, high = numbers_of([a, b], ["a", "b"])
    if math.isnan(low) or math.isnan(high):
        raise ArgumentError(f"the limits are {low!r} and {high!r}: expected numbers")
    varying, rebuild = varying_in(args)
    found = _Integral(f, (low, high), rebuild, rtol, atol)
    with by_arguments_only(f):
        row = Smooth("quad", found.solve, len(varying))
        total: Any = row(*varying) if varying else found.value()
    for limit, number, sign in ((b, high, 1.0), (a, low, -1.0)):
        if isinstance(limit, Value) and math.isfinite(number):
            # An interval of no length, by the midpoint: right to the second order in it.
            beyond = limit - number
            tie_to(beyond)
            total = total + sign * beyond * call_with_values(f, number + beyond / 2.0, *args)
    if isinstance(total, Node) and (isinstance(a, Node) or isinstance(b, Node)):
        (total,) = limited("quad", [total])
    return total


class _Integral:
    """An integral between plain limits, as a function of what varies in the arguments."""

    def __init__(
        self,
        f: Function,
        limits: tuple[float, float],
        rebuild: Callable[[Any], tuple[Any, ...]],
        rtol: float,
        atol: float,
    ) -> None:
        self._f = f
        self._limits = limits
        self._rebuild = rebuild
        self._rtol = rtol
        self._atol = atol
        self._kept = Kept(MOST_POINTS)

    def value(self) -> float:
        """Compute the integral where nothing varies."""
        return float(self.solve((), 0)[0])

    def solve(self, numbers: tuple[float, ...], order: int) -> Floats:
        """Compute the integral, or all its derivatives of an order."""
        if order == 0:
            return self._plain(numbers)[0]
        found: Floats = self._kept.result(numbers, order, of=self._confirmed)
        return found

    def _plain(self, numbers: tuple[float, ...]) -> _Known:
        found: _Known = self._kept.result(numbers, 0, of=self._computed)
        return found

    def _confirmed(self, numbers: tuple[float, ...], order: int) -> Floats:
        try:
            found = self._computed(numbers, order)[0]
        except ArithmeticError as error:  # Python's too, as of 1 / 0.0
            failure = error
        else:
            beside = lambda at: self._computed(at, order - 1)[:2]  # noqa: E731
            confirm("quad", beside, numbers, found, self._rtol, REMEDY)
            return found
        raise ConvergenceError(
            f"quad has no derivative: that of f has no result in the interval, as {failure}. {REMEDY}"
        ) from failure

    def _computed(self, numbers: tuple[float, ...], order: int) -> _Known:
        """Integrate each entry by itself; give them all, their errors, and where f is not smooth.

        That is between the pieces into which the interval of the integral itself has come.
        """
        count = len(numbers)
        breaks = self._plain(numbers)[2] if order else []
        points: dict[float, Any] = {}
        kind = self._integrand(numbers, order)

        def entry(x: float, *place: int) -> float:
            if x not in points:
                points[x] = kind(x)
            found = points[x]
            for position in place:
                found = found[position]
            return plain_result(found, self._f)

        found, errors = np.zeros((2, 1, *[count] * order))
        for place in np.ndindex(*[count] * order):
            if place == tuple(sorted(place)):
                *of_entry, pieces = self._quad(lambda x, place=place: entry(x, *place), breaks)
                found[(0, *place)], errors[(0, *place)] = of_entry
                found[(0, *place[::-1])], errors[(0, *place[::-1])] = of_entry
        return found, errors, breaks if order else pieces

    def _integrand(self, numbers: tuple[float, ...], order: int) -> Function:
        """Make the function of x that is integrated: f, or its derivatives by what varies."""
        if order == 0:
            args = self._rebuild(numbers)
            return lambda x: call_with_values(self._f, x, *args)

        def of_varying(varying: Any, x: float) -> Any:
            return call_with_values(self._f, x, *self._rebuild(varying))

        derivative = grad(of_varying) if order == 1 else hessian(of_varying)
        return lambda x: derivative(list(numbers), x)

    def _quad(self, g: Function, breaks: list[float]) -> tuple[float, float, list[float]]:
        """Integrate a function of x by QUADPACK; look again where it has extrapolated.

        At the step of a function that may give digits which are none, with a small error.
        """
        asked: dict[str, Any] = {"epsrel": self._rtol, "epsabs": self._atol, "full_output": True}
        asked["points"] = breaks or None
        most = MOST_PIECES + len(breaks)
        found, error, info, *message = integrate.quad(g, *self._limits, limit=most, **asked)
        if message and math.isfinite(error):  # as where an integral is 0: what has been cancelled?
            size = integrate.quad(lambda x: abs(g(x)), *self._limits, epsrel=0.01, full_output=True)
            message = [] if error <= self._rtol * abs(size[0]) else message
        pieces = self._breaks(info)
        of_pieces = float(info["elist"][: info["last"]].sum()) if "elist" in info else 0.0
        if not message and of_pieces > max(self._rtol * abs(found), self._atol, error):
            summed, close, info = integrate.quad_vec(g, *self._limits, limit=MOST_SUMMED, **asked)
            if abs(summed - found) > 10.0 * max(self._rtol * abs(found), self._atol, close):
                found, error = summed, close
                message = [] if info.success else [info.message]
        if message or not math.isfinite(found):
            why = str(message[0]).split("\n")[0] if message else "The integral is not finite."
            raise ConvergenceError(
                f"quad gives {found!r} with an error of about {error:.1e}, where rtol = "
                f"{self._rtol!r} and atol = {self._atol!r} were asked for. SciPy says: {why} "
                "Split the integral where f is not smooth, or ask for less"
            )
        return float(found), float(error), pieces

    def _breaks(self, info: dict[str, Any]) -> list[float]:
        """Give the points between the pieces into which an interval has come, a finite one."""
        if "alist" not in info or not all(map(math.isfinite, self._limits)):
            return []
        return sorted(set(info["alist"][: info["last"]].tolist()) - set(self._limits))


def sum_of_nodes(f: Function, a: Any, b: Any, args: Any, n: int) -> Any:
    """Sum f up at the nodes of Gauss and Legendre: see `gauss_legendre`."""
    args = check_arguments(f, args, "f")
    n = check_count(n, "n")
    for name, limit in (("a", a), ("b", b)):
        if not is_unknown(limit) and not math.isfinite(numbers_of([limit], [name])[0]):
            raise ArgumentError(
                f"{name} is {plain(limit)!r}: expected a finite number; substitute x in f, as x = "
                "t / (1 - t), or use quad"
            )
    middle, half = (a + b) / 2.0, (b - a) / 2.0
    total: Any = 0.0
    for node, weight in _nodes(n):
        total = total + weight * call_with_values(f, middle + half * node, *args)
    return half * total


@lru_cache(64)
def _nodes(n: int) -> list[tuple[float, float]]:
    nodes, weights = np.polynomial.legendre.leggauss(n)
    return list(zip(nodes.tolist(), weights.tolist(), strict=True))
