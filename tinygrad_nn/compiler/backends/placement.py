"""How arrays of a program that live outside of its memory are placed, but for where that is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..program.program import Floats

__all__ = ["Placement", "placement_of"]

Placement = tuple[tuple[int, ...], tuple[tuple[int, int], ...]]


def placement_of(outside: Mapping[int, Floats]) -> Placement:
    """Say which arrays live outside, and which of them share memory."""
    numbers = sorted(outside)
    pairs = [(a, b) for place, a in enumerate(numbers) for b in numbers[place + 1 :]]
    shared = [(a, b) for a, b in pairs if np.may_share_memory(outside[a], outside[b])]
    return tuple(numbers), tuple(shared)
