"""Neighbours: groups that are one quantity, cut in pieces by what happens at its edges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .shapes import Group

__all__ = ["neighbours"]

Counts = dict[tuple[int, int], float]  # of the terms of a member, by their families


def neighbours(groups: Sequence[Group], differ: Sequence[bool]) -> list[list[Group]]:
    """Find groups of sums that are one quantity; `differ` says which do from sample to sample.

    They read from the same families, and lie one after the other in the order in which
    they were recorded. Without this the edge would creep inward, a cell a step.
    """
    if len(groups) < 2:
        return []
    counts = list(map(_counts, groups))
    readers: dict[tuple[int, int], list[int]] = {}
    for number, read in enumerate(counts):
        for key in read:
            if key[0] >= 0:
                readers.setdefault(key, []).append(number)
    found: list[list[Group]] = []
    taken: set[int] = set()
    for first, read in enumerate(counts):
        if first in taken:
            continue
        together = [groups[first]]
        later = {n for key in read for n in readers.get(key, ()) if n > first and n not in taken}
        for other in sorted(later):
            if (
                groups[other].reduces == groups[first].reduces
                and differ[other] == differ[first]
                and _is_continued(read, counts[other])
            ):
                together.append(groups[other])
                taken.add(other)
        if len(together) > 1 and _in_few_pieces(together):
            found.append(together)
    return found


def _is_continued(first: Counts, second: Counts) -> bool:
    """Tell whether two groups read alike: the same numbers, or as many of what they share."""
    shared = [key for key in first if key in second and key[0] >= 0]
    if any(right < 0 for _, right in shared):
        return True
    return bool(shared) and sum(first.values()) == sum(second.values())


def _counts(group: Group) -> Counts:
    found: Counts = {}
    for one in group.classes:
        key = one.left, one.right
        found[key] = found.get(key, 0.0) + len(one.a) / group.size
    return found


def _in_few_pieces(groups: Sequence[Group]) -> bool:
    """Tell whether the members of groups hardly alternate, in the order they were recorded."""
    owner = np.repeat(np.arange(len(groups)), [group.size for group in groups])
    order = np.argsort(np.concatenate([group.entries for group in groups]))
    pieces = 1 + int(np.count_nonzero(np.diff(owner[order])))
    return pieces <= 2 * len(groups)
