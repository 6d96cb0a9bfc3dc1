"""From a graph and its scopes to the outline of a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..scalar.graph import Node
from ..scalar.ops import add
from ..scopes import Path
from .likeness import Likeness, Use, find_likeness, kind_of
from .outline import End, Number, Outline, Region, Wire
from .placing import Placed

__all__ = ["make_outline"]


def make_outline(
    placed: Placed,
    roots: Sequence[Node],
    *,
    depth: int | None,
    fold: bool,
    keep: Callable[[Any], bool] | None = None,
) -> Outline:
    """Decide what is drawn: so many levels of scopes, the last one closed; None opens all.

    `fold` draws once what is alike; results, and the nodes that `keep` tells, are always drawn.
    """
    kept = set(roots)
    if keep is not None:
        kept.update(node for node in placed.nodes if keep(node))
    if fold:
        likeness = find_likeness(placed.nodes, placed.paths, placed.names, kept.__contains__)
    else:
        likeness = Likeness(
            {node: place for place, node in enumerate(placed.nodes)},
            {
                node: [Use(arg, node, position) for position, arg in enumerate(node.args)]
                for node in placed.nodes
                if node.args
            },
        )
    return _Builder(placed, likeness, kept, depth, fold).build()


class _Builder:
    """An outline being made."""

    def __init__(
        self, placed: Placed, likeness: Likeness, kept: set[Node], depth: int | None, fold: bool
    ) -> None:
        self.placed = placed
        self.likeness = likeness
        self.kept = kept
        self.depth = depth
        self.fold = fold
        self.root = Region([()])
        self.regions: dict[Path, Region] = {(): self.root}
        self.classes: dict[object, Region] = {}
        self.contents = self._contents() if fold else {}
        self.numbers: dict[object, Number] = {}
        self.number_of: dict[Node, Number] = {}
        self.wires: dict[tuple[End, End, int], Wire] = {}
        self.constants: dict[tuple[Number, int], list[Use]] = {}

    def build(self) -> Outline:
        """Put every node where it is drawn, then join them."""
        kind = self.likeness.kind
        for node in self.placed.nodes:
            if node in kind:
                self._place(node)
        for node in self.placed.nodes:
            if node not in kind and (region := self._closed(node)):
                region.nodes.append(node)  # a link of a chain
        for node, uses in self.likeness.terms.items():
            for use in uses:
                self._join(node, use, len(uses) > len(node.args))
        for number in list(self.numbers.values()):
            if number.within is not None:
                for node in number.nodes:
                    self._wire(number.within, number, -1, Use(node, node, -1))
        return Outline(
            self.root,
            list(self.wires.values()),
            self.constants,
            self.likeness.terms,
            self.placed,
        )

    def _shown(self, path: Path) -> Path:
        return path if self.depth is None else path[: self.depth]

    def _contents(self) -> dict[Path, list[int]]:
        """List the kinds of all nodes inside each scope: what two scopes are compared by."""
        contents: dict[Path, list[int]] = {}
        for node, kind in self.likeness.kind.items():
            path = self._shown(self.placed.paths[node])
            for length in range(1, len(path) + 1):
                contents.setdefault(path[:length], []).append(kind)
        return contents

    def _region(self, path: Path) -> Region:
        """Find the region of a scope, made if it was not there."""
        region = self.regions.get(path)
        if region is not None:
            return region
        parent = self._region(path[:-1])
        key: object = path
        if self.fold:
            key = (parent, kind_of(path[-1]), tuple(sorted(self.contents[path])))
        region = self.classes.get(key)
        if region is None:
            closed = self.depth is not None and len(path) >= self.depth
            region = self.classes[key] = Region([], closed, parent)
            parent.regions.append(region)
        region.scopes.append(path)
        self.regions[path] = region
        return region

    def _place(self, node: Node) -> None:
        path = self._shown(self.placed.paths[node])
        region = self._region(path)
        within = region if region.closed else None
        if within is not None:
            within.nodes.append(node)
            if node not in self.kept:
                return
            region = within.parent or self.root
        elif node.is_constant and node not in self.kept:
            return  # it is drawn beside each of its uses
        key: object = (region, within, self.likeness.kind[node]) if self.fold else node
        number = self.numbers.get(key)
        if number is None:
            number = self.numbers[key] = Number([], region, within)
            region.numbers.append(number)
        number.nodes.append(node)
        self.number_of[node] = number

    def _join(self, node: Node, use: Use, chain: bool) -> None:
        head: End | None = self.number_of.get(node)
        if not isinstance(head, Number) or head.within is not None:
            head = self._closed(node)
        if head is None:
            return
        position = -1 if chain or isinstance(head, Region) else use.position
        tail: End | None = self.number_of.get(use.operand)
        if tail is None and use.operand.is_constant:
            starts = chain and node.row is add and use.operand.data == 0.0  # what sum begins with
            if isinstance(head, Number) and not starts:
                self.constants.setdefault((head, position), []).append(use)
            return
        tail = tail or self._closed(use.operand)
        if tail is None or tail is head or (isinstance(tail, Number) and tail.within is head):
            return
        self._wire(tail, head, position, use)

    def _closed(self, node: Node) -> Region | None:
        region = self.regions.get(self._shown(self.placed.paths[node]))
        return region if region is not None and region.closed else None

    def _wire(self, tail: End, head: End, position: int, use: Use) -> None:
        key = (tail, head, position)
        wire = self.wires.get(key)
        if wire is None:
            wire = self.wires[key] = Wire(tail, head, position)
        wire.uses.append(use)
