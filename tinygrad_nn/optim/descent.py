"""Gradient descent on any function of one or several numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError, DomainError
from ..foreign import check_keywords
from ..scalar.contexts import copies_kept
from ..scalar.convert import is_number, to_number
from ..scalar.value import Value
from .schedules import LearningRate, rate_at

__all__ = ["Descent", "minimize"]

Point: TypeAlias = float | list[float]


@dataclass(frozen=True)
class Descent:
    """What `minimize` has found, and the way there.

    Attributes
    ----------
    x : float or list of float
        The last point, of the form of the first.
    f : float
        The function there.
    gradient_norm : float
        The length of the gradient there.
    steps : int
        How many steps led there.
    converged : bool
        Whether the gradient became shorter than `tol`.
    reason : str
        Why it ended.
    path : tuple of points, shape (steps + 1,)
        All points from the first to `x`.
    values : tuple of float, shape (steps + 1,)
        The function at each of them.

    Examples
    --------
    >>> Descent(1.0, 0.5, 1e-9, 1, True, "the gradient is shorter than tol", (2.0, 1.0), (2.0, 0.5))
    Descent(x=1.0, f=0.5, gradient_norm=1e-09, steps=1, converged=True, reason='the gradient is shorter than tol')
    """

    x: Point
    f: float
    gradient_norm: float
    steps: int
    converged: bool
    reason: str
    path: tuple[Point, ...] = field(repr=False)
    values: tuple[float, ...] = field(repr=False)


@check_keywords
def minimize(
    f: Callable[[Any], Any],
    x0: Any,
    lr: LearningRate = 0.1,
    tol: float = 1e-6,
    max_steps: int = 1000,
) -> Descent:
    """Walk downhill: b = a - lr grad f(a), until the gradient is shorter than `tol`.

    Parameters
    ----------
    f : callable
        A function of one Value if `x0` is a number, of a list of Values if it is a
        list; it returns a Value.
    x0 : float or sequence of float
        Where to start.
    lr : float or function
        The learning rate, or a function of the number of steps made so far.
    tol : float
        The length of the gradient at which it has converged.
    max_steps : int
        The greatest number of steps.

    Returns
    -------
    Descent
        Not converged, with the last point where `f` and its gradient are finite, when
        the way leads out of the numbers: the learning rate is too large, or `f` has no
        minimum. Ctrl-C also ends the walk, and returns what was reached.

    Raises
    ------
    DomainError
        When `f` or its gradient is not defined or not finite at `x0`.
    ArgumentError
        When an argument is out of range.
    ArgumentTypeError
        When `f` returns no Value.

    Examples
    --------
    >>> found = minimize(lambda x: (x - 3) ** 2 + 1, 0.0, lr=0.25)
    >>> round(found.x, 5), round(found.f, 5), found.steps, found.converged
    (3.0, 1.0, 23, True)
    >>> found = minimize(lambda p: p[0] ** 2 + 10 * p[1] ** 2, [1.0, 1.0], lr=0.05)
    >>> found.converged, found.path[1]
    (True, [0.9, 0.0])
    >>> found = minimize(lambda x: x**4, 2.0, lr=1.0)
    >>> found.converged, found.path[:3], found.reason
    (False, (2.0, -30.0, 107970.0), 'diverged at step 5: pow at x = ... is too large for a float: ...')
    """
    walk = _Walk(f, x0)
    limit = check_count(max_steps, "max_steps", 0)
    tol = to_number(tol, "tol")
    rate_at(lr, 0)  # a bad one is an error now
    walk.visit(walk.start)
    try:
        while walk.norm >= tol:
            step = len(walk.visits)
            if step > limit:
                return walk.result(f"max_steps = {limit} steps were made")
            rate = rate_at(lr, step - 1)
            point, _, gradient = walk.visits[-1]
            try:
                walk.visit([a - rate * g for a, g in zip(point, gradient, strict=True)])
            except DomainError as error:
                return walk.result(f"diverged at step {step}: {error}")
    except KeyboardInterrupt:
        return walk.result("interrupted")
    return walk.result("the gradient is shorter than tol", converged=True)


class _Walk:
    """The points visited so far, each with f and its gradient there."""

    def __init__(self, f: Callable[[Any], Any], x0: Any) -> None:
        self.f = f
        self.scalar = is_number(x0)
        if not self.scalar and not isinstance(x0, Iterable):
            raise ArgumentTypeError(
                f"x0 is {x0!r}, of type {type(x0).__name__}: expected a number or a list of them"
            )
        start = [x0] if self.scalar else list(x0)
        self.start = [to_number(a, f"x0[{i}]") for i, a in enumerate(start)]
        if not self.start:
            raise ArgumentError("x0 is empty: expected one number at least")
        self.visits: list[tuple[list[float], float, list[float]]] = []

    @property
    def norm(self) -> float:
        """The length of the gradient at the last point."""
        _, _, gradient = self.visits[-1]
        return math.hypot(*gradient)

    def visit(self, point: list[float]) -> None:
        """Evaluate f and its gradient, and keep the point if all is finite."""
        leaves = [Value(a) for a in point]
        with copies_kept():
            result = self.f(leaves[0] if self.scalar else leaves)
        if not isinstance(result, Value):
            raise ArgumentTypeError(
                f"f returned {result!r}, of type {type(result).__name__}: expected a Value; "
                "compute it from x with arithmetic and the functions of tinygrad_nn"
            )
        result.backward()
        gradient = [leaf.grad for leaf in leaves]
        if not all(map(math.isfinite, (*point, result.data, *gradient))):
            raise DomainError(
                f"x is {self._form(point)!r}, f is {result.data!r} and its gradient is "
                f"{self._form(gradient)!r}: expected finite numbers; start elsewhere, or lower lr"
            )
        self.visits.append((point, result.data, gradient))  # at once: Ctrl-C may come any time

    def result(self, reason: str, converged: bool = False) -> Descent:
        """Put together what has been reached."""
        points, values, _ = zip(*self.visits, strict=True)
        path = tuple(self._form(point) for point in points)
        return Descent(
            x=path[-1],
            f=values[-1],
            gradient_norm=self.norm,
            steps=len(path) - 1,
            converged=converged,
            reason=reason,
            path=path,
            values=values,
        )

    def _form(self, point: list[float]) -> Point:
        """Give a point the form of x0."""
        return point[0] if self.scalar else list(point)
