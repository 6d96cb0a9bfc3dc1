"""A node as a plain number: comparisons, conversions, text, copies.

What Python looks at leaves a note on the node, as it may choose by it what is recorded next: such
a graph is true only for the numbers that it was recorded with.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ..errors import ArgumentTypeError, ConversionError, LostGradientWarning, TraceError
from ..hypertext import table
from . import contexts, ops
from .conditions import among_floats
from .convert import is_decimal, is_number
from .copies import copy_node, deepcopy_node, reduce_node
from .graph import CHOSEN, CONSTANT, LEAF, NOTHING, Node, ancestors
from .operation import Op
from .reverse import is_cut
from .switch import switch
from .user_line import describe_place, user_place, warn_user

__all__ = ["Number", "is_unknown", "look_at", "plain", "settled"]


CONDITION: Final = 3
"""How many operations down a note goes: as far as conditions are usually written."""


def plain(x: Any) -> Any:
    """Give the number of a node that is known, and whatever else as it is; nothing is noted."""
    return x.data if isinstance(x, Node) and not x.is_symbolic else x


def is_unknown(x: Any) -> bool:
    """Tell whether a number is not known while a function is recorded.

    A symbol, or made from a Value that the function takes from outside, which is read at every
    call: what is chosen by it must be chosen at every call as well.
    """
    return isinstance(x, Node) and (
        x.is_symbolic or (switch.symbolic > 0 and _comes_from_outside(x))
    )


def settled(condition: Any, usual: float) -> Any:
    """Give a condition as a plain number where it is as usual, so that no note is left.

    For a choice that only keeps NaN out: where the usual branch was recorded and the condition is
    another one later, the graph gives NaN, and no other number.
    """
    if not isinstance(condition, Node) or is_unknown(condition) or condition.data != usual:
        return condition
    return usual


def note_choice(node: Node, depth: int = CONDITION) -> None:
    """Note that what is recorded next may hang on a number, and on what it was made from.

    So that ``if (x - a) ** 2 + y * y < 1`` is seen in x and y: what was compared is gone by then.
    """
    if node.row is CONSTANT:
        return
    looked = contexts.state.looked if switch.active else None
    if looked is not None:
        looked.append(node)  # also where that has been noted before
    if node.mark & CHOSEN:
        return
    node.mark |= CHOSEN
    if looked is not None or (switch.active and contexts.state.debug):
        node.ensure_info().chosen = user_place()
    if depth > 0:
        note_choice(node.x, depth - 1)
        note_choice(node.y, depth - 1)
        if node.info is not None:
            for operand in node.info.rest:
                note_choice(operand, depth - 1)


def look_at(node: Number, what: str) -> None:
    """Note that Python looks at a number; refuse it where that would freeze a recorded function."""
    if switch.active or not node.mark & CHOSEN:
        note_choice(node)
    if not is_unknown(node):
        return
    here = describe_place(user_place())
    raise TraceError(
        f"{what} of {node!r}, which the function takes from outside: a recorded function reads it "
        "anew at every call, and this would freeze it as it is now. Choose with where(...), use "
        "the functions of tinygrad_nn in place of math's, or hand the number over as an argument"
        + (f"\n  at {here}" if here else "")
    )


class Number(Node):
    """A node that compares by value, hashes by identity, converts to Python's numbers, copies."""

    __slots__ = ()

    def __lt__(self, other: object) -> Any:
        if switch.symbolic and _is_asked_anew(self, other):
            return _recorded(ops.lt, self, other)
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data < number)

    def __le__(self, other: object) -> Any:
        if switch.symbolic and _is_asked_anew(self, other):
            return _recorded(ops.le, self, other)
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data <= number)

    def __gt__(self, other: object) -> Any:
        if switch.symbolic and _is_asked_anew(self, other):
            return _recorded(ops.gt, self, other)
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data > number)

    def __ge__(self, other: object) -> Any:
        if switch.symbolic and _is_asked_anew(self, other):
            return _recorded(ops.ge, self, other)
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data >= number)

    def __eq__(self, other: object) -> Any:
        if switch.symbolic and _is_asked_anew(self, other):
            return _recorded(ops.eq, self, other)
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data == number)

    def __ne__(self, other: object) -> Any:
        if switch.symbolic and _is_asked_anew(self, other):
            return 1.0 - _recorded(ops.eq, self, other)
        number = _number(self, other)
        return NotImplemented if number is None else bool(self.data != number)

    def __float__(self) -> float:
        if self.row is not CONSTANT:
            look_at(self, "float()")
            _refuse_or_warn(self)
        return self.data

    # Steps: their slope is 0, and a plain number loses nothing.

    def __int__(self) -> int:
        session = _session_for(self)
        if session is not None:
            return session.whole(ops.trunc, self)  # type: ignore[no-any-return]  # a session's
        look_at(self, "int()")
        return int(self.data)

    def __trunc__(self) -> int:
        session = _session_for(self)
        if session is not None:
            return session.whole(ops.trunc, self)  # type: ignore[no-any-return]  # a session's
        look_at(self, "math.trunc()")
        return math.trunc(self.data)

    def __index__(self) -> int:
        session = _session_for(self)
        if session is not None:
            return session.index(self)  # type: ignore[no-any-return]  # a session's
        look_at(self, "an index")
        if self.data != self.data // 1.0:
            raise ArgumentTypeError(f"{self!r} as an index: expected a whole number; take int(x)")
        return int(self.data)

    def __round__(self, digits: int | None = None) -> Any:
        session = _session_for(self)
        if session is not None:
            return (
                session.whole(ops.rint, self)
                if digits is None
                else _recorded(ops.rounded, self, float(digits))
            )
        look_at(self, "round()")
        return round(self.data) if digits is None else round(self.data, digits)

    def __bool__(self) -> bool:
        session = _session_for(self)
        if session is not None:
            return session.truth(self)  # type: ignore[no-any-return]  # a session's
        look_at(self, "if, while, and, or")
        return self.data != 0.0

    def __format__(self, form: str) -> str:
        return format(self.data, form) if form else str(self)

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{label})"

    def _repr_html_(self) -> str:
        made = "constant" if self.row is CONSTANT else "leaf" if self.x is NOTHING else self._op
        return table(
            self.label or "Value",
            ["made by", "data", "grad"],
            [[made, repr(self.data), repr(self.grad)]],
        )

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
        return copy_node(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return deepcopy_node(self, memo)


Number.__index__ = Number.__index__  # type: ignore[method-assign]  # mypyc overlooks its slot
Number.__hash__ = Node.__hash__  # type: ignore[method-assign]  # by identity, at the speed of C


def _number(node: Number, other: object) -> Any:
    """Give what a number is compared with: Python compares floats exactly with any of its own."""
    if type(other) is type(node):
        same: Number = other
        if switch.active or not node.mark & same.mark & CHOSEN:
            note_choice(node)
            note_choice(same)
        return same.data
    kind = type(other)
    if kind is not float and kind is not int and not is_number(other):
        return None  # a subclass too, which compares in its own way
    if switch.active or not node.mark & CHOSEN:
        note_choice(node)
    if is_decimal(other) and other != other:  # which Decimals refuse to order
        return math.nan
    return other


def _session_for(node: Number) -> Any:
    """Give what answers a question about a number that is read at every call; None if nothing."""
    if not switch.symbolic or contexts.state.session is None or not is_unknown(node):
        return None
    return contexts.state.session


# ---- what is refused -----------------------------------------------------------------------


def _is_asked_anew(node: Number, other: object) -> bool:
    """Tell whether a comparison is recorded: one by a number that is read at every call."""
    if not (isinstance(other, Number) or is_number(other)):
        return False
    return _comes_from_outside(node) or (isinstance(other, Number) and _comes_from_outside(other))


def _recorded(row: Op, left: object, right: object) -> Any:
    """Record a comparison as one of symbols, whose result is not known either."""
    recorder = contexts.state.recorder
    assert recorder is not None
    if not isinstance(right, Number):
        row, right = among_floats(row, right)
    return recorder(row, left, right)


def _comes_from_outside(node: Node) -> bool:
    """Tell whether a function is being recorded that takes the number, or a part, from elsewhere."""
    made = contexts.state.made
    if made is None or node.row is CONSTANT or node.is_symbolic:
        return False
    return any(below.row is LEAF and below not in made for below in ancestors(node))


def _refuse_or_warn(node: Number) -> None:
    """A silent constant is a silent zero gradient: refuse to make one, or say so."""
    state = contexts.state
    watched = contexts.watched()
    if state.deriving or (watched and not state.no_grad and _has_slope(node, watched)):
        raise ConversionError(
            f"float() of {node!r}, which is being differentiated: a plain number has no "
            "derivative. Use the functions of tinygrad_nn in place of math's and NumPy's arrays "
            "of dtype object; if the number is meant to be constant, take its .data"
        )
    if not state.no_grad and _has_slope(node, None):
        warn_user(
            "a plain number is taken out of a Value here (by float, math, or an array of floats): "
            "what is computed from it has no derivative by the Value and by what that was made "
            "from. Use the functions of tinygrad_nn in place of math's (tinygrad_nn.exp for "
            "math.exp), and NumPy's arrays of dtype object; if the number alone is meant, take "
            "its .data, or compute it inside no_grad()",
            LostGradientWarning,
        )


def _has_slope(node: Node, inputs: frozenset[Any] | None) -> bool:
    """Tell whether a derivative flows into a node from one of some nodes, or from any leaf."""
    seen: set[Node] = set()
    stack: list[Node] = [node]
    while stack:
        top = stack.pop()
        if top in seen:
            continue
        seen.add(top)
        if top.row is LEAF if inputs is None else top in inputs:
            return True
        for position, operand in enumerate(top.args):
            if operand.row is not CONSTANT and not is_cut(top, position):
                stack.append(operand)
    return False
