"""Differentiation that writes nothing on the nodes, from the root to the leaves or the other way.

For a node z made from operands x, y ... the adjoint of each operand grows by the
adjoint of z times the row's partial derivative (the chain rule). Over Values the
adjoints are nodes themselves, so that they can be drawn and differentiated again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, TypeAlias

from . import ops
from .branches import is_gate, leaving
from .graph import ALIAS, JOINED, NOTHING, Node
from .ieee import Quiet
from .operation import Op, Rule, flat

__all__ = [
    "adjoints",
    "dependent",
    "find_constant_adjoints",
    "find_constant_tangents",
    "is_cut",
    "local_partial",
    "partial",
    "recorded_partial",
    "tangents",
]


_ADD_RULES: Final = ops.add.partials
_MUL_RULES: Final = ops.mul.partials

Slope: TypeAlias = Callable[[Node, int], Any]


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


def constant_share(node: Node, position: int, own: float) -> float:
    """Give `own` times a partial derivative if that is the same whatever the numbers are, else NaN.

    As where derivatives are recorded: what plain numbers make is known, and 0 times anything is 0.
    """
    if own == 0.0:
        return 0.0
    row = node.row
    if row is ops.add or row is ALIAS or (position == 0 and (row is ops.sub or row is ops.mod)):
        return own
    return -own if row is ops.sub or row is ops.neg else math.nan


def find_constant_adjoints(known: dict[Node, float], order: Sequence[Node]) -> None:
    """Go on from the seeds of the roots to all adjoints that hang on no number; others are NaN."""
    for node in reversed(order):
        if node in known:
            rules = node.row.partials
            own = known[node]
            for position, operand in enumerate(node.args):
                if rules[position] is not None:
                    share = constant_share(node, position, own)
                    known[operand] = known.get(operand, 0.0) + share


def find_constant_tangents(known: dict[Node, float], order: Sequence[Node]) -> None:
    """Go on from the seeds of inputs to all tangents that hang on no number; others are NaN."""
    for node in order:
        rules = node.row.partials
        for position, operand in enumerate(node.args):
            if rules[position] is not None and operand in known:
                share = constant_share(node, position, known[operand])
                known[node] = known.get(node, 0.0) + share


def recorded_partial(node: Node, position: int) -> Any:
    """Evaluate one partial derivative of a node as a Value, or a float where it is a number."""
    rule = node.row.partials[position]
    return 0.0 if rule is None else rule(*node.args, node)


def adjoints(
    outputs: Sequence[Node],
    seeds: Sequence[Any],
    inputs: Sequence[Node],
    slope: Slope = recorded_partial,
    ends: Collection[Node] | None = None,
) -> list[Any]:
    """Differentiate backward, from outputs to inputs; nothing is written on the nodes.

    Gives for each input the sum of seeds times derivatives. `slope` evaluates a partial derivative
    of a node: `partial` as a float, `recorded_partial` as a Value that can be differentiated again.
    `ends` are the inputs that no other input lies below; all of them if not given.
    """
    borders = set(inputs if ends is None else ends)
    order, varies = dependent(outputs, inputs, borders)
    total: dict[Node, Any] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        _collect(total, output, seed)
    recorded = slope is recorded_partial
    known: dict[Node, float] = {}  # found when it is asked for
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
                    if not recorded and share != share and adjoint == 0.0:
                        if not known:
                            for output, seed in zip(outputs, seeds, strict=True):
                                known[output] = known.get(output, 0.0) + seed
                            find_constant_adjoints(known, order)
                        if known.get(node, 0.0) == 0.0:  # nothing flows, whatever the numbers are
                            continue
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
    recorded = slope is recorded_partial
    known: dict[Node, float] = {}  # found when it is asked for
    for node in order:
        if node not in varies or node in tangent:
            continue
        rules = node.row.partials
        for position, operand in enumerate(node.args):
            if rules[position] is not None and operand in tangent:
                moved = tangent[operand]
                share = _passed(node.row.push, moved, node, position, slope)
                if not recorded and share != share and moved == 0.0:
                    if not known:
                        known.update(zip(inputs, seeds, strict=True))
                        find_constant_tangents(known, order)
                    if known.get(operand, 0.0) == 0.0:
                        share = 0.0
                _collect(tangent, node, share)
    return [tangent.get(node, 0.0) for node in outputs]


def dependent(
    outputs: Sequence[Node], inputs: Sequence[Node], ends: Collection[Node]
) -> tuple[list[Node], set[Node]]:
    """List all nodes below the outputs, operands first, and which of them depend on an input.

    The walk goes no further than `ends`.
    """
    borders = set(ends)
    varies = set(inputs)
    order: list[Node] = []
    entered: set[Node] = set()
    stack: list[Node] = []
    for root in outputs:
        node = root
        while True:  # as `ancestors` goes
            while node not in entered:
                entered.add(node)
                if node.x is NOTHING or node in borders:
                    order.append(node)
                    break
                stack.append(node)
                node = node.x
            while stack:
                top = stack[-1]
                y = top.y
                rest: tuple[Node, ...] = () if top.info is None else top.info.rest
                if y is not NOTHING:
                    if y not in entered:
                        node = y
                        break
                    if rest:
                        node = next((o for o in rest if o not in entered), NOTHING)
                        if node is not NOTHING:
                            break
                order.append(stack.pop())
                if top.x in varies or y in varies or (rest and not varies.isdisjoint(rest)):
                    varies.add(top)
            else:
                break
    return order, varies
