"""Addresses: operations, results, the numbers of arrays and plain numbers, in one row.

So what is read from an array moves by some of its numbers, as what is read from a loop moves by
some of its entries.
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import Op
from ..program.program import Ints
from .depths import depths_of
from .recording import Recording
from .tape import Tape

__all__ = ["Addresses", "glimpse"]


class Addresses:
    """A recording in arrays: first its operations in some order, then all that is wanted.

    `kinds` tell what each of them is, and `operands` where these are: below 0 is nothing. From
    `bases` on are the arrays, one after the other, and from the last on plain numbers.
    """

    def __init__(self, recording: Recording) -> None:
        tape = recording.tape
        self._tape = tape
        self._wanted = [*[one.entries for one in recording.results], *recording.blocks]
        self._code = _codes(tape, slice(0, len(tape)))
        self._read = _operands(tape, slice(0, len(tape)))
        if tape.args.rest:
            third = np.full(len(tape), -1)
            third[list(tape.args.rest)] = [rest[0] for rest in tape.args.rest.values()]
            self._read.append(third)
        self.order: Ints = np.flatnonzero(self._code > _NUMBER)
        self.size = len(self.order) + sum(map(len, self._wanted))
        self.lists = [-1 - number for number in range(len(self._wanted))]  # the kinds of results
        # Between arrays is more than any step, so that nothing moves from one to another.
        apart = self.size + sum([array.size for array in tape.arrays])
        sizes = [self.size, *[array.size for array in tape.arrays]]
        self.bases: Ints = np.cumsum(np.array(sizes) + apart)
        numbers = np.flatnonzero(self._code == _NUMBER)
        self.numbers = [tape.number[entry] for entry in numbers.tolist()]
        inputs = np.flatnonzero(self._code == _INPUT)
        self._address = np.full(len(tape) + 1, -1)  # the last for what is nothing
        self._address[inputs] = self.bases[self._read[0][inputs]] + self._read[1][inputs]
        self._address[numbers] = self.bases[-1] + np.arange(len(numbers))
        self._lay_out()

    def sort(self) -> None:
        """Order operations by their depth; what nobody reads stays behind, as it was recorded."""
        depths = np.fromiter(depths_of(self._tape), np.int64, len(self._tape))
        is_read = np.zeros(len(depths) + 1, dtype=bool)
        for operands in self._read:
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
        self.kinds: Ints = np.concatenate([self._code[self.order], lists])
        self.operands: list[Ints] = [
            self._address[np.concatenate([read[self.order], nothing if place else entries])]
            for place, read in enumerate(self._read)
        ]

    def part(self, begin: int, end: int) -> tuple[Ints, list[Ints]]:
        """Give the kinds of some of them, and their operands."""
        return self.kinds[begin:end], [operands[begin:end] for operands in self.operands]


_INPUT, _NUMBER = 0, 1


def _codes(tape: Tape, part: slice) -> Ints:
    """Say what entries are: operations of one code are alike."""
    rows = tape.rows[part]
    codes: dict[Op, int] = {LEAF: _INPUT, CONSTANT: _NUMBER}
    for row in sorted(set(rows), key=lambda row: row.name):
        codes.setdefault(row, 4 * (1 + len(codes)))
    found = np.fromiter(map(codes.__getitem__, rows), np.int64, len(rows))
    flags = [np.frombuffer(bytes(some[part]), dtype=np.int8) for some in (tape.varies, tape.joined)]
    return np.where(found > _NUMBER, found + 2 * flags[0] + flags[1], found)


def glimpse(tape: Tape, begin: int, end: int) -> tuple[Ints, list[Ints]]:
    """Give the kinds and the operands of some entries, as they were recorded."""
    part = slice(begin, end)
    return _codes(tape, part), _operands(tape, part)


def _operands(tape: Tape, part: slice) -> list[Ints]:
    size = len(tape.rows[part])
    return [np.fromiter(some[part], np.int64, size) for some in (tape.args.first, tape.args.second)]
