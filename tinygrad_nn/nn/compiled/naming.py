"""What the arguments and the results of a model's program are called, at its lengths and at others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate

from ...compiler.program.program import Piece, Program, Role
from ...compiler.trace.recorder import Argument

__all__ = ["is_covered", "named", "resized"]


def named(program: Program, arguments: Sequence[Argument], pieces: Sequence[Piece]) -> Program:
    """Give the arguments of a program their names, and the pieces of its results."""
    rest = iter(arguments)
    arrays = [
        replace(array, pieces=next(rest).pieces) if array.role is Role.INPUT else array
        for array in program.arrays
    ]
    return replace(program, arrays=arrays, pieces=list(pieces))


def is_covered(argument: Argument) -> bool:
    """Tell whether the pieces of an argument follow each other, and leave nothing out."""
    sizes = [math.prod(piece.shape) for piece in argument.pieces]
    starts = [piece.start for piece in argument.pieces]
    return [*starts, argument.nesting.size] == [0, *accumulate(sizes)]


def resized(argument: Argument, sizes: Mapping[int, int]) -> Argument:
    """Give an argument with other lengths in place of some: one whose pieces cover it, or has none."""
    key = argument.nesting.key
    if not argument.pieces:
        key = key if key == 0 else (key[0], sizes.get(key[1], key[1]))
        return Argument(argument.name, key, argument.per_sample, ())
    pieces: list[Piece] = []
    start = 0
    for piece in argument.pieces:
        shape = tuple([sizes.get(size, size) for size in piece.shape])
        pieces.append(Piece(piece.name, start, shape))
        start += math.prod(shape)
    return Argument(argument.name, (key[0], start), argument.per_sample, pieces)
