"""Value: one number that remembers how it was made."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import ClassVar, Final, cast

from ..errors import ArgumentTypeError, DomainError
from ..foreign import VALUE_ATTRIBUTES, ForeignAttribute, unknown_keyword
from . import ops
from .branches import branches_of, counting, entered, limited
from .choice import condition_refused
from .conditions import conjunction, disjunction, exclusion, is_logical, refuse_inversion
from .contexts import state
from .convert import is_number, to_number
from .diagnosis import examine, refuse_non_finite
from .graph import CONSTANT, INPUT, INTRODUCED, LEAF, NEVER, NOTHING, Node, blank, new_node, place
from .log_sums import total_of
from .methods import offer_methods
from .number import Number
from .operation import USUAL, Op, flat
from .passes import accumulate
from .simplify import simplified
from .stale import refuse_stale
from .switch import switch
from .user_line import describe_place, user_place

__all__ = ["Value", "constant", "note_context", "varying"]

_ADD: Final = ops.add
_MUL: Final = ops.mul
_SUB: Final = ops.sub
_DIV: Final = ops.div
_POWER: Final = ops.power
_MOD: Final = ops.mod
_FLOORDIV: Final = ops.floordiv
_NEG: Final = ops.neg
_ABSOLUTE: Final = ops.absolute


def record(row: Op, data: float, x: Node, y: Node = NOTHING) -> Value:
    """Make the node of a result."""
    if switch.active:
        return _record_in_context(row, data, (x,) if y is NOTHING else (x, y))
    node = blank(Value)  # `place`, written out for speed
    node.data = data
    node.grad = 0.0
    node.row = row
    node.x = x
    node.y = y
    node.mark = 0
    node.info = None
    return node


def _record_in_context(row: Op, data: float, operands: tuple[Node, ...]) -> Value:
    """Make the node of a result, or what an open context has in place of it."""
    found = _instead(row, data, operands) if switch.active else None
    if found is not None:
        return found
    if switch.limiting:
        operands = entered(operands)
    node = cast("Value", new_node(Value, row, data, operands))
    if switch.active:
        note_context(node)
        if state.debug and not state.guards:  # a branch that is recorded may not be chosen
            refuse_non_finite(row, data, operands, node)
    if switch.limiting:
        return cast("Value", limited(node))
    return node


def note_context(node: Node) -> None:
    """Write on a new node what the open contexts want remembered."""
    if state.debug:
        node.ensure_info().place = user_place()
    if state.scope:
        node.ensure_info().scope = state.scope


def _instead(row: Op, data: float, operands: tuple[Node, ...]) -> Value | None:
    """Find what an open context has in place of a new node."""
    if state.no_grad and not state.deriving and state.derived is None:
        if state.debug:
            refuse_non_finite(row, data, operands)
        return constant(data)
    if not state.deriving:
        return None
    for operand in operands:
        if operand.row is not CONSTANT:
            return cast("Value | None", simplified(row, operands))
    # A comparison is part of the formula, also one of data; other results of data are data.
    is_flat = all(rule is None or rule is flat for rule in row.partials)
    introduced = is_flat or all(operand.mark == INTRODUCED for operand in operands)
    if row is _MUL and not introduced:  # nothing flows, whatever the other number is
        introduced = any(o.mark == INTRODUCED and o.data == 0.0 for o in operands)
    return constant(data, INTRODUCED if introduced else NEVER)


def constant(data: float, mark: int = NEVER) -> Value:
    """Make the node of a plain number: it has no gradient."""
    node = blank(Value)
    node.data = data
    node.grad = 0.0
    place(node, CONSTANT, NOTHING, NOTHING, mark)
    return node


def varying(data: float) -> Value:
    """Make the node of a plain number that a function is differentiated by."""
    node = blank(Value)
    node.data = data
    node.grad = 0.0
    place(node, INPUT, NOTHING, NOTHING, NEVER)
    return node


def _operand(other: object) -> Value | None:
    """Turn the other side of an operator into a node; None if that is not for Value to do."""
    kind = type(other)
    if kind is float or kind is int:
        introduced = switch.active and state.deriving
        return constant(float(other), INTRODUCED if introduced else NEVER)  # type: ignore[arg-type]  # it is one of the two
    if isinstance(other, Value):
        return other if kind is Value else None  # a subclass records in its own way
    return constant(to_number(other, "the operand")) if is_number(other) else None


def _ended(node: Value) -> Value:
    """Let no reverse pass go on at a node: 0 times infinity would be NaN."""
    node.mark = NEVER
    return node


def _unary(row: Op, x: Node) -> Value:
    """Compute a row of one argument, which may raise, and record it."""
    if switch.active:
        return _evaluated(row, (x,))
    try:
        data = row.compute(x.data)
    except (ValueError, ArithmeticError) as error:
        failure = _failure(row, error, (x,))
    else:
        return _ended(record(row, data, x)) if row.is_flat else record(row, data, x)
    raise failure


def _binary(row: Op, left: object, right: object) -> Value | None:
    """Compute a row of two arguments and record it; None where that is not for Value to do."""
    x = left if type(left) is Value else _operand(left)
    y = right if type(right) is Value else _operand(right)
    if x is None or y is None:
        return None
    if switch.active:
        return _evaluated(row, (x, y))
    try:
        data = row.compute(x.data, y.data)
    except (ValueError, ArithmeticError) as error:
        failure = _failure(row, error, (x, y))
    else:
        return _ended(record(row, data, x, y)) if row.is_flat else record(row, data, x, y)
    raise failure


def _evaluated(row: Op, operands: tuple[Node, ...]) -> Value:
    """Compute and record a row of any number of arguments."""
    numbers = [operand.data for operand in operands]
    if switch.active and (state.deriving or state.guards):
        return _record_in_context(row, row.quiet(*numbers), operands)
    try:
        data = row.compute(*numbers)
    except (ValueError, ArithmeticError) as error:
        failure = _failure(row, error, operands)
    else:
        return _record_in_context(row, data, operands)
    raise failure


def _failure(row: Op, error: Exception, operands: Sequence[Node]) -> DomainError:
    """Make our error of Python's, to be raised outside of its handler, with the operands' labels and lines."""
    numbers = [operand.data for operand in operands]
    labels = [operand.label for operand in operands]
    places = [describe_place(o.info.place) if o.info else "" for o in operands]
    return row.failure(error, numbers, labels, places)


class Value(Number):
    """One number of a computation graph.

    Arithmetic on Values, and on Values and plain numbers, gives Values that
    remember their operands. `backward` then finds the derivative of a result by
    everything it was made from.

    Parameters
    ----------
    data : float
        The number: an int, a float or a NumPy scalar.
    label : str, optional
        A name for people: drawings and errors show it.

    Raises
    ------
    ArgumentTypeError
        When `data` is no real number or `label` no text.

    Notes
    -----
    Comparisons are by value, hashing is by identity. A plain number in arithmetic
    is a constant: it has no gradient. Results of ``+ - *`` follow IEEE; an
    operation that has no finite result, as log(-1), raises a `DomainError`.

    Examples
    --------
    >>> x = Value(2.0, label="x")
    >>> y = x * x + 3 * x
    >>> y.backward()
    >>> y.data, x.grad
    (10.0, 7.0)
    """

    __slots__ = ()

    _op_priority: ClassVar[float] = 1000.0  # SymPy's numbers leave the operators to us

    def __init__(self, data: object, label: object = "", **unknown: object) -> None:
        if unknown:
            raise unknown_keyword("Value", next(iter(unknown)), ("data", "label"))
        self.data = data if type(data) is float else to_number(data, "data")
        self.grad = 0.0
        place(self, LEAF, NOTHING, NOTHING, NEVER)
        if switch.active:
            note_context(self)
        if switch.symbolic and state.made is not None:
            state.made.add(self)
        if label:
            if not isinstance(label, str):
                raise ArgumentTypeError(f"label must be a text, got {label!r}: give label='...'")
            self.label = label

    def __init_subclass__(cls) -> None:
        _refuse_subclass(cls)

    def backward(self, seed: object = 1.0, *, check: object = False, **unknown: object) -> None:
        """Differentiate this number by everything it was made from.

        The derivative is added to `grad` of every leaf, as often as this is called;
        `grad` of inner nodes is that of the latest call.

        Parameters
        ----------
        seed : float
            What to multiply all derivatives by.
        check : bool
            Look first for numbers and derivatives that are infinite or NaN, and for numbers
            that are not what their operands give, as `data` was assigned since; change
            nothing if there are any. Inside `debug` this is always done.

        Raises
        ------
        NonFiniteError, StaleGraphError
            When `check` finds one; it names the node, its line and the derivative.

        Notes
        -----
        Interrupted half-way, by Ctrl-C or a rule of your own that raises, some leaves
        have their share already: call `zero_grad` before you go on.

        Examples
        --------
        >>> a, b = Value(3.0), Value(4.0)
        >>> (a * b).backward()
        >>> a.grad, b.grad
        (4.0, 3.0)
        """
        if unknown:
            raise unknown_keyword("backward", next(iter(unknown)), ("seed", "check"))
        adjoint = seed if type(seed) is float else to_number(seed, "seed")
        if check or (switch.active and state.debug):
            refuse_stale(self)
            examine([self], [adjoint])
        accumulate(self, adjoint)

    def zero_grad(self) -> None:
        """Set the gradient back to 0."""
        self.grad = 0.0

    # ---- operators ---------------------------------------------------------------------

    def __add__(self, other: object) -> Value:
        y = other if type(other) is Value else _operand(other)
        if y is None:
            return NotImplemented
        if switch.active:
            return _record_in_context(_ADD, self.data + y.data, (self, y))
        node = blank(Value)  # `record`, written out for speed
        node.data = self.data + y.data
        node.grad = 0.0
        node.row = _ADD
        node.x = self
        node.y = y
        node.mark = 0
        node.info = None
        return node

    def __radd__(self, other: object) -> Value:
        x = _operand(other)
        if x is None:
            return NotImplemented
        return x + self

    def __sub__(self, other: object) -> Value:
        y = other if type(other) is Value else _operand(other)
        if y is None:
            return NotImplemented
        return record(_SUB, self.data - y.data, self, y)

    def __rsub__(self, other: object) -> Value:
        x = _operand(other)
        if x is None:
            return NotImplemented
        return x - self

    def __mul__(self, other: object) -> Value:
        y = other if type(other) is Value else _operand(other)
        if y is None:
            return NotImplemented
        if switch.active:
            return _record_in_context(_MUL, self.data * y.data, (self, y))
        node = blank(Value)  # `record`, written out for speed
        node.data = self.data * y.data
        node.grad = 0.0
        node.row = _MUL
        node.x = self
        node.y = y
        node.mark = 0
        node.info = None
        return node

    def __rmul__(self, other: object) -> Value:
        x = _operand(other)
        if x is None:
            return NotImplemented
        return x * self

    def __truediv__(self, other: object) -> Value:
        z = _binary(_DIV, self, other)
        if z is None:
            return NotImplemented
        return z

    def __rtruediv__(self, other: object) -> Value:
        z = _binary(_DIV, other, self)
        if z is None:
            return NotImplemented
        return z

    def __pow__(self, other: object) -> Value:
        z = _binary(_POWER, self, other)
        if z is None:
            return NotImplemented
        return z

    def __rpow__(self, other: object) -> Value:
        z = _binary(_POWER, other, self)
        if z is None:
            return NotImplemented
        return z

    def __mod__(self, other: object) -> Value:
        z = _binary(_MOD, self, other)
        if z is None:
            return NotImplemented
        return z

    def __rmod__(self, other: object) -> Value:
        z = _binary(_MOD, other, self)
        if z is None:
            return NotImplemented
        return z

    def __floordiv__(self, other: object) -> Value:
        z = _binary(_FLOORDIV, self, other)
        if z is None:
            return NotImplemented
        return z

    def __rfloordiv__(self, other: object) -> Value:
        z = _binary(_FLOORDIV, other, self)
        if z is None:
            return NotImplemented
        return z

    def __divmod__(self, other: object) -> tuple[Value, Value]:
        return operator.floordiv(self, other), operator.mod(self, other)

    def __rdivmod__(self, other: object) -> tuple[Value, Value]:
        return operator.floordiv(other, self), operator.mod(other, self)

    def __neg__(self) -> Value:
        return record(_NEG, -self.data, self)

    def __pos__(self) -> Value:
        return self

    def __floor__(self) -> Value:
        return ops.floor(self)

    def __ceil__(self) -> Value:
        return ops.ceil(self)

    def __abs__(self) -> Value:
        return record(_ABSOLUTE, abs(self.data), self)

    def _constant(self, number: object) -> Value:
        """Make a constant beside this number: a plain result of what might have been a Value."""
        return constant(to_number(number, "the result"))

    def __and__(self, other: object) -> Value:
        return conjunction(self, other)  # type: ignore[no-any-return]  # of a Value

    def __rand__(self, other: object) -> Value:
        return conjunction(other, self)  # type: ignore[no-any-return]  # of a Value

    def __or__(self, other: object) -> Value:
        return disjunction(self, other)  # type: ignore[no-any-return]  # of a Value

    def __ror__(self, other: object) -> Value:
        return disjunction(other, self)  # type: ignore[no-any-return]  # of a Value

    def __xor__(self, other: object) -> Value:
        return exclusion(self, other)  # type: ignore[no-any-return]  # of a Value

    def __rxor__(self, other: object) -> Value:
        return exclusion(other, self)  # type: ignore[no-any-return]  # of a Value

    def __invert__(self) -> Value:
        raise refuse_inversion()

    def _as_condition(self) -> Value:
        """Refuse a number that is no condition; a program looks at it in every run."""
        if not (self.is_symbolic or self.data == 1.0 or self.data == 0.0 or state.deriving):
            raise condition_refused(self.data)
        if switch.symbolic and state.derived is not None and not is_logical(self):
            state.chosen.append((counting(self), 2))  # as the index of a table of two
        return self

    def _apply(self, op: Op, args: tuple[object, ...]) -> Value:
        """Record a row applied to operands of which one at least is a Value."""
        if len(args) == 1 and op.listed:
            return _unary(op, self)
        if len(args) == 2 and op.listed:
            result = _binary(op, args[0], args[1])
            if result is not None:
                return result
        return _apply_general(op, args)

    def _choose(self, x: object, y: object) -> object:
        """Record both branches of a choice by this number, which a compiled function reads anew."""
        if self.row is CONSTANT:
            chosen = x if self.data else y
            return chosen() if callable(chosen) else chosen
        return branches_of(self, x, y)

    def _chosen_from(self, rows: Sequence[Sequence[object]]) -> list[object]:
        """Record the row that this number is the index of, as a sum of all; -0.0 changes nothing."""
        chosen = [ops.eq(self, float(k)) for k in range(len(rows))]
        return [
            total_of([ops.where(one, x, -0.0) for one, x in zip(chosen, column, strict=True)])
            for column in zip(*rows, strict=True)
        ]

    def __getattr__(self, name: str) -> Callable[..., Value]:
        """Tell type checkers that operations are methods; they are put on the class below."""
        raise AttributeError(name)


del Value.__getattr__  # it would make every access to an attribute slow
Value.__hash__ = Node.__hash__  # type: ignore[method-assign]  # as that of Number
USUAL[0] = Value
offer_methods(Value)
for _name, _remedy in VALUE_ATTRIBUTES.items():
    setattr(Value, _name, ForeignAttribute(_name, _remedy))


_SUBCLASSES: Final = frozenset(
    {
        "tinygrad_nn.compiler.trace.logged",
        "tinygrad_nn.compiler.trace.symbol",
        "tinygrad_nn.compiler.proof.arithmetic",
        "tinygrad_nn.compiler.proof.element",
    }
)


def _refuse_subclass(kind: type) -> None:
    if kind.__module__ not in _SUBCLASSES:
        raise ArgumentTypeError(
            f"Value cannot be subclassed, as {kind.__name__} does: arithmetic gives Values again. "
            "Keep what belongs to a number beside it, and make new operations with custom"
        )


def _apply_general(row: Op, args: tuple[object, ...]) -> Value:
    """Apply a row to any number of operands; those of a subclass do it in their own way."""
    operands: list[Node] = []
    for letter, arg in zip(row.letters, args, strict=True):
        operand = _operand(arg)
        if operand is not None:
            operands.append(operand)
        elif isinstance(arg, Value):
            return arg._apply(row, args)
        else:
            to_number(arg, f"argument {letter} of {row.name}")  # raises
    return _evaluated(row, tuple(operands))
