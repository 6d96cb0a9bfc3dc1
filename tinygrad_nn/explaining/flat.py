"""Squashing functions, and where they are flat."""

from __future__ import annotations

from ..scalar.graph import Node
from ..scalar.ops import atan, erf, sigmoid, tanh
from ..scalar.reverse import partial

__all__ = ["SQUASHING", "is_saturated"]

SQUASHING = (sigmoid, tanh, erf, atan)
SATURATED = 0.01  # of the steepest slope, which they have at 0


def is_saturated(node: Node) -> bool:
    """Tell whether a node is a squashing function on a flat part, under 1 % of its steepest slope."""
    if node.row not in SQUASHING:
        return False
    rule = node.row.partials[0]
    assert rule is not None  # they have slopes
    steepest = rule(0.0, node.row.compute(0.0))
    return bool(abs(partial(node, 0)) < SATURATED * steepest)
