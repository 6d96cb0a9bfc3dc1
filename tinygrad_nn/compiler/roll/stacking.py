"""Stacking: steps of a recurrence, found by their likeness and laid side by side.

The hidden states of a recurrent network are groups of one form, one after the other;
what is computed from each of them alone, as the derivative of an activation, is too.
The first stay separate statements and get one family, so that sums over time are one
product. The second wait for the last of them, and become one statement.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

import numpy as np

from ..program.program import Ints
from .cancelling import Contents
from .flatten import Flat
from .groups import Grouping
from .shapes import Group, Stack

__all__ = ["find_stacks", "grouped"]

LEAST = 3  # how many groups of one form make a stack
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
    stacked = Grouping(flat, contents, stacks)
    stacked.add_levels(map(sorted, by_level))
    return stacked


def find_stacks(grouping: Grouping) -> tuple[list[Stack], list[int]] | None:
    """Find groups of one form at different levels; None if there are none.

    Gives the entries of each stack in order, and the level of each group where those that need
    nothing of each other wait for the last of them.
    """
    groups = grouping.groups
    writers = _writers(groups)
    below = [_operand_groups(grouping, group, writers) for group in groups]
    alike: dict[int, list[int]] = {}
    for number, colour in enumerate(_colours(groups, below)):
        family = groups[number].family
        assert family is not None
        if len(np.unique(writers[family.number])) == 1 and not grouping.in_block(groups[number]):
            alike.setdefault(colour, []).append(number)
    stacks = [numbers for numbers in alike.values() if len(numbers) >= LEAST]
    if not stacks:
        return None
    waiting: list[list[int]] = []
    levels = _levels(below, waiting)
    for numbers in stacks:
        found = _levels(below, [*waiting, numbers])
        if found:
            waiting.append(numbers)
            levels = found
    return [np.concatenate([groups[n].entries for n in numbers]) for numbers in stacks], levels


def _writers(groups: list[Group]) -> dict[int, Ints]:
    """List for each family the group that writes each place; -1 where none does."""
    found: dict[int, Ints] = {}
    for number, group in enumerate(groups):
        assert group.family is not None
        nowhere = np.full(group.family.size, -1, dtype=np.int64)
        found.setdefault(group.family.number, nowhere)[group.places] = number
    return found


def _operand_groups(grouping: Grouping, group: Group, writers: dict[int, Ints]) -> frozenset[int]:
    """Collect the groups that a group reads from; of a block that is done, all of it."""
    reads = list(group.operands)
    for one in group.classes:
        reads += [(one.left, one.a), (one.right, one.b)]
    found: set[int] = set()
    for family, places in reads:
        if family in writers:
            read = set(np.unique(writers[family][places]).tolist())
            if grouping.is_block(family):
                whole = set(np.unique(writers[family]).tolist()) - {-1}
                if all(grouping.groups[number].level < group.level for number in whole):
                    read = whole
            found |= read
    return frozenset(found)


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


def _levels(below: list[frozenset[int]], together: list[list[int]]) -> list[int]:
    """Count the statements before each group; none if groups that wait need each other."""
    count = len(below)
    leader = list(range(count))
    for numbers in together:
        for number in numbers:
            leader[number] = numbers[0]
    needs: list[set[int]] = [set() for _ in range(count)]
    for number, read in enumerate(below):
        needs[leader[number]].update(leader[other] for other in read)
    level = [0] * count
    try:
        for number in TopologicalSorter(dict(enumerate(needs))).static_order():
            level[number] = max([level[other] + 1 for other in needs[number]], default=0)
    except CycleError:
        return []
    return [level[leader[number]] for number in range(count)]
