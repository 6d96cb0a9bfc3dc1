"""Samples, checked before anything is learnt from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..data import validate
from ..data.validation import check_lengths, check_table, plain
from ..errors import ArgumentError, DataError, DomainError
from ..modes import no_grad
from ..nn import Module

__all__ = ["check_fit", "check_samples"]


def check_samples(X: Iterable[Any], y: Iterable[Any]) -> tuple[list[list[float]], list[Any]]:
    """Turn samples into lists: as `validate`, and a target may be a row of numbers."""
    targets = plain(y, "y")
    if not hasattr(targets[0], "__len__"):
        return validate(X, targets)
    rows, table = check_table(X), check_table(targets, "y")
    check_lengths(rows, table)
    return rows, table


def check_fit(
    model: Module, loss: Callable[[Any, Any], Any], rows: list[list[float]], targets: list[Any]
) -> None:
    """Try the model on one row, and the loss on every target: labels may be unknown to it."""
    with no_grad():
        output = model(rows[0])
        for i, target in enumerate(targets):
            try:
                loss(output, target)
            except DomainError:
                pass  # another row's output may suit the target
            except ArgumentError as error:
                raise DataError(f"y[{i}] cannot be learnt: {error}") from None
