"""Arguments and results as flat runs of numbers, and back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ...errors import ArgumentTypeError
from ...scalar.convert import is_number
from ...scalar.value import Value

__all__ = ["Layout", "describe", "layout_of"]

RESULT = "the result"  # what errors call it

_PLAIN = {float, int}

Key = Any  # hashable: equal for arguments of one structure
Make = Callable[[Any], Any]  # nests numbers


def describe(argument: Any, leaves: list[Any], name: str) -> Key:
    """Take an argument apart.

    Parameters
    ----------
    argument : object
        A number or a Value, an array, or lists, tuples and dicts of such.
    leaves : list
        Takes the numbers, Values and whole arrays, in order.
    name : str
        What errors call it.

    Returns
    -------
    hashable
        The structure, without the numbers.

    Raises
    ------
    ArgumentTypeError
        When something in it is none of these.
    """
    kind = type(argument)
    if kind is float or kind is int:
        leaves.append(argument)
        return 0
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind is numpy.ndarray and argument.dtype.char == "d":
        leaves.append(argument)
        return ("array", argument.shape)
    if kind is list or kind is tuple:
        if argument and set(map(type, argument)) <= _PLAIN:
            leaves.extend(argument)
            return (kind, len(argument))
        parts = [describe(part, leaves, name) for part in argument]
        if parts and all(part == 0 for part in parts):
            return (kind, len(parts))
        return (kind, tuple(parts))
    if isinstance(argument, dict):
        return (
            dict,
            tuple([(key, describe(part, leaves, name)) for key, part in argument.items()]),
        )
    if isinstance(argument, list | tuple):
        return (kind, tuple([describe(part, leaves, name) for part in argument]))  # a named tuple
    if numpy is not None and isinstance(argument, numpy.ndarray):
        if type(argument) is not numpy.ndarray and hasattr(argument, "mask"):
            raise ArgumentTypeError(
                f"{name} is a masked array: expected numbers in all places; give filled(0.0), say"
            )
        if argument.dtype == object:
            elements: list[Any] = []
            for part in argument.ravel().tolist():
                if describe(part, elements, name) != 0:
                    raise ArgumentTypeError(
                        f"{name} is an array with the element {part!r}: expected numbers and "
                        "Values; give nested lists instead"
                    )
            if any(isinstance(part, Value) for part in elements):
                leaves.extend(elements)
            else:
                leaves.append(argument.astype(float))
        elif argument.dtype.kind in "biuf":
            leaves.append(numpy.asarray(argument))  # one of a class of its own, as a memmap, too
        else:
            raise ArgumentTypeError(
                f"{name} is an array of dtype {argument.dtype}: expected real numbers; convert it "
                "with astype(float)"
            )
        return ("array", argument.shape)
    if isinstance(argument, Value) or is_number(argument):
        leaves.append(argument)
        return 0
    remedy = (
        "return a list of what is to be computed"
        if name == RESULT
        else "name the argument in static=(...) if it shapes the program"
    )
    raise ArgumentTypeError(
        f"{name} has {argument!r}, of type {kind.__name__}: expected numbers, nested in lists, "
        f"tuples, dicts or arrays; {remedy}"
    )


class Layout:
    """How a structure is put together from a flat run of numbers.

    Parameters
    ----------
    key : hashable
        As `describe` gives it.

    Attributes
    ----------
    size : int
        How many numbers it has.
    """

    def __init__(self, key: Key) -> None:
        self.key = key
        self.size = _size(key)
        self._make: Make | None = None

    def rebuild(self, numbers: Sequence[Any]) -> Any:
        """Nest numbers, or Values, given in order; arrays are views of an array that is given."""
        if self._make is None:
            self._make, _ = _maker(self.key, 0)
        return self._make(numbers)


def layout_of(result: Any, leaves: list[Any]) -> Layout:
    """Take the result of a function apart."""
    return Layout(describe(result, leaves, RESULT))


def _size(key: Key) -> int:
    if key == 0:
        return 1
    kind, inner = key
    if kind == "array":
        size = 1
        for n in inner:
            size *= n
        return size
    if isinstance(inner, int):
        return inner
    if kind is dict:
        return sum(_size(part) for _, part in inner)
    return sum(_size(part) for part in inner)


def _maker(key: Key, start: int) -> tuple[Make, int]:
    """Make the function that nests numbers from a place on, and tell where it ends."""
    if key == 0:
        return partial(_number, start), start + 1
    kind, inner = key
    end = start + _size(key)
    if kind == "array":
        return partial(_array, slice(start, end), inner), end
    if isinstance(inner, int):
        return partial(_run, slice(start, end), kind), end
    makers: list[Make] = []
    for part in inner:
        maker, start = _maker(part[1] if kind is dict else part, start)
        makers.append(maker)
    if kind is dict:
        return partial(_mapping, [name for name, _ in inner], makers), end
    return partial(_nested, kind, makers), end


def _number(place: int, numbers: Any) -> Any:
    number = numbers[place]
    return number if isinstance(number, Value) else float(number)


def _run(places: slice, kind: Any, numbers: Any) -> Any:
    part = numbers[places]
    plain = part.tolist() if hasattr(part, "tolist") else part
    return plain if kind is list and type(plain) is list else kind(plain)


def _mapping(names: list[Any], makers: list[Make], numbers: Any) -> Any:
    return {name: make(numbers) for name, make in zip(names, makers, strict=True)}


def _nested(kind: Any, makers: list[Make], numbers: Any) -> Any:
    parts = [make(numbers) for make in makers]
    if kind is list:
        return parts
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def _array(places: slice, shape: tuple[int, ...], numbers: Any) -> Any:
    part = numbers[places]
    if not hasattr(part, "reshape"):
        import numpy as np

        symbolic = any(isinstance(number, Value) for number in part)
        array = np.empty(len(part), dtype=object if symbolic else float)
        for place, number in enumerate(part):
            array[place] = number
        part = array
    return part.reshape(shape)
