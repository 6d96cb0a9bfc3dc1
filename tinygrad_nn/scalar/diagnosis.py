"""Finding the first number or derivative of a graph that is infinite or not a number."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from ..errors import NonFiniteError
from .graph import Node
from .operation import Op
from .reverse import dependent, partial
from .user_line import describe_place

__all__ = ["examine", "examine_along", "refuse_derivative", "refuse_non_finite"]


def refuse_non_finite(
    row: Op, data: float, operands: Sequence[Node], node: Node | None = None
) -> None:
    """Raise if a result is infinite or NaN while its operands are not.

    The message has the label and the line of `node`, the result, if it is given.
    """
    if math.isfinite(data) or not all(math.isfinite(o.data) for o in operands):
        return
    if operands:
        what = f"{row.name} at {_at(row, operands)} gives {data}"
    else:
        what = f"the leaf {'without a label' if node is None or not node.label else node.label} is {data}"
    raise NonFiniteError(f"{what}: the first number that is not finite{_where(node)}")


def examine(
    outputs: Sequence[Node], seeds: Sequence[Any], ends: Collection[Node] | None = None
) -> None:
    """Find the first number, or the first derivative, below outputs that is not finite.

    `NonFiniteError` names the operation, its operands, which derivative, and the user's line if
    `debug` has recorded it. The walk goes no further than `ends`, by which is differentiated; by
    every leaf if they are not given. Of numbers that are not known yet nothing is said.
    """
    if _is_unknown(outputs, seeds):
        return
    borders = set() if ends is None else set(ends)
    order, varies = dependent(outputs, list(borders), borders)
    _examine_numbers(order, borders)
    total: dict[Node, float] = {}
    for output, seed in zip(outputs, seeds, strict=True):
        total[output] = total.get(output, 0.0) + _number(seed)
    for node in reversed(order):
        adjoint = total.get(node)
        if adjoint is None or node in borders:
            continue
        for position, operand in enumerate(node.args):
            if operand.is_constant or node.row.partials[position] is None:
                continue
            if ends is not None and operand not in varies:
                continue
            slope = _examined_slope(node, position)
            total[operand] = total.get(operand, 0.0) + adjoint * slope
            if not math.isfinite(total[operand]):
                raise NonFiniteError(
                    f"the gradient by {node.row.letters[position]} of {node.row.name} at "
                    f"{_at(node.row, node.args)} overflows: {adjoint!r} times {slope!r}{_where(node)}"
                )


def examine_along(outputs: Sequence[Node], inputs: Sequence[Node], seeds: Sequence[Any]) -> None:
    """Do the same for derivatives along a direction, from inputs to outputs."""
    if _is_unknown(outputs, seeds):
        return
    order, varies = dependent(outputs, inputs, inputs)
    _examine_numbers(order, set(inputs))
    tangent = dict(zip(inputs, map(_number, seeds), strict=True))
    for node in order:
        if node not in varies or node in tangent:
            continue
        for position, operand in enumerate(node.args):
            if operand in tangent and node.row.partials[position] is not None:
                slope = _examined_slope(node, position)
                tangent[node] = tangent.get(node, 0.0) + tangent[operand] * slope
        if not math.isfinite(tangent.get(node, 0.0)):
            refuse_derivative(node, tangent[node])


def refuse_derivative(node: Node, number: float, order: int = 1) -> NoReturn:
    """Raise for a derivative of a result along a direction that is infinite or NaN."""
    which = "derivative" if order == 1 else f"derivative of order {order}"
    raise NonFiniteError(
        f"the {which} of {node.row.name} at {_at(node.row, node.args)} along the direction is "
        f"{number}: it does not exist there or is too large{_where(node)}"
    )


def _is_unknown(outputs: Sequence[Node], seeds: Sequence[Any]) -> bool:
    """Tell whether a formula is recorded whose numbers are not known yet."""
    return any(getattr(thing, "is_symbolic", False) for thing in (*outputs, *seeds))


def _number(seed: Any) -> float:
    return seed.data if isinstance(seed, Node) else float(seed)


def _examine_numbers(order: Sequence[Node], ends: Collection[Node]) -> None:
    for node in order:
        if not node.is_constant:
            refuse_non_finite(node.row, node.data, () if node in ends else node.args, node)


def _examined_slope(node: Node, position: int) -> float:
    """Evaluate a partial derivative; raise if it is infinite or NaN."""
    slope = partial(node, position)
    if not math.isfinite(slope):
        letter = node.row.letters[position]
        raise NonFiniteError(
            f"the derivative of {node.row.name} by {letter} at {_at(node.row, node.args)} is {slope}: "
            "it does not exist there or is infinite; choose another branch with "
            f"where(..., lambda: ...), or keep away from the point{_where(node)}"
        )
    return slope


def _at(row: Op, operands: Sequence[Node]) -> str:
    return ", ".join(
        f"{letter} = {operand.data!r}" + (f" ({operand.label})" if operand.label else "")
        for letter, operand in zip(row.letters, operands, strict=True)
    )


def _where(node: Node | None) -> str:
    if node is None:
        return ""
    place = describe_place(None if node.info is None else node.info.place)
    label = f" ({node.label})" if node.label else ""
    return f"{label}\n  computed at {place}" if place else label
