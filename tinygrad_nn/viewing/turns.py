"""Loops of a user's code, found in a graph whose parts nobody named: steps that come again alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..scalar.graph import Node
from ..scopes import Path

__all__ = ["loop_scopes"]

FEWEST = 4  # turns of a loop
FEW = 12  # operations that nobody needs to fold
CANDIDATES = 6  # lengths of a turn that are tried

Shape: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class _Loop:
    """Operations from `start` on: `count` times as many as `length`."""

    start: int
    length: int
    count: int

    @property
    def stop(self) -> int:
        return self.start + self.length * self.count


def loop_scopes(nodes: Sequence[Node]) -> dict[Node, Path]:
    """Give the operations of loops a scope for the loop, and one inside of it for each turn.

    `nodes` are all of a graph, operands first. What a loop makes in one turn has the same
    operations as in any other, whose operands lie as far back; only in the first turn these may
    be leaves.
    """
    made = [node for node in nodes if node.args]
    if len(made) <= FEW:
        return {}
    place = {node: k for k, node in enumerate(made)}
    back = [[k - place[x] for x in node.args if x in place] for k, node in enumerate(made)]
    shapes = [
        (node.op, *(k - place[x] if x in place else -1 for x in node.args))
        for k, node in enumerate(made)
    ]
    loops = _loops(shapes, back, 0, len(made))
    found: dict[Node, Path] = {}  # all other operations are in no scope
    for number, loop in enumerate(loops, 1):
        which = f" {number}" if len(loops) > 1 else ""
        for k in range(loop.start, loop.stop):
            turn = (k - loop.start) // loop.length + 1
            found[made[k]] = (f"loop{which} × {loop.count}", f"turn {turn}")
    if not found:
        return {}
    return dict.fromkeys(made, ()) | found | _shared(nodes, found)


def _shared(nodes: Sequence[Node], found: Mapping[Node, Path]) -> dict[Node, Path]:
    """Leave outside of loops what several turns take: the weights of a student's loop."""
    users: dict[Node, set[Path]] = {}
    for node in nodes:
        for operand in node.args:
            if operand.is_leaf:
                users.setdefault(operand, set()).add(found.get(node, ()))
    return {leaf: () for leaf, turns in users.items() if len(turns) > 1}


def _loops(
    shapes: Sequence[Shape], back: Sequence[Sequence[int]], start: int, stop: int
) -> list[_Loop]:
    """Find the longest loop between two places, and those before and after it."""
    runs = [_longest(shapes, start, stop, length) for length in _lengths(shapes, start, stop)]
    run = max(runs, key=lambda run: (run[1] - run[0], -run[2]), default=(start, start, 1))
    if run[1] - run[0] < max(FEW, (FEWEST - 1) * run[2]):
        return []
    loop = _in_turns(shapes, back, start, *run)
    if loop.count < FEWEST:
        return []
    return [
        *_loops(shapes, back, start, loop.start),
        loop,
        *_loops(shapes, back, loop.stop, stop),
    ]


def _lengths(shapes: Sequence[Shape], start: int, stop: int) -> list[int]:
    """Guess how long a turn is: the distances at which the same shape comes again most often."""
    latest: dict[Shape, int] = {}
    distances: Counter[int] = Counter()
    for k in range(start, stop):
        if shapes[k] in latest:
            distances[k - latest[shapes[k]]] += 1
        latest[shapes[k]] = k
    common = [distance for distance, _ in distances.most_common(CANDIDATES)]
    # A shape that comes twice in a turn has distances that add up to the turn's length.
    return sorted({*common, *(a + b for a in common for b in common)})


def _longest(shapes: Sequence[Shape], start: int, stop: int, length: int) -> tuple[int, int, int]:
    """Find the longest run of shapes that come again after `length`: from where to where."""
    best, begin = (start, start), start
    for k in range(start + length, stop):
        if shapes[k] != shapes[k - length]:
            begin = k - length + 1
        elif k + 1 - begin > best[1] - best[0]:
            best = (begin, k + 1)
    return (*best, length)


def _in_turns(
    shapes: Sequence[Shape],
    back: Sequence[Sequence[int]],
    start: int,
    begin: int,
    end: int,
    length: int,
) -> _Loop:
    """Part a run into turns: into as many as there can be, where the fewest numbers cross.

    The turn before the run belongs to it if its operations are the same.
    """
    crossing = [0] * length
    for k in range(end - length, end):
        for distance in back[k]:
            for cut in range(max(0, length - distance), length):
                crossing[(k - begin + 1 + cut) % length] += 1

    def loop(shift: int) -> _Loop:
        first = begin + shift
        count = (end - first) // length
        if first - length >= start and all(
            shapes[k - length][0] == shapes[k][0] for k in range(first, first + length)
        ):
            return _Loop(first - length, length, count + 1)
        return _Loop(first, length, count)

    shift = max(range(length), key=lambda shift: (loop(shift).count, -crossing[shift], -shift))
    return loop(shift)
