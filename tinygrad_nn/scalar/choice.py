"""The choice between two operands or branches, of which only the chosen one is evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from ..errors import ArgumentError
from .arities import Ternary
from .contexts import state
from .convert import is_number, to_number
from .operation import USUAL
from .switch import switch

__all__ = ["Choice", "condition_refused"]


def _condition(c: Any) -> Any:
    """Refuse a condition that is neither 1 nor 0, as ~True, which is -2."""
    if hasattr(c, "_as_condition"):
        return c._as_condition()
    number = to_number(c, "argument c of where")
    if number == 1.0 or number == 0.0:
        return c
    raise condition_refused(number)


def condition_refused(number: float) -> ArgumentError:
    """Make the error of a condition that is neither 1 nor 0."""
    shown = repr(float(number)).removesuffix(".0")
    return ArgumentError(
        f"the condition of where is {shown}: expected 1 or 0, as comparisons give; write "
        "logical_not(c) for ~c, which is -1 or -2 in Python, and x != 0 for any other number"
    )


class Choice(Ternary):
    """A choice whose branches may be functions, so that only the chosen one is evaluated."""

    def __call__(self, c: Any, x: Any, y: Any, /) -> Any:
        """Choose x where c is 1, and y where it is 0."""
        if type(c) is not bool:
            c = _condition(c)
        if callable(x) or callable(y):
            other = None
            if switch.symbolic and state.derived is not None and hasattr(c, "_choose"):
                chosen = c._choose(x, y)
            else:
                branch, other = (x, y) if c else (y, x)
                chosen = branch() if callable(branch) else branch
                if type(chosen) is USUAL[0]:
                    return chosen
            if type(chosen) is float or (not hasattr(chosen, "_apply") and is_number(chosen)):
                operand = _operand_of(c) or _operand_of(other)
                return chosen if operand is None else operand[0]._constant(chosen)
            return chosen
        return super().__call__(c, x, y)


def _operand_of(thing: object) -> tuple[Any] | None:
    """Find an operand that a branch is, or would have computed with."""
    if type(thing) is float or type(thing) is bool:  # nearly always
        return None
    if hasattr(thing, "_constant"):
        return (thing,)
    parts: Sequence[object] = ()
    if isinstance(thing, FunctionType):
        parts = _around(thing)
    elif isinstance(thing, list | tuple):
        parts = thing
    elif isinstance(thing, MethodType):
        parts = (thing.__self__,)
    elif isinstance(thing, partial):
        parts = thing.args
    for part in parts:
        found = _operand_of(part)
        if found is not None:
            return found
    return None


def _around(function: FunctionType) -> list[object]:
    """List what a function finds around it that is no function: in its closure, among globals."""
    parts: list[object] = [function.__globals__.get(name) for name in function.__code__.co_names]
    for cell in function.__closure__ or ():
        try:
            parts.append(cell.cell_contents)
        except ValueError:  # a name that has no value yet
            continue
    return [part for part in parts if not callable(part)]
