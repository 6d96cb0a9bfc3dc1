"""Addresses: operations, results, the numbers of arrays and plain numbers, in one row.

So what is read from an array moves by some of its numbers, as what is read from a loop moves by
some of its entries.
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from ..program.program import Ints
from .recording import Recording
from .table import INPUT, NUMBER, Table

__all__ = ["Addresses"]


class Addresses:
    """A recording in arrays: first its operations in some order, then all that is wanted.

    `kinds` tell what each of them is, and `operands` where these are: below 0 is nothing. From
    `bases` on are the arrays, one after the other, and from the last on plain numbers.
    """

    def __init__(self, recording: Recording, table: Table) -> None:
        tape = recording.tape
        self.table = table
        self._wanted = [*[one.entries for one in recording.results], *recording.blocks]
        self.order: Ints = np.flatnonzero(table.codes > NUMBER)
        self.size = len(self.order) + sum(map(len, self._wanted))
        self.lists = [-1 - number for number in range(len(self._wanted))]  # the kinds of results
        # Between arrays is more than any step, so that nothing moves from one to another.
        apart = self.size + sum([array.size for array in tape.arrays])
        sizes = [self.size, *[array.size for array in tape.arrays]]
        self.bases: Ints = np.cumsum(np.array(sizes) + apart)
        numbers = np.flatnonzero(table.codes == NUMBER)
        self.numbers = [table.number[entry] for entry in numbers.tolist()]
        inputs = np.flatnonzero(table.codes == INPUT)
        self._address = np.full(len(table) + 1, -1)  # the last for what is nothing
        self._address[inputs] = self.bases[table.read[0][inputs]] + table.read[1][inputs]
        self._address[numbers] = self.bases[-1] + np.arange(len(numbers))
        self._lay_out()

    def sort(self, depths: Ints) -> None:
        """Order operations by their depth; what nobody reads stays behind, as it was recorded."""
        is_read = np.zeros(len(depths) + 1, dtype=bool)
        for operands in self.table.read:
            is_read[operands[self.order]] = True
        depths[~is_read[:-1]] = len(depths)
        self.order = self.order[np.argsort(depths[self.order], kind="stable")]
        self._lay_out()

    def _lay_out(self) -> None:
        """Say what is at each address."""
        self._address[self.order] = np.arange(len(self.order))
        entries = np.fromiter(chain.from_iterable(self._wanted), np.int64)
        nothing = np.full(len(entries), -1)
        lists = np.repeat(self.lists, list(map(len, self._wanted)))
        self.kinds: Ints = np.concatenate([self.table.codes[self.order], lists])
        self.operands: list[Ints] = [
            self._address[np.concatenate([read[self.order], nothing if place else entries])]
            for place, read in enumerate(self.table.read)
        ]

    def part(self, begin: int, end: int) -> tuple[Ints, list[Ints]]:
        """Give the kinds of some of them, and their operands."""
        return self.kinds[begin:end], [operands[begin:end] for operands in self.operands]
