"""Nestings of lists, tuples, dicts and NumPy arrays: flattened into leaves, and rebuilt.

The leaves of a nesting are everything in it that is none of the four. Arrays are
leaves element by element, in row-major order; rebuilt, they hold objects if any
new leaf is no plain number.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .scalar.convert import is_number

__all__ = ["flatten", "leaf_paths"]


def flatten(nesting: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """Take a nesting apart.

    Parameters
    ----------
    nesting : object
        Lists, tuples (named ones too), dicts and arrays in any depth.

    Returns
    -------
    list
        The leaves, in order.
    callable
        Makes the same nesting from as many other leaves.

    Examples
    --------
    >>> leaves, rebuild = flatten({"w": [1.0, 2.0], "b": (3.0,)})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> rebuild([10, 20, 30])
    {'w': [10, 20], 'b': (30,)}
    """
    leaves: list[Any] = [leaf for _, leaf in _walk(nesting, "")]

    def rebuild(new: Sequence[Any]) -> Any:
        return _rebuild(nesting, iter(new))

    return leaves, rebuild


def leaf_paths(nesting: Any, name: str) -> list[str]:
    """Name the leaves of a nesting as Python would reach them.

    Examples
    --------
    >>> leaf_paths({"w": [1.0, 2.0]}, "x")
    ["x['w'][0]", "x['w'][1]"]
    """
    return [path for path, _ in _walk(nesting, name)]


def is_array(thing: object) -> bool:
    """Tell whether a thing is a NumPy array, without importing NumPy."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(thing, numpy.ndarray)


def _walk(nesting: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(nesting, dict):
        for key, part in nesting.items():
            yield from _walk(part, f"{path}[{key!r}]")
    elif isinstance(nesting, list | tuple):
        for position, part in enumerate(nesting):
            yield from _walk(part, f"{path}[{position}]")
    elif is_array(nesting):
        for place in _places(nesting.shape):
            suffix = ", ".join(map(str, place))
            yield (f"{path}[{suffix}]" if place else path), nesting[place]
    else:
        yield path, nesting


def _places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the indices of an array in row-major order."""
    if not shape:
        yield ()
        return
    for first in range(shape[0]):
        for rest in _places(shape[1:]):
            yield (first, *rest)


def _rebuild(nesting: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(nesting, dict):
        return {key: _rebuild(part, leaves) for key, part in nesting.items()}
    if isinstance(nesting, list | tuple):
        parts = [_rebuild(part, leaves) for part in nesting]
        if isinstance(nesting, list):
            return parts
        return type(nesting)(*parts) if hasattr(nesting, "_fields") else tuple(parts)
    if is_array(nesting):
        return _rebuild_array(nesting.shape, leaves)
    return next(leaves)


def _rebuild_array(shape: tuple[int, ...], leaves: Iterator[Any]) -> Any:
    numpy = sys.modules["numpy"]
    places = list(_places(shape))
    values = [next(leaves) for _ in places]
    plain = all(is_number(value) for value in values)
    array = numpy.empty(shape, dtype=float if plain else object)
    for place, value in zip(places, values, strict=True):
        array[place] = value
    return array
