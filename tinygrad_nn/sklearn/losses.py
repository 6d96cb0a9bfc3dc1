"""The loss of an estimator: of one output or of several, and the targets that it takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from .. import nn
from ..arguments import named_function
from ..errors import ArgumentError
from ..functions import mean

__all__ = ["REGRESSION", "Loss", "of_classes", "of_each", "of_numbers", "predictions"]

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
LOGISTIC = (nn.cross_entropy, nn.binary_cross_entropy_with_logits)


class Each:
    """The mean of a loss over several outputs and their targets."""

    def __init__(self, loss: Loss) -> None:
        self.loss = loss

    def __call__(self, y_hat: Any, y: Any) -> Any:
        """Compute it."""
        return mean([self.loss(output, target) for output, target in zip(y_hat, y, strict=True)])


of_each = cache(Each)  # one object for a loss: what is compiled for it is known by it


def of_numbers(choice: Any, outputs: int) -> Loss:
    """Give the loss of a regression; one of ours is that of each output."""
    loss = named_function(choice, "loss", REGRESSION, "(y_hat, y)")
    return of_each(loss) if outputs > 1 and loss in REGRESSION.values() else loss


def predictions(choice: Any, found: NDArray) -> NDArray:
    """Give what the outputs of a regression mean: the rates of counts, or the numbers themselves."""
    loss = named_function(choice, "loss", REGRESSION, "(y_hat, y)")
    return np.exp(found) if loss is nn.poisson else found


def of_classes(choice: Any, outputs: int, multilabel: bool) -> tuple[Loss, str]:
    """Give the loss of a classification, and which targets it takes.

    These are "bits", 0 or 1 of each output; "signs", -1 or 1 of each; or the "index" of the class.
    A loss of one's own takes the index where there are several classes.
    """
    loss = named_function(choice, "loss", CLASSIFICATION, "(output, target)")
    if loss is nn.binary_cross_entropy:
        raise ArgumentError(
            "loss is binary_cross_entropy, which takes probabilities, and outputs are logits: "
            'give loss="cross_entropy"'
        )
    alone = outputs == 1
    if loss is nn.cross_entropy and not alone and not multilabel:
        return loss, "index"
    if loss in LOGISTIC:
        loss = nn.binary_cross_entropy_with_logits
        return (loss if alone else of_each(loss)), "bits"
    if loss is nn.hinge or loss in REGRESSION.values():
        return (loss if alone else of_each(loss)), "signs"
    return loss, "bits" if alone or multilabel else "index"
