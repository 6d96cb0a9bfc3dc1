"""Nestings of lists, tuples, dicts, dataclasses and arrays: taken apart into leaves, and rebuilt.

A nesting is its leaves in order and a *key*, which says how they are nested: 0 is a leaf,
``(kind, n)`` a list or tuple of n leaves, ``(kind, (key, ...))`` one of other things,
``(dict, ((name, key), ...))`` a dict, and ``("array", shape)`` an array, in row-major order. The
kind may be a form, which makes an object of its parts; ``(kind, 0)`` has no leaves, as None.
Keys are hashable, and equal for nestings of one structure.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, TypeAlias

from .cached import cached_property
from .containers import Form, Kept, Wrapped, is_container, parts_of
from .scalar.convert import is_number
from .scalar.value import Value

__all__ = [
    "LEAVES",
    "NONE",
    "Key",
    "Structure",
    "branches_of",
    "by_place",
    "container_key",
    "describer",
    "flatten",
    "has_nothing",
    "is_array",
    "key_of",
    "leaf_paths",
    "nest",
    "put_together",
    "reached",
    "size_of",
]

Key: TypeAlias = Any
Describe: TypeAlias = Callable[[Any, list[Any], str], Key]
Place: TypeAlias = tuple[Any, ...]  # the indices and names that lead to a leaf

LEAVES: set[type] = {float, int, Value}
"""The types of what is a leaf without asking; symbols are of one more."""


def nothing(_: Any) -> None:
    """Put together what None is: no leaves at all."""


NONE: Key = (nothing, 0)
"""The key of None where it is no leaf."""


class Element(tuple[int, ...]):
    """The place of an element in an array."""


def flatten(nesting: Any) -> tuple[list[Any], Callable[[Sequence[Any]], Any]]:
    """Take a nesting apart: what is no list, tuple, dict, dataclass or array is a leaf.

    Gives the leaves, those of an array element by element, and a function that makes the same
    nesting of as many others. It makes arrays of objects if any new leaf is no plain number.
    """
    leaves: list[Any] = []
    return leaves, _maker(_describe(nesting, leaves, ""), 0, _itself)[0]


def key_of(nesting: Any) -> Key:
    """Say how a nesting is nested."""
    return _describe(nesting, [], "")


def leaf_paths(nesting: Any, name: str) -> list[str]:
    """Name the leaves of a nesting as Python would reach them."""
    return _named(_describe(nesting, [], ""), name)


def by_place(nesting: Any) -> dict[Place, Any]:
    """Map the place of each leaf to it."""
    leaves: list[Any] = []
    places = _places(_describe(nesting, leaves, ""))
    return dict(zip(places, leaves, strict=True))


def nest(leaves: Mapping[Place, Any]) -> Any:
    """Make lists of leaves by their places, as `by_place` gives them for lists."""
    if () in leaves:
        return leaves[()]
    parts: dict[int, dict[Place, Any]] = {}
    for (position, *place), leaf in leaves.items():
        parts.setdefault(position, {})[tuple(place)] = leaf
    return [nest(part) for part in parts.values()]


def is_array(thing: object) -> bool:
    """Tell whether a thing is a NumPy array, without importing NumPy."""
    numpy = sys.modules.get("numpy")
    try:
        return numpy is not None and isinstance(thing, numpy.ndarray)
    except AttributeError:  # it is just being imported
        return False


# ---- taking apart ----------------------------------------------------------------------------


def describer(other: Describe) -> Describe:
    """Make the function that gives the key of a nesting, and adds its leaves to a list.

    `other` does so for what is no list, tuple or dict, and is given the name that the nesting has
    in errors; numbers of Python's own and Values are leaves without asking.
    """

    def describe(nesting: Any, leaves: list[Any], name: str) -> Key:
        kind = type(nesting)
        if kind in LEAVES:
            leaves.append(nesting)
            return 0
        if kind is list or kind is tuple:
            if nesting and set(map(type, nesting)) <= LEAVES:
                leaves.extend(nesting)
                return (kind, len(nesting))
            parts = [describe(part, leaves, name) for part in nesting]
            if parts and all(part == 0 for part in parts):
                return (kind, len(parts))
            return (kind, tuple(parts))
        if isinstance(nesting, dict) and (kind is dict or not is_container(nesting)):
            return (dict, tuple([(k, describe(part, leaves, name)) for k, part in nesting.items()]))
        return other(nesting, leaves, name)

    return describe


def container_key(
    thing: Any, leaves: list[Any], name: str, describe: Describe, keep: Callable[[Any], Any]
) -> Key:
    """Give the key of a container by those of its parts; `keep` makes the kinds of what is kept."""
    form, parts = parts_of(thing, keep)
    keys = [
        (keep(part), 0) if kept else describe(part, leaves, reached(name, form, step))
        for step, part, kept in parts
    ]
    return (form, tuple(keys))


def _anything(item: Any, leaves: list[Any], name: str) -> Key:
    if is_container(item):
        return container_key(item, leaves, name, _describe, Kept)
    if isinstance(item, list | tuple):
        kind = list if isinstance(item, list) else tuple
        return (kind, tuple([_describe(part, leaves, name) for part in item]))
    if is_array(item):
        simple = type(item) is sys.modules["numpy"].ndarray and item.dtype.kind in "biuf"
        leaves.extend(item.ravel().tolist() if simple else item.flat)
        return ("array", item.shape)
    leaves.append(item)
    return 0


_describe = describer(_anything)


# ---- what a key says -------------------------------------------------------------------------


def size_of(key: Key) -> int:
    """Count the leaves."""
    if key == 0:
        return 1
    kind, inner = key
    if kind == "array":
        return math.prod(inner)
    if isinstance(inner, int):
        return inner
    return sum(size_of(part) for _, part in branches_of(key))


def has_nothing(key: Key) -> bool:
    """Tell whether it is that of None, or of what is kept as it is."""
    return key != 0 and isinstance(key[1], int) and not key[1]


def branches_of(key: Key) -> list[tuple[Any, Key]]:
    """List the parts of a list, tuple, dict or form, each with its index or name; else nothing."""
    if key == 0 or key[0] == "array":
        return []
    kind, inner = key
    if isinstance(inner, int):
        return [(place, 0) for place in range(inner)]
    if isinstance(kind, Form):
        return list(zip(kind.names, inner, strict=True))
    if isinstance(kind, Wrapped):
        return [("", inner[0])]
    return list(inner) if kind is dict else list(enumerate(inner))


def reached(name: str, kind: Any, step: Any) -> str:
    """Name a part of what has a name, as Python reaches it."""
    if isinstance(kind, Wrapped):  # only its class knows
        return name
    return f"{name}.{step}" if isinstance(kind, Form) else f"{name}[{step!r}]"


def put_together(kind: Any, steps: Sequence[Any], parts: list[Any]) -> Any:
    """Make a list, tuple, dict or what a form makes of its parts, given their indices or names."""
    if kind is dict:
        return dict(zip(steps, parts, strict=True))
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)


def _places(key: Key) -> list[Place]:
    """List the places of the leaves."""
    if key == 0:
        return [()]
    kind, inner = key
    if kind == "array":
        return [(Element(place),) if place else () for place in product(*map(range, inner))]
    if isinstance(inner, int):
        return [(place,) for place in range(inner)]
    return [(step, *place) for step, part in branches_of(key) for place in _places(part)]


def _named(key: Key, name: str) -> list[str]:
    """Name the leaves of what has a name."""
    if key == 0:
        return [name]
    kind, inner = key
    if kind == "array":
        places = [", ".join(map(str, place)) for place in product(*map(range, inner))]
        return [f"{name}[{place}]" if place else name for place in places]
    if isinstance(inner, int):
        return [f"{name}[{place}]" for place in range(inner)]
    parts = [(reached(name, kind, step), part) for step, part in branches_of(key)]
    return [path for own, part in parts for path in _named(part, own)]


# ---- putting together ------------------------------------------------------------------------


def _itself(leaf: Any) -> Any:
    return leaf


class Structure:
    """How a nesting is put together from a flat run of leaves.

    `leaf` makes of what is given for a single leaf what is nested.
    """

    def __init__(self, key: Key, leaf: Callable[[Any], Any]) -> None:
        self.key = key
        self._leaf = leaf

    @cached_property
    def size(self) -> int:
        """How many leaves there are."""
        return size_of(self.key)

    @cached_property
    def rebuild(self) -> Callable[[Sequence[Any]], Any]:
        """Nest leaves, given in order; arrays are views of an array that is given."""
        return _maker(self.key, 0, self._leaf)[0]


def _maker(key: Key, start: int, leaf: Callable[[Any], Any]) -> tuple[Callable[[Any], Any], int]:
    """Make the function that nests leaves from a place on, and tell where it ends."""
    if key == 0:
        return partial(_one, leaf, start), start + 1
    kind, inner = key
    if kind == "array":
        end = start + math.prod(inner)
        return partial(_array, slice(start, end), inner), end
    if isinstance(inner, int):
        return partial(_run, slice(start, start + inner), kind), start + inner
    makers = []
    parts = branches_of(key)
    for _, part in parts:
        maker, start = _maker(part, start, leaf)
        makers.append(maker)
    if kind is list:
        return partial(_listed, makers), start
    return partial(_nested, kind, [step for step, _ in parts], makers), start


def _one(leaf: Callable[[Any], Any], place: int, leaves: Any) -> Any:
    return leaf(leaves[place])


def _run(places: slice, kind: Any, leaves: Any) -> Any:
    part = leaves[places]
    plain = part.tolist() if hasattr(part, "tolist") else part
    return plain if kind is list and type(plain) is list else kind(plain)


def _listed(makers: list[Callable[[Any], Any]], leaves: Any) -> Any:
    return [make(leaves) for make in makers]


def _nested(kind: Any, steps: list[Any], makers: list[Callable[[Any], Any]], leaves: Any) -> Any:
    return put_together(kind, steps, [make(leaves) for make in makers])


def _array(places: slice, shape: tuple[int, ...], leaves: Any) -> Any:
    part = leaves[places]
    if not hasattr(part, "reshape"):
        numpy = sys.modules["numpy"]
        # The first tells of most: Values are not looked at one by one.
        plain = all(map(is_number, part[:1])) and (
            set(map(type, part)) <= {float} or all(map(is_number, part))
        )
        part = numpy.fromiter(part, float if plain else object, len(part))
    return part.reshape(shape)
