"""The garbage collector, kept from looking again and again through what only grows."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep the collector from walking growing data, as a graph, which has no cycles to find.

    Graphs are freed by reference counting, at once. Between the steps of a training
    the collector runs as before, for whatever else there is.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
