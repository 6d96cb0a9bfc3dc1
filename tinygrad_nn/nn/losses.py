"""Losses: what one prediction costs, given the target. The cost J is the mean over samples.

All are plain functions of one prediction, a Value or a number, and its target; or of a list of
predictions with one target for each, whose losses are averaged: L = (1/k) sum_j L(y_hat_j, y_j),
as PyTorch's do. Those of classes are in `classification`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..errors import ArgumentError
from ..functions import dot, mean, square
from ..scalar.ops import absolute, exp, maximum, minimum
from .classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
)
from .targets import count, difference, is_several, mean_of, prediction

__all__ = [
    "absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cost",
    "cross_entropy",
    "hinge",
    "huber",
    "poisson",
    "quantile",
    "squared_error",
]


def squared_error(y_hat: Any, y: Any) -> Any:
    """The squared error, L = (y_hat - y)^2.

    Parameters
    ----------
    y_hat : Value or float
        The prediction.
    y : float or Value
        The number to predict.

    Raises
    ------
    DataError
        When `y` is not finite.

    Examples
    --------
    >>> squared_error(3.0, 5.0)
    4.0
    """
    if is_several(y_hat):
        return mean_of(squared_error, y_hat, y)
    return square(difference(y_hat, y))


def absolute_error(y_hat: Any, y: Any) -> Any:
    """The absolute error, L = |y_hat - y|; its derivative at y_hat = y is 0.

    Parameters
    ----------
    y_hat, y
        As in `squared_error`.

    Examples
    --------
    >>> absolute_error(3.0, 5.0)
    2.0
    """
    if is_several(y_hat):
        return mean_of(absolute_error, y_hat, y)
    return absolute(difference(y_hat, y))


def huber(y_hat: Any, y: Any, delta: float = 1.0) -> Any:
    """Huber's loss: half the squared error near y, and linear beyond.

    L = e^2 / 2 for |e| <= delta, else delta (|e| - delta / 2), with e = y_hat - y.

    Parameters
    ----------
    y_hat, y
        As in `squared_error`.
    delta : float
        Where the two parts meet, with the same slope.

    Examples
    --------
    >>> huber(0.5, 0.0), huber(3.0, 0.0)
    (0.125, 2.5)
    """
    if is_several(y_hat):
        return mean_of(huber, y_hat, y, delta=delta)
    if not delta > 0.0:
        raise ArgumentError(f"delta is {delta!r}: expected a positive number, as 1.0")
    # One formula for both parts: c (|e| - c / 2) with c = min(|e|, delta). No square overflows.
    size = absolute(difference(y_hat, y))
    near = minimum(size, float(delta))
    return near * (size - 0.5 * near)


def quantile(y_hat: Any, y: Any, q: float = 0.5) -> Any:
    """The pinball loss, least in the mean where a part q of all targets is below the prediction.

    L = q (y - y_hat) for y >= y_hat, else (1 - q) (y_hat - y) (Koenker and Bassett, 1978); for the
    median half the absolute error. The derivative at y_hat = y is -q.

    Parameters
    ----------
    y_hat, y
        As in `squared_error`.
    q : float
        The part, between 0 and 1. For a Trainer write ``functools.partial(nn.quantile, q=0.9)``.

    Raises
    ------
    ArgumentError
        When `q` is not between 0 and 1.

    Examples
    --------
    >>> quantile(0.0, 10.0, q=0.75), quantile(10.0, 0.0, q=0.75)
    (7.5, 2.5)
    """
    if is_several(y_hat):
        return mean_of(quantile, y_hat, y, q=q)
    if not 0.0 < q < 1.0:
        raise ArgumentError(f"q is {q!r}: expected a number between 0 and 1, as 0.9")
    e = -difference(y_hat, y)
    return maximum(q * e, (q - 1.0) * e)


def poisson(z: Any, y: Any) -> Any:
    """The loss of counts, L = exp(z) - y z: minus the log likelihood of Poisson's distribution.

    z is the logarithm of the rate. What does not depend on z, log y!, is left out, as in
    ``torch.nn.PoissonNLLLoss``. `Trainer.predict` gives the rate.

    Parameters
    ----------
    z : Value or float
        The logarithm of the predicted rate: any real number.
    y : int, float or Value
        The count, 0 or more.

    Raises
    ------
    DataError
        When `y` is negative or not finite.

    Examples
    --------
    >>> poisson(0.0, 3), poisson(1.0, 0)
    (1.0, 2.718281828459045)
    """
    if is_several(z):
        return mean_of(poisson, z, y)
    z = prediction(z, "z")
    return exp(z) - count(y) * z


def cost(losses: Iterable[Any], weights: Iterable[float] | None = None) -> Any:
    """The cost of m samples, J = (1/m) sum_i L_i, or J = sum_i w_i L_i / sum_i w_i.

    Parameters
    ----------
    losses : iterable of Value or float, shape (samples,)
    weights : iterable of float, shape (samples,), optional
        How much each sample counts.

    Raises
    ------
    ArgumentError
        When there is no loss, or the weights are not as many or have no sum above 0.

    Examples
    --------
    >>> cost([1.0, 2.0, 6.0])
    3.0
    >>> cost([1.0, 2.0, 6.0], [1.0, 2.0, 1.0])
    2.75
    """
    losses = list(losses)
    if not losses:
        raise ArgumentError("losses is empty: expected the loss of one sample at least")
    if weights is None:
        return mean(losses)
    given = list(weights)
    total = math.fsum(given)
    if len(given) != len(losses) or not 0.0 < total < math.inf:
        raise ArgumentError(
            f"weights are {len(given)} of sum {total!r} for {len(losses)} losses: expected one for "
            "each, and a finite sum above 0"
        )
    return dot(given, losses) / total
