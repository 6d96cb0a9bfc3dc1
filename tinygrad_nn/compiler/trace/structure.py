"""Arguments and results as flat runs of numbers, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...containers import is_container
from ...errors import ArgumentTypeError
from ...scalar.convert import is_decimal, is_number, to_number
from ...scalar.value import Value
from ...tree import LEAVES, NONE, Key, Structure, container_key, describer
from ..statics import Static

__all__ = ["Key", "Nesting", "describe", "flat", "nesting_of"]

RESULT = "the result"  # what errors call it


def _array_or_value(item: Any, leaves: list[Any], name: str) -> Key:
    if type(item) is np.ndarray and item.dtype.char == "d":  # nearly always
        leaves.append(item)
        return ("array", item.shape)
    if isinstance(item, np.ndarray):
        _add_array(item, leaves, name)
        return ("array", item.shape)
    if isinstance(item, Value) or is_number(item):
        leaves.append(to_number(item, name) if is_decimal(item) else item)
        return 0
    if item is None:
        return NONE
    if is_container(item):
        return container_key(item, leaves, name, describe, Static)
    if isinstance(item, list | tuple):  # of a class of their own
        return (type(item), tuple([describe(part, leaves, name) for part in item]))
    if name.startswith(RESULT):
        remedy = "return a list of what is to be computed"
    elif hasattr(item, "__array__"):  # a frame, a tensor
        remedy = "give its numbers as an array, numpy.asarray(...)"
    else:
        remedy = "name the argument in static=(...) if it shapes the program"
    raise ArgumentTypeError(
        f"{name} has {item!r}, of type {type(item).__name__}: expected numbers, nested in lists, "
        f"tuples, dicts, dataclasses or arrays; {remedy}"
    )


def _add_array(array: Any, leaves: list[Any], name: str) -> None:
    """Add an array that is not simply one of floats; one of Values element by element."""
    if hasattr(array, "mask"):
        raise ArgumentTypeError(
            f"{name} is a masked array: expected numbers in all places; give filled(0.0), say"
        )
    if array.dtype == object:
        elements = array.ravel().tolist()
        kinds = set(map(type, elements))
        if not kinds <= LEAVES:
            elements = _leaves_of(elements, name)
            kinds = set(map(type, elements))
        if any(issubclass(kind, Value) for kind in kinds):
            leaves.extend(elements)
        else:
            leaves.append(np.asarray(array, dtype=float))
    elif array.dtype.kind in "biuf":
        leaves.append(np.asarray(array))  # one of a class of its own, as a memmap, too
    else:
        raise ArgumentTypeError(
            f"{name} is an array of dtype {array.dtype}: expected real numbers; convert it "
            "with astype(float)"
        )


def _leaves_of(elements: list[Any], name: str) -> list[Any]:
    """List the elements of an array, of which each is a number or a Value."""
    leaves: list[Any] = []
    for part in elements:
        if describe(part, leaves, name) != 0:
            raise ArgumentTypeError(
                f"{name} is an array with the element {part!r}: expected numbers and "
                "Values; give nested lists instead"
            )
    return leaves


describe = describer(_array_or_value)
"""Take an argument apart into numbers, Values and whole arrays; all else is refused by its name."""


class Nesting(Structure):
    """How an argument or a result is put together from numbers, or Values."""

    def __init__(self, key: Key) -> None:
        super().__init__(key, plain)


def plain(number: Any) -> Any:
    """Make a number one of Python's; a Value stays."""
    return number if isinstance(number, Value) else float(number)


def flat(leaves: list[Any]) -> list[Any]:
    """Take whole arrays of numbers apart."""
    if np.ndarray not in set(map(type, leaves)):
        return leaves
    found: list[Any] = []
    for leaf in leaves:
        if isinstance(leaf, np.ndarray):
            found.extend(leaf.ravel().tolist())
        else:
            found.append(leaf)
    return found


def nesting_of(result: Any, leaves: list[Any]) -> Nesting:
    """Take the result of a function apart."""
    return Nesting(describe(result, leaves, RESULT))
