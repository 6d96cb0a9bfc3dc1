"""The garbage collector, kept from looking again and again through what only grows."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["collector_paused"]

P = ParamSpec("P")
T = TypeVar("T")


class collector_paused:  # noqa: N801  # as the other contexts
    """Keep the collector from walking growing data, as a graph, which has no cycles to find.

    Graphs are freed by reference counting, at once. Between the steps of a training
    the collector runs as before, for whatever else there is.
    """

    __slots__ = ("_was_enabled",)

    def __enter__(self) -> None:
        self._was_enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *exception: object) -> None:
        if self._was_enabled:
            gc.enable()

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """Decorate a function: its calls are inside."""

        @wraps(function)
        def paused(*args: P.args, **kwargs: P.kwargs) -> T:
            with collector_paused():
                return function(*args, **kwargs)

        return paused
