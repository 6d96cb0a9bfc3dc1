"""A node as a plain number: comparisons, conversions, text, copies."""

from __future__ import annotations

from typing import Any

from ..errors import ConversionError
from . import contexts
from .convert import is_number
from .copies import deepcopy_node, reduce_node
from .graph import NOTHING, Node, ancestors, new_node
from .switch import switch

__all__ = ["Number"]


class Number(Node):
    """A node that compares by value, hashes by identity, converts to Python's numbers, copies."""

    __slots__ = ()

    def __lt__(self, other: object) -> bool:
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data < number)

    def __le__(self, other: object) -> bool:
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data <= number)

    def __gt__(self, other: object) -> bool:
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data > number)

    def __ge__(self, other: object) -> bool:
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data >= number)

    def __eq__(self, other: object) -> bool:
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data == number)

    def __ne__(self, other: object) -> bool:
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data != number)

    def __float__(self) -> float:
        if switch.active:
            _refuse_if_watched(self, "float")
        return self.data

    def __int__(self) -> int:
        if switch.active:
            _refuse_if_watched(self, "int")
        return int(self.data)

    def __bool__(self) -> bool:
        return self.data != 0.0

    def __round__(self, digits: int | None = None) -> float:
        if switch.active:
            _refuse_if_watched(self, "round")
        return round(self.data, digits)

    def __format__(self, form: str) -> str:
        return format(self.data, form) if form else str(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    # ---- micrograd's names ---------------------------------------------------------------

    @property
    def _prev(self) -> set[Node]:
        return set(self.args)

    @property
    def _op(self) -> str:
        return "" if self.x is NOTHING else self.row.label

    # ---- copies ------------------------------------------------------------------------

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_node(self)

    def __copy__(self) -> Node:
        copied = new_node(type(self), self.row, self.data, self.args)
        copied.grad = self.grad
        copied.label = self.label
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return deepcopy_node(self, memo)


Number.__hash__ = Node.__hash__  # type: ignore[method-assign]  # by identity, at the speed of C


def _number(node: Number, other: object) -> Any:
    """Give what a number is compared with: Python compares floats exactly with any of its own."""
    if type(other) is type(node):
        return other.data
    if isinstance(other, Number):
        return None  # a subclass compares in its own way
    return other if is_number(other) else None


def _refuse_if_watched(node: Node, conversion: str) -> None:
    """A silent constant is a silent zero gradient: refuse to make one."""
    watched = contexts.state.watched
    in_a_rule = contexts.state.deriving and not node.is_constant
    if in_a_rule or (watched and not frozenset().union(*watched).isdisjoint(ancestors(node))):
        raise ConversionError(
            f"{conversion}() of {node!r}, which is being differentiated: a plain number has no "
            "derivative. Use the functions of tinygrad_nn in place of math's and NumPy's arrays "
            "of dtype object; if the number is meant to be constant, take its .data"
        )
