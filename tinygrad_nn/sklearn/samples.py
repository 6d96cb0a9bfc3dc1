"""What an estimator is given beside its samples: weights, and samples to test on."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from sklearn.utils.validation import check_array, check_consistent_length

from ..errors import ArgumentTypeError, DataError, ShapeError

__all__ = ["check_weights", "pair_of", "weighted_rows"]

NDArray: TypeAlias = Any  # a NumPy array


def check_weights(weights: Any, X: NDArray) -> NDArray | None:
    """Check the weights of samples; None if they have none."""
    if weights is None:
        return None
    found = check_array(weights, ensure_2d=False, dtype=np.float64, input_name="sample_weight")
    if found.ndim != 1:
        raise ShapeError(
            f"sample_weight has the shape {found.shape}: expected a number for each row, of shape "
            f"({len(X)},)"
        )
    check_consistent_length(X, found)
    if (found < 0.0).any():
        place = int(np.argmax(found < 0.0))
        raise DataError(
            f"sample_weight[{place}] is {found[place]:g}: expected 0 or more; leave the sample out "
            "with 0"
        )
    if not found.any():
        raise DataError(
            "sample_weight is zero for all samples: expected at least one non-zero number"
        )
    return found


def weighted_rows(
    X: NDArray, y: NDArray, weights: NDArray | None
) -> tuple[NDArray, NDArray, NDArray | None]:
    """Leave out what has no weight; weights that are all the same are none."""
    if weights is None:
        return X, y, None
    if not weights.all():
        kept = weights > 0.0
        X, y, weights = X[kept], y[kept], weights[kept]
    return X, y, None if (weights == weights[0]).all() else weights


def pair_of(validation: Any) -> tuple[Any, Any]:
    """Take samples to test on apart."""
    try:
        X, y = validation
    except (TypeError, ValueError):
        raise ArgumentTypeError(
            f"validation is of type {type(validation).__name__}: expected a pair (X, y)"
        ) from None
    return X, y
