"""What nodes and numbers are called for people."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import islice

from ..errors import ArgumentTypeError
from ..scalar.graph import Node
from ..scalar.user_line import describe_place
from ..scalar.value import Value
from ..scopes import name_of

__all__ = ["Names", "counted", "magnitude", "number", "parameters_of", "plural"]

NEAR = 100  # nodes to look at for a name


class Names:
    """The names of nodes: those given, as a model's parameters have, else their labels."""

    def __init__(self, given: Mapping[Node, str], otherwise: Mapping[Node, str]) -> None:
        self._given = given
        self._otherwise = otherwise  # for nodes without a label

    def of(self, node: Node) -> str:
        """The name of a node; empty if it has none."""
        return name_of(node, self._given, self._otherwise)

    def and_also(self, more: Mapping[Node, str]) -> Names:
        """These names, and others that go before them."""
        return Names({**self._given, **more}, self._otherwise)

    def shown(self, node: Node) -> str:
        """A node as an operand: its name and number, or its number alone."""
        name = self.of(node)
        return f"{name} = {number(node.data)}" if name else number(node.data)

    def formula(self, node: Node) -> str:
        """How a node was made: the operation and its operands."""
        return f"{node.row.name}({', '.join(map(self.shown, node.args))})"

    def described(self, node: Node) -> str:
        """A node on one line: what it is, what named number is near below it, and its line."""
        name = self.of(node)
        if not node.args:
            text = f"the {node.row.name} {self.shown(node)}"
        else:
            text = f"{name} = {self.formula(node)}" if name else self.formula(node)
            near = self._nearest(node)
            if near and f"{near} = " not in text:
                text += f" after {near}"
        place = self.place(node)
        return f"{text} at {place}" if place else text

    def place(self, node: Node) -> str:
        """The user's line that made a node, as far as `debug` has recorded it."""
        return describe_place(None if node.info is None else node.info.place)

    def _nearest(self, node: Node) -> str:
        """Find the name that is the fewest operations below a node."""
        names = map(self.of, islice(_breadth_first(node), NEAR))
        return next(filter(None, names), "")


def _breadth_first(node: Node) -> Iterator[Node]:
    queue = deque([node])
    met = {node}
    while queue:
        node = queue.popleft()
        yield node
        fresh = [operand for operand in node.args if operand not in met]
        met.update(fresh)
        queue.extend(fresh)


def parameters_of(model: object) -> list[tuple[str, Value]]:
    """List the parameters of a model with their names."""
    if not hasattr(model, "named_parameters"):
        raise ArgumentTypeError(
            f"model must be a module, got {model!r} ({type(model).__name__}): give what has the "
            "parameters"
        )
    return list(model.named_parameters())


def number(value: float) -> str:
    """Write a number in six digits."""
    return f"{value + 0.0:.6g}"  # -0 is 0


def magnitude(value: float) -> float:
    """The absolute value, for sorting: what is not a number counts as infinite."""
    return math.inf if math.isnan(value) else abs(value)


def counted(count: int) -> str:
    """Write how many there are: exactly below a million, else in three digits."""
    if count < 10**6:
        return f"{count:,}"
    fraction, exponent = math.modf(math.log10(count))  # it may be too long for a float
    return f"{10.0**fraction:.3g}e{exponent:.0f}"


def plural(count: int, noun: str) -> str:
    """Write how many there are of what."""
    return f"{counted(count)} {noun}" + ("" if count == 1 else "s")
