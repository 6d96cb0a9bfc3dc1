"""Symbol: a Value whose number is not known yet, for recording what a function computes.

A function called with symbols records its formula once, for any numbers. What looks at one (an
`if`, a `while`, `int()`) asks the session of the recording, which notes question and answer; where
there is none, as that would freeze the formula at one number, and of what loses a slope (`float()`,
reading `.data`), it raises a `TraceError` at the user's line.
"""

from __future__ import annotations

import math
import operator
from typing import Any

from ...errors import ConversionError, TraceError
from ...scalar import contexts, ops
from ...scalar.branches import entered, limited
from ...scalar.conditions import among_floats
from ...scalar.convert import is_number, to_number
from ...scalar.graph import INTRODUCED, LEAF, NEVER, NOTHING, Node, blank, place
from ...scalar.operation import Op
from ...scalar.simplify import may_simplify, simplified
from ...scalar.switch import switch
from ...scalar.user_line import describe_place, user_place
from ...scalar.value import Value, constant, note_context
from ...tree import LEAVES

__all__ = ["Symbol", "bare", "bare_of_three", "record_two", "refusal_of", "symbols_of"]


class Symbol(Value):
    """A number that is not known yet; the label is its name in errors and programs."""

    __slots__ = ()

    def __init__(self, label: str = "") -> None:
        self.data = math.nan
        self.grad = 0.0
        place(self, LEAF, NOTHING, NOTHING, NEVER)
        if label:
            self.label = label

    @property
    def is_symbolic(self) -> bool:
        """Whether the number is not known yet."""
        return True

    @property  # type: ignore[misc]  # which nobody sets
    def __class__(self) -> type:
        # That of the number that was given, for a function that asks: `Classes.answer`.
        classes = contexts.state.classes
        return type(self) if classes is None else classes.answer(self)

    # ---- what is recorded ----------------------------------------------------------------

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
        return _symbol(ops.neg, self, NOTHING, ())

    def __abs__(self) -> Value:
        return _symbol(ops.absolute, self, NOTHING, ())

    # A comparison is a number too, 1 or 0: `where` takes it.

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
        operands: list[Node] = []
        for letter, arg in zip(op.letters, args, strict=True):
            operand = _node(arg)
            if operand is None:
                to_number(arg, f"argument {letter} of {op.name}")  # raises
            else:
                operands.append(operand)
        y = operands[1] if len(operands) > 1 else NOTHING
        return _symbol(op, operands[0], y, tuple(operands[2:]))

    # ---- what is refused -------------------------------------------------------------------

    def __bool__(self) -> bool:
        session = contexts.state.session
        if session is not None:
            return session.truth(self)  # type: ignore[no-any-return]  # a session's
        raise refusal_of(
            "if, while, and, or",
            "choose with where(condition, x, y), or use max, min and abs of tinygrad_nn",
        )

    def __float__(self) -> float:
        session = contexts.state.session
        if session is not None and not contexts.watched():
            session.make_plain("float()")
        raise refusal_of("float()", "use the functions of tinygrad_nn, not those of math")

    def __int__(self) -> int:
        session = contexts.state.session
        if session is not None:
            return session.whole(ops.trunc, self)  # type: ignore[no-any-return]  # a session's
        raise refusal_of("int()", "use floor, or name the argument in static=")

    def __index__(self) -> int:
        session = contexts.state.session
        if session is not None:
            return session.index(self)  # type: ignore[no-any-return]  # a session's
        refusal = refusal_of(
            "an index or a range", "use lookup(table, index), or name the argument in static="
        )
        contexts.state.refused = refusal  # NumPy raises an error of its own in its place
        raise refusal

    def __trunc__(self) -> int:
        session = contexts.state.session
        if session is not None:
            return session.whole(ops.trunc, self)  # type: ignore[no-any-return]  # a session's
        raise refusal_of("math.trunc()", "use floor, or name the argument in static=")

    def __round__(self, digits: int | None = None) -> Any:
        session = contexts.state.session
        if session is not None:
            if digits is None:
                return session.whole(ops.rint, self)
            return record_two(ops.rounded, self, float(operator.index(digits)))
        raise refusal_of("round()", "use floor(x + 0.5)")

    def __str__(self) -> str:
        session = contexts.state.session
        if session is not None:
            session.make_text()
        elif contexts.state.classes is not None:
            contexts.state.classes.show()
        return self._shown()

    def __format__(self, form: str) -> str:
        if form:
            raise refusal_of(f"format with {form!r}", "print what the compiled function returns")
        return str(self)

    def backward(self, seed: object = 1.0, *, check: object = False, **unknown: object) -> None:
        """Refuse: the derivatives of a symbol are recorded by `gradients` and `grad`."""
        raise refusal_of("backward()", "use gradients(output, inputs), or compile(grad(f))")

    def __repr__(self) -> str:
        session = contexts.state.session
        if session is not None:
            session.show()  # as text, in a list, or by a tool of the user's
        elif contexts.state.classes is not None:
            contexts.state.classes.show()
        return self._shown()

    def _shown(self) -> str:
        return f"Symbol({self.label})" if self.label else f"Symbol(op={self.op})"

    def __reduce__(self) -> tuple[Any, ...]:
        refusal = refusal_of(
            "pickle", "use copy.deepcopy, or pickle what the compiled function returns"
        )
        raise ConversionError(str(refusal))


def symbols_of(count: int, label: str = "") -> list[Symbol]:
    """Make so many symbols."""
    return [Symbol(label) for _ in range(count)]


def _refuse_data(symbol: Symbol) -> float:
    if contexts.state.classes is not None:
        contexts.state.classes.read_values()
    raise refusal_of(
        ".data",
        "leave it out; for the shift of a softmax use stop_gradient(max(logits))",
    )


def _refuse_to_set_data(symbol: Symbol, number: float) -> None:
    if number == number:  # the constructor gives NaN, which nobody reads
        raise refusal_of(".data = ...", "name the number as an argument of the function")


# Put on the class here, as no class can have a slot of a base as a property in its body.
setattr(Symbol, "data", property(_refuse_data, _refuse_to_set_data))  # noqa: B010
Symbol.__hash__ = Node.__hash__  # type: ignore[method-assign]  # as that of Number
Symbol.__index__ = Symbol.__index__  # type: ignore[method-assign]  # mypyc overlooks its slot
LEAVES.add(Symbol)


def refusal_of(what: str, remedy: str) -> TraceError:
    """Make the error of what needs a number that is not known, at the user's line."""
    here = describe_place(user_place())
    error = TraceError(
        f"{what}: the number is not known while the function is recorded, so that this would "
        f"freeze it at one: {remedy}" + (f"\n  at {here}" if here else "")
    )
    if contexts.state.session is not None:
        contexts.state.session.is_refused = True
    elif contexts.state.classes is not None:
        contexts.state.classes.refused = error
    return error


def _node(thing: object) -> Node | None:
    """Turn an operand into a node; None if it is no number."""
    kind = type(thing)
    if kind is float or kind is int:
        introduced = switch.active and contexts.state.deriving
        return constant(float(thing), INTRODUCED if introduced else NEVER)  # type: ignore[arg-type]  # it is one of the two
    if isinstance(thing, Value):
        return thing
    return constant(to_number(thing, "the operand")) if is_number(thing) else None


def record_two(row: Op, left: object, right: object) -> Value:
    """Record an operation on two numbers, with a symbol as the result."""
    x = _node(left)
    y = _node(right)
    if x is None or y is None:
        return NotImplemented  # type: ignore[no-any-return]  # the operators hand it on
    return _symbol(row, x, y, ())


def bare(row: Op, x: Node, y: Node) -> Symbol:
    """Make the symbol of an operation, whatever contexts are open."""
    node = blank(Symbol)
    node.grad = 0.0
    node.row = row
    node.x = x
    node.y = y
    node.mark = 0
    node.info = None
    return node


def bare_of_three(row: Op, x: Node, y: Node, z: Node) -> Symbol:
    """Make the symbol of an operation on three, whatever contexts are open."""
    node = bare(row, x, y)
    node.ensure_info().rest = (z,)
    return node


def _compared(row: Op, symbol: Value, other: object) -> Value:
    """Record a comparison, which is exact."""
    if type(other) is not float and is_number(other):
        row, other = among_floats(row, other)
    return record_two(row, symbol, other)


def _symbol(row: Op, x: Node, y: Node, rest: tuple[Node, ...]) -> Value:
    """Record an operation of which one operand at least is a symbol."""
    # What is asked of the thread comes last: that takes longest.
    if switch.limiting:
        operands = entered((x, *rest) if y is NOTHING else (x, y, *rest))
        x = operands[0]
        y = y if y is NOTHING else operands[1]
        rest = operands[2:]
    if switch.active and may_simplify(row, x, y) and contexts.state.deriving:
        found = simplified(row, (x,) if y is NOTHING else (x, y, *rest))
        if found is not None:
            return found  # type: ignore[return-value]  # a node of this graph is a Value
    switch.left -= 1
    if switch.left < 0:
        contexts.enough()
    node = blank(Symbol)  # `bare`, written out for speed
    node.grad = 0.0
    node.row = row
    node.x = x
    node.y = y
    node.mark = 0
    node.info = None
    if rest:
        node.ensure_info().rest = rest
    if not row.is_total:
        session = contexts.state.session
        if session is not None and not contexts.state.deriving:
            if contexts.state.guards:
                session.note_in_branch(node)
            else:
                session.note(node)
    if switch.active:
        note_context(node)
    if switch.limiting:
        return limited(node)  # type: ignore[no-any-return]  # a node of this graph is a Value
    return node
