"""Activation functions: a = g(z), by name or as any function of one Value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from ..arguments import named_function
from ..functions import leaky_relu, relu
from ..scalar.ops import erfc, sigmoid, softplus, tanh

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "activation_name",
    "find_activation",
    "gelu",
    "identity",
    "mish",
    "silu",
]

Activation: TypeAlias = Callable[[Any], Any]

ROOT_TWO = math.sqrt(2.0)


def identity(z: Any) -> Any:
    """The activation that changes nothing, g(z) = z.

    Examples
    --------
    >>> identity(-2.0)
    -2.0
    """
    return z


def gelu(z: Any) -> Any:
    r"""The Gaussian error linear unit, g(z) = z P(Z <= z) of a standard normal Z.

    As :math:`z \operatorname{erfc}(-z / \sqrt 2) / 2`, which keeps its digits in the left tail
    (Hendrycks and Gimpel, 2016; not the approximation by tanh).

    Examples
    --------
    >>> round(gelu(1.0), 6)
    0.841345
    """
    return z * (0.5 * erfc(z / -ROOT_TWO))


def silu(z: Any) -> Any:
    """The sigmoid linear unit, or swish: g(z) = z sigmoid(z) (Elfwing et al., 2017).

    Examples
    --------
    >>> round(silu(1.0), 6)
    0.731059
    """
    return z * sigmoid(z)


def mish(z: Any) -> Any:
    """Mish: g(z) = z tanh(softplus(z)) (Misra, 2019).

    Examples
    --------
    >>> round(mish(1.0), 6)
    0.865098
    """
    return z * tanh(softplus(z))


ACTIVATIONS: dict[str, Activation] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "gelu": gelu,
    "silu": silu,
    "mish": mish,
    "identity": identity,
}
"""Every activation function that has a name: g(z) = 1 / (1 + exp(-z)), tanh z, max(0, z),
max(eps z, z) with eps = 0.01, z P(Z <= z), z sigmoid(z), z tanh(log(1 + exp z)), and z."""


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
