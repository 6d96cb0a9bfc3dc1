"""Depths on a tape: how many operations there are before each that it needs."""

from __future__ import annotations

from ...scalar.graph import CONSTANT, LEAF
from .tape import Tape

__all__ = ["depths_of"]


def depths_of(tape: Tape) -> list[int]:
    """Count, for each entry, the operations of the longest chain that ends with it."""
    args, rest = tape.args, tape.args.rest
    depths: list[int] = []
    for entry, row in enumerate(tape.rows):
        if row is LEAF or row is CONSTANT:
            depths.append(0)
            continue
        x: int = args.first[entry]
        y: int = args.second[entry]
        depth = depths[x]
        if y >= 0 and depths[y] > depth:
            depth = depths[y]
        if rest:
            for other in rest.get(entry, ()):
                if depths[other] > depth:
                    depth = depths[other]
        depths.append(depth + 1)
    return depths
