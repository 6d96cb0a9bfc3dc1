"""A program as a backend takes it up, before any memory is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..program.phases import Phases, phases_of
from ..program.program import DOUBLE, Dtype, Floats, Program
from .backend import Backend, Maker
from .memory import Layout

__all__ = ["Prepared", "prepare"]


class Prepared(NamedTuple):
    """What a backend runs in place of a simple program, its places, and what makes its code."""

    backend: Backend
    program: Program
    phases: Phases
    layout: Layout
    maker: Maker


def prepare(
    backend: Backend, program: Program, outside: Mapping[int, Floats], dtype: Dtype = DOUBLE
) -> Prepared:
    """Let a backend take up a simple program, of which some arrays live outside of its memory."""
    program = backend.prepared(program)
    phases, layout = phases_of(program), Layout(program, dtype)
    maker = backend.maker(layout, phases, outside.keys())
    return Prepared(backend, program, phases, layout, maker)
