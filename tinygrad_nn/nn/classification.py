"""Losses of classes: what one prediction of a class costs, given the class.

As in `losses`: of a list of predictions with one target for each, the losses are averaged. The list
of `cross_entropy` is one prediction of a class, or of several that follow each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, DomainError, PoleError
from ..functions import dot, lookup, mean, relu, shifted_logits
from ..scalar.number import is_unknown, plain, settled
from ..scalar.ops import eq, log, log1p, softplus, where
from .targets import (
    class_index,
    distribution,
    is_several,
    label,
    mean_of,
    parted,
    prediction,
    probability,
)

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "hinge"]


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


def cross_entropy(
    logits: Any,
    target: Any,
    label_smoothing: float = 0.0,
    classes: Sequence[int] | None = None,
) -> Any:
    """The loss of softmax probabilities, L = -log(softmax(logits)[target]).

    With smoothing s, L = (1 - s) L + s (1/k) sum_k -log(softmax(logits)[k]): the target shares a
    part s of its probability with all k classes (Szegedy et al., 2016), as in PyTorch. For a
    Trainer write ``functools.partial(nn.cross_entropy, label_smoothing=0.1)``.

    Several classifications of one sample lie one after the other, with as many logits each as
    `classes` says; their losses are averaged, as PyTorch's are.

    Parameters
    ----------
    logits : sequence of Value or float, shape (classes,)
        Any real numbers: the outputs of a layer without activation.
    target : int, or sequence of float, shape (classes,)
        The index of the class, or the probability p_k of each class; then
        L = -sum_k p_k log(softmax(logits)[k]). A sequence of such targets, with `classes`.
    label_smoothing : float
        The part s, from 0 to 1.
    classes : sequence of int, optional
        How many classes each of several classifications has. For a Trainer write
        ``functools.partial(nn.cross_entropy, classes=(2, 3))``, and give a tuple of classes for
        each sample.

    Raises
    ------
    ArgumentError
        When `label_smoothing` is not from 0 to 1, or the `classes` are not as many as the logits.
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
    >>> cross_entropy([0.0, 0.0, 1000.0, 0.0, 0.0], (0, 1), classes=(2, 3))
    500.34657359027995
    """
    if not isinstance(logits, Iterable):
        raise ArgumentTypeError(
            f"logits is {logits!r}: expected a number for each class; give a list, or use "
            "binary_cross_entropy_with_logits for two classes and one number"
        )
    logits = list(logits)
    if classes is not None:
        each = parted(logits, classes)
        return mean_of(cross_entropy, each, target, label_smoothing=label_smoothing)
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
