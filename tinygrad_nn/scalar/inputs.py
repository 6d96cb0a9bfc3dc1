"""The numbers of a call that is differentiated, as Values and as floats, many at once.

While a function is recorded Python tells the observer of every call, of builtins too: what is
done for each of many numbers calls nothing that is not compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from .convert import to_number
from .graph import ALIAS, new_node
from .switch import switch
from .value import Value, constant, note_context, varying

__all__ = ["as_floats", "as_numbers", "as_values", "inputs_of"]


def inputs_of(leaves: list[Any], nested: bool) -> list[Value]:
    """Make a node for each number that varies, whatever contexts are open.

    `nested` says that derivatives go on below those that are Values already.
    """
    return [_input(leaf, nested) for leaf in leaves]


def _input(leaf: Any, nested: bool) -> Value:
    if type(leaf) is float:
        node = varying(leaf)
    elif not nested:
        node = varying(leaf.data)
    elif leaf.is_symbolic:
        return ALIAS(cast("Value", leaf))
    else:
        node = cast("Value", new_node(Value, ALIAS, leaf.data, (leaf,)))
    if switch.active:
        note_context(node)
    return node


def as_numbers(things: Sequence[Any]) -> list[Any]:
    """Make a float of each thing that is no Value; refuse what is no number."""
    return [thing if isinstance(thing, Value) else to_number(thing, "a number") for thing in things]


def as_values(numbers: Sequence[Any]) -> list[Value]:
    """Make a constant of each number that is no Value."""
    return [number if isinstance(number, Value) else constant(number) for number in numbers]


def as_floats(numbers: Sequence[Any]) -> list[float]:
    """Give the number of each Value."""
    return [number.data if isinstance(number, Value) else number for number in numbers]
