"""What cancels in a chain: numbers that it adds and subtracts, be it within a sum that it reads."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..program.program import Ints
from .flatten import SUM, Flat
from .ordering import ranges

__all__ = ["Contents"]

_DEPTH: Final = 8  # how far down the sums of sums are looked at


class Contents:
    """What the sums of a program are made of."""

    def __init__(self, flat: Flat) -> None:
        self._is_sum: Ints = np.equal(flat.kind, SUM)
        self._start: Ints = np.array(flat.start, dtype=np.int64)
        self._count: Ints = np.array(flat.count, dtype=np.int64)
        self._first: Ints = np.array(flat.first, dtype=np.int64)
        self._is_plain: Ints = np.less(flat.second, 0)
        self._sign: Ints = np.array(flat.origin, dtype=np.int64) & 1
        self.has_signs = bool(self._sign.any())  # else nothing cancels

    def cancels(self, owner: Ints, entry: Ints, sign: Ints, asked: Ints) -> Ints:
        """Tell which of the terms asked for a chain has with the other sign as well.

        As `s` and `y` in `(z - s) - y`, where `z` is `s + y`. `entry` is -1 for other terms.
        """
        size = len(self._start)
        wanted = (owner[asked] * size + entry[asked]) * 2 + 1 - sign[asked]
        found = np.zeros(len(wanted), dtype=bool)
        # Sums stand behind their terms: what is read before all that is asked for holds none of it.
        least = np.full(int(owner.max()) + 1, size)
        np.minimum.at(least, owner[asked], entry[asked])
        plain = entry >= 0
        keys = np.unique((owner[plain] * size + entry[plain]) * 2 + sign[plain])
        for _ in range(_DEPTH):
            found |= np.isin(wanted, keys)
            owner, entry, sign = keys // 2 // size, keys // 2 % size, keys % 2
            opened = np.flatnonzero(self._is_sum[entry] & (entry > least[owner]))
            if not len(opened):
                break
            counts = self._count[entry[opened]]
            terms = ranges(self._start[entry[opened]], counts)
            owner, sign = np.repeat(owner[opened], counts), np.repeat(sign[opened], counts)
            entry, sign = self._first[terms], sign ^ self._sign[terms]
            kept = self._is_plain[terms] & (entry >= least[owner])
            keys = np.unique((owner[kept] * size + entry[kept]) * 2 + sign[kept])
        return found
