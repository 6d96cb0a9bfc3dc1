"""Who draws the random numbers that modules take: a training, the module itself, or nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

__all__ = ["Draw", "drawing", "nobody_draws", "source"]

Draw: TypeAlias = Callable[[], Any]


class _Source(threading.local):
    draw: Draw | None = None  # of a training: an even number from 0 to 1
    is_off = False  # whether nobody draws, whatever a module is set to


source = _Source()


@contextmanager
def drawing(draw: Draw | None, is_off: bool = False) -> Iterator[None]:
    """Let modules in this context take their random numbers from `draw`."""
    before = source.draw, source.is_off
    source.draw, source.is_off = draw, is_off
    try:
        yield
    finally:
        source.draw, source.is_off = before


def nobody_draws() -> Any:
    """Let modules compute what a prediction does, in a context."""
    return drawing(None, True)
