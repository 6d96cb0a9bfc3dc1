"""Results in a row, as they are nested in Python."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...compiler.trace.parts import shape_of
from ...tree import NONE, Key, branches_of, size_of
from ..source import PerSample
from .form import Expr, Parts, Spread
from .held import Held
from .views import flat, viewed

__all__ = ["nested"]


def nested(outputs: Sequence[Expr], key: Key, per_sample: PerSample) -> Parts:
    """Nest results; `per_sample` says of which each sample has its own."""
    return _nested(_Vector(outputs), key, per_sample, 0)[0]


def _nested(vector: _Vector, key: Key, rows: PerSample, start: int) -> tuple[Parts, int]:
    """Nest those from a place on; tell where they end."""
    if key == NONE:
        return None, start
    shape = shape_of(key)
    if shape is not None and isinstance(rows, bool) and size_of(key):
        return vector.part(start, shape, rows), start + size_of(key)
    branches = branches_of(key)
    kinds = [rows] * len(branches) if isinstance(rows, bool) else rows
    found: list[Parts] = []
    for (_, part), own in zip(branches, kinds, strict=True):
        one, start = _nested(vector, part, own, start)
        found.append(one)
    kind = key[0] if key[0] in (list, dict) else tuple
    return (kind, tuple([step for step, _ in branches]), tuple(found)), start


class _Vector:
    """Results in a row, each a vector or a number, of which parts are taken."""

    def __init__(self, parts: Sequence[Expr]) -> None:
        self.parts = [flat(part) for part in parts]
        sizes = [math.prod(part.shape) for part in self.parts]
        self.starts = np.cumsum([0, *sizes]).tolist()
        self.size = self.starts[-1]

    def part(self, start: int, shape: tuple[int, ...], rows: bool) -> Expr:
        """Give numbers in a shape, of which each sample has its own if it is so."""
        end = start + math.prod(shape)
        held = Held(end - start, rows)
        for part, begin in zip(self.parts, self.starts, strict=False):
            size = math.prod(part.shape)
            low, high = max(begin, start), min(begin + size, end)
            if low < high:
                own, _ = viewed(part, np.arange(low - begin, high - begin))
                held.put(own, np.arange(low - start, high - start))
        found, _ = held.read(np.arange(end - start).reshape(shape))
        if found.rows != rows or found.shape != shape:
            return Spread(shape, rows, found)
        return found
