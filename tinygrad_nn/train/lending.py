"""Objects whose numbers are newer elsewhere: whoever looks at one gets them back first.

While a compiled training goes on, the numbers of the model are in one array, and a step
does not write them into its Values. Until they are written, the model, the modules in it
and the optimiser are *lent*: each is of a class of its own, whose only difference is that
reading or setting any attribute calls for the numbers first. Every use of a module reads an
attribute, be it a call, `parameters`, `save`, pickling or ``model.layers[0].neurons[0].w``.
An object that is not lent is of its usual class, and no slower than any other; one that is
lent is of a class derived from it, so that isinstance holds all the time.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

__all__ = ["give_back", "lend", "lent_class"]

Refresh: TypeAlias = Callable[[], None]

_REFRESH = " refresh"  # among the attributes of a lent object; no attribute is called so


def lend(things: Iterable[Any], refresh: Refresh) -> None:
    """Lend objects.

    Parameters
    ----------
    things : iterable of object
        Modules and optimisers.
    refresh : callable
        Brings the numbers up to date, and gives all of the objects back.
    """
    for thing in things:
        kind = type(thing)
        vars(thing)[_REFRESH] = refresh
        object.__setattr__(thing, "__class__", lent_class(kind))


def give_back(things: Iterable[Any]) -> None:
    """Make lent objects what they were; others stay as they are."""
    for thing in things:
        attributes = object.__getattribute__(thing, "__dict__")
        if _REFRESH in attributes:
            object.__setattr__(thing, "__class__", type(thing).__bases__[0])
            del attributes[_REFRESH]


_classes: dict[type, type] = {}


def lent_class(kind: type) -> type:
    """Derive the class that objects of a class have while they are lent.

    Raises
    ------
    TypeError
        When the class cannot be derived from.
    """
    found = _classes.get(kind)
    if found is None:
        found = types.new_class(
            kind.__name__,
            (kind,),
            {},
            lambda space: space.update(
                __slots__=(),  # the same layout: only so can an object change its class
                __module__=kind.__module__,
                __qualname__=kind.__qualname__,
                __doc__=kind.__doc__,
                __getattribute__=_get,
                __setattr__=_set,
                __delattr__=_delete,
            ),
        )
        _classes[kind] = found
    return found


def _get(self: Any, name: str) -> Any:
    _call_for_numbers(self)
    return getattr(self, name)


def _set(self: Any, name: str, value: Any) -> None:
    _call_for_numbers(self)
    setattr(self, name, value)


def _delete(self: Any, name: str) -> None:
    _call_for_numbers(self)
    delattr(self, name)


def _call_for_numbers(thing: Any) -> None:
    refresh = object.__getattribute__(thing, "__dict__").get(_REFRESH)
    if refresh is not None:  # another thread may have been quicker
        refresh()
