"""What is checked: a function of leaves that are moved a little, and put back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from ..functions import dot
from ..scalar import ops
from ..scalar.contexts import copies_kept
from ..scalar.convert import is_number
from ..scalar.graph import Node, ancestors, recompute
from ..scalar.reverse import partial
from ..scalar.value import Value, constant
from ..transforms.of_graphs import gradients
from .differences import EPSILON

__all__ = ["UNDEFINED", "Linearization", "Problem", "Recomputation", "linearize", "through"]

UNDEFINED = (ValueError, ArithmeticError, LookupError)  # what functions raise somewhere else
TINIEST = math.ulp(0.0)
TINY = 1e-300  # numbers below are taken for 0: the natural step is then 1


@dataclass(frozen=True)
class Linearization:
    """The derivatives of one output, and bounds of what rounding does."""

    gradient: list[float]  # by each leaf, by `backward`
    recorded: list[float]  # by `gradients`: the hottest rules of `backward` are written out
    held: list[float]  # what `stop_gradient` leaves out of it
    magnitude: list[float]  # with all partial derivatives positive: how much there is to cancel
    lost: list[float]  # a bound of what was too small for a float on the way
    shaken: list[float]  # what the rounding of a leaf does to the output
    noise: float  # a bound of the rounding error of the output


class Problem:
    """A function without arguments, and the leaves it depends on."""

    def __init__(self, function: Callable[[], Any], named: dict[str, Value]) -> None:
        self.function = function
        self.named = named
        self.names = list(named)
        self.leaves = list(named.values())
        self.units = [
            size if TINY <= (size := abs(leaf.data)) < math.inf else 1.0 for leaf in self.leaves
        ]

    def output(self) -> Value:
        """Evaluate the function, as a node."""
        with copies_kept():
            result = self.function()
        if isinstance(result, Value):
            return result
        if not is_number(result):
            raise ArgumentTypeError(
                f"f must return one number or Value, got {type(result).__name__}: "
                "return a sum or a scalar product of its results"
            )
        return constant(float(result))

    @contextmanager
    def moved(self, direction: Sequence[float], step: float) -> Iterator[None]:
        """Move the leaves; put them back whatever happens."""
        pairs = zip(self.leaves, direction, strict=True)
        saved = [(leaf, leaf.data, part) for leaf, part in pairs if part != 0.0]
        try:
            for leaf, number, part in saved:
                leaf.data = number + step * part
            yield
        finally:
            for leaf, number, _ in saved:
                leaf.data = number

    def along(self, direction: Sequence[float]) -> Callable[[float], float]:
        """Give the function of one number: NaN where it is not defined."""
        return self._moving(direction, self._evaluation(direction))

    def explained(self, output: Value, direction: Sequence[float]) -> Callable[[float], float]:
        """Give the same by the graph of `output` alone, which does not see what Python did.

        Operations of the user's own, which may hold anything, are taken for as straight as they
        claim to be.
        """
        moving = [leaf for leaf, part in zip(self.leaves, direction, strict=True) if part != 0.0]
        again = Recomputation(output, moving)
        own = {
            node: (
                [operand.data for operand in node.args],
                [partial(node, position) for position in range(len(node.args))],
            )
            for node in again.steps
            if not node.row.listed
        }

        def apply(node: Node, args: list[float]) -> float:
            if node not in own:
                return node.row.compute(*args)
            triples = zip(args, *own[node], strict=True)
            return node.data + sum((now - x) * slope for now, x, slope in triples if now != x)

        return self._moving(direction, lambda: again.number(apply))

    def _moving(
        self, direction: Sequence[float], evaluate: Callable[[], float]
    ) -> Callable[[float], float]:
        def function(step: float) -> float:
            try:
                with self.moved(direction, step):
                    return evaluate()
            except UNDEFINED:
                return math.nan

        return function

    def _evaluation(self, direction: Sequence[float]) -> Callable[[], float]:
        """Choose how the function is evaluated when leaves have moved along a direction."""
        if not isinstance(self.function, Recomputation):
            return lambda: self.output().data
        moving = [leaf for leaf, part in zip(self.leaves, direction, strict=True) if part != 0.0]
        return self.function.only(moving).number

    def spacing(self, direction: Sequence[float]) -> float:
        """Tell which steps along a direction lead from one float to the next; 0 at a zero."""
        moving = zip(self.leaves, direction, strict=True)
        return EPSILON * max(abs(leaf.data / part) if part else 0.0 for leaf, part in moving)

    def derivative(self, direction: Sequence[float]) -> Problem:
        """Make the problem of the derivative along a direction."""

        def function() -> Any:
            return dot(gradients(self.output(), self.leaves), direction)

        return Problem(function, self.named)

    def doubt(self, output: Value) -> str:
        """Say why no differences can be taken of the function; nothing if they can."""
        again = self.output()
        if again is output and output.args and not set(self.leaves).isdisjoint(ancestors(output)):
            raise ArgumentError(
                "f must compute its result anew at each call, got the same node twice: "
                "give the node itself, check_grad(node)"
            )
        if not math.isfinite(output.data):
            return f"the function is {output.data} here"
        if again.data != output.data:
            return f"called twice, f gives {output.data} and {again.data}: fix its random seed"
        return ""


def linearize(output: Value, leaves: Sequence[Value]) -> Linearization:
    """Differentiate an output, and leave no trace of it."""
    nodes = ancestors(output)
    saved = [(node, node.grad, node.mark) for node in [*nodes, *leaves]]
    try:
        for node, _, _ in saved:
            node.grad = 0.0
        output.backward()
        gradient = [leaf.grad for leaf in leaves]
    finally:
        for node, grad, mark in saved:
            node.grad, node.mark = grad, mark
    recorded = [derivative.data for derivative in gradients(output, leaves)]
    paths = _Paths(output, nodes)
    return Linearization(
        gradient,
        recorded,
        [paths.held.get(leaf, 0.0) for leaf in leaves],
        [paths.magnitude.get(leaf, 0.0) for leaf in leaves],
        [paths.lost.get(leaf, 0.0) for leaf in leaves],
        [abs(EPSILON * leaf.data * paths.total.get(leaf, 0.0)) for leaf in leaves],
        paths.noise(nodes),
    )


class _Paths:
    """Sums over all paths from a node down to each other.

    To first order, an operation's rounding error reaches the output multiplied by the adjoint of
    its node: |adjoint * data| * epsilon, summed over the nodes, where numbers that `stop_gradient`
    passes on count as well. What is lost where a number or a derivative is too small for a float
    reaches it likewise.
    """

    def __init__(self, output: Value, nodes: Sequence[Node]) -> None:
        self.total: dict[Node, float] = {output: 1.0}  # adjoints, as if nothing were held
        self.held: dict[Node, float] = {}  # the part of them on paths through stop_gradient
        self.magnitude: dict[Node, float] = {output: 1.0}
        self.lost: dict[Node, float] = {output: 0.0}
        for node in reversed(nodes):
            if node in self.magnitude:
                for position, operand in enumerate(node.args):
                    if not operand.is_constant:
                        self._collect(node, operand, through(node, position))

    def _collect(self, node: Node, operand: Node, slope: float) -> None:
        if not math.isfinite(slope):
            return
        total, held = self.total.get(node, 0.0), self.held.get(node, 0.0)
        size = self.magnitude[node]
        self.total[operand] = self.total.get(operand, 0.0) + total * slope
        share = total * slope if node.row is ops.stop_gradient else held * slope
        if share:
            self.held[operand] = self.held.get(operand, 0.0) + share
        self.magnitude[operand] = self.magnitude.get(operand, 0.0) + size * abs(slope)
        lost = self.lost[node] * abs(slope) + (size + abs(slope) + 1.0) * TINIEST
        self.lost[operand] = self.lost.get(operand, 0.0) + lost

    def noise(self, nodes: Sequence[Node]) -> float:
        """Bound the rounding error of the output."""
        changing = [node for node in nodes if node.args]
        return EPSILON * _finite_sum(self.total.get(node, 0.0) * node.data for node in changing) + (
            TINIEST * _finite_sum(self.total.get(node, 0.0) for node in changing)
        )


def through(node: Node, position: int) -> float:
    """Evaluate a partial derivative of a node, that of `stop_gradient` as if it held nothing."""
    return 1.0 if node.row is ops.stop_gradient else partial(node, position)


def _finite_sum(terms: Iterable[float]) -> float:
    return sum(abs(term) for term in terms if math.isfinite(term))


def _compute(node: Node, args: list[float]) -> float:
    return node.row.compute(*args)


class Recomputation:
    """A recorded graph, evaluated again with the leaves as they are."""

    def __init__(self, output: Value, leaves: Sequence[Value]) -> None:
        self.recorded = output
        changing: set[Node] = set(leaves)
        self.steps: list[Node] = []
        for node in ancestors(output):
            if not changing.isdisjoint(node.args):
                changing.add(node)
                self.steps.append(node)

    def __call__(self) -> Value:
        """Evaluate as a node, by applying the rows again."""
        new: dict[Node, Any] = {}
        recompute(self.steps, new, lambda node: node, lambda node, args: node.row(*args))
        result: Value = new.get(self.recorded, self.recorded)
        return result

    def only(self, moving: Sequence[Value]) -> Recomputation:
        """Make the recomputation of what depends on some leaves, all others as they are now."""
        return Recomputation(self(), moving)

    def number(self, apply: Callable[[Node, list[float]], float] = _compute) -> float:
        """Evaluate as a plain number, by computing the rows again."""
        new: dict[Node, float] = {}
        recompute(self.steps, new, lambda node: node.data, apply)
        return new.get(self.recorded, self.recorded.data)
