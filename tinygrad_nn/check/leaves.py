"""Which numbers are moved, and what they are called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from ..containers import is_container
from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.convert import is_number
from ..scalar.graph import ancestors
from ..scalar.value import Value
from ..scopes import name_of
from ..tree import flatten, leaf_paths

__all__ = ["chosen_leaves", "leaves_below", "put_leaves"]


def chosen_leaves(wrt: Any) -> dict[str, Value]:
    """Name the parameters of a model, or the Values of a nesting or an iterator."""
    if hasattr(wrt, "named_parameters"):
        return _named(wrt.named_parameters(), given=True)
    if not isinstance(wrt, Value | dict | list | tuple) and not is_container(wrt):
        wrt = list(wrt)
    return _named(zip(leaf_paths(wrt, "wrt"), flatten(wrt)[0], strict=True))


def leaves_below(output: Value) -> dict[str, Value]:
    """Name all leaves that a node was made from."""
    found = [node for node in ancestors(output) if node.is_leaf]
    return _named((f"leaf {place}", leaf) for place, leaf in enumerate(found))


def put_leaves(args: Sequence[Any]) -> tuple[Callable[[], list[Any]], dict[str, Value]]:
    """Name leaves for the numbers in nested arguments, as ``args[0]['w'][2]``.

    What comes first gives the arguments with these in their places, new ones each time: what is
    computed from a leaf may be kept in them.
    """
    parts, rebuild = flatten(list(args))
    parts = [
        Value(part) if is_number(part) and not isinstance(part, bool) else part for part in parts
    ]
    pairs = zip(leaf_paths(list(args), "args"), parts, strict=True)
    return partial(rebuild, parts), _named(pair for pair in pairs if isinstance(pair[1], Value))


def _named(pairs: Iterable[tuple[str, Any]], given: bool = False) -> dict[str, Value]:
    """Keep each leaf once, by a name of its own: a path that is not `given` is but the last choice."""
    named: dict[str, Value] = {}
    met: set[Value] = set()
    for path, leaf in pairs:
        if not (isinstance(leaf, Value) and leaf.is_leaf):
            raise ArgumentTypeError(
                f"{path} must be a leaf, a number made by Value(...), got {leaf!r}: "
                "give the Values that the function is made from"
            )
        if leaf not in met:
            met.add(leaf)
            name = name_of(leaf, {leaf: path}) if given else name_of(leaf, {}, {leaf: path})
            named[path if name in named else name] = leaf
    if not named:
        raise ArgumentError("there is no leaf to differentiate by: give numbers, or wrt=leaves")
    return named
