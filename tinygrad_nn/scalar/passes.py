"""Differentiation with plain numbers, which are kept on the nodes as their `grad`.

The reverse pass of `backward`, and both passes over a graph that belongs to one call alone: that
is as fast as `backward`, and nobody else sees what is written.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import ops
from .graph import (
    CONSTANT,
    INPUT,
    NEVER,
    NOTES,
    NOTHING,
    Node,
    ancestors,
    inner_nodes,
    inner_nodes_of,
    new_node,
    nodes_from,
    take_marks,
)
from .reverse import find_constant_adjoints, find_constant_tangents, local_partial, partial

__all__ = ["Forward", "accumulate", "cut_off", "pull", "pull_own"]


def accumulate(root: Node, seed: float = 1.0) -> None:
    """Add `seed` times the derivative of `root` to the gradient of every leaf.

    Inner nodes hold the gradient of this pass only.
    """
    order = inner_nodes(root)
    root.grad += seed
    _pass_on(order, {root: seed})


def prepared(outputs: Sequence[Node], inputs: Sequence[Node]) -> list[Node]:
    """List what leads from the inputs of a call to outputs, and set all gradients to 0."""
    for node in inputs:
        node.grad = 0.0
    return inner_nodes_of(outputs)


def cut_off(outputs: Sequence[Node], inputs: Sequence[Node]) -> list[Node]:
    """Put constants in place of all that does not vary with the inputs of a call.

    So that its graph becomes its own. Gives the outputs, or constants in place of them.
    """
    varying = set(inputs)
    for node in ancestors(*outputs):
        if node.x is NOTHING:
            continue
        rest = node.info.rest if node.info is not None else ()
        if node.x in varying or node.y in varying or not varying.isdisjoint(rest):
            varying.add(node)
            node.x = _cut(node.x, varying)
            node.y = _cut(node.y, varying)
            if node.info is not None and rest:
                node.info.rest = tuple([_cut(operand, varying) for operand in rest])
    return [_cut(output, varying) for output in outputs]


def _cut(node: Node, varying: set[Node]) -> Node:
    known = node.row is CONSTANT or node in varying  # as is what stands for no operand
    return node if known else _constant_for(node)


def _constant_for(node: Node) -> Node:
    return new_node(type(node), CONSTANT, node.data, ())


def pull(outputs: Sequence[Node], seeds: Sequence[float], inputs: Sequence[Node]) -> list[float]:
    """Differentiate backward: give for each input the sum of seeds times derivatives.

    Everything between them belongs to one call, whose gradients are all overwritten.
    """
    order = prepared(outputs, inputs)
    sources: dict[Node, float] = {}
    for place, output in enumerate(outputs):
        sources[output] = sources.get(output, 0.0) + seeds[place]
        if output.mark < NEVER or output.row is INPUT:
            output.grad += seeds[place]
    _pass_on(order, sources)
    return [node.grad for node in inputs]


def pull_own(output: Node, inputs: Sequence[Node]) -> None:
    """Set the gradients of the inputs of a call to the derivatives of a number by them.

    What the call has found by itself, as weights, is left as it is, so that nobody need know.
    """
    own = take_marks(1)
    for node in inputs:
        node.grad = 0.0
        node.mark = own
    try:
        order = nodes_from(output, own)
        if own <= output.mark <= own + NOTES:
            output.grad = 1.0
            _pass_on_own(order, own, {output: 1.0})
    finally:
        for node in inputs:
            node.mark = NEVER


def _pass_on_own(order: list[Node], own: int, known: dict[Node, float]) -> None:
    """Pass gradients on to what is marked as one's own."""
    add, mul = ops.add, ops.mul
    last = own + NOTES
    for node in reversed(order):
        row = node.row
        grad = node.grad
        x = node.x
        y = node.y
        if row is mul:
            if not grad and _not_finite(x, y) and _is_aside(node, order, known):
                continue
            if own <= x.mark <= last:
                x.grad += grad * y.data
            if own <= y.mark <= last:
                y.grad += grad * x.data
        elif row is add:
            if own <= x.mark <= last:
                x.grad += grad
            if own <= y.mark <= last:
                y.grad += grad
        else:
            _cut_others(node, own)
            _pass_on_other(node, order, known)


def _cut_others(node: Node, own: int) -> None:
    """Put constants in place of the operands that are not marked as one's own."""
    last = own + NOTES
    if node.x.row is not CONSTANT and not own <= node.x.mark <= last:
        node.x = _constant_for(node.x)
    if node.y.row is not CONSTANT and not own <= node.y.mark <= last:
        node.y = _constant_for(node.y)
    if node.info is not None and node.info.rest:
        node.info.rest = tuple(
            [
                o if o.row is CONSTANT or own <= o.mark <= last else _constant_for(o)
                for o in node.info.rest
            ]
        )


def _pass_on(order: list[Node], known: dict[Node, float]) -> None:
    """Pass the gradients of nodes that are `known` on to all that they were made from."""
    add, mul, constant = ops.add, ops.mul, CONSTANT
    for node in reversed(order):
        row = node.row
        grad = node.grad
        x = node.x
        y = node.y
        # The two most frequent rows are written out; a test holds them equal to the table.
        if row is mul:
            if not grad and _not_finite(x, y) and _is_aside(node, order, known):
                continue
            if x.row is not constant:
                x.grad += grad * y.data
            if y.row is not constant:
                y.grad += grad * x.data
        elif row is add:
            if x.row is not constant:
                x.grad += grad
            if y.row is not constant:
                y.grad += grad
        else:
            _pass_on_other(node, order, known)


def _pass_on_other(node: Node, order: list[Node], known: dict[Node, float]) -> None:
    if node.y is not NOTHING:
        if node.info is None or not node.info.rest:
            _pass_on_two(node, order, known)
        else:
            _pass_on_general(node, order, known)
        return
    x = node.x
    rule = node.row.partials[0]
    if rule is not None and x.row is not CONSTANT:
        try:
            share = node.grad * float(rule(x.data, node.data))
        except (ValueError, ArithmeticError, TypeError):
            share = node.grad * partial(node, 0)
        if share == share or not _is_aside(node, order, known):
            x.grad += share


def _pass_on_two(node: Node, order: list[Node], known: dict[Node, float]) -> None:
    x, y = node.x, node.y
    first, second = node.row.partials
    if first is not None and x.row is not CONSTANT:
        try:
            share = node.grad * float(first(x.data, y.data, node.data))
        except (ValueError, ArithmeticError, TypeError):
            share = node.grad * partial(node, 0)
        if share == share or not _is_aside(node, order, known):
            x.grad += share
    if second is not None and y.row is not CONSTANT:
        try:
            share = node.grad * float(second(x.data, y.data, node.data))
        except (ValueError, ArithmeticError, TypeError):
            share = node.grad * partial(node, 1)
        if share == share or not _is_aside(node, order, known):
            y.grad += share


def _pass_on_general(node: Node, order: list[Node], known: dict[Node, float]) -> None:
    operands = node.args
    row = node.row
    numbers = [operand.data for operand in operands]
    for position, operand in enumerate(operands):
        if operand.row is not CONSTANT and row.partials[position] is not None:
            rule = row.pull[position] if row.pull else None
            if rule is not None:
                share = float(rule(node.grad, *numbers))
            else:
                share = node.grad * local_partial(row, position, numbers, node.data)
            if share == share or not _is_aside(node, order, known):
                operand.grad += share


def _not_finite(x: Node, y: Node) -> bool:
    """Tell whether one of two numbers is infinite or NaN, without a call of Python's."""
    return (x.data - x.data) + (y.data - y.data) != 0.0


def _is_aside(node: Node, order: list[Node], known: dict[Node, float]) -> bool:
    """Tell whether no derivative comes by a node, as below a comparison or in u - u.

    Its gradient is 0 then, whatever the numbers are, and nothing flows from it, however steep its
    operation is: 0 times infinity is not wanted. That is looked at only where there would be NaN:
    then `known`, the seeds of the roots, is completed, and has `NOTHING` too. It has the gradients
    that hang on no number, as those that are recorded have them, and NaN for all others.
    """
    if node.grad != 0.0:
        return False
    if NOTHING not in known:
        known[NOTHING] = 0.0
        find_constant_adjoints(known, order)
    return known.get(node, 0.0) == 0.0


class Forward:
    """Forward passes from inputs of a call to outputs: how fast these move when those do.

    All between them belongs to this call. Slopes are computed once, for all passes.
    """

    def __init__(self, outputs: Sequence[Node], inputs: Sequence[Node]) -> None:
        self.outputs = list(outputs)
        self.own: set[Node] = set(inputs)  # a function may have others, kept from an earlier call
        self.order = prepared(outputs, inputs)
        self.first: list[float] = []  # the slope of each node by its first operand
        self.second: list[float] = []
        for node in self.order:
            many = node.row.push or (node.info is not None and node.info.rest)
            self.first.append(math.nan if many else self._slope(node, 0, node.x))  # see `_moved`
            self.second.append(0.0 if many else self._slope(node, 1, node.y))

    def _slope(self, node: Node, position: int, operand: Node) -> float:
        """Evaluate the slope of an operation on one or two numbers; 0 by what does not move."""
        if not self.moves(operand):
            return 0.0
        row = node.row
        if row is ops.mul:
            return node.y.data if position == 0 else node.x.data
        rule = row.partials[position]
        if rule is None:
            return 0.0
        try:
            if node.y is NOTHING:
                return float(rule(node.x.data, node.data))
            return float(rule(node.x.data, node.y.data, node.data))
        except (ValueError, ArithmeticError, TypeError):
            return partial(node, position)

    def moves(self, node: Node) -> bool:
        """Tell whether a node has a rate of change: constants and all that is flat have none."""
        return node.mark < NEVER or (node.row is INPUT and node in self.own)

    def push(self, inputs: Sequence[Node], seeds: Sequence[float]) -> list[float]:
        """Give for each output how fast it moves when inputs move by seeds, and others do not."""
        for place, node in enumerate(inputs):
            node.grad = seeds[place]
        known: dict[Node, float] = {}  # found when it is asked for
        for place, node in enumerate(self.order):
            moved = node.x.grad * self.first[place] + node.y.grad * self.second[place]
            if moved != moved:
                if not known:
                    for position, each in enumerate(inputs):
                        known[each] = seeds[position]
                    find_constant_tangents(known, self.order)
                moved = self._moved(node, known)
            node.grad = moved
        found = [output.grad if self.moves(output) else 0.0 for output in self.outputs]
        for node in inputs:
            node.grad = 0.0
        return found

    def _moved(self, node: Node, known: dict[Node, float]) -> float:
        """Compute how fast a node moves by operands that do: 0 times infinity is not wanted."""
        row = node.row
        operands = node.args
        numbers = [operand.data for operand in operands]
        moved = 0.0
        for position, operand in enumerate(operands):
            if row.partials[position] is None or known.get(operand, 0.0) == 0.0:
                continue
            rule = row.push[position] if row.push else None
            if rule is not None:
                moved += float(rule(operand.grad, *numbers))
            else:
                moved += operand.grad * local_partial(row, position, numbers, node.data)
        return moved
