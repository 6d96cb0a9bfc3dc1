"""Losses: what one prediction costs, given the target. The cost J is the mean over samples.

All are plain functions of one prediction, a Value or a number, and its target; or of a list of
predictions with one target for each, whose losses are averaged: L = (1/k) sum_j L(y_hat_j, y_j),
as PyTorch's do. The list of `cross_entropy` is one prediction, of a class.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, DomainError, PoleError
from ..functions import dot, lookup, mean, relu, shifted_logits, square
from ..scalar.number import is_unknown, plain, settled
from ..scalar.ops import absolute, eq, exp, log, log1p, maximum, minimum, softplus, where
from .targets import (
    class_index,
    count,
    difference,
    distribution,
    is_several,
    label,
    mean_of,
    prediction,
    probability,
)

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


def binary_cross_entropy(y_hat: Any, y: Any) -> Any:
    """The logistic loss, L = -[y log(y_hat) + (1 - y) log(1 - y_hat)].

    Parameters
    ----------
    y_hat : Value or float
        The predicted probability of class 1, a sigmoid's output.
    y : float or Value
        The label, 0 or 1, or a probability between them.

    Returns
    -------
    Value or float
        0 where `y_hat` is exactly 0 or 1 and `y` the same.

    Raises
    ------
    DataError
        When `y` is not in [0, 1].
    DomainError
        When `y_hat` is not in [0, 1], or is exactly 0 or 1 and `y` is not.

    Examples
    --------
    >>> binary_cross_entropy(0.5, 1)
    0.6931471805599453
    >>> binary_cross_entropy(1.0, 1) == 0
    True
    >>> binary_cross_entropy(1.0, 0)
    Traceback (most recent call last):
    ...
    tinygrad_nn.errors.PoleError: binary_cross_entropy of y_hat = 1.0 for y = 0.0 is infinite: leave the sigmoid out and give its argument to binary_cross_entropy_with_logits, which has no such limit
    """
    if is_several(y_hat):
        return mean_of(binary_cross_entropy, y_hat, y)
    y_hat = prediction(y_hat, "y_hat")
    y = probability(y)
    try:
        # log1p(-y_hat) keeps the digits that 1 - y_hat loses where y_hat is small. A term is
        # left out only where it is 0 * log(0).
        no_one = settled(eq(y_hat, 0.0) * eq(y, 0.0), 0.0)
        no_zero = settled(eq(y_hat, 1.0) * eq(y, 1.0), 0.0)
        one = where(no_one, 0.0, lambda: y * log(y_hat))
        zero = where(no_zero, 0.0, lambda: (1.0 - y) * log1p(-y_hat))
    except DomainError:
        raise _no_loss(plain(y_hat), plain(y)) from None
    return -(one + zero)


def binary_cross_entropy_with_logits(z: Any, y: Any) -> Any:
    """The logistic loss of the probability sigmoid(z), L = y softplus(-z) + (1 - y) softplus(z).

    Parameters
    ----------
    z : Value or float
        The logit: any real number.
    y : float or Value
        The label, 0 or 1, or a probability between them.

    Raises
    ------
    DataError
        When `y` is not in [0, 1].

    Examples
    --------
    >>> binary_cross_entropy_with_logits(0.0, 1)
    0.6931471805599453
    >>> binary_cross_entropy_with_logits(40.0, 1), binary_cross_entropy_with_logits(40.0, 0)
    (4.248354255291589e-18, 40.0)
    """
    if is_several(z):
        return mean_of(binary_cross_entropy_with_logits, z, y)
    # -log(sigmoid(z)) = softplus(-z) and -log(1 - sigmoid(z)) = softplus(z): nothing overflows.
    # The shorter softplus(z) - y z is a difference of equal numbers at z = 40, y = 1: it gives 0.
    z = prediction(z, "z")
    y = probability(y)
    return y * softplus(-z) + (1.0 - y) * softplus(z)


def cross_entropy(logits: Any, target: Any, label_smoothing: float = 0.0) -> Any:
    """The loss of softmax probabilities, L = -log(softmax(logits)[target]).

    With smoothing s, L = (1 - s) L + s (1/k) sum_k -log(softmax(logits)[k]): the target shares a
    part s of its probability with all k classes (Szegedy et al., 2016), as in PyTorch. For a
    Trainer write ``functools.partial(nn.cross_entropy, label_smoothing=0.1)``.

    Parameters
    ----------
    logits : sequence of Value or float, shape (classes,)
        Any real numbers: the outputs of a layer without activation.
    target : int, or sequence of float, shape (classes,)
        The index of the class, or the probability p_k of each class; then
        L = -sum_k p_k log(softmax(logits)[k]).
    label_smoothing : float
        The part s, from 0 to 1.

    Raises
    ------
    ArgumentError
        When `label_smoothing` is not from 0 to 1.
    DataError
        When there is no such class, or the probabilities are not as many as the
        logits, not in [0, 1], or do not sum to 1.

    Examples
    --------
    >>> cross_entropy([0.0, 0.0], 1)
    0.6931471805599453
    >>> cross_entropy([1000.0, 0.0], 1)
    1000.0
    >>> cross_entropy([0.0, 0.0], [0.5, 0.5])
    0.6931471805599453
    """
    if not isinstance(logits, Iterable):
        raise ArgumentTypeError(
            f"logits is {logits!r}: expected a number for each class; give a list, or use "
            "binary_cross_entropy_with_logits for two classes and one number"
        )
    logits = list(logits)
    prediction(logits[0] if logits else 0.0, "logits[0]")
    # The greatest logit is subtracted; log(softmax(...)) would be log(0) far from it.
    shifted, rest = shifted_logits(logits)
    sharp = _cross_entropy(shifted, rest, target)
    if label_smoothing == 0.0:
        return sharp
    if not 0.0 < label_smoothing <= 1.0:
        raise ArgumentError(
            f"label_smoothing is {label_smoothing!r}: expected a number from 0 to 1, as 0.1"
        )
    return (1.0 - label_smoothing) * sharp + label_smoothing * (rest - mean(shifted))


def _cross_entropy(shifted: list[Any], rest: Any, target: Any) -> Any:
    if isinstance(target, Iterable):
        shares = distribution(list(target), len(shifted))
        return -dot(shares, [x - rest for x in shifted])
    if is_unknown(target):
        return rest - lookup(shifted, target)
    return rest - shifted[class_index(target, len(shifted))]


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


def hinge(score: Any, y: Any) -> Any:
    """The max-margin loss, L = max(0, 1 - y score).

    Parameters
    ----------
    score : Value or float
        The prediction: its sign is the class.
    y : int, float or Value
        The label, -1 or +1.

    Raises
    ------
    DataError
        When `y` is neither.

    Examples
    --------
    >>> hinge(0.25, 1), hinge(0.25, -1), hinge(3.0, 1)
    (0.75, 1.25, 0.0)
    """
    if is_several(score):
        return mean_of(hinge, score, y)
    return relu(1.0 - label(y) * prediction(score, "score"))


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


def _no_loss(y_hat: float, y: float) -> DomainError:
    remedy = (
        "leave the sigmoid out and give its argument to binary_cross_entropy_with_logits, "
        "which has no such limit"
    )
    if y_hat in (0.0, 1.0):
        return PoleError(
            f"binary_cross_entropy of y_hat = {y_hat!r} for y = {y!r} is infinite: {remedy}"
        )
    return DomainError(
        f"binary_cross_entropy at y_hat = {y_hat!r} has no real result; y_hat must be a "
        f"probability, a sigmoid's output: {remedy}"
    )
