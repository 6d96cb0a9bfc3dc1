"""Solutions of equations F(x, a) = 0: their last digits, and how they move with a.

Near a solution x0 at a0 with the Jacobian J of F by x, each step of

    x <- x - J^-1 (F(x, a) - F(x0, a0))

from x0 on is right in one order of a - a0 more: recorded once it has the first derivatives by a of
the implicit function theorem, and recorded twice the second ones. The number stays x0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from ..errors import ConvergenceError, DomainError
from ..scalar.graph import Node
from ..scalar.number import plain
from ..transforms import jacobian
from .arguments import plainly
from .smooth import HIGHEST, limited, tie_to

__all__ = ["Equations", "Find", "Floats", "Problem", "numbers_in", "solved"]

Floats: TypeAlias = npt.NDArray[np.float64]
Residuals: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
Find: TypeAlias = "Callable[[Equations, Floats], tuple[Any, str]]"

MOST_STEPS: Final = 60  # of Newton's method, from where SciPy has ended
CONTRACTION: Final = 0.3  # what the last of them leave of the one before, but for rounding
CLOSE: Final = 1e-9  # the last step, relative to x, that is as good as none
HALF_OF_DIGITS: Final = 2.0**-26


@dataclass(frozen=True)
class Problem:
    """What a solver is to solve, and how.

    Parameters
    ----------
    solver : str
        Its name.
    residuals : callable
        Gives F of the arguments and x.
    find : callable
        Comes close to a solution, and tells how it has ended.
    remedy : str
        What to do where none is found.
    singular : str
        What is wrong where J is singular.
    check : callable
        Refuses a solution that is none of the kind that is looked for.
    """

    solver: str
    residuals: Callable[[tuple[Any, ...], Sequence[Any]], Sequence[Any]]
    find: Find
    remedy: str
    singular: str = "the Jacobian of the equations is singular"
    check: Callable[[Floats, Floats], None] = lambda x, slopes: None


class Equations:
    """As many equations as unknowns, at plain numbers in place of all Values.

    `residuals` gives F at x. Numbers that it takes from outside may be Values: they count as numbers.
    """

    def __init__(self, problem: Problem, residuals: Residuals) -> None:
        self.solver, self.remedy = problem.solver, problem.remedy
        self._singular = problem.singular
        self._residuals = residuals
        self._slopes = jacobian(residuals)

    def values(self, x: Any) -> Floats:
        """Compute F."""
        return numbers_in(self._at(self._residuals, x))

    def slopes(self, x: Any) -> Floats:
        """Compute the Jacobian of F."""
        return numbers_in(self._at(self._slopes, x))

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
        greatest = max(abs(x).max(), np.finfo(float).tiny)
        scale = np.maximum(np.where(x == 0.0, greatest, abs(x)), HALF_OF_DIGITS * greatest)
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
            f"{self.solver} came to x = {_brief(x)}, where {self._singular}: the solution has no "
            f"derivatives there. {self.remedy}"
        )


def solved(problem: Problem, args: tuple[Any, ...], start: Sequence[float]) -> list[Any]:
    """Solve with plain numbers; then record how the solution moves with Values, if there are any."""
    numbers, begin = plainly(args), np.array(start)
    equations = Equations(problem, lambda x: problem.residuals(numbers, x))
    x, message = problem.find(equations, begin)
    x, slopes = equations.solution(np.atleast_1d(x), begin, message)
    problem.check(x, slopes)
    first = problem.residuals(args, x.tolist())
    if not any(isinstance(one, Node) for one in first):
        return list(x.tolist())
    return limited(
        problem.solver, _recorded(lambda x: problem.residuals(args, x), x, slopes, first)
    )


def _recorded(residuals: Residuals, x: Floats, slopes: Floats, first: Sequence[Any]) -> list[Any]:
    """Record how a solution moves; `first` are the residuals there."""
    weights = np.linalg.inv(slopes)
    found: list[Any] = x.tolist()
    for order in range(HIGHEST):
        rest = first if order == 0 else residuals(found)
        moving = [(j, node) for j, node in enumerate(rest) if isinstance(node, Node)]
        for _, node in moving:
            tie_to(node)  # the weights and x itself hang on it
        for i, row in enumerate(weights.tolist()):
            for j, node in moving:
                if row[j] != 0.0:
                    found[i] = found[i] - row[j] * (node - plain(node))
    return found


def numbers_in(nesting: Any) -> Floats:
    """Make an array of a nesting of numbers, Values among them."""
    if isinstance(nesting, list | tuple):
        return np.array(list(map(numbers_in, nesting)))
    return np.array(plain(nesting), dtype=float)


def _brief(numbers: Any) -> str:
    return np.array2string(np.asarray(numbers), precision=6, threshold=8)
