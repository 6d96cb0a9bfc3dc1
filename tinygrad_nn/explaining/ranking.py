"""The paths of the greatest contributions, in order, found without listing all paths.

The paths to a node are those to its uses, each prolonged by one edge. Multiplying by one
number keeps the order of a sorted list: if the lists of the uses are sorted, so is each
prolonged list, and merging them by a heap gives the node's own, of which no more is made
than is asked for. (V. Jiménez and A. Marzal, Computing the K Shortest Paths, 1999.)
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import NamedTuple

from ..scalar.graph import Node
from .naming import magnitude
from .paths import Edge, Paths

__all__ = ["Ranking"]


class _RankedPath(NamedTuple):
    """A path to a node: its last edge, and which of the paths to the edge's other end it prolongs.

    Contributions multiply from the output downward, in the order of a backward pass.
    """

    order: float  # by which heaps sort: the greatest size first
    place: int
    rank: int
    contribution: float


class Ranking:
    """For each node the paths from the output to it, the greatest ones first."""

    def __init__(self, paths: Paths) -> None:
        self._output = paths.output
        self._above = paths.above
        self._found: dict[Node, list[_RankedPath]] = {}
        self._heaps: dict[Node, list[_RankedPath]] = {}  # what may come next; gone if nothing can
        for node in paths.order:
            self._begin(node)

    def greatest(self, node: Node, limit: int) -> list[tuple[float, list[Edge]]]:
        """List the greatest contributions of paths from a node, and their edges up to the output.

        The greatest absolute value is first, with what is infinite or NaN before all else.
        """
        found = self._found.get(node, [])
        while len(found) < limit and node in self._heaps:
            self._extend(node)
        return [(path.contribution, self._edges(node, path)) for path in found[:limit]]

    def _begin(self, node: Node) -> None:
        """Find the greatest path to a node, whose uses all have theirs."""
        if node is self._output:
            self._found[node] = [_RankedPath(-1.0, 0, 0, 1.0)]
            return
        heap = [self._prolonged(node, place, 0) for place in range(len(self._above[node]))]
        heapify(heap)
        self._found[node] = [heappop(heap)]
        self._heaps[node] = heap

    def _prolonged(self, node: Node, place: int, rank: int) -> _RankedPath:
        use, _, slope = self._above[node][place]
        contribution = self._found[use][rank].contribution * slope
        # NaN ranks with infinity, else 0 * inf would overtake what was greater than 0.
        return _RankedPath(-magnitude(contribution), place, rank, contribution)

    def _extend(self, node: Node) -> None:
        """Find the next path to a node.

        It may prolong the path after the latest one's, which may have to be found first:
        this makes a chain of nodes, worked off from its upper end.
        """
        chain = [node]
        while (use := self._waits_for(chain[-1])) is not None:
            chain.append(use)
        for each in reversed(chain):
            self._take_next(each)

    def _waits_for(self, node: Node) -> Node | None:
        latest = self._found[node][-1]
        use = self._above[node][latest.place].node
        last = latest.rank + 1 == len(self._found[use])
        return use if last and use in self._heaps else None

    def _take_next(self, node: Node) -> None:
        heap = self._heaps[node]
        latest = self._found[node][-1]
        use = self._above[node][latest.place].node
        if latest.rank + 1 < len(self._found[use]):
            heappush(heap, self._prolonged(node, latest.place, latest.rank + 1))
        if heap:
            self._found[node].append(heappop(heap))
        else:
            del self._heaps[node]

    def _edges(self, node: Node, path: _RankedPath) -> list[Edge]:
        edges = []
        while node is not self._output:
            edges.append(self._above[node][path.place])
            node = edges[-1].node
            path = self._found[node][path.rank]
        return edges
