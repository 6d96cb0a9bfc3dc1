"""Reverse-mode differentiation: one walk from the root to the leaves.

For a node z made from operands x, y ... the adjoint of each operand grows by the
adjoint of z times the row's partial derivative (the chain rule). Over floats the
adjoints are kept on the nodes; over Values they are kept aside, and are nodes
themselves, so that they can be drawn and differentiated again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, TypeAlias

from . import ops
from .branches import is_gate, leaving
from .graph import CONSTANT, JOINED, NOTHING, Node, ancestors, inner_nodes
from .ieee import Quiet
from .operation import Op, Rule, flat

__all__ = [
    "accumulate",
    "adjoints",
    "dependent",
    "is_cut",
    "local_partial",
    "partial",
    "tangents",
]


_ADD_RULES: Final = ops.add.partials
_MUL_RULES: Final = ops.mul.partials

Slope: TypeAlias = Callable[[Node, int], Any]
Walk: TypeAlias = tuple[list[Node], set[Node]]


def partial(node: Node, position: int) -> float:
    """Evaluate one partial derivative of a node by an operand, as a float.

    Where the derivative does not exist or is infinite, the result is NaN or
    infinite as IEEE arithmetic has it; nothing is raised.
    """
    numbers = [operand.data for operand in node.args]
    return local_partial(node.row, position, numbers, node.data)


def local_partial(row: Op, position: int, numbers: Sequence[float], z: float) -> float:
    """Evaluate one partial derivative of a row at plain numbers: see `partial`."""
    rule = row.partials[position]
    if rule is None:
        return 0.0
    try:
        return float(rule(*numbers, z))
    except (ValueError, ArithmeticError, TypeError):  # of a complex number too, as of (-1)**0.5
        try:
            result = rule(*[Quiet(number) for number in numbers], Quiet(z))
        except TypeError:  # a user's rule for floats only
            return math.nan
        return result.number if isinstance(result, Quiet) else float(result)


def is_cut(node: Node, position: int) -> bool:
    """Tell whether a node passes nothing on to an operand, as it does not vary with it."""
    rule = node.row.partials[position]
    return rule is None or (rule is flat and math.isfinite(node.data))


def recorded_partial(node: Node, position: int) -> Any:
    """Evaluate one partial derivative of a node as a Value, or a float where it is a number."""
    rule = node.row.partials[position]
    return 0.0 if rule is None else rule(*node.args, node)


def accumulate(root: Node, seed: float = 1.0) -> None:
    """Add `seed` times the derivative of `root` to the gradient of every leaf.

    Inner nodes hold the gradient of this pass only.
    """
    order = inner_nodes(root)
    reached: set[Node] = set()  # found when it is asked for
    root.grad += seed
    add, mul, constant, nothing = ops.add, ops.mul, CONSTANT, NOTHING
    for node in reversed(order):
        row = node.row
        grad = node.grad
        x = node.x
        y = node.y
        # The two most frequent rows are written out; a test holds them equal to the table.
        if row is mul:
            if x.row is not constant:
                x.grad += grad * y.data
            if y.row is not constant:
                y.grad += grad * x.data
        elif row is add:
            if x.row is not constant:
                x.grad += grad
            if y.row is not constant:
                y.grad += grad
        elif y is nothing:
            rule = row.partials[0]
            if rule is not None and x.row is not constant:
                try:
                    share = grad * float(rule(x.data, node.data))
                except (ValueError, ArithmeticError):
                    share = grad * partial(node, 0)
                if share == share or not _is_aside(node, order, reached):
                    x.grad += share
        elif node.info is None or not node.info.rest:
            _accumulate_two(node, order, reached)
        else:
            _accumulate_general(node, order, reached)


def _accumulate_two(node: Node, order: list[Node], reached: set[Node]) -> None:
    x, y = node.x, node.y
    first, second = node.row.partials
    if first is not None and x.row is not CONSTANT:
        try:
            share = node.grad * float(first(x.data, y.data, node.data))
        except (ValueError, ArithmeticError):
            share = node.grad * partial(node, 0)
        if share == share or not _is_aside(node, order, reached):
            x.grad += share
    if second is not None and y.row is not CONSTANT:
        try:
            share = node.grad * float(second(x.data, y.data, node.data))
        except (ValueError, ArithmeticError):
            share = node.grad * partial(node, 1)
        if share == share or not _is_aside(node, order, reached):
            y.grad += share


def _accumulate_general(node: Node, order: list[Node], reached: set[Node]) -> None:
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
            if share == share or not _is_aside(node, order, reached):
                operand.grad += share


def _is_aside(node: Node, order: list[Node], reached: set[Node]) -> bool:
    """Tell whether no derivative of the root comes by a node, as below a comparison.

    Its gradient is 0 then, and nothing flows from it, however steep its operation is: 0 times
    infinity is not wanted. That is looked at only where there would be NaN.
    """
    if node.grad != 0.0:
        return False
    if not reached:
        reached.add(order[-1])
        for above in reversed(order):
            if above in reached:
                rules = above.row.partials
                reached.update(
                    [x for x, rule in zip(above.args, rules, strict=True) if rule is not None]
                )
    return node not in reached


def adjoints(
    outputs: Sequence[Node],
    seeds: Sequence[Any],
    inputs: Sequence[Node],
    slope: Slope = recorded_partial,
    ends: Collection[Node] | None = None,
    walk: Walk | None = None,
) -> list[Any]:
    """Differentiate backward, from outputs to inputs; nothing is written on the nodes.

    Gives for each input the sum of seeds times derivatives. `slope` evaluates a partial derivative
    of a node: `partial` as a float, `recorded_partial` as a Value that can be differentiated again.
    `ends` are the inputs that no other input lies below; all of them if not given. `walk` is what
    `dependent` gives for the same nodes, if it is known.
    """
    borders = set(inputs if ends is None else ends)
    order, varies = dependent(outputs, inputs, borders) if walk is None else walk
    total: dict[Node, Any] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        _collect(total, output, seed)
    recorded = slope is recorded_partial
    for node in reversed(order):
        adjoint = total.get(node)
        if adjoint is None or node in borders:
            continue
        row = node.row
        # As in `accumulate`, what is simplest is written out, unless somebody changed the row.
        if recorded and row is ops.mul and row.partials is _MUL_RULES:
            if node.x in varies:
                _collect_product(total, node.x, adjoint, node.y)
            if node.y in varies:
                _collect_product(total, node.y, adjoint, node.x)
        elif recorded and row is ops.add and row.partials is _ADD_RULES:
            if node.x in varies:
                _collect(total, node.x, adjoint)
            if node.y in varies:
                _collect(total, node.y, adjoint)
        else:
            for position, operand in enumerate(node.args):
                if row.partials[position] is not None and operand in varies:
                    if row.pull:
                        share = _passed(row.pull, adjoint, node, position, slope)
                    else:
                        share = adjoint * slope(node, position)
                    _collect(total, operand, share)
    return [total.get(node, 0.0) for node in inputs]


def _passed(
    rules: tuple[Rule | None, ...], adjoint: Any, node: Node, position: int, slope: Slope
) -> Any:
    """Pass a slope through a node: by the row's own rule, or times the partial derivative."""
    rule = rules[position] if rules else None
    if rule is None:
        return adjoint * slope(node, position)
    if slope is recorded_partial:
        return rule(adjoint, *node.args)
    return rule(adjoint, *[operand.data for operand in node.args])


def _collect_product(total: dict[Node, Any], node: Node, adjoint: Any, factor: Any) -> None:
    """Add a product to the adjoint of a node, or of what came through a gate as this node."""
    if is_gate(node.row):
        node, adjoint, factor = leaving(node, adjoint, factor)
    _collect(total, node, adjoint * factor)


def _collect(total: dict[Node, Any], node: Node, share: Any) -> None:
    """Add to the adjoint, or the tangent, of a node, and note that no user wrote this sum."""
    before = total.get(node)
    if before is None:
        total[node] = share
        return
    found = before + share
    total[node] = found
    is_new = found is not before and found is not share  # it is one where the other is 0
    if is_new and isinstance(found, Node) and found.row is ops.add:
        found.mark |= JOINED


def tangents(
    outputs: Sequence[Node],
    inputs: Sequence[Node],
    seeds: Sequence[Any],
    slope: Slope = recorded_partial,
) -> list[Any]:
    """Differentiate forward, by the same rules: how fast outputs move when inputs do.

    Slopes are evaluated as in `adjoints`.
    """
    order, varies = dependent(outputs, inputs, inputs)
    tangent: dict[Node, Any] = dict(zip(inputs, seeds, strict=True))
    for node in order:
        if node not in varies or node in tangent:
            continue
        rules = node.row.partials
        for position, operand in enumerate(node.args):
            if rules[position] is not None and operand in tangent:
                share = _passed(node.row.push, tangent[operand], node, position, slope)
                _collect(tangent, node, share)
    return [tangent.get(node, 0.0) for node in outputs]


def dependent(outputs: Sequence[Node], inputs: Sequence[Node], ends: Collection[Node]) -> Walk:
    """List all nodes below the outputs, operands first, and which of them depend on an input.

    The walk goes no further than `ends`.
    """
    order = ancestors(*outputs, until=set(ends).__contains__)
    varies = set(inputs)
    for node in order:
        found = node.x in varies or node.y in varies
        if not found and node.info is not None:
            found = any(operand in varies for operand in node.info.rest)
        if found:
            varies.add(node)
    return order, varies
