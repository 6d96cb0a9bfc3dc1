"""Progress: one line for people who wait, on a terminal or in a notebook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Advance", "progress"]

Advance: TypeAlias = Callable[[int, str], None]
"""Takes how many are done, and what is known of the last one."""

_PAUSE = 0.1  # seconds between two pictures of a line in a notebook: each is a message


def progress(unit: str, total: int | None) -> AbstractContextManager[Advance]:
    """Show how many of `total` units are done, or how long it takes where there is no total.

    Nothing is shown where nobody looks: in files, pipes and programs without a terminal.
    """
    from rich.console import Console  # slow to import, and not needed when quiet

    console = Console(stderr=True)
    return _in_notebook(unit, total) if console.is_jupyter else _on_terminal(console, unit, total)


@contextmanager
def _on_terminal(console: Console, unit: str, total: int | None) -> Iterator[Advance]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    text = TextColumn("{task.description}")
    with Progress(
        *(SpinnerColumn(), TimeElapsedColumn(), TextColumn(unit), text)
        if total is None
        else (TextColumn(unit), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn(), text),
        console=console,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=total)
        yield lambda done, description: bar.update(task, completed=done, description=description)


@contextmanager
def _in_notebook(unit: str, total: int | None) -> Iterator[Advance]:
    """Show it by the notebook's own display: rich asks for ipywidgets there."""
    line = _Line(unit, total)
    try:
        yield line.advance
    finally:
        line.show()


class _Line:
    """A line of a notebook, which is drawn anew from time to time and at the end."""

    def __init__(self, unit: str, total: int | None) -> None:
        from IPython.display import display

        self._unit = unit
        self._total = total
        self._done = 0
        self._text = ""
        self._begin = self._shown = time.monotonic()
        self._handle = display(self._picture(), display_id=True)

    def advance(self, done: int, text: str) -> None:
        self._done = done
        self._text = text
        if time.monotonic() - self._shown >= _PAUSE:
            self.show()

    def show(self) -> None:
        self._shown = time.monotonic()
        self._handle.update(self._picture())

    def _picture(self) -> Any:
        from IPython.display import HTML

        words = f"{self._unit} {self._text}"
        if self._total is None:
            return HTML(escape(f"{words} {time.monotonic() - self._begin:.0f} s"))
        return HTML(
            f'<progress value="{self._done}" max="{self._total}" aria-label="{escape(self._unit)}">'
            f"</progress> {escape(f'{self._unit} {self._done}/{self._total} {self._text}')}"
        )
