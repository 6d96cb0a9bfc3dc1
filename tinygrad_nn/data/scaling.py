"""Scaling features, and scaling them back."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..collector import collector_paused
from ..errors import ArgumentError, DataError, ShapeError
from .validation import check_table

__all__ = ["Standardizer"]


@dataclass
class Standardizer:
    """Shift and scale features to mean 0 and standard deviation 1.

    ``(x - mean) / scale``, by column, where `mean` and `scale` are those of
    the samples it was fitted on. Fit it on the samples to learn from, and
    transform those to test on with the same numbers. A column that is
    constant has `scale` 1, and so becomes 0.

    Attributes
    ----------
    mean, scale : list of float, shape (features,)
        Empty until `fit`; pass saved ones to have the same scaling again.

    Examples
    --------
    >>> scaler = Standardizer().fit([[1.0, 7.0], [3.0, 7.0]])
    >>> scaler.transform([[1.0, 7.0], [4.0, 9.0]])
    [[-1.0, 0.0], [2.0, 2.0]]
    >>> scaler.inverse([[-1.0, 0.0], [2.0, 2.0]])
    [[1.0, 7.0], [4.0, 9.0]]
    """

    mean: list[float] = field(default_factory=list)
    scale: list[float] = field(default_factory=list)

    @collector_paused()
    def fit(self, X: Iterable[Any]) -> Standardizer:
        """Take the mean and the standard deviation of each column of `X`; return self."""
        moments = [
            _moments(column, j) for j, column in enumerate(zip(*check_table(X), strict=True))
        ]
        self.mean = [mean for mean, _ in moments]
        self.scale = [scale for _, scale in moments]
        return self

    @collector_paused()
    def transform(self, X: Iterable[Any]) -> list[list[float]]:
        """Scale `X`, shape (samples, features): ``(x - mean) / scale``."""
        return [
            [(x - m) / s for x, m, s in zip(row, self.mean, self.scale, strict=True)]
            for row in self._fitting(X)
        ]

    @collector_paused()
    def inverse(self, X: Iterable[Any]) -> list[list[float]]:
        """Undo `transform`: ``x * scale + mean``."""
        return [
            [x * s + m for x, m, s in zip(row, self.mean, self.scale, strict=True)]
            for row in self._fitting(X)
        ]

    def _fitting(self, X: Iterable[Any]) -> list[list[float]]:
        if not self.mean:
            raise ArgumentError(
                "mean is []: expected a Standardizer that was fitted; call fit(X) first, with the "
                "samples to learn from"
            )
        table = check_table(X)
        if len(table[0]) != len(self.mean):
            raise ShapeError(
                f"X has {len(table[0])} columns: expected {len(self.mean)}, as in the samples it "
                "was fitted on; pass the same features in the same order"
            )
        return table


def _moments(column: tuple[float, ...], j: int) -> tuple[float, float]:
    """Mean and scale, exact for a constant column: its deviations are 0, not rounding."""
    first, n = column[0], len(column)
    mean = first + math.fsum([(x - first) / n for x in column])
    # hypot, the root of a sum of squares, does not overflow where a square would.
    scale = math.hypot(*[x - mean for x in column]) / math.sqrt(n)
    if not math.isfinite(scale):
        raise DataError(
            f"column {j} of X spans {min(column)} to {max(column)}: expected a span that fits a "
            "float; change its unit"
        )
    return mean, scale or 1.0
