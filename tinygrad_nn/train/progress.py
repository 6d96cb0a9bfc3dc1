"""A progress bar, for people who wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from ..progress import progress
from .history import Epoch

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(epochs: int, show: bool) -> Iterator[Callable[[Epoch], None]]:
    """Show, on a terminal or in a notebook, each epoch that the callable is given."""
    if not show:
        yield lambda epoch: None
        return
    numbers = count(1)
    with progress("epoch", epochs) as advance:
        yield lambda epoch: advance(next(numbers), _figures(epoch))


def _figures(epoch: Epoch) -> str:
    figures = {
        "cost": epoch.cost,
        "accuracy": epoch.accuracy,
        "validation cost": epoch.validation_cost,
    }
    return ", ".join(f"{name} {x:.4g}" for name, x in figures.items() if x is not None)
