"""Predictions and targets, checked before a loss is computed from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, DataError
from ..functions import mean
from ..scalar.convert import is_number, to_number
from ..scalar.number import Number, is_unknown, look_at, plain

__all__ = [
    "class_index",
    "count",
    "difference",
    "distribution",
    "is_several",
    "label",
    "mean_of",
    "parted",
    "prediction",
    "probability",
]


def prediction(y_hat: Any, name: str) -> Any:
    """A prediction, made a float if it is a plain number."""
    if hasattr(y_hat, "_apply"):
        return y_hat
    _refuse_several(y_hat, name)
    return to_number(y_hat, name)


def _refuse_several(item: Any, name: str) -> None:
    if is_several(item):
        raise ArgumentTypeError(
            f"{name} must be a number, got {len(item)}: a loss is that of one prediction and target, "
            "or of a list of predictions and one target for each; give the model as many outputs as "
            "there are targets"
        )


def is_several(item: Any) -> bool:
    """Tell whether there are several numbers in one place."""
    if isinstance(item, list | tuple):
        return True
    return not hasattr(item, "_apply") and bool(getattr(item, "shape", None))


def mean_of(loss: Callable[..., Any], outputs: Any, targets: Any, **options: float) -> Any:
    """The mean of the losses of several predictions, each with its target."""
    wanted = list(targets) if is_several(targets) else [targets]
    if len(wanted) != len(outputs):
        raise DataError(
            f"y has {len(wanted)} numbers and there are {len(outputs)} outputs: expected one for each "
            "output, a row of numbers for each sample; give the model as many outputs as there are "
            "targets"
        )
    return mean([loss(a, y, **options) for a, y in zip(outputs, wanted, strict=True)])


def parted(logits: Any, classes: Sequence[int]) -> list[Any]:
    """Part a row of logits into those of several classifications."""
    if any(size < 1 for size in classes) or sum(classes) != len(logits):
        raise ArgumentError(
            f"classes is {classes!r} and there are {len(logits)} logits: expected how many classes "
            f"each classification has, {len(logits)} in all, as the outputs of the model"
        )
    ends = list(accumulate(classes))
    return [logits[end - size : end] for size, end in zip(classes, ends, strict=True)]


def target_number(y: Any) -> float:
    """Give the number of a target that is a Value or a plain number, to check it."""
    if not isinstance(y, Number):
        _refuse_several(y, "y")
        y = to_number(y, "y")
    number = plain(y)
    if not math.isfinite(number):
        raise DataError(f"y is {number!r}: expected a finite number; leave the sample out")
    return float(number)


def probability(y: Any) -> Any:
    """Check a label between 0 and 1."""
    if is_unknown(y):
        return y
    number = target_number(y)
    if not 0.0 <= number <= 1.0:
        raise DataError(
            f"y is {number!r}: expected a label 0 or 1, or a probability between; for labels -1 "
            "and +1 give (y + 1) / 2, or use hinge"
        )
    return number if is_number(y) else y


def label(y: Any) -> Any:
    """Check a label -1 or +1."""
    if is_unknown(y):
        return y
    number = target_number(y)
    if number not in (-1.0, 1.0):
        raise DataError(
            f"y is {number!r}: expected -1 or +1; for labels 0 and 1 give 2 * y - 1, or use "
            "binary_cross_entropy_with_logits"
        )
    return number if is_number(y) else y


def count(y: Any) -> Any:
    """Check a number of events."""
    if is_unknown(y):
        return y
    number = target_number(y)
    if number < 0.0:
        raise DataError(
            f"y is {number!r}: expected a count, 0 or more; use squared_error for others"
        )
    return number if is_number(y) else y


def difference(y_hat: Any, y: Any) -> Any:
    """The error of a prediction, e = y_hat - y."""
    if is_number(y):
        y = target_number(y)
    elif not is_unknown(y):
        target_number(y)
    return prediction(y_hat, "y_hat") - y


def class_index(target: Any, classes: int) -> int:
    """Check the index of a class."""
    number = target_number(target)
    if number != int(number) or not 0 <= number < classes:
        raise DataError(
            f"target is {number:g} and there are {classes} logits: expected the index of a class, "
            f"a whole number from 0 to {classes - 1}; renumber the classes or add outputs"
        )
    if isinstance(target, Number):
        look_at(target, "the target of cross_entropy")
    return int(number)


def distribution(target: list[Any], classes: int) -> list[Any]:
    """Check the probabilities of all classes."""
    if len(target) != classes:
        raise DataError(
            f"target has {len(target)} probabilities and there are {classes} logits: expected one "
            "for each class, or the index of one class"
        )
    probabilities = [probability(p) for p in target]
    if any(map(is_unknown, probabilities)):
        return probabilities
    total = math.fsum(map(plain, probabilities))
    if abs(total - 1.0) > 1e-6:
        raise DataError(
            f"target has probabilities of sum {total:g}: expected 1; divide them by their sum"
        )
    return probabilities
