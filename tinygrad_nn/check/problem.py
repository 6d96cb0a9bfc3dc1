"""What is checked: a function of leaves that are moved a little, and put back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from ..functions import dot
from ..scalar.contexts import copies_kept
from ..scalar.convert import is_number
from ..scalar.graph import Node, ancestors, recompute
from ..scalar.operation import Op
from ..scalar.reverse import partial
from ..scalar.value import Value, constant
from ..transforms.of_graphs import gradients
from .differences import EPSILON

__all__ = ["Linearization", "Problem", "Recomputation", "linearize"]

TINY = 1e-300  # numbers below are taken for 0: the natural step is then 1


@dataclass(frozen=True)
class Linearization:
    """The derivatives of one output, and bounds of what rounding does."""

    gradient: list[float]  # by each leaf, by `backward`
    recorded: list[float]  # by `gradients`: the hottest rules of `backward` are written out
    magnitude: list[float]  # with all partial derivatives positive: how much there is to cancel
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
    def _move(self, direction: Sequence[float], step: float) -> Iterator[None]:
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
        evaluate = self._evaluation(direction)

        def function(step: float) -> float:
            try:
                with self._move(direction, step):
                    return evaluate()
            except (ValueError, ArithmeticError):
                return math.nan

        return function

    def _evaluation(self, direction: Sequence[float]) -> Callable[[], float]:
        """Choose how the function is evaluated when leaves have moved along a direction."""
        if not isinstance(self.function, Recomputation):
            return lambda: self.output().data
        moving = [leaf for leaf, part in zip(self.leaves, direction, strict=True) if part != 0.0]
        return self.function.only(moving).number

    def derivative(self, direction: Sequence[float]) -> Problem:
        """Make the problem of the derivative along a direction."""

        def function() -> Any:
            return dot(gradients(self.output(), self.leaves), direction)

        return Problem(function, self.named)

    def holding(self, output: Value, row: Op) -> Problem:
        """Make the problem of the graph of `output` with the results of `row` held fixed."""
        return Problem(Recomputation(output, self.leaves, held=(row,)), self.named)

    def doubt(self, output: Value) -> str:
        """Say why no differences can be taken of the function; nothing if they can."""
        again = self.output()
        if again is output and not set(self.leaves).isdisjoint(ancestors(output)):
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
    """Differentiate an output, and leave no trace of it.

    To first order, an operation's rounding error reaches the output multiplied by
    the adjoint of its node: |grad * data| * epsilon, summed over the nodes.
    """
    nodes = ancestors(output)
    saved = [(node, node.grad, node.mark) for node in [*nodes, *leaves]]
    try:
        for node, _, _ in saved:
            node.grad = 0.0
        output.backward()
        gradient = [leaf.grad for leaf in leaves]
        noise = EPSILON * _finite_sum(
            node.grad * node.data for node in nodes if not node.is_constant
        )
    finally:
        for node, grad, mark in saved:
            node.grad, node.mark = grad, mark
    found = _magnitudes(output, nodes)
    recorded = [derivative.data for derivative in gradients(output, leaves)]
    return Linearization(gradient, recorded, [found.get(leaf, 0.0) for leaf in leaves], noise)


def _magnitudes(output: Value, nodes: list[Node]) -> dict[Node, float]:
    """Sum the absolute derivatives of the output over all paths to each node."""
    total: dict[Node, float] = {output: 1.0}
    for node in reversed(nodes):
        above = total.get(node, 0.0)
        if above == 0.0:
            continue
        for position, operand in enumerate(node.args):
            if not operand.is_constant:
                slope = _finite_sum([above * partial(node, position)])
                total[operand] = total.get(operand, 0.0) + slope
    return total


def _finite_sum(terms: Iterable[float]) -> float:
    return sum(abs(term) for term in terms if math.isfinite(term))


class Recomputation:
    """A recorded graph, evaluated again with the leaves as they are and some rows' results held."""

    def __init__(self, output: Value, leaves: Sequence[Value], held: Sequence[Op] = ()) -> None:
        self.recorded = output
        self.held = held
        changing: set[Node] = set(leaves)
        self.steps: list[Node] = []
        for node in ancestors(output):
            if node.row not in held and not changing.isdisjoint(node.args):
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
        return Recomputation(self(), moving, self.held)

    def number(self) -> float:
        """Evaluate as a plain number, by computing the rows again."""
        new: dict[Node, float] = {}
        recompute(
            self.steps, new, lambda node: node.data, lambda node, args: node.row.compute(*args)
        )
        return new.get(self.recorded, self.recorded.data)
