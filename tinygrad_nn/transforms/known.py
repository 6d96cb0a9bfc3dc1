"""Which functions are the derivatives of others, for who need not compute them to know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from .call import Argnums

__all__ = ["Derivative", "derivative_of", "note_derivative"]

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Derivative:
    """The first derivatives of a function by some of its arguments, after its value or alone."""

    function: Function
    argnums: Argnums
    after_value: bool = False


_known: WeakKeyDictionary[Function, Derivative] = WeakKeyDictionary()


def note_derivative(made: Function, derivative: Derivative) -> None:
    """Note what a function was made to compute."""
    _known[made] = derivative


def derivative_of(function: Function) -> Derivative | None:
    """Say of what a function is the derivative, if it was made so."""
    try:
        return _known.get(function)
    except TypeError:  # it cannot be hashed, or referred to weakly
        return None
