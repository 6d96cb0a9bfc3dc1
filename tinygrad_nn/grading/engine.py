"""An engine of a few lines in which every rule can be replaced: what a wrong one would compute.

A mistake is a change of `Rules`; the engine under the changed rules gives the numbers that somebody
gets who makes this mistake. That is how `grade` knows a mistake when it sees its numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["OPERATIONS", "Node", "Rules"]

Numbers = tuple[float, ...]


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# For each operation its value, and the slope by each operand at operands *xs with result y. The
# operand of a reflected one, as in `3 - x`, is x.
VALUES: dict[str, Callable[..., float]] = {
    "x + y": lambda x, y: x + y,
    "x * y": lambda x, y: x * y,
    "x - y": lambda x, y: x - y,
    "x / y": lambda x, y: x / y,
    "x ** n": lambda x, n: x**n,
    "-x": lambda x: -x,
    "n + x": lambda x, n: n + x,
    "n * x": lambda x, n: n * x,
    "n - x": lambda x, n: n - x,
    "n / x": lambda x, n: n / x,
    "x.tanh()": math.tanh,
    "x.relu()": lambda x: max(0.0, x),
    "x.exp()": math.exp,
    "x.log()": math.log,
    "x.sigmoid()": _logistic,
}
SLOPES: dict[str, Callable[[Numbers, float], Numbers]] = {
    "x + y": lambda xs, y: (1.0, 1.0),
    "x * y": lambda xs, y: (xs[1], xs[0]),
    "x - y": lambda xs, y: (1.0, -1.0),
    "x / y": lambda xs, y: (1 / xs[1], -xs[0] / xs[1] ** 2),
    "x ** n": lambda xs, y: (xs[1] * xs[0] ** (xs[1] - 1), 0.0),
    "-x": lambda xs, y: (-1.0,),
    "n + x": lambda xs, y: (1.0, 0.0),
    "n * x": lambda xs, y: (xs[1], 0.0),
    "n - x": lambda xs, y: (-1.0, 0.0),
    "n / x": lambda xs, y: (-xs[1] / xs[0] ** 2, 0.0),
    "x.tanh()": lambda xs, y: (1 - y * y,),
    "x.relu()": lambda xs, y: (1.0 if xs[0] > 0 else 0.0,),
    "x.exp()": lambda xs, y: (y,),
    "x.log()": lambda xs, y: (1 / xs[0],),
    "x.sigmoid()": lambda xs, y: (y * (1 - y),),
}
OPERATIONS = tuple(VALUES)


@dataclass(frozen=True)
class Rules:
    """What an engine does; each field is right as it stands here.

    Of a field that holds operations, each of them makes the mistake that the field is named after.
    """

    values: Mapping[str, Callable[..., float]] = field(default_factory=lambda: VALUES)
    slopes: Mapping[str, Callable[[Numbers, float], Numbers]] = field(
        default_factory=lambda: SLOPES
    )
    assigns: frozenset[str] = frozenset()  # `=` where `+=` belongs
    counts_first: frozenset[str] = frozenset()  # of x * x the first x only
    counts_last: frozenset[str] = frozenset()  # ... the last
    forgets_chain: frozenset[str] = frozenset()  # the slope without the gradient of the result
    takes_own: frozenset[str] = frozenset()  # ... times the operand's gradient instead
    forgets_operands: frozenset[tuple[str, int]] = frozenset()  # not among those gone back to
    is_silent: frozenset[str] = frozenset()  # gives nothing back
    changes_operand: frozenset[str] = frozenset()  # computes in place
    order: str = "topological"  # one of those below, or "along paths"
    seed: Callable[[float], float] = lambda data: 1.0
    equal_is_same: bool = False  # two nodes with one number are taken for one
    keeps_order: bool = False  # the nodes of one backward pass are gone through again in the next
    reflects: bool = False  # 3 - x makes a number of the 3, and is then an operation of two
    composes: bool = False  # x - y is x + y * -1, and x / y is x * y ** -1
    first: int = 0  # which operand is met first, a bit for each depth: of a set, it can be any


class Node:
    """A number under some rules; `bound` makes the class for them."""

    rules = Rules()
    kept: list[Node]

    def __init__(self, data: float, operation: str = "", operands: tuple[Node, ...] = ()) -> None:
        self.data = float(data)
        self.grad = 0.0
        self.operation = operation
        self.operands = operands
        self.depth: int = 1 + max((x.depth for x in operands), default=-1)

    @classmethod
    def bound(cls, rules: Rules) -> type[Node]:
        """Make the engine of these rules, which has seen nothing yet."""
        return type("Bound", (cls,), {"rules": rules, "kept": []})

    def _made(self, operation: str, *others: Node | float) -> Any:
        kind = type(self)
        operands = (self, *(x if isinstance(x, Node) else kind(x) for x in others))
        data = self.rules.values[operation](*(x.data for x in operands))
        if operation in self.rules.changes_operand:
            self.data = float(data)
            return self
        return kind(data, operation, operands)

    def __add__(self, other: Any) -> Any:
        return self._made("x + y", other)

    def __mul__(self, other: Any) -> Any:
        return self._made("x * y", other)

    def __neg__(self) -> Any:
        return self * -1 if self.rules.composes else self._made("-x")

    def __sub__(self, other: Any) -> Any:
        return self + (-other) if self.rules.composes else self._made("x - y", other)

    def __truediv__(self, other: Any) -> Any:
        if not self.rules.composes:
            return self._made("x / y", other)
        return self * (other if isinstance(other, Node) else type(self)(other)) ** -1

    def __radd__(self, other: float) -> Any:
        return self + other if self._reflects("n + x") else self._made("n + x", other)

    def __rmul__(self, other: float) -> Any:
        return self * other if self._reflects("n * x") else self._made("n * x", other)

    def __rsub__(self, other: float) -> Any:
        reflects = self._reflects("n - x")
        return type(self)(other) - self if reflects else self._made("n - x", other)

    def __rtruediv__(self, other: float) -> Any:
        reflects = self._reflects("n / x")
        return type(self)(other) / self if reflects else self._made("n / x", other)

    def _reflects(self, name: str) -> bool:
        """Tell whether `3 - x` is an operation of two; a value wrong in it alone is its own rule."""
        return self.rules.reflects and self.rules.values[name] is VALUES[name]

    def __pow__(self, other: float) -> Any:
        return self._made("x ** n", other)

    def tanh(self) -> Any:  # noqa: D102
        return self._made("x.tanh()")

    def relu(self) -> Any:  # noqa: D102
        return self._made("x.relu()")

    def exp(self) -> Any:  # noqa: D102
        return self._made("x.exp()")

    def log(self) -> Any:  # noqa: D102
        return self._made("x.log()")

    def sigmoid(self) -> Any:  # noqa: D102
        return self._made("x.sigmoid()")

    def backward(self) -> None:
        """Add the slopes of this number to the gradients, as the rules have it."""
        self.grad = self.rules.seed(self.data)
        if self.rules.order == "along paths":
            self._hand_on([])
            return
        order = _ORDERS[self.rules.order](self)
        if self.rules.keeps_order:
            order = [*order, *self.kept]
            self.kept[:] = order
        for node in order:
            node._give()

    def _hand_on(self, met: list[None]) -> None:
        """Give to one operand after the other, and go on from it at once with all that it has."""
        met.append(None)
        if len(met) > _MOST:
            raise RecursionError
        for k, x in enumerate(self.operands):
            self._give(k)
            x._hand_on(met)

    def _give(self, only: int | None = None) -> None:
        rules, operation = self.rules, self.operation
        if not operation or operation in rules.is_silent:
            return
        slopes = rules.slopes[operation](tuple(x.data for x in self.operands), self.data)
        given = list(zip(self.operands, slopes, strict=True))
        if only is not None:
            given = [given[only]]
        if len({id(x) for x in self.operands}) == 1:
            given = given[:1] if operation in rules.counts_first else given
            given = given[-1:] if operation in rules.counts_last else given
        for x, slope in given:
            upstream = self.grad
            if operation in rules.takes_own:
                upstream = x.grad
            elif operation in rules.forgets_chain:
                upstream = 1.0
            x.grad = slope * upstream + (0.0 if operation in rules.assigns else x.grad)

    def behind(self) -> list[Node]:
        """Give the operands that are gone back to, in the order of the rules."""
        forgotten = self.rules.forgets_operands
        found = [x for k, x in enumerate(self.operands) if (self.operation, k) not in forgotten]
        return found[::-1] if self.rules.first >> self.depth % 3 & 1 else found

    def key(self) -> Any:
        """Give what tells this node from others."""
        return self.data if self.rules.equal_is_same else id(self)


def _topological(output: Node) -> list[Node]:
    """Each node after all that use it: right."""
    order: list[Node] = []
    seen: set[Any] = set()

    def visit(node: Node) -> None:
        if node.key() not in seen:
            seen.add(node.key())
            for x in node.behind():
                visit(x)
            order.append(node)

    visit(output)
    return order[::-1]


def _leaves_first(output: Node) -> list[Node]:
    return _topological(output)[::-1]


def _depth_first(output: Node) -> list[Node]:
    """Each node as soon as it is met, going down."""
    order: list[Node] = []
    seen: set[Any] = set()

    def visit(node: Node) -> None:
        if node.key() not in seen:
            seen.add(node.key())
            order.append(node)
            for x in node.behind():
                visit(x)

    visit(output)
    return order


def _breadth_first(output: Node) -> list[Node]:
    """Each node as soon as it is met, row by row."""
    order, seen = [output], {output.key()}
    for node in order:
        for x in node.behind():
            if x.key() not in seen:
                seen.add(x.key())
                order.append(x)
    return order


def _last_first(output: Node) -> list[Node]:
    """Go down a stack: the operand met last is gone on with first."""
    order: list[Node] = []
    stack, seen = [output], {output.key()}
    while stack:
        node = stack.pop()
        order.append(node)
        for x in node.behind():
            if x.key() not in seen:
                seen.add(x.key())
                stack.append(x)
    return order


def _again(output: Node) -> list[Node]:
    """Each node as often as it is met, row by row."""
    order = [output]
    for node in order:
        order.extend(node.behind())
        if len(order) > _MOST:
            raise RecursionError
    return order


def _again_downwards(output: Node) -> list[Node]:
    """Each node as often as it is met, going down."""
    order: list[Node] = []

    def visit(node: Node) -> None:
        order.append(node)
        if len(order) > _MOST:
            raise RecursionError
        for x in node.behind():
            visit(x)

    visit(output)
    return order


def _again_sorted(output: Node) -> list[Node]:
    """Sort as is right, but with each node as often as it is met."""
    order: list[Node] = []

    def visit(node: Node) -> None:
        for x in node.behind():
            visit(x)
        order.append(node)
        if len(order) > _MOST:
            raise RecursionError

    visit(output)
    return order[::-1]


_MOST = 2000  # nodes that an order may repeat before it is called endless

_ORDERS: dict[str, Callable[[Node], Any]] = {
    "topological": _topological,
    "leaves first": _leaves_first,
    "depth first": _depth_first,
    "breadth first": _breadth_first,
    "last first": _last_first,
    "again": _again,
    "again downwards": _again_downwards,
    "again sorted": _again_sorted,
}
