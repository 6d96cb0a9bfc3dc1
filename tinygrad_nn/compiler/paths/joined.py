"""Results of the parts of a batch, put together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..program.program import Floats, Ints
from ..trace.results import means_of, segments
from ..trace.structure import Key, Nesting
from .tree import Path

__all__ = ["Part", "joined"]


class Part(NamedTuple):
    """Some samples, and for each number of a result what it is for all of them, or for each.

    They took a path, or none. Those that ran together with others have their results in rows of all.
    """

    samples: Ints
    key: Key
    rows: list[Any] | None
    path: Path | None = None
    more: int = 0  # samples of those that ran together

    @property
    def size(self) -> int:
        """How many samples there are."""
        return len(self.samples) + self.more


def joined(reduce: Any, parts: list[Part], count: int, done: list[Floats] | None) -> list[Any]:
    """Put the numbers of all parts together: of each sample, or sums, of which means are made.

    Those of parts that ran together are done.
    """
    found: list[Any] = []
    key = parts[0].key
    for how, part_key in segments(reduce, key):
        begin, size = len(found), Nesting(part_key).size
        if how is None:
            found.extend(np.empty((size, count)) if done is None else done)
        for place in range(begin, begin + size):
            rows = [(part.samples, part.rows[place]) for part in parts if part.rows is not None]
            if how is None:
                for samples, row in rows:
                    found[place][samples] = row
            else:
                found.append(sum(float(total) for _, total in rows))  # inf - inf is NaN
    return means_of(reduce, key, found, count)
