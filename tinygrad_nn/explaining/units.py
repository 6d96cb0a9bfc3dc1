"""The units of a model in a graph, and how their activation functions fare.

A unit's weighted sum is recognised by its parameters: a product with one of them, and sums
of such products. What is applied to it next is its activation function. Nothing of this
needs to know how layers compute, only what their parameters are called.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..scalar.graph import Node, ancestors
from ..scalar.ops import add, maximum, minimum, mul, sub
from ..scalar.reverse import partial
from .flat import SQUASHING, is_saturated

__all__ = ["Activity", "Unit", "find_activity", "units_of"]


class Unit(NamedTuple):
    """One unit of a layer: which, by the first indices of its parameters."""

    layer: str
    place: tuple[int, ...]


@dataclass
class Activity:
    """How often the argument of a unit's activation function was where."""

    samples: int = 0
    flat: int = 0
    saturated: int = 0


def units_of(named: Sequence[tuple[str, Node]], default: str) -> dict[Node, Unit]:
    """Find the unit of each parameter; `default` is the layer of those whose name has no dot."""
    units: dict[Node, Unit] = {}
    depth: Counter[str] = Counter()
    for name, node in named:
        key, subscript = _split(name)
        units[node] = unit = Unit(key.rpartition(".")[0] or default, subscript)
        depth[unit.layer] = max(depth[unit.layer], len(subscript))
    # The last index of the deepest array counts inputs: weight[unit][input], bias[unit].
    return {node: Unit(u.layer, u.place[: depth[u.layer] - 1]) for node, u in units.items()}


def _split(name: str) -> tuple[str, tuple[int, ...]]:
    """Take a name apart: weight[2][0] is weight, and (2, 0)."""
    match = re.fullmatch(r"(.*?)((?:\[\d+\])*)", name, re.DOTALL)
    assert match is not None  # both parts may be empty
    return match[1], tuple(map(int, re.findall(r"\d+", match[2])))


def find_activity(output: Node, units: Mapping[Node, Unit]) -> dict[Unit, Activity]:
    """Count for each unit how its activation function fares, over all samples of a graph.

    Units without relu (max or min with a constant) or a squashing function are left out, and
    so are those whose sum is used otherwise too, as in max(slope z, z): a flat part there
    says nothing of the whole.
    """
    order = ancestors(output)
    uses = Counter(operand for node in order for operand in node.args)
    found: dict[Unit, Activity] = {}
    for node, position, unit in _activations(order, units):
        if uses[node.args[position]] == 1:
            activity = found.setdefault(unit, Activity())
            activity.samples += 1
            activity.flat += node.row not in SQUASHING and partial(node, position) == 0.0
            activity.saturated += is_saturated(node)
    return found


def _activations(
    order: Sequence[Node], units: Mapping[Node, Unit]
) -> Iterator[tuple[Node, int, Unit]]:
    """Yield what is applied to weighted sums, as which operand they enter, and whose they are."""
    sums: dict[Node, Unit] = {}
    for node in order:
        row, operands = node.row, node.args
        if row is mul:
            owners = {units[operand] for operand in operands if operand in units}
        elif row in (add, sub):
            owners = {sums[operand] for operand in operands if operand in sums}
        else:
            owners = set()
            for position, operand in enumerate(operands):
                if operand in sums and (row in SQUASHING or _is_clipped(node, position)):
                    yield node, position, sums[operand]
        if len(owners) == 1:
            sums[node] = owners.pop()


def _is_clipped(node: Node, position: int) -> bool:
    """Tell whether a node is the max or min of an operand and a constant."""
    return node.row in (maximum, minimum) and node.args[1 - position].is_constant
