"""Roots and fixed points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import optimize

from ..errors import ArgumentError, ConvergenceError, ShapeError
from ..scalar.arrays import call_with_values
from ..scalar.convert import to_number
from ..scalar.graph import Node
from ..tree import flatten
from .arguments import begin, check_arguments, check_method, matching, name_of, numbers_of
from .implicit import Equations, Find, Floats, Problem, solved

__all__ = ["fixed_point_of", "root_of"]

Function = Callable[..., Any]


def root_of(f: Function, x0: Any, args: Any, bracket: Any, method: str) -> Any:
    """Solve f(x, *args) = 0: see `root`."""
    args = check_arguments(f, args, "f")
    start, rebuild = begin(x0, "x0")

    def residuals_with(args: tuple[Any, ...], x: Sequence[Any]) -> list[Any]:
        return _as_many(f, call_with_values(f, rebuild(x), *args), len(start))

    remedy = "Begin closer to the root, try another method, or hand over a bracket of one number"
    find = _by_scipy(method) if bracket is None else _between(bracket, x0)
    return rebuild(solved(Problem("root", residuals_with, find, remedy), args, start))


def fixed_point_of(g: Function, x0: Any, args: Any, method: str) -> Any:
    """Solve x = g(x, *args): see `fixed_point`."""
    args = check_arguments(g, args, "g")
    start, rebuild = begin(x0, "x0")
    in_order = matching(x0, "x0")

    def residuals_with(args: tuple[Any, ...], x: Sequence[Any]) -> list[Any]:
        found = in_order(call_with_values(g, rebuild(x), *args), g)
        return [number - image for number, image in zip(x, found, strict=True)]

    remedy = "Begin closer to the fixed point, or write root(lambda x: x - g(x), x0)"
    find = _by_iteration(method)
    return rebuild(solved(Problem("fixed_point", residuals_with, find, remedy), args, start))


def _by_scipy(method: str) -> Find:
    check_method(method, ["hybr", "lm"])

    def find(equations: Equations, start: Floats) -> tuple[Any, str]:
        found = optimize.root(equations.values, start, jac=equations.slopes, method=method)
        return found.x, found.message

    return find


def _between(bracket: Any, x0: Any) -> Find:
    ends = flatten(bracket)[0]
    if len(ends) != 2 or len(flatten(x0)[0]) != 1:
        raise ArgumentError(
            f"bracket is {bracket!r}: expected two numbers between which the one unknown lies"
        )
    low, high = numbers_of(ends, ["bracket[0]", "bracket[1]"])

    def find(equations: Equations, start: Floats) -> tuple[Any, str]:
        def value(x: float) -> float:
            return float(equations.values([x])[0])

        at_ends = value(low), value(high)
        if not low < high or np.sign(at_ends[0]) * np.sign(at_ends[1]) > 0.0:
            raise ArgumentError(
                f"bracket is {(low, high)!r}, where f is {at_ends!r}: expected the smaller end "
                "first, and different signs; widen it, or leave it out"
            )
        close = 1e-12 * abs(high - low)
        found = optimize.brentq(value, low, high, xtol=close, maxiter=1000, disp=False)
        return found, "f changes its sign there"

    return find


def _by_iteration(method: str) -> Find:
    check_method(method, ["del2", "iteration"])

    def find(equations: Equations, start: Floats) -> tuple[Any, str]:
        def image(x: Floats) -> Floats:
            return x - equations.values(x)

        try:
            with np.errstate(all="ignore"):
                return optimize.fixed_point(image, start, method=method), "it has converged"
        except RuntimeError as error:
            failure = f"fixed_point has not converged. SciPy says: {error}. {equations.remedy}"
        raise ConvergenceError(failure)

    return find


def _as_many(function: Function, result: Any, count: int) -> list[Any]:
    """Take the result of a user's function apart: as many numbers as there are unknowns."""
    numbers = flatten(result)[0]
    if len(numbers) != count:
        raise ShapeError(
            f"{name_of(function)} gave {len(numbers)} numbers for {count} unknowns: expected as "
            "many equations as unknowns"
        )
    name = f"the result of {name_of(function)}"
    return [one if isinstance(one, Node) else to_number(one, name) for one in numbers]
