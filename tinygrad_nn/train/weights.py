"""Weights of samples: given for each, or for each class."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ..data.validation import check_vector
from ..errors import ArgumentError, ArgumentTypeError, DataError, ShapeError
from ..scalar.convert import to_number
from .samples import Samples

__all__ = ["ClassWeight", "weighted"]

ClassWeight: TypeAlias = Mapping[Any, float] | str | None


def weighted(
    samples: Samples, sample_weight: Iterable[Any] | None, class_weight: ClassWeight = None
) -> Samples:
    """Give samples their weights, of the sample times that of its class; those of 0 are left out."""
    if sample_weight is not None:
        samples = samples.weighted(_checked(sample_weight, len(samples))).without_weightless()
    if class_weight is not None:
        targets, weights = samples.targets, samples.weights or [1.0] * len(samples)
        of_class = _of_classes(class_weight, _amounts(targets, weights))
        both = [weight * of_class[y] for weight, y in zip(weights, targets, strict=True)]
        samples = samples.weighted(both).without_weightless()
    return samples


def _checked(sample_weight: Iterable[Any], count: int) -> list[float]:
    weights = [float(weight) for weight in check_vector(sample_weight, "sample_weight")]
    if len(weights) != count:
        raise ShapeError(
            f"sample_weight has length {len(weights)} and there are {count} samples: expected one "
            "weight for each"
        )
    for i, weight in enumerate(weights):
        if weight < 0.0:
            raise DataError(
                f"sample_weight[{i}] is {weight!r}: expected 0 or more; a sample of weight 2 counts "
                "as two, one of weight 0 is left out"
            )
    if not math.isfinite(max(weights) * count):
        raise DataError(
            f"sample_weight has a sum beyond every float: its greatest is {max(weights)!r}; divide "
            "all by that, which changes no cost"
        )
    if not any(weights):
        raise DataError("sample_weight is 0 for all samples: expected one above 0 at least")
    return weights


def _amounts(targets: list[Any], weights: list[float]) -> dict[Any, float]:
    """Add up the weights of the samples of each class."""
    if isinstance(targets[0], list):
        raise DataError(
            f"y[0] is {targets[0]!r} and class_weight is given: expected one label for each "
            "sample; give sample_weight for targets of several numbers"
        )
    amounts: dict[Any, float] = {}
    for i, (label, weight) in enumerate(zip(targets, weights, strict=True)):
        if label != int(label):
            raise DataError(
                f"y[{i}] is {label!r} and class_weight is given: expected a label, a whole number; "
                "give sample_weight for other targets"
            )
        amounts[label] = amounts.get(label, 0.0) + weight
    return amounts


def _of_classes(class_weight: ClassWeight, amounts: Mapping[Any, float]) -> dict[Any, float]:
    """Give the weight of each class, of which there are so many samples."""
    if class_weight == "balanced":
        mean = math.fsum(amounts.values()) / len(amounts)
        return {label: mean / amount for label, amount in amounts.items()}
    if not isinstance(class_weight, Mapping):
        raise ArgumentTypeError(
            f"class_weight is {class_weight!r}: expected 'balanced', or the weight of each class, "
            "as {0: 1.0, 1: 5.0}"
        )
    for label in amounts:
        if label not in class_weight:
            raise ArgumentError(
                f"class_weight has no weight for class {label!r}, and y has: expected one for each "
                "class; give 1.0 to those that count as they are"
            )
    weights = {label: to_number(class_weight[label], f"class_weight[{label}]") for label in amounts}
    for label, weight in weights.items():
        if not 0.0 <= weight < math.inf:
            raise ArgumentError(
                f"class_weight[{label}] is {weight!r}: expected a finite number, 0 or more"
            )
    if not any(weights.values()):
        raise ArgumentError("class_weight is 0 for all classes of y: expected one above 0 at least")
    return weights
