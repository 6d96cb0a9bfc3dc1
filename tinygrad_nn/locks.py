"""Locks that a forked process does not find held by threads which it does not have."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

__all__ = ["lock_of_process"]

_made: weakref.WeakSet[Any] = weakref.WeakSet()


def lock_of_process() -> threading.RLock:
    """Make a lock; behind a fork it is free, unless it is held by the thread that goes on."""
    lock = threading.RLock()
    _made.add(lock)
    return lock


def _free() -> None:
    for lock in list(_made):
        if not lock._is_owned():
            lock._at_fork_reinit()


if hasattr(os, "register_at_fork") and hasattr(threading.RLock(), "_at_fork_reinit"):
    os.register_at_fork(after_in_child=_free)
