"""What is shown, on a terminal or in a notebook, to people who wait."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from ..progress import progress

__all__ = ["shown_if_long"]

LONG = 3.0  # seconds, after which something is shown


@contextmanager
def shown_if_long(text: Callable[[], str]) -> Iterator[None]:
    """Show what is done inside this context, and for how long, if it takes long."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield
        return
    shown = _Shown(text)
    timer = threading.Timer(LONG, shown.begin)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        shown.end()


class _Shown:
    """A line with the time that has passed."""

    def __init__(self, text: Callable[[], str]) -> None:
        self._text = text
        self._lock = threading.Lock()
        self._over = False
        self._line = ExitStack()

    def begin(self) -> None:
        """Show it, if it is not over."""
        with self._lock:
            if not self._over:
                self._line.enter_context(progress(self._text(), None))

    def end(self) -> None:
        """Leave the line as it is."""
        with self._lock:
            self._over = True
            self._line.close()
