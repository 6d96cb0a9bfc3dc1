"""What stands out in a picture: some numbers, or one path of an explained gradient."""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as brief
from typing import NamedTuple

from ..errors import ArgumentTypeError
from ..explaining import Path
from ..scalar.graph import Node
from .likeness import Use

__all__ = ["Highlight", "find_highlight"]


class Highlight(NamedTuple):
    """What stands out."""

    nodes: frozenset[Node] = frozenset()
    # the uses on a path; None for all between the nodes
    edges: frozenset[tuple[Node, int]] | None = None

    def has(self, use: Use) -> bool:
        """Tell whether a use stands out."""
        if use.operand is use.node:  # a number that is drawn beside the box it is computed in
            return use.node in self.nodes
        if self.edges is not None:
            return (use.node, use.position) in self.edges
        return use.operand in self.nodes and use.node in self.nodes


def find_highlight(chosen: object) -> Highlight:
    """Read what is to stand out: Values, or a path of ``explain(...).paths``."""
    if chosen is None:
        return Highlight()
    if isinstance(chosen, Path):
        steps = zip(chosen.nodes[1:], chosen.positions, strict=True)
        return Highlight(frozenset(chosen.nodes), frozenset(steps))
    nodes = [chosen] if isinstance(chosen, Node) else chosen
    if isinstance(nodes, Iterable):
        nodes = list(nodes)
        if all(isinstance(node, Node) for node in nodes):
            return Highlight(frozenset(nodes))
    raise ArgumentTypeError(
        f"highlight must be Values, or a path of explain(...).paths, got {brief(chosen)} of type "
        f"{type(chosen).__name__}: write highlight=[x, y]"
    )
