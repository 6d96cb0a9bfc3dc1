"""Which numbers are computed alike: the same operations on operands that are alike.

Two leaves are alike when they are in scopes of one kind and their labels differ in numbers
only; constants always are. A chain of additions (or products, or maxima) is one operation
on all its terms, whose order does not count: so x + y + z is alike in every order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..scalar.graph import Node
from ..scalar.reverse import partial
from ..scopes import Path, name_of

__all__ = ["Likeness", "Use", "find_likeness", "kind_of", "slopes_of"]

_NUMBERS = re.compile(r"[\s_]*\d+$|(\[\d+\])+$")


class Use(NamedTuple):
    """One use of an operand: by which node, as which of its operands."""

    operand: Node
    node: Node
    position: int


class Likeness(NamedTuple):
    """What is alike in a graph."""

    kind: dict[Node, int]  # a number for each node that is drawn, the same for what is alike
    terms: dict[Node, list[Use]]  # the operands of each operation, over all of its chain


def find_likeness(
    nodes: Sequence[Node],
    paths: Mapping[Node, Path],
    names: Mapping[Node, str],
    shown: Callable[[Node], bool],
) -> Likeness:
    """Find what is computed alike in a graph, whose names count as labels.

    Nothing is hidden in a chain of nodes that are `shown`.
    """
    absorbed = _links(nodes, paths, shown)
    kinds_of_paths: dict[Path, Path] = {}
    numbers: dict[object, int] = {}
    kind: dict[Node, int] = {}
    terms: dict[Node, list[Use]] = {}
    for node in nodes:
        path = paths[node]
        place = kinds_of_paths.get(path)
        if place is None:
            place = kinds_of_paths[path] = tuple(map(kind_of, path))
        key: object
        if node.args:
            found = _joined(node, absorbed, terms)
            terms[node] = found
            if node in absorbed:
                continue
            operands = [kind[use.operand] for use in found]
            if len(found) > len(node.args):
                operands.sort()
            key = (node.row, place, tuple(operands), kind_of(node.label))
        elif node.is_constant:
            key = (node.row, place)
        else:
            key = (node.row, place, kind_of(name_of(node, names)))
        kind[node] = numbers.setdefault(key, len(numbers))
    for node in absorbed:
        del terms[node]
    return Likeness(kind, terms)


def kind_of(name: str) -> str:
    """Take the number off the end of a name."""
    return _NUMBERS.sub("", name) if name else name


def _links(
    nodes: Sequence[Node], paths: Mapping[Node, Path], shown: Callable[[Node], bool]
) -> dict[Node, Node]:
    """Find the inner links of chains, each with the only node that uses it."""
    uses: dict[Node, Node | None] = {}
    for node in nodes:
        for operand in node.args:
            uses[operand] = None if operand in uses else node
    return {
        node: user
        for node, user in uses.items()
        if user is not None
        and node.row is user.row
        and node.row.associative
        and not node.label
        and paths[node] == paths[user]
        and not shown(node)
    }


def _joined(
    node: Node, absorbed: Mapping[Node, Node], terms: Mapping[Node, list[Use]]
) -> list[Use]:
    """List the operands of a node over its chain; the longest list of a link is taken over."""
    found: list[Use] = []
    for position, operand in enumerate(node.args):
        if operand not in absorbed:
            found.append(Use(operand, node, position))
        else:
            other = terms[operand]
            found, other = (other, found) if len(other) > len(found) else (found, other)
            found += other
    return found


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
