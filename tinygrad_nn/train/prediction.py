"""From outputs to classes, as the loss that the model was trained with reads them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import compress
from typing import Any, TypeAlias

from .. import nn
from ..data.validation import check_samples, check_table
from ..errors import ArgumentError
from ..nn.compiled.prediction import outputs as eager_outputs
from ..nn.targets import parted
from ..scalar.number import plain
from ..scalar.ops import exp

__all__ = [
    "accuracy",
    "check_classifies",
    "classes_of",
    "classifies",
    "decide",
    "evaluate",
    "known_loss",
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


def _each(meaning: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Give the meaning of one number, or of each of several."""
    return lambda item: list(map(meaning, item)) if isinstance(item, list) else meaning(item)


# For each loss of classification: the class of an output, and the class of a target, which
# may be a probability; of several, the list of their classes.
_CLASSES: dict[Any, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    nn.binary_cross_entropy: (_each(lambda y_hat: int(y_hat > 0.5)), _each(lambda y: int(y > 0.5))),
    nn.binary_cross_entropy_with_logits: (
        _each(lambda z: int(z > 0.0)),
        _each(lambda y: int(y > 0.5)),
    ),
    nn.cross_entropy: (_greatest, _class),
    nn.hinge: (_each(lambda score: 1 if score > 0.0 else -1), _each(int)),
}
_NUMBERS: dict[Any, Callable[[Any], Any]] = {
    nn.poisson: _each(exp)
}  # for a loss whose outputs are to be changed: how


def known_loss(loss: Loss) -> Loss:
    """Give the loss that has got some of its arguments."""
    while isinstance(loss, partial):
        loss = loss.func
    return loss


def classes_of(loss: Loss | None) -> Sequence[int] | None:
    """Give how many classes each of several classifications has; None where there is one."""
    while isinstance(loss, partial):
        if loss.keywords.get("classes") is not None:
            found: Sequence[int] = loss.keywords["classes"]
            return found
        loss = loss.func
    return None


def _meanings(loss: Loss) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Give the class of an output, and the class of a target, of a loss of classes."""
    classes = classes_of(loss)
    if classes is None:
        return _CLASSES[known_loss(loss)]
    return lambda row: list(map(_greatest, parted(row, classes))), _each(_class)


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
    -1 (`hinge`); the index of the greatest logit (`cross_entropy`); the rate, e to the
    output (`poisson`); the output itself for all other losses. Of several outputs each
    has its prediction, but for `cross_entropy`, which has one for each of its `classes`.

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
        Of a probability, the more probable class counts. Where there are several labels of
        each row, shape (samples, outputs), a row is right if all of them are.

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
    return known_loss(loss) in _CLASSES


def check_classifies(loss: Loss) -> None:
    """Refuse a loss that is not one of classification."""
    if not classifies(loss):
        known = ", ".join(known.__name__ for known in _CLASSES)
        raise ArgumentError(f"loss is {loss!r}: accuracy is known for classes only: {known}")


def decide(loss: Loss, predicted: list[Output]) -> list[Any]:
    """Give the predictions that outputs mean."""
    if classifies(loss):
        return list(map(_meanings(loss)[0], predicted))
    number = _NUMBERS.get(known_loss(loss))
    return predicted if number is None else list(map(number, predicted))


def right(
    loss: Loss,
    predicted: Iterable[Output],
    targets: Iterable[Any],
    weights: list[float] | None = None,
) -> float:
    """Count the outputs that mean the class of their target, each by its weight."""
    of_output, of_target = _meanings(loss)
    hits = [
        _bare(of_output(output)) == _bare(of_target(target))
        for output, target in zip(predicted, targets, strict=True)
    ]
    return sum(hits) if weights is None else math.fsum(compress(weights, hits))


def _bare(found: Any) -> Any:
    return found[0] if isinstance(found, list) and len(found) == 1 else found


def right_in_arrays(
    loss: Loss, predicted: Any, y: Any, weights: list[float] | None = None
) -> float:
    """Count as `right` does, in arrays of shapes (outputs, samples) and (samples, ...)."""
    import numpy as np  # which is there, as arrays are

    known, rows = known_loss(loss), y[None] if y.ndim == 1 else y.T
    classes = classes_of(loss)
    if classes is not None:
        found = [part.argmax(axis=0) for part in parted(predicted, classes)]
        hits = (np.array(found) == rows).all(axis=0)
    elif known is nn.cross_entropy:
        hits = predicted.argmax(axis=0) == (y if y.ndim == 1 else y.argmax(axis=1))
    elif known is nn.hinge:
        hits = ((predicted > 0.0) == (rows > 0)).all(axis=0)
    else:
        middle = 0.5 if known is nn.binary_cross_entropy else 0.0
        hits = ((predicted > middle) == (rows > 0.5)).all(axis=0)
    return int(np.count_nonzero(hits)) if weights is None else math.fsum(compress(weights, hits))
