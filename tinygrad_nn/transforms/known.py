"""Which functions are the derivatives of others, for who need not compute them to know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import of_functions
from .arguments import Argnums
from .transformed import Transformed

__all__ = ["Along", "Derivative", "derivative_of", "moved_by"]

Function = Callable[..., Any]
Transform = Callable[[Function, Argnums], Function]


class Derivative:
    """The first derivatives of a function by some of its arguments, after its value or alone.

    `transform` makes them of a function.
    """

    def __init__(
        self, function: Function, argnums: Argnums, transform: Transform, after_value: bool
    ) -> None:
        self.function = function
        self.argnums = argnums
        self.transform = transform
        self.after_value = after_value


class Along:
    """A function of x, v and further arguments: how another, of x and those, moves at x along v."""

    @property
    def moved(self) -> Function:
        """The function that moves."""
        raise NotImplementedError

    def __call__(self, x: Any, v: Any, /, *args: Any, **named: Any) -> Any:
        """Compute the derivatives of all its results along v."""
        raise NotImplementedError


def moved_by(function: Function) -> Function | None:
    """Say how what other function moves, of x and further arguments, one of x, v and those tells."""
    if isinstance(function, Along):
        return function.moved
    if type(function) is Transformed and (function.transform, *function.given) == ("hvp", 0):
        return of_functions.grad(function.function)
    return None


_DERIVATIVES = {"grad", "jacfwd", "jacobian", "jacrev", "value_and_grad"}


def derivative_of(function: Function) -> Derivative | None:
    """Say of what a function is the derivative, if it was made so."""
    if type(function) is not Transformed or function.transform not in _DERIVATIVES:
        return None
    (argnums,) = function.given
    transform = getattr(of_functions, function.transform)
    return Derivative(function.function, argnums, transform, function.transform == "value_and_grad")
