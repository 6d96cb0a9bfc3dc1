"""What nestings of numbers are made of: arrays, as far as they are nested like such."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ...compiler.program.program import Array, Piece
from ...compiler.trace.parts import shape_of
from ...tree import Key, branches_of, has_nothing, size_of

__all__ = ["leaves_of", "whole_pieces"]


def leaves_of(
    key: Key, path: tuple[object, ...] = (), start: int = 0
) -> Iterator[tuple[tuple[object, ...], int, tuple[int, ...]]]:
    """Walk through the arrays of a nesting: how they are reached, where they start, their shapes."""
    if has_nothing(key):
        return
    shape = shape_of(key)
    if shape is not None:
        yield path, start, shape
        return
    for step, part in branches_of(key):
        yield from leaves_of(part, (*path, step), start)
        start += size_of(part)


def whole_pieces(array: Array) -> list[Piece]:
    """Find pieces that an array is made of, as long as not all of them are single numbers."""
    found, end = [], 0
    for piece in sorted(array.pieces, key=lambda piece: (piece.start, -math.prod(piece.shape))):
        if piece.start == end:
            found.append(piece)
            end += math.prod(piece.shape)
    if end != array.size or all(not piece.shape for piece in found):
        return [Piece(array.name, 0, (array.size,))]
    return found
