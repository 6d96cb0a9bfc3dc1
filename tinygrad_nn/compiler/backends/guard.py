"""One making of code at a time in the process; it does not end, nor is it copied, meanwhile.

LLVM's state is one for the process: a copy of it made half-way, or a thread that is still in it
when the process takes it down, would crash.
"""

from __future__ import annotations

import atexit
import os
import threading
from functools import cache

__all__ = ["MAKING", "is_ending", "watch_the_process"]

MAKING = threading.RLock()
_ENDING = threading.Event()


@cache
def watch_the_process() -> None:
    """Let forks, and the end of the process, wait until nothing is being made."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=MAKING.acquire,
            after_in_parent=MAKING.release,
            after_in_child=MAKING.release,
        )
    atexit.register(_end)


def is_ending() -> bool:
    """Tell whether threads are to make nothing more."""
    return _ENDING.is_set()


def _end() -> None:
    _ENDING.set()
    with MAKING:
        pass
