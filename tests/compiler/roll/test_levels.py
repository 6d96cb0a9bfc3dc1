"""How many statements come before each group, some of which wait for each other."""

from __future__ import annotations

import random

from tinygrad_nn.compiler.roll.levels import Waiting


def counted(below: list[list[int]], together: list[list[int]]) -> list[int] | None:
    """Count by definition, again and again until nothing changes; None if that never ends."""
    level = [0] * len(below)
    for _ in range(len(below) + 1):
        before = list(level)
        for number, read in enumerate(below):
            level[number] = max([level[number], *[level[other] + 1 for other in read]])
        for numbers in together:
            last = max(level[number] for number in numbers)
            for number in numbers:
                level[number] = last
        if level == before:
            return level
    return None


def drawn(rng: random.Random) -> tuple[list[list[int]], list[list[int]]]:
    """Draw what groups read, in any order, and some of them that may wait."""
    count = rng.randrange(3, 14)
    places = rng.sample(range(count), count)
    below: list[list[int]] = [[] for _ in places]
    for rank, place in enumerate(places):
        read = rng.sample(places[:rank], min(rank, rng.randrange(3)))
        below[place] = sorted(read)
    left, stacks = rng.sample(range(count), count), []
    while len(left) > 1:
        size = rng.randrange(2, 4)
        stacks.append(sorted(left[:size]))
        left = left[size:]
    return below, [one for one in stacks if len(one) > 1]


def test_groups_wait_for_each_other_unless_one_needs_another() -> None:
    rng, refused, joined = random.Random(0), 0, 0
    for _ in range(300):
        below, stacks = drawn(rng)
        waiting, together = Waiting(below), []
        assert waiting.levels() == counted(below, [])
        for numbers in stacks:
            expected = counted(below, [*together, numbers])
            assert waiting.join(numbers) is (expected is not None)
            if expected is None:
                refused += 1
            else:
                joined += 1
                together.append(numbers)
            assert waiting.levels() == counted(below, together)
    assert refused > 100
    assert joined > 100
