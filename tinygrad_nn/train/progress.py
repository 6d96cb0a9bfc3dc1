"""A progress bar, for people who wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .history import Epoch

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(epochs: int, show: bool) -> Iterator[Callable[[Epoch], None]]:
    """Show, on a terminal or in a notebook, each epoch that the callable is given."""
    if not show:
        yield lambda epoch: None
        return
    from rich.console import Console  # slow to import, and not needed when quiet
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    with Progress(
        TextColumn("epoch"),
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=console,
        disable=not (console.is_terminal or console.is_jupyter),
    ) as progress:
        task = progress.add_task("", total=epochs)

        def advance(epoch: Epoch) -> None:
            figures = {
                "cost": epoch.cost,
                "accuracy": epoch.accuracy,
                "validation cost": epoch.validation_cost,
            }
            text = ", ".join(f"{name} {x:.4g}" for name, x in figures.items() if x is not None)
            progress.update(task, advance=1, description=text)

        yield advance
