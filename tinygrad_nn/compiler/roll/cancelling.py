"""What cancels in a chain: numbers that it adds and subtracts, be it within a sum that it reads."""

from __future__ import annotations

from typing import Final

import numpy as np

from ..program.distinct import among, distinct
from ..program.program import Floats, Ints
from .flatten import SUM, Flat
from .ordering import ranges

__all__ = ["Contents"]

_DEPTH: Final = 8  # how far down the sums of sums are looked at


class Contents:
    """What the entries of a program are made of: the lists of `Flat`, as arrays."""

    def __init__(self, flat: Flat) -> None:
        size, terms = len(flat.kind), len(flat.first)
        self.start: Ints = np.fromiter(flat.start, np.int64, size)
        self.count: Ints = np.fromiter(flat.count, np.int64, size)
        self.first: Ints = np.fromiter(flat.first, np.int64, terms)
        self.second: Ints = np.fromiter(flat.second, np.int64, terms)
        self.coefs: Floats = np.fromiter(flat.coefs, float, terms)
        self.origin: Ints = np.fromiter(flat.origin, np.int64, terms)
        self.written = np.frombuffer(bytes(flat.written), dtype=bool)
        self.kind = np.frombuffer(bytes(flat.kind), dtype=np.int8)
        self.has_signs = bool((self.origin & 1).any())  # else nothing cancels

    def cancels(self, owner: Ints, entry: Ints, sign: Ints, asked: Ints) -> Ints:
        """Tell which of the terms asked for a chain has with the other sign as well.

        As `s` and `y` in `(z - s) - y`, where `z` is `s + y`. `entry` is -1 for other terms.
        """
        size = len(self.start)
        wanted = (owner[asked] * size + entry[asked]) * 2 + 1 - sign[asked]
        found = np.zeros(len(wanted), dtype=bool)
        # Sums stand behind their terms: what is read before all that is asked for holds none of it.
        least = np.full(int(owner.max()) + 1, size)
        np.minimum.at(least, owner[asked], entry[asked])
        plain = entry >= 0
        keys = distinct((owner[plain] * size + entry[plain]) * 2 + sign[plain])
        for _ in range(_DEPTH):
            found |= among(wanted, keys)
            owner, entry, sign = keys // 2 // size, keys // 2 % size, keys % 2
            opened = np.flatnonzero((self.kind[entry] == SUM) & (entry > least[owner]))
            if not len(opened):
                break
            counts = self.count[entry[opened]]
            terms = ranges(self.start[entry[opened]], counts)
            owner, sign = np.repeat(owner[opened], counts), np.repeat(sign[opened], counts)
            entry, sign = self.first[terms], sign ^ (self.origin[terms] & 1)
            kept = (self.second[terms] < 0) & (entry >= least[owner])
            keys = distinct((owner[kept] * size + entry[kept]) * 2 + sign[kept])
        return found
