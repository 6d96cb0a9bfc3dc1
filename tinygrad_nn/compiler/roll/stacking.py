"""Stacking: steps of a recurrence, found by their likeness and laid side by side.

The hidden states of a recurrent network are groups of one form, one after the other;
what is computed from each of them alone, as the derivative of an activation, is too.
The first stay separate statements and get one family, so that sums over time are one
product. The second wait for the last of them, and become one statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import numpy as np

from ..program.program import Ints
from .flatten import Flat
from .groups import Grouping
from .shapes import Group, Stack

__all__ = ["find_stacks", "grouped"]

LEAST = 3  # how many groups of one form make a stack
ROUNDS = 1  # how far down their operands must be of one form as well


def grouped(flat: Flat) -> Grouping:
    """Group what is kept, and once more if there are steps of a recurrence in it."""
    grouping = Grouping(flat)
    grouping.add_levels(grouping.levels())
    found = find_stacks(grouping)
    if found is None:
        return grouping
    stacks, levels = found
    by_level: list[list[int]] = [[] for _ in range(max(levels) + 1)]
    for group, level in zip(grouping.groups, levels, strict=True):
        by_level[level] += group.entries.tolist()
    stacked = Grouping(flat, stacks)
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
        if len(set(writers[family.number])) == 1 and not grouping.in_block(groups[number]):
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


def _writers(groups: list[Group]) -> dict[int, list[int]]:
    """List for each family the group that writes each place; -1 where none does."""
    found: dict[int, list[int]] = {}
    for number, group in enumerate(groups):
        assert group.family is not None
        places = found.setdefault(group.family.number, [-1] * group.family.size)
        for place in group.places.tolist():
            places[place] = number
    return found


def _reads(group: Group) -> Iterator[tuple[int, Ints]]:
    for one in group.classes:
        if one.left >= 0:
            yield one.left, one.a
        if one.right >= 0:
            yield one.right, one.b
    for family, places in group.operands:
        if family >= 0:
            yield family, places


def _operand_groups(
    grouping: Grouping, group: Group, writers: dict[int, list[int]]
) -> frozenset[int]:
    """Collect the groups that a group reads from; of a block that is done, all of it."""
    found: set[int] = set()
    for family, places in _reads(group):
        known = writers.get(family)
        if known is None:
            continue
        if known[0] == known[-1] and len(set(known)) == 1:
            found.add(known[0])
            continue
        read = {known[place] for place in np.unique(places).tolist()}
        whole = set(known) - {-1}
        if grouping.is_block(family) and all(
            grouping.groups[number].level < group.level for number in whole
        ):
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
