"""Activation functions: a = g(z), by name or as any function of one Value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ..arguments import named_function
from ..functions import leaky_relu, relu
from ..scalar.ops import sigmoid, tanh

__all__ = ["ACTIVATIONS", "Activation", "activation_name", "find_activation", "identity"]

Activation: TypeAlias = Callable[[Any], Any]


def identity(z: Any) -> Any:
    """The activation that changes nothing, g(z) = z.

    Examples
    --------
    >>> identity(-2.0)
    -2.0
    """
    return z


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "identity": identity,
}
"""Every activation function that has a name: g(z) = 1 / (1 + exp(-z)), tanh z,
max(0, z), max(eps z, z) with eps = 0.01, and z."""


def find_activation(activation: str | Activation | bool) -> Activation:
    """Find an activation function by its name; True and False are micrograd's ``nonlin``."""
    if isinstance(activation, bool):
        return relu if activation else identity
    return named_function(activation, "activation", ACTIVATIONS, "one number")


def activation_name(activation: Activation) -> str:
    """Name an activation function for people."""
    for name, known in ACTIVATIONS.items():
        if known is activation:
            return name
    return str(getattr(activation, "__name__", None) or getattr(activation, "name", activation))
