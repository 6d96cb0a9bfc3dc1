"""Gradients that are too long or too large, cut."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..errors import ArgumentError
from ..scalar.convert import to_number
from ..scalar.ops import maximum, minimum
from ..scalar.value import Value
from .arguments import leaves

__all__ = ["bound", "clip_norm", "clip_value", "clipped", "scale_of"]

MARGIN = 1e-6  # as PyTorch adds to the norm


def clip_norm(parameters: Iterable[Value], most: float) -> float:
    """Shorten the gradient of all parameters together, as ``torch.nn.utils.clip_grad_norm_``.

    Each g becomes g min(1, most / (norm + 1e-6)), where norm is the root of the sum of all squares.

    Parameters
    ----------
    parameters : iterable of Value
    most : float
        The greatest length that stays as it is.

    Returns
    -------
    float
        The norm before.

    Raises
    ------
    ArgumentError
        When `most` is not a finite number above 0.

    Examples
    --------
    >>> a, b = Value(1.5), Value(2.0)
    >>> (a * a + b * b).backward()
    >>> clip_norm([a, b], 1.0)
    5.0
    >>> round(a.grad, 5), round(b.grad, 5)
    (0.6, 0.8)
    """
    limit, moved = bound(most, "most"), leaves(parameters)
    norm = math.hypot(*[parameter.grad for parameter in moved])
    scale = scale_of(norm, limit)
    for parameter in moved:
        parameter.grad *= scale
    return norm


def clip_value(parameters: Iterable[Value], most: float) -> None:
    """Cut each derivative to at most this size, as ``torch.nn.utils.clip_grad_value_``.

    Parameters
    ----------
    parameters : iterable of Value
    most : float
        Each g becomes min(max(g, -most), most).

    Raises
    ------
    ArgumentError
        When `most` is not a finite number above 0.

    Examples
    --------
    >>> a, b = Value(1.5), Value(-0.25)
    >>> (a * a + b * b).backward()
    >>> clip_value([a, b], 1.0)
    >>> a.grad, b.grad
    (1.0, -0.5)
    """
    limit = bound(most, "most")
    for parameter in leaves(parameters):
        parameter.grad = clipped(parameter.grad, limit)


def clipped(g: Any, most: float) -> Any:
    """Cut one derivative, a float or a Value."""
    return maximum(minimum(g, most), -most)


def scale_of(norm: float, most: float) -> float:
    """Say by what a gradient of this length is to be multiplied."""
    return min(1.0, most / (norm + MARGIN))


def bound(most: object, name: str) -> float:
    """Check how long a gradient may be."""
    number = to_number(most, name)
    if not 0.0 < number < math.inf:
        raise ArgumentError(f"{name} is {number!r}: expected a finite number above 0, as 1.0")
    return number
