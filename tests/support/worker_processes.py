"""What holds for all tests, in processes that they start as well."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import joblib
from machine_code import ASKED, machine_code
from thresholds import LOW, forced

MODES = bool(os.environ.get("TINYGRAD_NN_LOW")) or ASKED == "all"

_held = ExitStack()


def as_here() -> None:
    """Begin a process that has neither the backend nor the thresholds of the tests' fixtures."""
    _held.enter_context(machine_code())
    _held.enter_context(forced(LOW if os.environ.get("TINYGRAD_NN_LOW") else {}))


def processes() -> AbstractContextManager[Any]:
    """Let joblib start processes in which the same holds."""
    return joblib.parallel_config("loky", **{"initializer": as_here} if MODES else {})
