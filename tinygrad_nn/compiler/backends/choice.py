"""Which backend runs a program, by the name that the user gives."""

from __future__ import annotations

from typing import Any

from ...errors import ArgumentError
from .auto import AUTO
from .backend import Backend
from .numpy.code import NUMPY

__all__ = ["BACKENDS", "backend_of"]

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
