"""Derivatives of an operation that is drawn once and was recorded as a chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..scalar.graph import Node
from ..scalar.reverse import partial
from .likeness import Use

__all__ = ["slopes_of"]


def slopes_of(node: Node, terms: Sequence[Use]) -> Iterator[tuple[Use, float]]:
    """Yield the derivative of a chain's last link by each operand of it, constants left out."""
    ends = set(terms)
    links = [(node, 1.0)]
    while links:
        link, above = links.pop()
        for position, operand in enumerate(link.args):
            if operand.is_constant:
                continue
            slope = above * partial(link, position)
            use = Use(operand, link, position)
            if use in ends:
                yield use, slope
            else:
                links.append((operand, slope))
