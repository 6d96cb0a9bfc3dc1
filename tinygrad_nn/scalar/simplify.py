"""Derivatives that can be read: what the rules bring in is simplified as it is recorded.

Only numbers that a rule introduced are simplified away. A number of the user's
that happens to be 0 or 1 is data: it stays, so that samples which differ in their
numbers only have derivatives of one shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .graph import CONSTANT, INTRODUCED, Node
from .operation import Op
from .ops import add, div, mul, neg, power, sub

__all__ = ["may_simplify", "simplified"]

Result = Callable[..., Any]


def _first(x: Any, y: Any) -> Any:
    return x


def _second(x: Any, y: Any) -> Any:
    return y


# (which operand, is this number) -> what the operation is then.
RULES: dict[Op, tuple[tuple[int, float, Result], ...]] = {
    add: (
        (1, 0.0, _first),  # x + 0 -> x
        (0, 0.0, _second),  # 0 + y -> y
    ),
    sub: (
        (1, 0.0, _first),  # x - 0 -> x
        (0, 0.0, lambda x, y: -y),  # 0 - y -> -y
    ),
    mul: (
        (1, 1.0, _first),  # x * 1 -> x
        (0, 1.0, _second),  # 1 * y -> y
        (1, 0.0, _second),  # x * 0 -> 0
        (0, 0.0, _first),  # 0 * y -> 0
        (1, -1.0, lambda x, y: -x),  # x * -1 -> -x
        (0, -1.0, lambda x, y: -y),  # -1 * y -> -y
    ),
    div: (
        (1, 1.0, _first),  # x / 1 -> x
        (0, 0.0, _first),  # 0 / y -> 0
    ),
    power: ((1, 1.0, _first),),  # x ** 1 -> x
}


def may_simplify(row: Op, x: Node, y: Node) -> bool:
    """Tell in a moment whether `simplified` may find something, by the first two operands."""
    if x.mark == INTRODUCED or y.mark == INTRODUCED:
        return True
    return row is neg or row is power


def simplified(row: Op, operands: Sequence[Node]) -> Node | None:
    """Find a node there is already that equals an operation; None if it must be recorded."""
    for operand in operands:
        if operand.mark == INTRODUCED and operand.row is CONSTANT:
            return _without_number(row, operands)
    if row is neg and operands[0].row is neg:  # -(-x) -> x
        return operands[0].x
    # x ** 1 -> x: an exponent that is a plain number is part of the formula, whoever wrote it
    if row is power and operands[1].row is CONSTANT and operands[1].data == 1.0:
        return operands[0]
    return None


def _without_number(row: Op, operands: Sequence[Node]) -> Node | None:
    for position, number, result in RULES.get(row, ()):
        operand = operands[position]
        if operand.mark == INTRODUCED and operand.row is CONSTANT and operand.data == number:
            node: Node = result(*operands)
            return node
    return None
