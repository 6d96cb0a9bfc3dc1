"""Minima, also under equations: where the gradient of the Lagrangian is zero."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from scipy import optimize

from ..errors import ArgumentTypeError, DomainError, ShapeError
from ..scalar.arrays import call_with_values
from ..transforms import grad, hessian, jacobian
from ..tree import flatten
from .arguments import begin, check_arguments, name_of, one_number, plainly
from .implicit import Equations, Find, Floats, Problem, numbers_in, solved

__all__ = ["minimum_of"]

Function = Callable[..., Any]

LEAST_CURVATURE: Final = 1e-11  # relative to the greatest one
REMEDY: Final = "Begin closer to the minimum, or add what makes it strict"
SINGULAR: Final = "the minimum is not strict, or its constraints depend on one another"


def minimum_of(f: Function, x0: Any, args: Any, constraints: Function | None) -> Any:
    """Minimise f(x, *args) where constraints(x, *args) are 0: see `argmin`."""
    args = check_arguments(f, args, "f")
    if constraints is not None and not callable(constraints):
        raise ArgumentTypeError(
            f"constraints is {constraints!r}, of type {type(constraints).__name__}: expected a "
            "function of x and args, which gives numbers that are to be 0"
        )
    start, rebuild = begin(x0, "x0")
    lagrangian = Lagrangian(f, constraints, rebuild, len(start))
    number = len(lagrangian.equations(start, plainly(args)))
    if number > len(start):
        raise ShapeError(
            f"{name_of(constraints)} gave {number} numbers for {len(start)} unknowns: expected at "
            "most as many equations as unknowns"
        )
    find = lagrangian.descent if number == 0 else lagrangian.programming
    problem = Problem(
        "argmin", lagrangian.slopes, find(plainly(args)), REMEDY, SINGULAR, lagrangian.check
    )
    return rebuild(solved(problem, args, [*start, *[0.0] * number])[: len(start)])


class Lagrangian:
    """What is minimised plus multipliers times what is to be 0; unknowns are x and multipliers."""

    def __init__(
        self,
        f: Function,
        constraints: Function | None,
        rebuild: Callable[[Sequence[Any]], Any],
        count: int,
    ) -> None:
        self._f = f
        self._constraints = constraints
        self._rebuild = rebuild
        self._count = count

    def value(self, x: Any, args: tuple[Any, ...]) -> Any:
        """Compute what is minimised."""
        return one_number(call_with_values(self._f, self._rebuild(x), *args), self._f)

    def equations(self, x: Any, args: tuple[Any, ...]) -> list[Any]:
        """Compute what is to be 0."""
        if self._constraints is None:
            return []
        return flatten(call_with_values(self._constraints, self._rebuild(x), *args))[0]

    def slopes(self, args: tuple[Any, ...], unknowns: Sequence[Any]) -> list[Any]:
        """Differentiate the Lagrangian by all unknowns."""
        multipliers = unknowns[self._count :]

        def lagrangian(x: Any) -> Any:
            total = self.value(x, args)
            for multiplier, equation in zip(multipliers, self.equations(x, args), strict=True):
                total = total + multiplier * equation
            return total

        x = list(unknowns[: self._count])
        return [*grad(lagrangian)(x), *self.equations(x, args)]

    def descent(self, args: tuple[Any, ...]) -> Find:
        """Minimise without constraints."""
        slopes, curvatures = grad(self.value), hessian(self.value)

        def at(function: Function, beyond: Floats) -> Callable[[Floats], Floats]:
            def computed(x: Floats) -> Floats:
                try:
                    return numbers_in(function(x.tolist(), args))
                except ArithmeticError:  # where f is not defined no step ends
                    return beyond

            return computed

        def find(equations: Equations, start: Floats) -> tuple[Any, str]:
            size = max(1.0, float(abs(start).max()))
            found = optimize.minimize(
                at(self.value, np.array(math.inf)),
                start,
                jac=at(slopes, np.zeros(self._count)),
                hess=at(curvatures, np.eye(self._count)),
                method="trust-exact",
                options={"initial_trust_radius": size, "max_trust_radius": 1e9 * size},
            )
            return found.x, found.message

        return find

    def programming(self, args: tuple[Any, ...]) -> Find:
        """Minimise under the constraints, and find their multipliers."""
        slopes, directions = grad(self.value), jacobian(self.equations)

        def find(equations: Equations, start: Floats) -> tuple[Any, str]:
            def normals(x: Floats) -> Floats:
                return numbers_in(directions(x.tolist(), args))

            found = optimize.minimize(
                lambda x: numbers_in(self.value(x.tolist(), args)),
                start[: self._count],
                jac=lambda x: numbers_in(slopes(x.tolist(), args)),
                method="SLSQP",
                constraints={
                    "type": "eq",
                    "fun": lambda x: numbers_in(self.equations(x.tolist(), args)),
                    "jac": normals,
                },
                options={"ftol": 1e-14, "maxiter": 1000},
            )
            gradient = numbers_in(slopes(found.x.tolist(), args))
            multipliers = np.linalg.lstsq(normals(found.x).T, -gradient, rcond=None)[0]
            return np.concatenate([found.x, multipliers]), found.message

        return find

    def check(self, unknowns: Floats, slopes: Floats) -> None:
        """Refuse what is no minimum: the Lagrangian must curve upwards along the constraints."""
        x, count = unknowns[: self._count], self._count
        scale = np.where(x == 0.0, max(abs(x).max(), 1.0), abs(x))
        curvatures = slopes[:count, :count] * scale * scale[:, None]
        normals = slopes[count:, :count] * scale
        along = np.linalg.svd(normals)[2][len(normals) :] if len(normals) else np.eye(count)
        lengths = np.linalg.eigvalsh(along @ curvatures @ along.T)
        if len(lengths) and not lengths[0] > LEAST_CURVATURE * abs(lengths).max():
            raise DomainError(
                f"argmin came to x = {x.tolist()!r}, which is no strict minimum: the least "
                f"curvature there is {lengths[0]:.3g}, the greatest {lengths[-1]:.3g}, relative to "
                f"x. {REMEDY}"
            )
