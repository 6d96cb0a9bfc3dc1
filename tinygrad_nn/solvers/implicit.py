"""Solutions of equations F(x, a) = 0: their last digits, and how they move with a.

Near a solution x0 at a0 with the Jacobian J of F by x, each step of

    x <- x - J^-1 (F(x, a) - F(x0, a0))

from x0 on is right in one order of a - a0 more: recorded once it has the first derivatives by a of
the implicit function theorem, and recorded twice the second ones. The number stays x0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import ConvergenceError, DomainError
from ..scalar.graph import Node
from ..scalar.number import note_choice, plain
from ..transforms import jacobian
from .smooth import HIGHEST, limited

__all__ = ["Equations", "Floats", "floats", "recorded"]

Floats: TypeAlias = npt.NDArray[np.float64]
Residuals: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]

MOST_STEPS: Final = 60  # of Newton's method, from where SciPy has ended
CONTRACTION: Final = 0.3  # what the last of them leave of the one before, but for rounding
CLOSE: Final = 1e-9  # the last step, relative to x, that is as good as none
HALF_OF_DIGITS: Final = 2.0**-26


class Equations:
    """As many equations as unknowns, at plain numbers in place of all Values.

    Parameters
    ----------
    solver : str
        Who solves them, for errors.
    residuals : callable
        Gives F at x. Numbers that it takes from outside may be Values: they count as numbers here.
    remedy : str
        What to do where they are not solved.
    """

    def __init__(self, solver: str, residuals: Residuals, remedy: str) -> None:
        self.solver = solver
        self._residuals = residuals
        self._slopes = jacobian(residuals)
        self.remedy = remedy

    def values(self, x: Any) -> Floats:
        """Compute F."""
        return floats(self._at(self._residuals, x))

    def slopes(self, x: Any) -> Floats:
        """Compute the Jacobian of F."""
        return np.array([floats(row) for row in self._at(self._slopes, x)])

    def _at(self, function: Residuals, x: Any) -> Sequence[Any]:
        try:
            return function(list(map(float, x)))
        except ArithmeticError as error:  # Python's too, as of 1 / 0.0
            failure = error
        raise ConvergenceError(
            f"{self.solver} came to x = {_brief(x)}, where the function has no result: {failure}. "
            f"{self.remedy}"
        ) from failure

    def solution(self, x: Floats, start: Floats, message: str) -> tuple[Floats, Floats]:
        """Find the last digits of a solution by Newton's method, and J there; see that it is one.

        `message` is what SciPy says, who has come from `start` to `x`.
        """
        size, least = math.inf, math.inf
        step = np.zeros_like(x)
        scale = np.maximum(abs(x), abs(start))
        scale += 1e-3 * max(scale.max(), np.finfo(float).tiny)
        for _ in range(MOST_STEPS):
            slopes = self.slopes(x)
            step = self._solve(slopes, self.values(x), x)
            size = float((abs(step) / scale).max())
            if size == 0.0 or CONTRACTION * least < size <= CLOSE:
                break
            x, least = x - step, size
        if not size <= CLOSE:
            raise ConvergenceError(
                f"{self.solver} has not converged: at x = {_brief(x)} the next step would be "
                f"{_brief(step)}, and the residuals are {_brief(self.values(x))}. SciPy says: "
                f"{message.rstrip('.')}. {self.remedy}"
            )
        self._refuse_singular(slopes, x, step)
        return x, slopes

    def _solve(self, slopes: Floats, values: Floats, x: Floats) -> Floats:
        if not (np.isfinite(slopes).all() and np.isfinite(values).all()):
            raise ConvergenceError(
                f"{self.solver} came to x = {_brief(x)}, where the residuals are {_brief(values)} "
                f"and their derivatives {_brief(slopes)}: expected finite ones. {self.remedy}"
            )
        try:
            found = np.asarray(np.linalg.solve(slopes, values), dtype=float)
        except np.linalg.LinAlgError:
            self._refuse(x)
        if not np.isfinite(found).all():
            self._refuse(x)
        return found

    def _refuse_singular(self, slopes: Floats, x: Floats, step: Floats) -> None:
        """Refuse a solution that half of the digits do not tell from its neighbours.

        There the Jacobian is singular, or becomes another one within a distance as small as that.
        """
        scale = np.where(x == 0.0, max(abs(x).max(), np.finfo(float).tiny), abs(x))
        scaled = slopes * scale
        highest = abs(scaled).max(axis=1, keepdims=True)
        if not highest.all():
            self._refuse(x)
        _, lengths, directions = np.linalg.svd(scaled / highest)
        if lengths[-1] <= len(x) * np.finfo(float).eps * lengths[0]:
            self._refuse(x)
        distance = max(HALF_OF_DIGITS, 10.0 * float((abs(step) / scale).max()))
        along = scale * directions[-1] * distance
        for beside in (along, -along):
            try:
                change = (self.slopes(x + beside) - slopes) @ beside
            except ConvergenceError:  # the solution lies at the end of where F is defined
                continue
            moved = np.linalg.solve(slopes, change)
            if not (abs(moved / scale).max() < 0.5 * abs(beside / scale).max()):
                self._refuse(x)
            return

    def _refuse(self, x: Floats) -> NoReturn:
        raise DomainError(
            f"{self.solver} came to x = {_brief(x)}, where the Jacobian of the equations is "
            f"singular: the solution has no derivatives there. {self.remedy}"
        )


def recorded(
    solver: str, residuals: Residuals, x: Floats, slopes: Floats, first: Sequence[Any]
) -> list[Any]:
    """Record how a solution moves with the Values in its equations.

    `residuals` records them at x, and `first` are those at the solution.
    """
    weights = np.linalg.inv(slopes)
    found: list[Any] = x.tolist()
    for order in range(HIGHEST):
        rest = first if order == 0 else residuals(found)
        moving = [(j, node) for j, node in enumerate(rest) if isinstance(node, Node)]
        for _, node in moving:
            note_choice(node)  # the weights and x itself hang on it
        for i, row in enumerate(weights.tolist()):
            for j, node in moving:
                if row[j] != 0.0:
                    found[i] = found[i] - row[j] * (node - plain(node))
    return limited(solver, found)


def floats(numbers: Any) -> Floats:
    """Make an array of numbers, Values among them."""
    return np.array([plain(number) for number in numbers], dtype=float)


def _brief(numbers: Any) -> str:
    return np.array2string(np.asarray(numbers), precision=6, threshold=8)
