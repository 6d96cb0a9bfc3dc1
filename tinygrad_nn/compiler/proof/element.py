"""Element: a symbol that has a number of the finite fields, for calling a function itself.

It is asked what a symbol is asked, so that a function takes the way that it took when it was
recorded. Either it keeps a graph as well, of which derivatives are made as ever; or it carries its
slope along one direction, and nothing is kept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

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
)
from ...scalar.operation import Op
from ...scalar.simplify import may_simplify, simplified
from ...scalar.switch import switch
from ...scalar.value import Value, constant
from ...tree import LEAVES
from .arithmetic import (
    Residues,
    add,
    choose,
    divide,
    drawn_number,
    extreme,
    mix,
    multiply,
    power,
    subtract,
)
from .field import MOST_FACTORS, P, Q
from .plain import plain

if TYPE_CHECKING:
    from mypy_extensions import i64  # a number of the processor, where this is compiled

__all__ = [
    "Element",
    "apply_row",
    "drawn_elements",
    "elements",
    "number_of_node",
    "proving",
    "record_two",
]

_ADD: Final = ops.add
_EQ: Final = ops.eq
_SUB: Final = ops.sub
_DIV: Final = ops.div
_MUL: Final = ops.mul
_WHERE: Final = ops.where
_POWER: Final = ops.power


class Proving:
    """What the elements of a call have in common."""

    operations: i64  # that were computed

    def __init__(self) -> None:
        self.keeps_graph = False
        self.known: dict[Node, Element] = {}  # of what the function takes from outside
        self.folded: set[Node] = set()  # of these, what is made of plain numbers only
        self.made_leaves = False  # whether it has made such itself
        self.plain: dict[float, Element] = {}  # of plain numbers
        self.operations = 0


proving: Final = Proving()


class Element(Residues):
    """A number of the fields, and its slope along a direction."""

    __slots__ = ()

    def __add__(self, other: object) -> Value:
        if type(other) is Element and not switch.active and not proving.keeps_graph:
            z = _result(_ADD)
            add(z, self, other)
            return z
        return record_two(_ADD, self, other)

    def __radd__(self, other: object) -> Value:
        return record_two(_ADD, other, self)

    def __sub__(self, other: object) -> Value:
        return record_two(_SUB, self, other)

    def __rsub__(self, other: object) -> Value:
        return record_two(_SUB, other, self)

    def __mul__(self, other: object) -> Value:
        if type(other) is Element and not switch.active and not proving.keeps_graph:
            z = _result(_MUL)
            multiply(z, self, other)
            return z
        return record_two(_MUL, self, other)

    def __rmul__(self, other: object) -> Value:
        return record_two(_MUL, other, self)

    def __truediv__(self, other: object) -> Value:
        return record_two(ops.div, self, other)

    def __rtruediv__(self, other: object) -> Value:
        return record_two(ops.div, other, self)

    def __pow__(self, other: object) -> Value:
        return record_two(_POWER, self, other)

    def __rpow__(self, other: object) -> Value:
        return record_two(_POWER, other, self)

    def __mod__(self, other: object) -> Value:
        return record_two(ops.mod, self, other)

    def __rmod__(self, other: object) -> Value:
        return record_two(ops.mod, other, self)

    def __floordiv__(self, other: object) -> Value:
        return record_two(ops.floordiv, self, other)

    def __rfloordiv__(self, other: object) -> Value:
        return record_two(ops.floordiv, other, self)

    def __neg__(self) -> Value:
        return _recorded(ops.neg, (self,))

    def __abs__(self) -> Value:
        return _recorded(ops.absolute, (self,))

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
        if op is _WHERE and not switch.active and not proving.keeps_graph:
            c, x, y = [_quick_operand(arg) for arg in args]
            if c is not None and x is not None and y is not None:
                chosen = _result(op)
                choose(chosen, c, x, y)
                return chosen
        operands: list[Node] = []
        for letter, arg in zip(op.letters, args, strict=True):
            operand = _node(arg)
            if operand is None:
                to_number(arg, f"argument {letter} of {op.name}")  # raises
            else:
                operands.append(operand)
        return _recorded(op, tuple(operands))

    def _chosen_from(self, rows: Sequence[Sequence[object]]) -> list[object]:
        if not switch.active and not proving.keeps_graph:
            found = _weighed(self, rows)
            if found is not None:
                return found
        return super()._chosen_from(rows)


Element.__hash__ = Node.__hash__  # type: ignore[method-assign]  # as that of Symbol
LEAVES.add(Element)


def elements(numbers: list[int], slopes: list[int] | None = None) -> list[Element]:
    """Make elements of their numbers, and of slopes if there are any: in each, both fields are one.

    The residue modulo the second prime comes in front of the 31 bits of the other.
    """
    found: list[Element] = []
    for k in range(len(numbers)):
        number: i64 = numbers[k]
        slope: i64 = 0 if slopes is None else slopes[k]
        found.append(_leaf(number & P, number >> 31, slope & P, slope >> 31))
    return found


def drawn_elements(first: int, slopes: int, count: int) -> list[Element]:
    """Draw elements, and slopes for them unless those are negative, of places from these on.

    They are those of `arrays.drawn`, of which it takes longer to make elements.
    """
    found: list[Element] = []
    place: i64 = first
    behind: i64 = slopes
    for _ in range(count):
        node = _blank(LEAF)
        node.mark = NEVER
        number: i64 = drawn_number(place)
        v: i64 = number & P
        w: i64 = number >> 31
        node.v = v if v < P else 0
        node.w = w if w < Q else w - Q
        if slopes < 0:
            node.dv = node.dw = 0
        else:
            number = drawn_number(behind)
            v = number & P
            w = number >> 31
            node.dv = v if v < P else 0
            node.dw = w if w < Q else w - Q
        place += 1
        behind += 1
        found.append(node)
    return found


def _leaf(v: i64, w: i64, dv: i64, dw: i64) -> Element:
    """Make an element in less time than its constructor does."""
    node = _blank(LEAF)
    node.mark = NEVER
    node.v = v
    node.w = w
    node.dv = dv
    node.dw = dw
    return node


# ---- what is asked of them ----------------------------------------------------------------------


def _node(thing: object) -> Node | None:
    """Turn an operand into a node; None if it is no number."""
    if isinstance(thing, Value):
        return thing
    if not is_number(thing):
        return None
    introduced = switch.active and contexts.state.deriving
    return constant(to_number(thing, "the operand"), INTRODUCED if introduced else NEVER)


def record_two(row: Op, left: object, right: object) -> Value:
    """Apply an operation to two numbers."""
    if not switch.active and not proving.keeps_graph:
        found = _quick(row, left, right)
        if found is not None:
            return found
    x = _node(left)
    y = _node(right)
    if x is None or y is None:
        return NotImplemented  # type: ignore[no-any-return]  # the operators hand it on
    return _recorded(row, (x, y))


def _quick(row: Op, left: object, right: object) -> Element | None:
    """Apply what is most frequent where no context is open."""
    if row is _POWER and (type(right) is int or type(right) is float) and type(left) is Element:
        z = _result(row)
        _raise_by(z, left, float(right))
        return z
    if row is not _MUL and row is not _ADD and row is not _SUB and row is not _DIV:
        return None
    x = _quick_operand(left)
    y = _quick_operand(right)
    if x is None or y is None:
        return None
    z = _result(row)
    if row is _MUL:
        multiply(z, x, y)
    elif row is _ADD:
        add(z, x, y)
    elif row is _DIV:
        divide(z, x, y)
    else:
        subtract(z, x, y)
    return z


def _quick_operand(thing: object) -> Element | None:
    if type(thing) is Element:
        return thing
    if type(thing) is float:
        return _plain(thing)
    if type(thing) is int:
        return _plain(float(thing))
    return _number(thing) if isinstance(thing, Value) else None


def _compared(row: Op, symbol: Value, other: object) -> Value:
    if type(other) is not float and is_number(other):
        row, other = among_floats(row, other)
    return record_two(row, symbol, other)


def _recorded(row: Op, operands: tuple[Node, ...]) -> Value:
    """Apply an operation to nodes; derivatives end, and branches begin, as for symbols."""
    if switch.limiting:
        operands = entered(operands)
    if switch.active and contexts.state.deriving:
        second = operands[1] if len(operands) > 1 else NOTHING
        if may_simplify(row, operands[0], second):
            found = simplified(row, operands)
            if found is not None:
                return found  # type: ignore[return-value]  # a node of this graph is a Value
    node = apply_row(row, operands)
    if proving.keeps_graph:
        node.x = operands[0]
        if len(operands) > 1:
            node.y = operands[1]
        if len(operands) > 2:
            node.ensure_info().rest = operands[2:]
    if switch.limiting:
        return limited(node)  # type: ignore[no-any-return]  # a node of this graph is a Value
    return node


def number_of_node(leaf: object) -> Element:
    """Give the number of a leaf of a result."""
    return _number(leaf) if isinstance(leaf, Node) else _plain(to_number(leaf, "the result"))


def _number(node: Node) -> Element:
    if type(node) is Element:
        return node
    if node.row is CONSTANT:
        return _plain(node.data)
    known = proving.known
    found = known.get(node)
    if found is not None:
        return found
    # The function has computed with what it takes from outside, or with plain numbers.
    for below in ancestors(node, until=lambda one: one in known or type(one) is Element):
        if type(below) is not Element and below not in known:
            known[below] = _from_outside(below)
    return known[node]


def _from_outside(node: Node) -> Element:
    """Compute a node that is no element; as on a tape, plain numbers are folded."""
    if node.row is LEAF:
        proving.made_leaves = True
    elif node.row is CONSTANT or all(_is_plain(operand) for operand in node.args):
        proving.folded.add(node)
    else:
        return apply_row(node.row, node.args)
    return _plain(node.data)


def _is_plain(node: Node) -> bool:
    return node.row is CONSTANT or node in proving.folded


def _plain(number: float) -> Element:
    found = proving.plain.get(number)
    if found is None:
        v, w = plain.pair(number)
        found = proving.plain[number] = _leaf(v, w, 0, 0)
    return found


# ---- what is computed ---------------------------------------------------------------------------


def _result(row: Op) -> Element:
    proving.operations += 1
    return _blank(row)


def _blank(row: Op) -> Element:
    node = blank(Element)
    node.data = math.nan
    node.grad = 0.0
    node.row = row
    node.x = NOTHING
    node.y = NOTHING
    node.mark = 0
    node.info = None
    return node


def apply_row(row: Op, operands: Sequence[Node]) -> Element:
    """Apply an operation to numbers: give the result, and its slope."""
    z = _result(row)
    x = _number(operands[0])
    if row is _MUL:
        multiply(z, x, _number(operands[1]))
    elif row is _ADD:
        add(z, x, _number(operands[1]))
    elif row is _SUB:
        subtract(z, x, _number(operands[1]))
    elif row is ops.where or row is BRANCHES:
        choose(z, x, _number(operands[1]), _number(operands[2]))
    elif row is ops.neg:
        z.v, z.w = -x.v % P, -x.w % Q
        z.dv, z.dw = -x.dv % P, -x.dw % Q
    elif row is ALIAS or is_gate(row):
        z.v, z.w = x.v, x.w
        z.dv, z.dw = x.dv, x.dw
    elif row is ops.stop_gradient:
        z.v, z.w = x.v, x.w
        z.dv = z.dw = 0
    else:
        _apply_other(z, row, operands, x)
    return z


def _weighed(index: Element, rows: Sequence[Sequence[object]]) -> list[object] | None:
    """Add up the rows of a table, each times the number that says whether it is chosen.

    None where that takes more than elements and plain numbers, and rows that are as long.
    """
    totals = [_leaf(0, 0, 0, 0) for _ in rows[0]]
    weight, place = _result(_EQ), _leaf(0, 0, 0, 0)
    for row in rows:
        if len(row) != len(totals):
            return None
        mix(weight, _EQ, (index, place))
        v: i64 = weight.v
        w: i64 = weight.w
        for k, entry in enumerate(row):
            x = entry if type(entry) is Element else _quick_operand(entry)
            if x is None:
                return None
            total = totals[k]
            total.v = (total.v + v * x.v) % P
            total.w = (total.w + w * x.w) % Q
            total.dv = (total.dv + v * x.dv) % P
            total.dw = (total.dw + w * x.dw) % Q
        place.v += 1
        place.w += 1
    found: list[object] = list(totals)
    return found


def _raise_by(z: Element, x: Element, n: float) -> None:
    """Give a power, the exponent of which is a plain number."""
    if n == 2.0:
        multiply(z, x, x)
        return
    _raise(z, x, n)
    z.dv = z.dw = 0
    if x.dv or x.dw:
        lower = blank(Element)
        _raise(lower, x, n - 1.0)
        factor = _plain(n)
        z.dv = factor.v * lower.v % P * x.dv % P
        z.dw = factor.w * lower.w % Q * x.dw % Q


def _raise(z: Element, x: Element, n: float) -> None:
    if not n.is_integer() or abs(n) > MOST_FACTORS:
        mix(z, _POWER, [x, _plain(n)])
        return
    z.v = power(x.v, int(abs(n)), P)
    z.w = power(x.w, int(abs(n)), Q)
    if n < 0.0:
        z.v = power(z.v, P - 2, P)
        z.w = power(z.w, Q - 2, Q)


def _apply_other(z: Element, row: Op, operands: Sequence[Node], x: Element) -> None:
    """Apply what is no sum, product or choice."""
    numbers = [_number(operand) for operand in operands]
    y = numbers[-1]
    last = operands[-1]
    if row is _POWER and _is_plain(last):
        _raise_by(z, x, last.data)
        return
    if row is _DIV:
        divide(z, x, y)
        return
    if row is ops.maximum or row is ops.minimum:
        extreme(z, row, x, y)
    elif row is ops.above and _is_plain(last) and last.data == 0.0:
        # As a tape has it: the slope of relu is the sign of what relu gives.
        mix(z, ops.sign, [apply_row(ops.maximum, (constant(0.0), operands[0]))])
    else:
        mix(z, row, numbers)
    z.dv = z.dw = 0
    for number in numbers:
        if number.dv or number.dw:
            _add_slopes(z, row, operands, numbers)
            return


def _add_slopes(z: Element, row: Op, operands: Sequence[Node], numbers: Sequence[Element]) -> None:
    """Add the slopes of the operands, times the partial derivatives that the row has."""
    known: list[Any] = [
        node.data if _is_plain(node) else _leaf(x.v, x.w, 0, 0)
        for node, x in zip(operands, numbers, strict=True)
    ]
    result = _leaf(z.v, z.w, 0, 0)
    for x, rule in zip(numbers, row.partials, strict=True):
        if rule is not None and (x.dv or x.dw):
            slope = number_of_node(rule(*known, result))
            z.dv = (z.dv + slope.v * x.dv) % P
            z.dw = (z.dw + slope.w * x.dw) % Q
