"""Grouping: entries of one shape, level by level, and the place of each in its family.

A family is a run of numbers that lie together: an input array, the results of one
group, a block. Two sums have one shape when their terms come from the same pairs of
families, however many there are; two operations when their row and the families of
their operands are the same. Members are put in an order that depends on nothing but
where their operands lie, so that the order in which the user wrote them does not
count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from ...scalar.operation import Op
from ..program.distinct import distinct
from ..program.program import Floats, Ints
from ..tape.tape import BATCH_SUM
from .cancelling import Contents
from .classes import Classes, classes_of_one
from .few import Few, classes_of_few
from .flatten import OPERATION, SUM, Flat
from .levels import count_levels, depends_on_itself, entries_by_level
from .neighbours import neighbours
from .ordering import (
    is_strided,
    mixed,
    operand_keys,
    ranges,
    reads_up_to,
    reorder,
    term_keys,
)
from .places import Places
from .shapes import NUMBER, Group, Stack, TermClass
from .stencils import ends_of

__all__ = ["Grouping"]

FEW = 48  # terms of a level that are grouped one by one
GATHERED = 8  # members: where they would be gathered, they may stay as they were recorded


class Grouping(Places):
    """All groups of a program, each after those that it reads, and where each entry lies."""

    def __init__(
        self,
        flat: Flat,
        contents: Contents,
        stacks: Sequence[Stack] = (),
        before: Grouping | None = None,
    ) -> None:
        super().__init__(flat, contents, stacks, before)
        self.groups: list[Group] = []

    # ---- levels ---------------------------------------------------------------------------

    def levels(self) -> list[list[int]]:
        """Part the entries by how many statements must come before them.

        What reads from a block comes after all of the block, so that it is one group
        although the members of the block come one after the other.
        """
        floor: dict[int, int] = {}
        level = count_levels(self.flat, floor)
        for number in distinct(self.block[self.block >= 0]).tolist():
            members = np.flatnonzero(self.block == number).tolist()
            if not depends_on_itself(self.flat, members):
                floor |= dict.fromkeys(members, max(level[entry] for entry in members))
                level = count_levels(self.flat, floor)
        return entries_by_level(level)

    def add_levels(self, levels: Iterable[Sequence[int]]) -> None:
        """Group the entries of all levels, in their order."""
        for number, entries in enumerate(levels):
            self._add_level(number, entries)

    def _add_level(self, number: int, entries: Sequence[int]) -> None:
        kind, rows = self.flat.kind, self.tape.rows
        sums: list[int] = []
        alike: dict[tuple[int, Op | None, int], list[int]] = {
            (SUM, None, 0): sums
        }  # they come first
        for entry in entries:
            if kind[entry] == SUM:
                sums.append(entry)
                continue
            width = self.flat.count[entry] if kind[entry] == OPERATION else 0
            alike.setdefault((kind[entry], rows[entry], width), []).append(entry)
        made: list[Group] = []
        for (what, row, _), members in alike.items():
            if what == OPERATION:
                made += self._group_operations(number, row, np.array(members))
            elif members:
                made += self._group_terms(number, what, row, np.array(members))
        for group in made:
            self._order(group)
        apart = [group for group in made if group.kind == SUM and not self.in_block(group)]
        for together in neighbours(apart, list(map(self.differs, apart))):
            self.settle_together(together)
        for group in made:
            if group.family is None:
                self.settle(group)
        self.groups += made

    # ---- shapes -----------------------------------------------------------------------------

    def _own_key(self, entries: Ints, reduces: Ints | int = 0) -> Ints:
        """What of an entry itself counts for its shape: its samples, its block.

        Below 0, where no code of families is: the two are added up.
        """
        return mixed(-1 - reduces - 2 * self._varies[entries] - 4 * (self.block[entries] + 1))

    def _group_terms(self, level: int, kind: int, row: Op | None, entries: Ints) -> list[Group]:
        contents = self._contents
        if len(entries) == 1 and contents.count[entries[0]] <= 2:
            alone = self._alone(level, kind, row, entries)
            if alone is not None:
                return [alone]
        counts = contents.count[entries]
        terms, owner = (
            ranges(contents.start[entries], counts),
            np.repeat(np.arange(len(entries)), counts),
        )
        rows = self.tape.rows
        reduces = np.zeros(len(entries), dtype=np.int64)
        if self._sums_samples:
            reduces[:] = [rows[entry] is BATCH_SUM for entry in entries.tolist()]
        a, b = contents.first[terms], contents.second[terms]
        if len(terms) <= FEW:
            few = self._few(level, kind, row, entries, reduces, a, b)
            if few is not None:
                return few
        classes = Classes(
            owner,
            contents.coefs[terms],
            (a, b),
            (self.family[a], self.family[b]),
            (self.place[a], self.place[b]),
            contents.origin[terms],
            contents.written[entries],
            kind == SUM,
            contents,
        )
        shape = self._own_key(entries, reduces)
        classes.add_shapes(shape)
        groups = []
        for members in _alike(shape):
            group = Group(kind, row, level, bool(reduces[members[0]]), entries[members])
            group.written = bool(classes.written[members].any())
            group.classes = classes.of(members)
            groups.append(group)
        return groups

    def _alone(self, level: int, kind: int, row: Op | None, entries: Ints) -> Group | None:
        contents, entry = self._contents, int(entries[0])
        start, count = contents.start[entry], contents.count[entry]
        is_written = bool(contents.written[entry])
        classes = classes_of_one(
            slice(start, start + count),
            self.family,
            self.place,
            contents,
            is_written,
            kind == SUM,
        )
        if classes is None:
            return None
        reduces = self.tape.rows[entry] is BATCH_SUM
        return Group(kind, row, level, reduces, entries, is_written, classes=classes)

    def _few(
        self,
        level: int,
        kind: int,
        row: Op | None,
        entries: Ints,
        reduces: Ints,
        first: Ints,
        second: Ints,
    ) -> list[Group] | None:
        """Group as `_group_terms` what has few terms."""
        found = classes_of_few(
            self.flat,
            entries.tolist(),
            list(zip(self.family[first].tolist(), self.family[second].tolist(), strict=True)),
            list(zip(self.place[first].tolist(), self.place[second].tolist(), strict=True)),
            (reduces + 2 * self._varies[entries] + 4 * self.block[entries]).tolist(),
            kind == SUM,
        )
        if found is None:
            return None
        groups = []
        for members, classes in found:
            group = Group(kind, row, level, bool(reduces[members[0]]), entries[members])
            group.written = bool(self._contents.written[group.entries].any())
            group.classes = [_term_class(one) for one in classes]
            groups.append(group)
        return groups

    def _group_operations(self, level: int, row: Op | None, entries: Ints) -> list[Group]:
        positions = range(self.flat.count[entries[0]])
        start, first = self._contents.start, self._contents.first
        operands = first[start[entries][:, None] + np.array(positions)]
        families, places = self.family[operands], self.place[operands]
        shape = self._own_key(entries)
        for position in positions:
            shape = shape + mixed(families[:, position] * 31 + position + 101)
        groups = []
        for chosen in _alike(shape):
            group = Group(OPERATION, row, level, False, entries[chosen])
            for position in positions:
                family = int(families[chosen[0], position])
                found = self.numbers[operands] if family == NUMBER else places
                group.operands.append((family, found[chosen, position]))
            groups.append(group)
        return groups

    # ---- places -----------------------------------------------------------------------------

    def _order(self, group: Group) -> None:
        """Put the members of a group in order."""
        if group.size == 1:
            return
        if self.in_block(group):
            keys: list[Ints | Floats] = [self.block_place[group.entries]]
        elif group.kind == OPERATION:
            keys = operand_keys(group)
        else:
            keys = term_keys(group)
        reorder(group, np.lexsort((group.entries, *reversed(keys))))
        if group.size >= GATHERED and not self.in_block(group):
            self._order_as_recorded(group)

    def _order_as_recorded(self, group: Group) -> None:
        """Put members that are gathered in the order of recording, if that is of more use.

        Then they are strided, or they gather what comes in; what reads them is often strided.
        """
        recorded = np.argsort(group.entries)
        if is_strided(group) or len(ends_of(group)) > 2:
            return
        if reads_up_to(group) < len(self.tape.arrays) or is_strided(group, recorded):
            reorder(group, recorded)


def _alike(shape: Ints) -> Iterator[Ints]:
    """List the members of each shape, in the order of their first ones."""
    if (shape == shape[0]).all():
        yield np.arange(len(shape))
        return
    _, start, label = np.unique(shape, return_index=True, return_inverse=True)
    for number in np.argsort(start, kind="stable"):
        yield np.flatnonzero(label == number)


def _term_class(few: Few) -> TermClass:
    left, right, counts, a, b, coefs, rank = few
    return TermClass(
        left,
        right,
        np.array(counts, dtype=np.int64),
        np.array(a, dtype=np.int64),
        np.array(b, dtype=np.int64),
        np.array(coefs, dtype=float),
        rank,
    )
