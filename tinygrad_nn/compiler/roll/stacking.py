"""Stacking: steps of a recurrence, found by their likeness and laid side by side.

The hidden states of a recurrent network are groups of one form, one after the other;
what is computed from each of them alone, as the derivative of an activation, is too.
The first stay separate statements and get one family, so that sums over time are one
product. The second wait for the last of them, and become one statement.
"""

from __future__ import annotations

import numpy as np

from ..program.distinct import distinct
from ..program.program import Ints
from .cancelling import Contents
from .flatten import Flat
from .groups import Grouping
from .levels import Waiting
from .shapes import Group, Stack

__all__ = ["find_stacks", "grouped"]

LEAST = 3  # how many groups of one form make a stack
FEW = 32  # numbers that are told apart without sorting them
ROUNDS = 1  # how far down their operands must be of one form as well


def grouped(flat: Flat) -> Grouping:
    """Group what is kept, and once more if there are steps of a recurrence in it."""
    contents = Contents(flat)
    grouping = Grouping(flat, contents)
    grouping.add_levels(grouping.levels())
    found = find_stacks(grouping)
    if found is None:
        return grouping
    stacks, levels = found
    by_level: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    for group, level in zip(grouping.groups, levels, strict=True):
        by_level[level] += group.entries.tolist()
    stacked = Grouping(flat, contents, stacks, grouping)
    stacked.add_levels(map(sorted, by_level))
    return stacked


def find_stacks(grouping: Grouping) -> tuple[list[Stack], list[int]] | None:
    """Find groups of one form at different levels; None if there are none.

    Gives the entries of each stack in order, and the level of each group where those that need
    nothing of each other wait for the last of them.
    """
    groups = grouping.groups
    writers = _Writers(grouping)
    below = [writers.read_by(group) for group in groups]
    alike: dict[int, list[int]] = {}
    for number, colour in enumerate(_colours(groups, below)):
        family = groups[number].family
        assert family is not None
        if len(writers.of_family[family.number]) == 1 and not grouping.in_block(groups[number]):
            alike.setdefault(colour, []).append(number)
    stacks = [numbers for numbers in alike.values() if len(numbers) >= LEAST]
    if not stacks:
        return None
    waiting = Waiting(list(map(list, below)))
    for numbers in stacks:
        waiting.join(numbers)
    entries = [np.concatenate([groups[n].entries for n in numbers]) for numbers in stacks]
    return entries, waiting.levels()


class _Writers:
    """Which groups write the places of each family; -1 stands for none."""

    def __init__(self, grouping: Grouping) -> None:
        self._of_place: dict[int, Ints] = {}
        for number, group in enumerate(grouping.groups):
            assert group.family is not None
            nowhere = np.full(group.family.size, -1, dtype=np.int64)
            self._of_place.setdefault(group.family.number, nowhere)[group.places] = number
        self.of_family = {family: _distinct(numbers) for family, numbers in self._of_place.items()}
        self._blocks = {
            family: numbers - {-1}
            for family, numbers in self.of_family.items()
            if grouping.is_block(family)
        }
        self._latest = {  # the level of the last that writes a block
            family: max(grouping.groups[number].level for number in numbers)
            for family, numbers in self._blocks.items()
        }

    def read_by(self, group: Group) -> frozenset[int]:
        """Collect the groups that a group reads from; of a block that is done, all of it."""
        reads = list(group.operands)
        for one in group.classes:
            reads += [(one.left, one.a), (one.right, one.b)]
        found: set[int] = set()
        for family, places in reads:
            if self._latest.get(family, group.level) < group.level:
                found |= self._blocks[family]
            elif family in self._of_place:
                found |= _distinct(self._of_place[family][places])
        return frozenset(found)


def _distinct(numbers: Ints) -> set[int]:
    return set(numbers.tolist() if len(numbers) <= FEW else distinct(numbers).tolist())


def _colours(groups: list[Group], below: list[frozenset[int]]) -> list[int]:
    """Tell groups apart by their form and that of what they read, a few steps down."""
    colour = [
        hash(
            (
                group.kind,
                group.row.name if group.row else "",
                group.size,
                group.reduces,
                group.family is not None and group.family.per_sample,
                tuple(sorted((len(one.a), one.right >= 0) for one in group.classes)),
            )
        )
        for group in groups
    ]
    for _ in range(ROUNDS):
        colour = [
            hash((colour[number], tuple(sorted(colour[other] for other in read))))
            for number, read in enumerate(below)
        ]
    return colour
