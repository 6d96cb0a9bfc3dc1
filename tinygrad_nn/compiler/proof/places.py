"""Places of arrays: they lie inside, and what is written lies apart."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ...errors import ProofError
from ..program.distinct import are_distinct
from ..program.strides import spread
from .arrays import Numbers

__all__ = ["are_apart", "check", "check_inside", "view"]

Indices = tuple[int, ...]


def check(holds: bool, otherwise: str) -> None:
    """Refuse a program unless something holds that every program must keep to."""
    if not holds:
        raise ProofError(f"a statement of the program means nothing: {otherwise}")


def check_inside(start: int, extents: Indices, strides: Indices, size: int) -> None:
    """Refuse places of which one lies outside of an array."""
    check(len(extents) == len(strides), "an index has no stride")
    moves = [stride * (extent - 1) for extent, stride in zip(extents, strides, strict=True)]
    low = start + sum([move for move in moves if move < 0])
    high = start + sum([move for move in moves if move > 0])
    check(min(extents, default=1) > 0 and low >= 0 and high < size, "a place lies outside")


def are_apart(extents: Indices, strides: Indices) -> bool:
    """Tell whether no two indices mean one place."""
    reach = 0
    for stride, extent in sorted(zip(map(abs, strides), extents, strict=True)):
        if extent > 1 and stride <= reach:
            break  # they may still be apart
        reach += stride * (extent - 1)
    else:
        return True
    return are_distinct(spread(0, extents, strides))


def view(array: Numbers, start: int, extents: Indices, strides: Indices) -> Numbers:
    """View an array along axes of its places."""
    fields, samples, place = array.strides
    shape = *array.shape[:2], *extents
    steps = fields, samples, *[place * stride for stride in strides]
    if array.flags.c_contiguous:  # several times as fast
        return np.ndarray(shape, array.dtype, array.data, start * place, steps)
    return as_strided(array[:, :, start:], shape, steps)
