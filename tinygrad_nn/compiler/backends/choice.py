"""Which backend runs a program, by the name that the user gives."""

from __future__ import annotations

import math
from typing import Any

from ...errors import ArgumentError, MissingExtraError
from .auto import AUTO, Auto
from .backend import Backend
from .numpy.code import NUMPY

__all__ = ["BACKENDS", "backend_here", "backend_of", "resumed"]

BACKENDS = ("auto", "numpy", "machine")


def backend_of(name: Any) -> Backend:
    """Give a backend by its name, or say what is missing for it."""
    if name not in BACKENDS:
        raise ArgumentError(f"backend is {name!r}: expected {', '.join(map(repr, BACKENDS))}")
    if name != "machine":
        return AUTO if name == "auto" else NUMPY
    from .machine import MACHINE, check_machine

    check_machine()
    return MACHINE


def backend_here(name: str) -> Backend:
    """Give the backend that a user had asked for, maybe elsewhere: NumPy where it is missing."""
    try:
        return backend_of(name)
    except (MissingExtraError, ArgumentError):
        if name != "machine":
            raise
        return resumed(name)


def resumed(name: str, spent: float = 0.0) -> Backend:
    """Give the backend of a program that comes from elsewhere: NumPy, where there is no other."""
    if name == "numpy":
        return NUMPY
    return Auto(math.inf if name == "machine" else spent)
