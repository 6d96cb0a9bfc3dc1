"""Results in a row, as they are nested in Python."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...compiler.program.program import Ints
from ...compiler.trace.parts import shape_of
from ...containers import Form
from ...tree import NONE, Key, branches_of, size_of
from ..source import PerSample
from .form import Expr, Parts, Spread
from .held import Held
from .views import permuted

__all__ = ["nested"]


def nested(outputs: Sequence[tuple[Held, Ints]], key: Key, per_sample: PerSample) -> Parts:
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
    kind = dict if isinstance(key[0], Form) else key[0] if key[0] in (list, dict) else tuple
    return (kind, tuple([step for step, _ in branches]), tuple(found)), start


class _Vector:
    """Results in a row, of which parts are taken: places of what holds them."""

    def __init__(self, parts: Sequence[tuple[Held, Ints]]) -> None:
        self.parts = parts
        self.starts = np.cumsum([0, *[len(places) for _, places in parts]]).tolist()

    def part(self, start: int, shape: tuple[int, ...], rows: bool) -> Expr:
        """Give numbers in a shape, of which each sample has its own if it is so."""
        end = start + math.prod(shape)
        found: Expr | None = None
        joined = Held(end - start, rows)
        for (held, places), begin in zip(self.parts, self.starts, strict=False):
            low, high = max(begin, start), min(begin + len(places), end)
            if low < high:
                own = places[low - begin : high - begin]
                if high - low == end - start:
                    found = permuted(*held.read(own.reshape(shape)))
                else:
                    joined.put(held.read(own)[0], np.arange(low - start, high - start))
        if found is None:
            found = permuted(*joined.read(np.arange(end - start).reshape(shape)))
        if found.rows != rows or found.shape != shape:
            return Spread(shape, rows, found)
        return found
