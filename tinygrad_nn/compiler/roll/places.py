"""Places: where each entry lies, the inputs, what is kept together, and groups one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..program.distinct import distinct
from ..program.program import Floats, Ints
from ..tape.tape import BATCH_SUM
from .cancelling import Contents
from .flatten import Flat
from .levels import entries_read
from .ordering import reorder
from .shapes import NOTHING, NUMBER, Family, Group, Stack

__all__ = ["Places"]


class Places:
    """The families of a program, and where in them each entry of a flattened tape lies.

    What belongs together, a block or a stack, has its places from the beginning. Blocks are as
    `before`, where those of the tape are known.
    """

    def __init__(
        self,
        flat: Flat,
        contents: Contents,
        stacks: Sequence[Stack] = (),
        before: Places | None = None,
    ) -> None:
        tape = flat.tape
        size = len(tape)
        self.tape = tape
        self.flat = flat
        self.families: list[Family] = []
        self.family: Ints = np.full(size + 1, NOTHING, dtype=np.int64)  # -1 for what is not kept
        self.place: Ints = np.zeros(size + 1, dtype=np.int64)  # in its family
        self.block: Ints = np.full(size, -1, dtype=np.int64)
        self.block_place: Ints = np.zeros(size, dtype=np.int64)
        self.numbers: Floats = np.zeros(size)  # those of constants
        self._varies: Ints
        self._first_stack: int  # the number of its family
        self._contents = contents
        self._place_inputs()
        if before is None:
            self._varies = np.frombuffer(bytes(tape.varies), dtype=np.int8).astype(np.int64)
            self._sums_samples = BATCH_SUM in tape.rows
            self._place_blocks()
        else:
            self._varies, self._sums_samples = before._varies, before._sums_samples
            for number in range(len(tape.arrays), before._first_stack):
                self._keep_together(before._members(number))
        self._first_stack = len(self.families)
        for stack in stacks:
            self._keep_together(stack)

    def in_block(self, group: Group) -> bool:
        """Tell whether the members of a group have been given their places."""
        return bool(self.block[group.entries[0]] >= 0)

    def is_block(self, family: int) -> bool:
        """Tell whether a family is a block."""
        arrays = len(self.tape.arrays)
        return arrays <= family < self._first_stack

    def new_family(self, size: int, per_sample: bool) -> Family:
        """Make a family."""
        family = Family(len(self.families), size, per_sample)
        self.families.append(family)
        return family

    def _place_inputs(self) -> None:
        for array in self.tape.arrays:
            self.new_family(array.size, array.per_sample)
        leaves, arrays, places = (np.array(one, dtype=np.int64) for one in self.tape.inputs())
        self.family[leaves], self.place[leaves] = arrays, places
        constants, numbers = self.tape.constants()
        self.family[constants] = NUMBER
        self.numbers[constants] = numbers

    def _place_blocks(self) -> None:
        """Keep together what belongs together, where it is read again: else nothing is gained."""
        if not self.flat.blocks:
            return
        wanted = self._contents.kind > 0
        if not self.flat.read_in_blocks:
            wanted &= np.array(entries_read(self.flat)[:-1]) > 0
        rows = self.tape.rows
        for block in self.flat.blocks:
            entries, first = np.unique(np.array(block, dtype=np.int64), return_index=True)
            entries = entries[np.argsort(first)]
            entries = entries[wanted[entries] & (self.block[entries] < 0)]
            if not len(entries):
                continue
            reduces = {False}
            if self._sums_samples:
                reduces = {rows[entry] is BATCH_SUM for entry in entries.tolist()}
            varies = distinct(self._varies[entries])
            # Sums over samples are added up block by block.
            if len(reduces) == len(varies) == 1:
                self._keep_together(entries)

    def _keep_together(self, entries: Ints) -> None:
        family = self.new_family(len(entries), bool(self._varies[entries[0]]))
        self.block[entries] = family.number
        self.block_place[entries] = np.arange(len(entries))

    def _members(self, block: int) -> Ints:
        """List the entries of a block, in the order of their places."""
        entries = np.flatnonzero(self.block == block)
        found = np.empty_like(entries)
        found[self.block_place[entries]] = entries
        return found

    def settle(self, group: Group) -> None:
        """Give the members of a group their places."""
        if self.in_block(group):
            block = self.families[int(self.block[group.entries[0]])]
            self._place(group, block, self.block_place[group.entries])
            return
        family = self.new_family(group.size, self.differs(group))
        self._place(group, family, np.arange(group.size, dtype=np.int64))

    def differs(self, group: Group) -> bool:
        """Tell whether the members of a group differ from sample to sample."""
        return bool(self._varies[group.entries[0]])

    def _place(self, group: Group, family: Family, places: Ints) -> None:
        group.family = family
        group.places = places
        self.family[group.entries] = family.number
        self.place[group.entries] = places

    def settle_together(self, groups: list[Group]) -> None:
        """Give the members of groups that are one quantity their places, as they were recorded."""
        entries = np.sort(np.concatenate([group.entries for group in groups]))
        family = self.new_family(len(entries), self.differs(groups[0]))
        for group in groups:
            order = np.argsort(group.entries)
            reorder(group, order)
            self._place(group, family, np.searchsorted(entries, group.entries))
