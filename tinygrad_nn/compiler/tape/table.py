"""A tape in arrays, or a part of it: what entries are, and where their operands are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import Op
from ..program.program import Ints
from .depths import depths_of
from .tape import Tape

__all__ = ["INPUT", "NUMBER", "Table", "kinds_of", "part_of", "table_of"]

INPUT, NUMBER = 0, 1  # codes of what is given, and of plain numbers

Kind = tuple[Op, int, int]  # an operation, whether it varies, and whether it is joined


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Entries, in the order in which they were recorded.

    Operations of one code are alike: it says of which of the `kinds`. `read` are their operands,
    below 0 where there is none; of an input its array and its place there. `depths` counts the
    operations of the longest chain that ends with each; without it, their order is the only one.
    """

    codes: Ints
    read: Sequence[Ints]
    kinds: Mapping[int, Kind]
    number: Mapping[int, float]  # of plain ones
    depths: Callable[[], Ints] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def part(self, begin: int, end: int) -> tuple[Ints, list[Ints]]:
        """Give the codes and operands of some entries."""
        return self.codes[begin:end], [operands[begin:end] for operands in self.read]


def table_of(tape: Tape) -> Table:
    """Write a tape in arrays; third operands too, if there are any."""
    numbered = _numbered(tape.rows)
    codes, read = _part_of(tape, 0, len(tape), numbered)
    if tape.args.rest:
        third = np.full(len(tape), -1)
        third[list(tape.args.rest)] = [rest[0] for rest in tape.args.rest.values()]
        read.append(third)

    def depths() -> Ints:
        return np.fromiter(depths_of(tape), np.int64, len(tape))

    return Table(codes, read, kinds_of(numbered), tape.number, depths)


def part_of(tape: Tape, begin: int, end: int) -> tuple[Ints, list[Ints]]:
    """Give the codes and the operands of some entries, as a table has them."""
    return _part_of(tape, begin, end, _numbered(tape.rows[begin:end]))


def _part_of(tape: Tape, begin: int, end: int, codes: Mapping[Op, int]) -> tuple[Ints, list[Ints]]:
    part = slice(begin, end)
    rows = tape.rows[part]
    found = np.fromiter(map(codes.__getitem__, rows), np.int64, len(rows))
    flags = [np.frombuffer(bytes(some[part]), dtype=np.int8) for some in (tape.varies, tape.joined)]
    found = np.where(found > NUMBER, found + 2 * flags[0] + flags[1], found)
    read = [
        np.fromiter(some[part], np.int64, len(rows)) for some in (tape.args.first, tape.args.second)
    ]
    return found, read


def _numbered(rows: Sequence[Op]) -> dict[Op, int]:
    """Give operations numbers, among which is place for what else there is to say."""
    codes: dict[Op, int] = {LEAF: INPUT, CONSTANT: NUMBER}
    for row in sorted(set(rows), key=lambda row: row.name):
        codes.setdefault(row, 4 * (1 + len(codes)))
    return codes


def kinds_of(codes: Mapping[Op, int]) -> dict[int, Kind]:
    """Say what all codes mean."""
    return {
        code + 2 * varies + joined: (row, varies, joined)
        for row, code in codes.items()
        if code > NUMBER
        for varies in (0, 1)
        for joined in (0, 1)
    }
