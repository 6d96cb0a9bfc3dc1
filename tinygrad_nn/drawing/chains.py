"""Derivatives of an operation that is drawn once and was recorded as a chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..scalar.graph import Node
from ..scalar.reverse import partial
from .likeness import Use

__all__ = ["slopes_of"]


def slopes_of(node: Node, terms: Sequence[Use]) -> Iterator[tuple[Use, float]]:
    """Yield the derivative of a chain's last link by each operand of it, constants left out.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> x, y, z = Value(2.0), Value(3.0), Value(5.0)
    >>> first = x * y
    >>> result = first * z
    >>> terms = [Use(x, first, 0), Use(y, first, 1), Use(z, result, 1)]
    >>> sorted(slope for use, slope in slopes_of(result, terms))
    [6.0, 10.0, 15.0]
    """
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
