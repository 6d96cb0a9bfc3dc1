"""The loss of an estimator, and the targets that it takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from .. import nn
from ..arguments import named_function
from ..errors import ArgumentError

__all__ = ["REGRESSION", "Loss", "of_classes", "of_numbers", "predictions"]

Loss: TypeAlias = Callable[[Any, Any], Any]
NDArray: TypeAlias = Any  # a NumPy array

_NOT_OF_NUMBERS = {
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cost",
    "cross_entropy",
    "hinge",
}
REGRESSION: dict[str, Loss] = {
    name: getattr(nn, name) for name in nn.losses.__all__ if name not in _NOT_OF_NUMBERS
}
CLASSIFICATION: dict[str, Loss] = {"cross_entropy": nn.cross_entropy, "hinge": nn.hinge}
PROBABLE = (nn.binary_cross_entropy, nn.poisson)  # their targets are never -1


def of_numbers(choice: Any) -> Loss:
    """Give the loss of a regression."""
    return named_function(choice, "loss", REGRESSION, "(y_hat, y)")


def predictions(choice: Any, found: NDArray) -> NDArray:
    """Give what the outputs of a regression mean: the rates of counts, or the numbers themselves."""
    return np.exp(found) if of_numbers(choice) is nn.poisson else found


def of_classes(choice: Any, outputs: int, multilabel: bool) -> tuple[Loss, str]:
    """Give the loss of a classification, and which targets it takes.

    These are "bits", 0 or 1 of each output; "signs", -1 or 1 of each; or the "index" of the class.
    A loss of one's own takes the index where there are several classes.
    """
    loss = named_function(choice, "loss", CLASSIFICATION, "(output, target)")
    known = loss.func if isinstance(loss, partial) else loss
    if known in PROBABLE:
        raise ArgumentError(
            f"loss is {choice!r}, which is not one of logits and classes: give "
            'loss="cross_entropy", or a function of your own'
        )
    if outputs > 1 and not multilabel and known is nn.cross_entropy:
        return loss, "index"
    if loss is nn.cross_entropy or known is nn.binary_cross_entropy_with_logits:
        return nn.binary_cross_entropy_with_logits, "bits"
    if known is nn.cross_entropy:
        raise ArgumentError(
            f"loss is {choice!r}, for two classes or several labels: expected it for three classes "
            'or more; give loss="cross_entropy"'
        )
    if known is nn.hinge or known in REGRESSION.values():
        return loss, "signs"
    return loss, "bits" if outputs == 1 or multilabel else "index"
