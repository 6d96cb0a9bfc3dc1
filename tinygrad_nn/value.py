"""Value: one number that remembers how it was made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from . import modes, ops
from .convert import is_number, to_number
from .diagnosis import examine, refuse_non_finite
from .errors import ArgumentTypeError, DomainError
from .graph import CONSTANT, INTRODUCED, LEAF, NEVER, NOTHING, Node
from .methods import offer_methods
from .number import Number
from .operation import Op
from .reverse import accumulate
from .simplify import simplified
from .source import describe_place, user_place

__all__ = ["Value", "constant"]

_new = object.__new__

_ADD = ops.add
_MUL = ops.mul


def record(row: Op, data: float, x: Node, y: Node = NOTHING, *rest: Node) -> Value:
    """Make the node of a result."""
    if modes.active:
        found = _instead(row, data, (x,) if y is NOTHING else (x, y, *rest))
        if found is not None:
            return found
    node = _new(Value)
    node.data = data
    node.grad = 0.0
    node.row = row
    node.x = x
    node.y = y
    node.mark = 0
    node.info = None
    if rest:
        node.ensure_info().rest = rest
    if modes.active and modes.state.debug:
        _trace_back(node)
    return node


def _trace_back(node: Value) -> None:
    """Note the line that made a node, and refuse it if it is the first that is not finite."""
    node.ensure_info().place = user_place()
    refuse_non_finite(node.row, node.data, node.args, node)


def _instead(row: Op, data: float, operands: tuple[Node, ...]) -> Value | None:
    """Find what an open context has in place of a new node."""
    state = modes.state
    if state.no_grad and not state.deriving:
        if state.debug:
            refuse_non_finite(row, data, operands)
        return constant(data)
    if not state.deriving:
        return None
    for operand in operands:
        if operand.row is not CONSTANT:
            return cast("Value | None", simplified(row, operands))
    # A comparison is part of the formula, also one of data; other results of data are data.
    flat = all(rule is None for rule in row.partials)
    introduced = flat or all(operand.mark == INTRODUCED for operand in operands)
    return constant(data, INTRODUCED if introduced else NEVER)


def constant(data: float, mark: int = NEVER) -> Value:
    """Make the node of a plain number: it has no gradient."""
    node = _new(Value)
    node.data = data
    node.grad = 0.0
    node.row = CONSTANT
    node.x = NOTHING
    node.y = NOTHING
    node.mark = mark
    node.info = None
    return node


def _operand(other: object) -> Value | None:
    """Turn the other side of an operator into a node; None if it is no number."""
    kind = type(other)
    if kind is float or kind is int:
        introduced = modes.active and modes.state.deriving
        return constant(float(other), INTRODUCED if introduced else NEVER)  # type: ignore[arg-type]  # it is one of the two
    if isinstance(other, Value):
        return other if type(other) is Value else None  # a symbol applies operations itself
    return constant(to_number(other, "the operand")) if is_number(other) else None


def _evaluate(row: Op, *operands: Node) -> float:
    """Compute a row that may raise; the error names the operands' labels."""
    numbers = [operand.data for operand in operands]
    if modes.active and modes.state.deriving:
        return row.quiet(*numbers)
    try:
        return row.compute(*numbers)
    except (ValueError, ArithmeticError) as error:
        labels = [operand.label for operand in operands]
        places = [describe_place(o.info.place) if o.info else "" for o in operands]
        raise row.failure(error, numbers, labels, places) from None


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

    def __init__(self, data: object, label: str = "") -> None:
        self.data = data if type(data) is float else to_number(data, "data")
        self.grad = 0.0
        self.row = LEAF
        self.x = NOTHING
        self.y = NOTHING
        self.mark = NEVER
        self.info = None
        if modes.active and modes.state.debug:
            self.ensure_info().place = user_place()
        if label:
            if not isinstance(label, str):
                raise ArgumentTypeError(f"label must be a text, got {label!r}: give label='...'")
            self.label = label

    def __init_subclass__(cls) -> None:
        if cls.__module__ == "tinygrad_nn.symbol":
            return
        raise ArgumentTypeError(
            f"Value cannot be subclassed, as {cls.__name__} does: arithmetic gives Values again. "
            "Keep what belongs to a number beside it, and make new operations with custom"
        )

    def backward(self, seed: float = 1.0, *, check: bool = False) -> None:
        """Differentiate this number by everything it was made from.

        The derivative is added to `grad` of every leaf, as often as this is called;
        `grad` of inner nodes is that of the latest call.

        Parameters
        ----------
        seed : float
            What to multiply all derivatives by.
        check : bool
            Look first for numbers and derivatives that are infinite or NaN, and change
            nothing if there are any. Inside `debug` this is always done.

        Raises
        ------
        NonFiniteError
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
        adjoint = to_number(seed, "seed")
        if check or (modes.active and modes.state.debug):
            examine(self, adjoint)
        accumulate(self, adjoint)

    def zero_grad(self) -> None:
        """Set the gradient back to 0."""
        self.grad = 0.0

    # ---- operators ---------------------------------------------------------------------

    def __add__(self, other: object) -> Value:
        y = other if type(other) is Value else _operand(other)
        if y is None:
            return NotImplemented
        if modes.active:
            return record(ops.add, self.data + y.data, self, y)
        node = _new(Value)  # `record`, written out for speed
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
        return NotImplemented if x is None else x + self

    def __sub__(self, other: object) -> Value:
        y = other if type(other) is Value else _operand(other)
        if y is None:
            return NotImplemented
        return record(ops.sub, self.data - y.data, self, y)

    def __rsub__(self, other: object) -> Value:
        x = _operand(other)
        return NotImplemented if x is None else x - self

    def __mul__(self, other: object) -> Value:
        y = other if type(other) is Value else _operand(other)
        if y is None:
            return NotImplemented
        if modes.active:
            return record(ops.mul, self.data * y.data, self, y)
        node = _new(Value)  # `record`, written out for speed
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
        return NotImplemented if x is None else x * self

    def __truediv__(self, other: object) -> Value:
        return _binary(ops.div, self, other)

    def __rtruediv__(self, other: object) -> Value:
        return _binary(ops.div, other, self)

    def __pow__(self, other: object) -> Value:
        return _binary(ops.power, self, other)

    def __rpow__(self, other: object) -> Value:
        return _binary(ops.power, other, self)

    def __mod__(self, other: object) -> Value:
        return _binary(ops.mod, self, other)

    def __rmod__(self, other: object) -> Value:
        return _binary(ops.mod, other, self)

    def __floordiv__(self, other: object) -> Value:
        return _binary(ops.floordiv, self, other)

    def __rfloordiv__(self, other: object) -> Value:
        return _binary(ops.floordiv, other, self)

    def __divmod__(self, other: object) -> tuple[Value, Value]:
        return self // other, self % other

    def __rdivmod__(self, other: object) -> tuple[Value, Value]:
        return other // self, other % self

    def __neg__(self) -> Value:
        return record(ops.neg, -self.data, self)

    def __pos__(self) -> Value:
        return self

    def __floor__(self) -> Value:
        return ops.floor(self)

    def __ceil__(self) -> Value:
        return ops.ceil(self)

    def __abs__(self) -> Value:
        return record(ops.absolute, abs(self.data), self)

    def _apply(self, op: Op, args: tuple[object, ...]) -> Value:
        """Record a row applied to operands of which one at least is a Value."""
        for arg in args:
            if isinstance(arg, Value) and type(arg) is not Value:
                return arg._apply(op, args)
        operands: list[Value] = []
        for letter, arg in zip(op.letters, args, strict=True):
            operand = _operand(arg)
            if operand is None:
                to_number(arg, f"argument {letter} of {op.name}")  # raises
            else:
                operands.append(operand)
        try:
            data = _evaluate(op, *operands)
        except DomainError as error:
            raise error.with_traceback(None) from None  # the user's line is what matters
        return record(op, data, *operands)

    # ---- methods of the unary operations, and micrograd's names -------------------------

    if TYPE_CHECKING:  # the operations as methods, put on the class below

        def __getattr__(self, name: str) -> Callable[..., Value]: ...


offer_methods(Value)


def _binary(row: Op, left: object, right: object) -> Value:
    x = _operand(left)
    y = _operand(right)
    if x is None or y is None:
        return NotImplemented  # type: ignore[no-any-return]  # the operators hand it on
    try:
        data = _evaluate(row, x, y)
    except DomainError as error:
        raise error.with_traceback(None) from None
    return record(row, data, x, y)
