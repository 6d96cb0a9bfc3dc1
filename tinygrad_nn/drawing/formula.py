"""A formula as text, to a Value: read by Python's parser, computed by our operations.

Nothing is ever evaluated as Python: the syntax tree may hold numbers, names, arithmetic
and calls of operations that we know, and anything else is refused.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from reprlib import repr as brief
from typing import Any

from .. import functions
from ..errors import ArgumentError
from ..scalar import ops
from ..scalar.convert import to_number
from ..scalar.operation import TABLE, Op, find_special
from ..scalar.value import Value

__all__ = ["parse_formula", "read_numbers"]

_OPERATORS: dict[type, Op] = {
    ast.Add: ops.add,
    ast.Sub: ops.sub,
    ast.Mult: ops.mul,
    ast.Div: ops.div,
    ast.Pow: ops.power,
}
_COMPOSED: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        functions.clip,
        functions.dot,
        functions.leaky_relu,
        functions.logsumexp,
        functions.mean,
        functions.norm,
        functions.relu,
        functions.square,
    )
}
_OF_LISTS = {"dot", "logsumexp", "mean", "norm"}
_KNOWN = {"pi": math.pi, "e": math.e}
_LONGEST = 10_000  # characters


def parse_formula(formula: str, numbers: Mapping[str, float]) -> Value:
    """Compute a formula, so that its graph can be drawn and differentiated.

    It has Python's arithmetic, and calls of the operations of the table and of clip, dot,
    leaky_relu, logsumexp, mean, norm, relu and square; lists are written in brackets. Each name
    becomes a leaf; ``pi`` and ``e`` are known.
    """
    if len(formula) > _LONGEST:
        raise ArgumentError(
            f"formula has {len(formula):,} characters: give at most {_LONGEST:,}, and compute "
            "longer ones in Python"
        )
    reader = _Reader(formula, numbers)
    try:
        result = reader.read(_parsed(formula))
    except (RecursionError, MemoryError):
        raise ArgumentError(
            "formula is nested too deeply to be read: compute it in Python"
        ) from None
    unused = [name for name in numbers if name not in reader.met]
    if unused:
        raise ArgumentError(
            f"formula {brief(formula)} has no {unused[0]!r}, for which a number is given: leave it out"
        )
    if not isinstance(result, Value):
        raise ArgumentError(
            f"formula {brief(formula)} has no names, so that there is nothing to differentiate by: "
            "write a name for a number, as a*2, and give a=3"
        )
    return result


def _parsed(formula: str) -> ast.expr:
    """Read the syntax of a formula."""
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:  # the latter of letters that no file could hold
        reason = error.msg if isinstance(error, SyntaxError) else error
        raise ArgumentError(
            f"formula {brief(formula)} cannot be read: {reason}: write it as tanh(a*b + c)"
        ) from None


def read_numbers(assignments: Sequence[str]) -> dict[str, float]:
    """Read numbers given by name, each as ``a=2`` or ``a=-1e-3``."""
    numbers: dict[str, float] = {}
    for assignment in assignments:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        try:
            number = float(text)
        except ValueError:
            number = None
        if not name.isidentifier() or not equals or number is None:
            raise ArgumentError(f"{assignment!r} gives no number a name: write it as a=2.5")
        if name in numbers:
            raise ArgumentError(f"{name!r} is given twice: give each name one number")
        numbers[name] = number
    return numbers


class _Reader:
    """Computes a syntax tree from its leaves up."""

    def __init__(self, formula: str, numbers: Mapping[str, float]) -> None:
        self.formula = formula.strip()
        self.leaves = {
            name: Value(to_number(number, name), label=name) for name, number in numbers.items()
        }
        self.met: set[str] = set()

    def read(self, tree: ast.expr) -> Any:
        """Compute an expression: a Value, or a number where no name is in it."""
        match tree:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return to_number(number, "a number of the formula")
            case ast.Name(id=name):
                return self._named(name)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                return _OPERATORS[type(operator)](self.read(left), self.read(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                # -3 is a number, and not the operation of one
                found = self.read(operand)
                return ops.neg(found) if isinstance(found, Value) else -found
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._called(name, args)
        raise ArgumentError(
            f"formula has {brief(self._text(tree))}, which is no arithmetic: it may hold numbers, names, "
            "+ - * / ** and calls of operations, as tanh(a*b + c)"
        )

    def _named(self, name: str) -> Any:
        if name in self.leaves:
            self.met.add(name)
            return self.leaves[name]
        if name in _KNOWN:
            return _KNOWN[name]
        if name in TABLE or name in _COMPOSED:
            raise ArgumentError(
                f"formula has {name!r} as a number, and it is an operation: write {name}(x)"
            )
        raise ArgumentError(f"formula has the name {name!r}, which has no number: give {name}=1.5")

    def _called(self, name: str, args: Sequence[ast.expr]) -> Any:
        function = TABLE.get(name) or _COMPOSED.get(name) or find_special(name)
        if function is None:
            close = get_close_matches(name, [*TABLE, *_COMPOSED], n=1)
            remedy = f"did you mean {close[0]!r}?" if close else "the guide lists all operations"
            raise ArgumentError(f"formula calls {name!r}, which is no operation: {remedy}")
        given = [
            [self.read(part) for part in arg.elts] if isinstance(arg, ast.List) else self.read(arg)
            for arg in args
        ]
        if not _takes(function, len(given)):
            raise ArgumentError(
                f"formula calls {name} with {len(given)} argument{'s' * (len(given) != 1)}: "
                f"write {_signature(name, function)}"
            )
        if any(isinstance(arg, list) != (name in _OF_LISTS) for arg in given):
            takes = f"lists, as {name}([a, b])" if name in _OF_LISTS else "numbers, and no lists"
            raise ArgumentError(f"formula calls {name} wrongly: it takes {takes}")
        return function(*given)

    def _text(self, tree: ast.expr) -> str:
        return ast.get_source_segment(self.formula, tree) or type(tree).__name__


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Tell whether an operation can be called with so many arguments."""
    if isinstance(function, Op):
        return count == function.arity or (function.associative and count > 0)
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    return True


def _signature(name: str, function: Callable[..., Any]) -> str:
    """Write how an operation is called."""
    letters = (
        function.letters if isinstance(function, Op) else inspect.signature(function).parameters
    )
    return f"{name}({', '.join(letters)})"
