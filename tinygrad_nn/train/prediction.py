"""From outputs to classes, as the loss that the model was trained with reads them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from typing import Any, TypeAlias

from .. import nn
from ..data.validation import check_table
from ..errors import ArgumentError
from ..nn.compiled.prediction import outputs as eager_outputs
from ..scalar.number import plain
from .samples import check_samples

__all__ = [
    "accuracy",
    "check_classifies",
    "classifies",
    "decide",
    "evaluate",
    "outputs",
    "predict",
    "right",
    "right_in_arrays",
]

Loss: TypeAlias = Callable[[Any, Any], Any]
Output: TypeAlias = float | list[float]


def _greatest(numbers: Sequence[float]) -> int:
    return max(range(len(numbers)), key=numbers.__getitem__)


def _class(target: Any) -> int:
    """The class of a target: an index, or the most probable of several."""
    return _greatest(target) if isinstance(target, list) else int(target)


# For each loss of classification: the class of an output, and the class of a target, which
# may be a probability.
_CLASSES: dict[Any, tuple[Callable[[Any], int], Callable[[Any], int]]] = {
    nn.binary_cross_entropy: (lambda y_hat: int(y_hat > 0.5), lambda y: int(y > 0.5)),
    nn.binary_cross_entropy_with_logits: (lambda z: int(z > 0.0), lambda y: int(y > 0.5)),
    nn.cross_entropy: (_greatest, _class),
    nn.hinge: (lambda score: 1 if score > 0.0 else -1, int),
}


def outputs(model: nn.Module, X: Iterable[Any]) -> list[Output]:
    """Compute the outputs of a model for rows of numbers, one by one, recording no graph.

    `Module.predict` gives the same from a compiled program.

    Parameters
    ----------
    model : Module
    X : table of numbers, shape (samples, features)

    Returns
    -------
    list of float, shape (samples,), or of list of float, shape (samples, outputs)

    Raises
    ------
    DataError, ShapeError
        When `X` is not a table of finite numbers, or has another width than the model.

    Examples
    --------
    >>> double = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
    >>> outputs(double, [[1.0], [3.0]])
    [2.0, 6.0]
    """
    return eager_outputs(model, check_table(X))


def predict(model: nn.Module, loss: Loss, X: Iterable[Any]) -> list[Any]:
    """Predict the target of each row.

    The loss says how: class 1 where a probability exceeds 0.5 (`binary_cross_entropy`)
    or a logit 0 (`binary_cross_entropy_with_logits`), else 0; the sign of a score, 1 or
    -1 (`hinge`); the index of the greatest logit (`cross_entropy`); the output itself
    for all other losses.

    Parameters
    ----------
    model : Module
    loss : callable
        The loss that the model was trained with.
    X : table of numbers, shape (samples, features)

    Returns
    -------
    list of int, or of the outputs, shape (samples,)

    Examples
    --------
    >>> double = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
    >>> predict(double, nn.hinge, [[1.0], [-3.0]])
    [1, -1]
    >>> predict(double, nn.squared_error, [[1.0], [-3.0]])
    [2.0, -6.0]
    """
    return decide(loss, outputs(model, X))


def accuracy(model: nn.Module, loss: Loss, X: Iterable[Any], y: Iterable[Any]) -> float:
    """Give the share of rows whose class is predicted right, from 0 to 1.

    Parameters
    ----------
    model, loss, X
        As in `predict`.
    y : labels, shape (samples,)
        Of a probability, the more probable class counts.

    Raises
    ------
    ArgumentError
        When the loss is not one of classification.

    Examples
    --------
    >>> double = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
    >>> accuracy(double, nn.hinge, [[1.0], [-3.0], [2.0]], [1, -1, -1])
    0.6666666666666666
    """
    check_classifies(loss)
    rows, targets = check_samples(X, y)
    return right(loss, outputs(model, rows), targets) / len(rows)


def evaluate(
    model: nn.Module,
    loss: Loss,
    rows: list[list[float]],
    targets: list[Any],
    weights: list[float] | None = None,
) -> tuple[float, float | None]:
    """Give the mean loss and the accuracy, None where there is none."""
    predicted = eager_outputs(model, rows)
    losses = [loss(y_hat, y) for y_hat, y in zip(predicted, targets, strict=True)]
    cost = float(plain(nn.cost(losses, weights)))
    if not classifies(loss):
        return cost, None
    count = len(rows) if weights is None else math.fsum(weights)
    return cost, right(loss, predicted, targets, weights) / count


def classifies(loss: Loss) -> bool:
    """Tell whether a loss is one of classification."""
    return loss in _CLASSES


def check_classifies(loss: Loss) -> None:
    """Refuse a loss that is not one of classification."""
    if not classifies(loss):
        known = ", ".join(known.__name__ for known in _CLASSES)
        raise ArgumentError(f"loss is {loss!r}: accuracy is known for classes only: {known}")


def decide(loss: Loss, predicted: list[Output]) -> list[Any]:
    """Give the predictions that outputs mean."""
    if not classifies(loss):
        return predicted
    of_output, _ = _CLASSES[loss]
    return list(map(of_output, predicted))


def right(
    loss: Loss,
    predicted: Iterable[Output],
    targets: Iterable[Any],
    weights: list[float] | None = None,
) -> float:
    """Count the outputs that mean the class of their target, each by its weight."""
    of_output, of_target = _CLASSES[loss]
    hits = [
        of_output(output) == of_target(target)
        for output, target in zip(predicted, targets, strict=True)
    ]
    return sum(hits) if weights is None else math.fsum(compress(weights, hits))


def right_in_arrays(
    loss: Loss, predicted: Any, y: Any, weights: list[float] | None = None
) -> float:
    """Count as `right` does, in arrays of shapes (outputs, samples) and (samples, ...)."""
    import numpy as np  # which is there, as arrays are

    if loss is nn.cross_entropy:
        found, wanted = predicted.argmax(axis=0), y if y.ndim == 1 else y.argmax(axis=1)
    elif loss is nn.hinge:
        found, wanted = predicted[0] > 0.0, y > 0
    else:
        middle = 0.5 if loss is nn.binary_cross_entropy else 0.0
        found, wanted = predicted[0] > middle, y > 0.5
    hits = found == wanted
    return int(np.count_nonzero(hits)) if weights is None else math.fsum(compress(weights, hits))
