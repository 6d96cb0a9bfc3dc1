"""Which functions are the derivatives of others, for who need not compute them to know them."""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType
from typing import Any, TypeVar

from .arguments import Argnums

__all__ = ["Along", "Derivative", "derivative_of", "makes_derivatives"]

Function = Callable[..., Any]
Transform = Callable[[Function, Argnums], Function]
T = TypeVar("T", bound=Callable[..., Any])


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


_known: dict[CodeType, tuple[Transform, bool]] = {}  # what makes functions of one code


def makes_derivatives(*, after_value: bool = False) -> Callable[[T], T]:
    """Note that a transform of `f` and `argnums` makes the derivatives of f, in whose closure they are."""

    def noted(transform: T) -> T:
        inner = [one for one in transform.__code__.co_consts if isinstance(one, CodeType)]
        # From Python 3.14 on a function with annotations brings code along that gives these.
        (code,) = [one for one in inner if one.co_name != "__annotate__"]
        _known[code] = transform, after_value
        return transform

    return noted


def derivative_of(function: Function) -> Derivative | None:
    """Say of what a function is the derivative, if it was made so."""
    code = getattr(function, "__code__", None)
    if code not in _known:
        return None
    named = dict(zip(code.co_freevars, function.__closure__ or (), strict=True))
    f, argnums = [named[name].cell_contents for name in ("f", "argnums")]
    return Derivative(f, argnums, *_known[code])
