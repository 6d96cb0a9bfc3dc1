"""Element: a symbol that has a number of the finite fields, for calling a function itself.

It is asked what a symbol is asked, so that a function takes the way that it took when it was
recorded. Either it keeps a graph as well, of which derivatives are made as ever; or it carries its
slope along one direction, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...scalar import contexts, ops
from ...scalar.branches import BRANCHES, entered, is_gate, limited
from ...scalar.conditions import among_floats
from ...scalar.convert import is_number, to_number
from ...scalar.graph import (
    ALIAS,
    CONSTANT,
    INTRODUCED,
    LEAF,
    NEVER,
    NOTHING,
    Node,
    ancestors,
    blank,
    place,
)
from ...scalar.operation import Op
from ...scalar.simplify import may_simplify, simplified
from ...scalar.switch import switch
from ...scalar.value import Value, constant
from ...tree import LEAVES
from ..trace.symbol import Symbol
from .field import MOST_FACTORS, POWER, ROOTS, P, Q, keys_of, unions
from .plain import plain

__all__ = ["Element", "apply_row", "elements", "number_of_node", "proving", "record_two"]


class Proving:
    """What the elements of a call have in common."""

    def __init__(self) -> None:
        self.keeps_graph = False
        self.known: dict[Node, Element] = {}  # of what the function takes from outside


proving: Final = Proving()


class Element(Symbol):
    """A number of the fields, and its slope along a direction."""

    __slots__ = ("dv", "dw", "v", "w")

    def __init__(self, v: int, w: int, dv: int = 0, dw: int = 0) -> None:
        self.grad = 0.0
        place(self, LEAF, NOTHING, NOTHING, NEVER)
        self.v = v
        self.w = w
        self.dv = dv
        self.dw = dw

    def __add__(self, other: object) -> Value:
        return record_two(ops.add, self, other)

    def __radd__(self, other: object) -> Value:
        return record_two(ops.add, other, self)

    def __sub__(self, other: object) -> Value:
        return record_two(ops.sub, self, other)

    def __rsub__(self, other: object) -> Value:
        return record_two(ops.sub, other, self)

    def __mul__(self, other: object) -> Value:
        return record_two(ops.mul, self, other)

    def __rmul__(self, other: object) -> Value:
        return record_two(ops.mul, other, self)

    def __truediv__(self, other: object) -> Value:
        return record_two(ops.div, self, other)

    def __rtruediv__(self, other: object) -> Value:
        return record_two(ops.div, other, self)

    def __pow__(self, other: object) -> Value:
        return record_two(ops.power, self, other)

    def __rpow__(self, other: object) -> Value:
        return record_two(ops.power, other, self)

    def __mod__(self, other: object) -> Value:
        return record_two(ops.mod, self, other)

    def __rmod__(self, other: object) -> Value:
        return record_two(ops.mod, other, self)

    def __floordiv__(self, other: object) -> Value:
        return record_two(ops.floordiv, self, other)

    def __rfloordiv__(self, other: object) -> Value:
        return record_two(ops.floordiv, other, self)

    def __neg__(self) -> Value:
        return _applied(ops.neg, (self,))

    def __abs__(self) -> Value:
        return _applied(ops.absolute, (self,))

    def __lt__(self, other: object) -> Any:
        return _compared(ops.lt, self, other)

    def __le__(self, other: object) -> Any:
        return _compared(ops.le, self, other)

    def __gt__(self, other: object) -> Any:
        return _compared(ops.gt, self, other)

    def __ge__(self, other: object) -> Any:
        return _compared(ops.ge, self, other)

    def __eq__(self, other: object) -> Any:
        return _compared(ops.eq, self, other)

    def __ne__(self, other: object) -> Any:
        equal = _compared(ops.eq, self, other)
        return equal if equal is NotImplemented else 1.0 - equal

    def _apply(self, op: Op, args: tuple[object, ...]) -> Value:
        operands = []
        for letter, arg in zip(op.letters, args, strict=True):
            operand = _node(arg)
            if operand is None:
                to_number(arg, f"argument {letter} of {op.name}")  # raises
            else:
                operands.append(operand)
        return _applied(op, tuple(operands))


Element.__hash__ = Node.__hash__  # type: ignore[method-assign]  # as that of Symbol
LEAVES.add(Element)


def _node(thing: object) -> Node | None:
    """Turn an operand into a node; None if it is no number."""
    if isinstance(thing, Value):
        return thing
    if not is_number(thing):
        return None
    found = constant(to_number(thing, "the operand"))
    if switch.active and contexts.state.deriving:
        found.mark = INTRODUCED
    return found


def record_two(row: Op, left: object, right: object) -> Value:
    """Apply an operation to two numbers."""
    x = _node(left)
    y = _node(right)
    if x is None or y is None:
        return NotImplemented  # type: ignore[no-any-return]  # the operators hand it on
    return _applied(row, (x, y))


def _compared(row: Op, symbol: Value, other: object) -> Value:
    if type(other) is not float and is_number(other):
        row, other = among_floats(row, other)
    return record_two(row, symbol, other)


# ---- what is computed ---------------------------------------------------------------------------


def _applied(row: Op, operands: tuple[Node, ...]) -> Value:
    """Apply an operation to nodes; derivatives end, and branches begin, as for symbols."""
    if switch.limiting:
        operands = entered(operands)
    if switch.active and contexts.state.deriving:
        second = operands[1] if len(operands) > 1 else NOTHING
        if may_simplify(row, operands[0], second):
            found = simplified(row, operands)
            if found is not None:
                return found  # type: ignore[return-value]  # a node of this graph is a Value
    node = blank(Element)
    node.grad = 0.0
    place(node, row, NOTHING, NOTHING, 0)
    _compute(node, row, operands)
    if proving.keeps_graph:
        node.x = operands[0]
        if len(operands) > 1:
            node.y = operands[1]
        if len(operands) > 2:
            node.ensure_info().rest = operands[2:]
    if switch.limiting:
        return limited(node)  # type: ignore[no-any-return]  # a node of this graph is a Value
    return node


def elements(
    v: list[int], w: list[int], dv: list[int] | None = None, dw: list[int] | None = None
) -> list[Element]:
    """Make elements of their numbers in both fields, and of slopes if there are any."""
    if dv is None or dw is None:
        return [Element(p, q) for p, q in zip(v, w, strict=True)]
    return [Element(p, q, dp, dq) for p, q, dp, dq in zip(v, w, dv, dw, strict=True)]


def number_of_node(leaf: object) -> Element:
    """Give the number of a leaf of a result."""
    return _number(leaf) if isinstance(leaf, Node) else Element(*plain.pair(float(leaf)))  # type: ignore[arg-type]


def apply_row(row: Op, operands: Sequence[Node]) -> Element:
    """Apply an operation to numbers, and nothing else."""
    node = blank(Element)
    node.grad = 0.0
    place(node, row, NOTHING, NOTHING, NEVER)
    _compute(node, row, operands)
    return node


def _from_outside(node: Node) -> Element:
    """Compute what the function takes from outside, as far as need be."""
    known = proving.known
    if node in known:
        return known[node]
    for below in ancestors(node, until=lambda one: one in known or isinstance(one, Element)):
        if isinstance(below, Element) or below in known:
            continue
        if below.row is CONSTANT or below.row is LEAF:
            known[below] = Element(*plain.pair(below.data))
        else:
            known[below] = apply_row(below.row, below.args)
    return known[node]


def _compute(z: Element, row: Op, operands: Sequence[Node]) -> None:
    """Compute an operation and its slope."""
    z.dv = z.dw = 0
    x = _number(operands[0])
    if len(operands) == 1 or is_gate(row):
        if row is ops.neg:
            z.v, z.w, z.dv, z.dw = -x.v % P, -x.w % Q, -x.dv % P, -x.dw % Q
        elif row is ops.stop_gradient:
            z.v, z.w = x.v, x.w
        elif row is ALIAS or is_gate(row):
            z.v, z.w, z.dv, z.dw = x.v, x.w, x.dv, x.dw
        else:
            _mix(z, row, [x])
            _add_slopes(z, row, operands, [x])
        return
    y = _number(operands[1])
    if row is ops.add:
        z.v, z.w, z.dv, z.dw = (
            (x.v + y.v) % P,
            (x.w + y.w) % Q,
            (x.dv + y.dv) % P,
            (x.dw + y.dw) % Q,
        )
    elif row is ops.sub:
        z.v, z.w, z.dv, z.dw = (
            (x.v - y.v) % P,
            (x.w - y.w) % Q,
            (x.dv - y.dv) % P,
            (x.dw - y.dw) % Q,
        )
    elif row is ops.mul:
        z.v, z.w = x.v * y.v % P, x.w * y.w % Q
        z.dv, z.dw = (x.dv * y.v + x.v * y.dv) % P, (x.dw * y.w + x.w * y.dw) % Q
    elif row is ops.where or row is BRANCHES:
        a, b = y, _number(operands[2])
        z.v, z.w = (b.v + (a.v - b.v) * x.v) % P, (b.w + (a.w - b.w) * x.w) % Q
        z.dv, z.dw = (b.dv + (a.dv - b.dv) * x.v) % P, (b.dw + (a.dw - b.dw) * x.w) % Q
    else:
        numbers = [x, y, *[_number(one) for one in operands[2:]]]
        constant_ = operands[1].row is CONSTANT
        n = operands[1].data if constant_ else 0.0
        if row is ops.div:
            z.v, z.w = x.v * pow(y.v, P - 2, P) % P, x.w * pow(y.w, Q - 2, Q) % Q
        elif row is ops.maximum or row is ops.minimum:
            _extreme(z, row, x, y)
        elif row is ops.power and constant_:
            _raise(z, x, n)
            if x.dv or x.dw:
                lower = blank(Element)
                _raise(lower, x, n - 1.0)
                p, q = plain.pair(n)
                z.dv, z.dw = p * lower.v % P * x.dv % P, q * lower.w % Q * x.dw % Q
            return
        elif row is ops.above and constant_ and n == 0.0:
            greater = Element(0, 0)
            _compute(greater, ops.maximum, (constant(0.0), operands[0]))
            _mix(z, ops.sign, [greater])
            return
        else:
            _mix(z, row, numbers)
        _add_slopes(z, row, operands, numbers)


def _raise(z: Element, x: Element, n: float) -> None:
    if n.is_integer() and abs(n) <= MOST_FACTORS:
        k = int(abs(n))
        z.v, z.w = pow(x.v, k, P), pow(x.w, k, Q)
        if n < 0.0:
            z.v, z.w = pow(z.v, P - 2, P), pow(z.w, Q - 2, Q)
    else:
        v, w = plain.pair(n)
        _mix(z, ops.power, [x, Element(v, w)])


def _extreme(z: Element, row: Op, x: Element, y: Element) -> None:
    """Give the greater or the lesser of two numbers: a sum of powers, or a union."""
    unions.met = True
    if unions.kept:
        z.v, z.w = unions.join(row, [(x.v, x.w), (y.v, y.w)])
        return
    p, q = keys_of(row)
    z.v = _greater(x.v, y.v, p[0], P, ROOTS[0])
    z.w = _greater(x.w, y.w, q[0], Q, ROOTS[1])


def _greater(x: int, y: int, key: int, prime: int, root: int) -> int:
    both = pow(x + key, POWER, prime) + pow(y + key, POWER, prime)
    return (pow(both, root, prime) - key) % prime


def _mix(z: Element, row: Op, operands: Sequence[Element]) -> None:
    p, q = keys_of(row)
    first = len(p) - len(operands)
    v, w = p[0], q[0]
    for k, x in enumerate(operands):
        v += p[first + k] * x.v
        w += q[first + k] * x.w
    for k in range(1, first):
        v = (v * v % P * v + p[k]) % P
        w = (w * w % Q * w + q[k]) % Q
    z.v, z.w = v, w


def _add_slopes(z: Element, row: Op, operands: Sequence[Node], numbers: Sequence[Element]) -> None:
    """Add the slopes of the operands, times the partial derivatives that the row has."""
    if not any(x.dv or x.dw for x in numbers):
        return
    known: list[Any] = [
        node.data if node.row is CONSTANT else Element(x.v, x.w)
        for node, x in zip(operands, numbers, strict=True)
    ]
    result = Element(z.v, z.w)
    for x, rule in zip(numbers, row.partials, strict=True):
        if rule is None or not (x.dv or x.dw):
            continue
        slope = rule(*known, result)
        v, w = (slope.v, slope.w) if isinstance(slope, Element) else plain.pair(float(slope))
        z.dv = (z.dv + v * x.dv) % P
        z.dw = (z.dw + w * x.dw) % Q


def _number(node: Node) -> Element:
    if isinstance(node, Element):
        return node
    if node.row is CONSTANT:
        return Element(*plain.pair(node.data))
    return _from_outside(node)
