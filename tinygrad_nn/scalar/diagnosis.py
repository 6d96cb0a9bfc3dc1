"""Finding the first number or derivative of a graph that is infinite or not a number."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import NonFiniteError
from .graph import Node, ancestors
from .operation import Op
from .reverse import partial
from .user_line import describe_place

__all__ = ["examine", "refuse_non_finite"]


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
        what = f"the leaf {(node and node.label) or 'without a label'} is {data}"
    raise NonFiniteError(f"{what}: the first number that is not finite{_where(node)}")


def examine(root: Node, seed: float) -> None:
    """Find the first number, or the first derivative, below a root that is not finite.

    `NonFiniteError` names the operation, its operands, which derivative, and the user's line if
    `debug` has recorded it.
    """
    order = ancestors(root)
    for node in order:
        if not node.is_constant:
            refuse_non_finite(node.row, node.data, node.args, node)
    total: dict[Node, float] = {root: seed}
    for node in reversed(order):
        adjoint = total.get(node)
        if adjoint is None:
            continue
        for position, operand in enumerate(node.args):
            if operand.is_constant or node.row.partials[position] is None:
                continue
            slope = partial(node, position)
            letter = node.row.letters[position]
            if not math.isfinite(slope):
                raise NonFiniteError(
                    f"the derivative of {node.row.name} by {letter} at {_at(node.row, node.args)} is {slope}: "
                    "it does not exist there or is infinite; choose another branch with "
                    f"where(..., lambda: ...), or keep away from the point{_where(node)}"
                )
            total[operand] = total.get(operand, 0.0) + adjoint * slope
            if not math.isfinite(total[operand]):
                raise NonFiniteError(
                    f"the gradient by {letter} of {node.row.name} at {_at(node.row, node.args)} overflows: "
                    f"{adjoint!r} times {slope!r}{_where(node)}"
                )


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
