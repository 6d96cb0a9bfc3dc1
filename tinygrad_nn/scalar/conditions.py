"""Numbers that are conditions: 1 or 0, whatever they are computed from."""

from __future__ import annotations

import math
from typing import Any, Final

from ..errors import ArgumentTypeError
from . import ops
from .branches import BRANCHES, is_gate
from .graph import ALIAS, CONSTANT, Node
from .operation import Op

__all__ = [
    "ASKING",
    "among_floats",
    "conjunction",
    "disjunction",
    "exclusion",
    "is_logical",
    "refuse_inversion",
]

ASKING: Final = frozenset(
    {ops.ge, ops.gt, ops.le, ops.lt, ops.eq, ops.logical_not, ops.isnan, ops.isinf, ops.isfinite}
)
_JOINING: Final = frozenset({ops.mul, ops.maximum, ops.minimum, ops.stop_gradient, ALIAS})
_CHOOSING: Final = frozenset({ops.where, BRANCHES})


_STRICT: Final[dict[Op, Op]] = {ops.le: ops.lt, ops.ge: ops.gt}
_LOOSE: Final[dict[Op, Op]] = {ops.lt: ops.le, ops.gt: ops.ge}


def among_floats(row: Op, number: Any) -> tuple[Op, float]:
    """Give the comparison with a float that holds for the floats that this one holds for.

    Python compares exactly: a great integer or a fraction may lie between two floats.
    """
    try:
        nearest = float(number)
    except OverflowError:
        nearest = math.inf if number > 0 else -math.inf
    if nearest == number or number != number:
        return row, nearest
    if row is ops.eq:
        return row, math.nan
    is_below = row in (ops.lt, ops.le)
    other = _STRICT if is_below == (nearest > number) else _LOOSE
    return other.get(row, row), nearest


def is_logical(node: Node) -> bool:
    """Tell whether a number is 1 or 0 because of how it is computed: by comparisons."""
    seen = {id(node)}
    stack = [node]
    while stack:
        top = stack.pop()
        row = top.row
        below: tuple[Node, ...] = ()
        if row is CONSTANT:
            if top.data != 0.0 and top.data != 1.0:
                return False
        elif is_gate(row):
            below = top.args[:1]
        elif row in _JOINING:
            below = top.args
        elif row in _CHOOSING:
            below = top.args[1:]
        elif row is ops.sub:  # not equal, 1 - (x == y)
            one, other = top.args
            if one.row is not CONSTANT or one.data != 1.0:
                return False
            below = (other,)
        elif row not in ASKING:
            return False
        for operand in below:
            if id(operand) not in seen:
                seen.add(id(operand))
                stack.append(operand)
    return True


def _joined(row: Op, sign: str, x: Any, y: Any) -> Any:
    """Join conditions by a row that is what `&`, `|` or, but for `not`, `^` means for 1 and 0."""
    for one in (x, y):
        known = is_logical(one) if isinstance(one, Node) else one in (0, 1)
        if not known:
            raise ArgumentTypeError(
                f"{sign} joins conditions, as (x > 0) {sign} (x < 1), got {one!r}: compare it, "
                "in parentheses, as Python takes &, | and ^ before > and <"
            )
    return row(x, y)


def conjunction(x: Any, y: Any) -> Any:
    """Tell whether both conditions hold: 1 or 0."""
    return _joined(ops.mul, "&", x, y)


def disjunction(x: Any, y: Any) -> Any:
    """Tell whether one condition at least holds: 1 or 0."""
    return _joined(ops.maximum, "|", x, y)


def exclusion(x: Any, y: Any) -> Any:
    """Tell whether one condition holds and the other does not: 1 or 0."""
    return 1.0 - _joined(ops.eq, "^", x, y)


def refuse_inversion() -> ArgumentTypeError:
    """Make the error of ~, which is -1 or -2 for what Python compares."""
    return ArgumentTypeError(
        "~ of a number: it is -1 or -2 where Python compares, which is true both times; write "
        "logical_not(c)"
    )
