"""How many statements must come before each entry of a flattened tape."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from .flatten import Flat

__all__ = [
    "Waiting",
    "count_levels",
    "depends_on_itself",
    "entries_by_level",
    "entries_read",
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


class Waiting:
    """How many statements come before each group, while more and more of them wait for others."""

    def __init__(self, below: list[list[int]]) -> None:
        """Count from what each group reads."""
        self._readers: list[list[int]] = [[] for _ in below]
        missing = [len(read) for read in below]  # how many of what it reads are still to be counted
        for number, read in enumerate(below):
            for other in read:
                self._readers[other].append(number)
        self._level = [0] * len(below)
        self._leader = list(range(len(below)))  # of those that wait for each other
        level = self._level
        ready = [number for number in range(len(below)) if not missing[number]]
        done = 0
        while done < len(ready):
            number = ready[done]
            done += 1
            for reader in self._readers[number]:
                level[reader] = max(level[reader], level[number] + 1)
                missing[reader] -= 1
                if not missing[reader]:
                    ready.append(reader)

    def levels(self) -> list[int]:
        """Give the count of each group."""
        return [self._level[leader] for leader in self._leader]

    def join(self, numbers: list[int]) -> bool:
        """Let groups, each alone until now, wait for the last of them; False if one needs another.

        Only what comes after them is counted anew.
        """
        level, count = self._level, len(self._level)
        last = max([level[number] for number in numbers])
        inside = set(numbers)
        before: dict[int, int] = {}  # the levels of what was moved
        later = [last * count + number for number in numbers if level[number] < last]
        heapify(later)
        while later:  # from the first to the last: most are moved once
            key: int = heappop(later)
            number = key % count
            own = last if number in inside else key // count
            if number not in inside and level[number] != own:
                continue  # it was moved again
            for other in self._readers[number]:
                reader = self._leader[other]
                if reader in inside:
                    for moved in before:
                        level[moved] = before[moved]
                    return False
                if level[reader] <= own:
                    before.setdefault(reader, level[reader])
                    level[reader] = own + 1
                    heappush(later, (own + 1) * count + reader)
        first = numbers[0]
        for number in numbers[1:]:
            self._leader[number] = first
            self._readers[first] += self._readers[number]
        level[first] = last
        return True
