"""How many statements must come before each entry of a flattened tape."""

from __future__ import annotations

from .flatten import Flat

__all__ = [
    "count_levels",
    "depends_on_itself",
    "entries_by_level",
    "entries_read",
    "levels_of_groups",
]


def count_levels(flat: Flat, floor: dict[int, int]) -> list[int]:
    """Count the statements up to that of each entry, from 1; 0 for an entry that is not kept.

    `floor` has for some entries the least count that those who read them see.
    """
    kind, start, count = flat.kind, flat.start, flat.count
    first, second = flat.first, flat.second
    level = [0] * (len(kind) + 1)
    seen = [0] * (len(kind) + 1) if floor else level
    for entry in range(len(kind)):
        if not kind[entry]:
            continue
        deepest = 0
        begin = start[entry]
        for term in range(begin, begin + count[entry]):
            below = seen[first[term]]
            if below > deepest:
                deepest = below
            below = seen[second[term]]
            if below > deepest:
                deepest = below
        level[entry] = deepest + 1
        if floor:
            least = floor.get(entry, 0)
            seen[entry] = least if least > deepest else deepest + 1
    level.pop()
    return level


def entries_by_level(level: list[int]) -> list[list[int]]:
    """List the entries of each level, in their order."""
    found: list[list[int]] = [[] for _ in range(max(level, default=0))]
    for entry, own in enumerate(level):
        if own:
            found[own - 1].append(entry)
    return found


def entries_read(flat: Flat) -> list[int]:
    """Tell which entries are read by others."""
    read = [0] * (len(flat.kind) + 1)
    for entry in flat.first:
        read[entry] = 1
    for entry in flat.second:
        read[entry] = 1
    return read


def depends_on_itself(flat: Flat, members: list[int]) -> bool:
    """Tell whether one of some entries is made from another one."""
    kind, start, count = flat.kind, flat.start, flat.count
    first, second = flat.first, flat.second
    inside = set(members)
    depends = [0] * (len(kind) + 1)
    for entry in range(min(members), len(kind)):
        if not kind[entry]:
            continue
        begin = start[entry]
        for term in range(begin, begin + count[entry]):
            if depends[first[term]] or depends[second[term]]:
                depends[entry] = 1
                break
        if entry in inside:
            if depends[entry]:
                return True
            depends[entry] = 1
    return False


def levels_of_groups(below: list[list[int]], together: list[list[int]]) -> list[int]:
    """Count the statements before each group, from what each reads; those `together` wait.

    None come back if groups that wait need each other.
    """
    count = len(below)
    leader = list(range(count))
    for numbers in together:
        for number in numbers:
            leader[number] = numbers[0]
    readers: list[list[int]] = [[] for _ in range(count)]
    missing = [0] * count  # how many of what it needs are still to be counted
    for number in range(count):
        own = leader[number]
        for other in below[number]:
            readers[leader[other]].append(own)
            missing[own] += 1
    level = [0] * count
    ready = [number for number in range(count) if not missing[number]]
    done = 0
    while done < len(ready):
        number = ready[done]
        done += 1
        for reader in readers[number]:
            if level[reader] <= level[number]:
                level[reader] = level[number] + 1
            missing[reader] -= 1
            if not missing[reader]:
                ready.append(reader)
    if done < count:
        return []
    return [level[leader[number]] for number in range(count)]
