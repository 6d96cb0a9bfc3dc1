"""Truncated power series: derivatives of any order, from the same rows.

Along a line t, every number of a graph is a series z(t) = z_0 + z_1 t + z_2 t^2 + ...
For z = op(x, y), with p and q the partial derivatives of the row evaluated on series,
z' = p x' + q y' gives one coefficient after another:

    z_k = 1/k sum_{j=1..k} j (x_j p_{k-j} + y_j q_{k-j})

No Taylor rule of any operation is written. (The recurrence is the classical one of
automatic differentiation: R. E. Moore, Interval Analysis, 1966, chapter 11.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..scalar.contexts import deriving, state
from ..scalar.convert import is_number
from ..scalar.diagnosis import examine_along, refuse_derivative
from ..scalar.graph import Node, recompute
from ..scalar.ieee import Arithmetic
from ..scalar.operation import TABLE, Op
from ..scalar.reverse import dependent
from ..scalar.value import Value
from .call import Call
from .direct import at_once
from .transformed import transformed

__all__ = ["derivative"]

LONG = 100  # orders up to which series are in powers of x itself


def derivative(f: Callable[..., Any], n: int = 1) -> Callable[..., Any]:
    """Make a function that gives the n-th derivative of a function of one number.

    Parameters
    ----------
    f : callable
        The function; arguments after the first are held fixed.
    n : int
        Which derivative; 0 is the function itself.

    Returns
    -------
    callable
        With the arguments of `f`. The work grows with the square to the cube of `n`,
        where nested `grad` grows exponentially.

    Raises
    ------
    ArgumentError
        When `n` is no whole number of 0 or more.
    ShapeError
        When what varies is not one number.

    Examples
    --------
    >>> from tinygrad_nn import sin
    >>> derivative(lambda x: x**5, 3)(2.0)
    240.0
    >>> derivative(sin, 101)(0.0)
    1.0
    """
    if not isinstance(n, int) or n < 0:
        raise ArgumentError(f"n must be a whole number, 0 or more, got {n!r}: 1 is the slope")

    def nth_derivative(*args: Any, **kwargs: Any) -> Any:
        simple = n == 1 and len(args) > 0 and type(args[0]) is float
        found = at_once(f, 0, args, kwargs) if simple else None
        if type(found) is tuple:
            return found[1]
        call = Call(f, 0, args, kwargs, found)
        output = call.scalar("derivative")
        if len(call.inputs) != 1:
            raise ShapeError(
                f"derivative needs a function of one number, got {len(call.inputs)} that vary: "
                "use grad, or hold the others fixed"
            )
        if n == 1:  # a series is for more
            return call.number(call.backward([output], [1.0])[0])
        with deriving():
            unit = _unit(n)
            top = _coefficient(n, output, call.inputs[0], call.plain, float(1 << unit))
            return call.number(top * (math.factorial(n) / (1 << unit * n)))

    return transformed(f, nth_derivative, "derivative", n)


def _unit(n: int) -> int:
    """Choose the power of two that the line is measured by: else 1 / n! leaves the floats."""
    return round(math.log2(math.factorial(n)) / n) if n > LONG else 0


class _Expansion:
    """The series of one expansion; equal operations on the same series are made once."""

    def __init__(self, plain: bool) -> None:
        self.plain = plain
        self.constants: dict[Any, Series] = {}
        self.results: dict[tuple[Any, ...], Series] = {}

    def constant(self, number: Any) -> Series:
        key = id(number) if isinstance(number, Node) else number
        if key not in self.constants:
            self.constants[key] = Series(self, None, (), number)
        return self.constants[key]

    def apply(self, op: Op, operands: Sequence[Series], first: Any = None) -> Series:
        """Apply an operation to series; it is fixed where it varies with none that does."""
        key = (op, *map(id, operands))
        if key not in self.results:
            if first is None:
                numbers = [operand.known[0] for operand in operands]
                first = op.quiet(*numbers) if self.plain else op(*numbers)
            if all(
                operand.fixed or rule is None
                for operand, rule in zip(operands, op.partials, strict=True)
            ):
                return self.constant(first)
            self.results[key] = Series(self, op, tuple(operands), first)
        return self.results[key]


class Series(Arithmetic):
    """A power series whose coefficients are computed when they are asked for."""

    __slots__ = ("expansion", "fixed", "known", "op", "operands", "slopes")

    def __init__(
        self, expansion: _Expansion, op: Op | None, operands: tuple[Series, ...], first: Any
    ) -> None:
        self.expansion = expansion
        self.op = op
        self.operands = operands
        self.known: list[Any] = [first]
        self.fixed = op is None
        self.slopes: list[tuple[Series, Series]] | None = None

    def is_number(self, number: float) -> bool:
        """Tell whether this is a certain number, which does not vary."""
        first = self.known[0]
        return self.fixed and not isinstance(first, Node) and bool(first == number)

    def coefficient(self, k: int) -> Any:
        """Give the coefficient of t^k."""
        while len(self.known) <= k:
            self.known.append(0.0 if self.op is None else self._next(len(self.known)))
        return self.known[k]

    def _next(self, k: int) -> Any:
        total: Any = 0.0
        if self.op is not None and self.op.push:  # linear in what it passes on
            numbers = [operand.known[0] for operand in self.operands]
            for operand, rule in zip(self.operands, self.op.push, strict=True):
                if rule is not None and not operand.fixed:
                    total = total + rule(operand.coefficient(k), *numbers)
            return total
        for operand, slope in self._slopes():
            for j in range(1, k + 1):
                if operand.op is not None or j == 1:  # the variable itself is x_0 + unit t
                    total = total + j * operand.coefficient(j) * slope.coefficient(k - j)
        return total / k

    def _slopes(self) -> list[tuple[Series, Series]]:
        """Evaluate the row's partials on series, each with the operand that it belongs to."""
        if self.slopes is None:
            assert self.op is not None
            self.slopes = []
            for operand, rule in zip(self.operands, self.op.partials, strict=True):
                if rule is not None and not operand.fixed:
                    slope = rule(*self.operands, self)
                    if not isinstance(slope, Series):
                        slope = self.expansion.constant(slope)
                    self.slopes.append((operand, slope))
        return self.slopes

    def _apply(self, op: Op, args: tuple[object, ...]) -> Series:
        operands = [
            arg if isinstance(arg, Series) else self.expansion.constant(_number(arg))
            for arg in args
        ]
        return _simplified(op, operands) or self.expansion.apply(op, operands)


def _simplified(op: Op, operands: Sequence[Series]) -> Series | None:
    """Find what an operation of a rule is without computing it; else rules never close.

    A constant power is 0 once it was differentiated often enough, also where what it is
    multiplied by is infinite.
    """
    x = operands[0]
    if op is TABLE["neg"] and x.op is op:  # -(-x) -> x
        return x.operands[0]
    if op is TABLE["pow"] and operands[1].is_number(1.0):  # x ** 1 -> x
        return x
    if op is TABLE["pow"] and operands[1].is_number(0.0):
        return x.expansion.constant(1.0)
    if op is TABLE["mul"]:
        return next((operand for operand in operands if operand.is_number(0.0)), None)
    return None


def _number(arg: object) -> Any:
    return float(arg) if is_number(arg) else arg  # type: ignore[arg-type]  # it is a number


def _coefficient(n: int, output: Value, variable: Value, plain: bool, unit: float) -> Any:
    """Expand a graph along x_0 + unit t of its variable, and give one coefficient of the output.

    Coefficients are computed order by order, operands first, so that a deep graph
    needs no deep recursion.
    """
    if state.debug:
        examine_along([output], [variable], [1.0])
    expansion = _Expansion(plain)
    order, varies = dependent([output], [variable], [variable])

    def first(node: Node) -> Any:
        return node.data if plain or node.is_constant else node

    line = Series(expansion, None, (), variable.data if plain else variable)
    line.known.append(unit)
    line.fixed = False
    found: dict[Node, Series] = {variable: line}
    recompute(
        [node for node in order if node in varies and node is not variable],
        found,
        lambda node: expansion.constant(first(node)),
        lambda node, operands: expansion.apply(node.row, operands, first(node)),
    )
    if output not in found:  # it does not vary
        found[output] = expansion.constant(first(output))
    for k in range(1, n + 1):
        for node, series in found.items():
            if not series.fixed:
                coefficient = series.coefficient(k)
                if state.debug:
                    _examine(coefficient, node, k)
    return found[output].coefficient(n)


def _examine(coefficient: Any, node: Node, order: int) -> None:
    """Raise if a coefficient of a node is known and not finite."""
    if isinstance(coefficient, Node):
        if coefficient.is_symbolic:
            return
        coefficient = coefficient.data
    if not math.isfinite(coefficient):
        refuse_derivative(node, coefficient, order)
