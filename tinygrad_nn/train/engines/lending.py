"""Objects whose numbers are newer elsewhere: whoever looks at one gets them back first.

While a compiled training goes on, the numbers of the model are in one array, and a step
does not write them into its Values. Until they are written, the model, the modules in it
and the optimiser are *lent*: each is of a class of its own, whose only difference is that
reading or setting any attribute calls for the numbers first. Every use of a module reads an
attribute, be it a call, `parameters`, `save`, pickling or ``model.layers[0].neurons[0].w``.
An object that is not lent is of its usual class, and no slower than any other; one that is
lent is of a class derived from it, so that isinstance holds all the time. Its attributes are
the same: another thread may be reading them.
"""

from __future__ import annotations

import threading
import types
import weakref
from collections.abc import Callable, Sequence, Set
from typing import Any

__all__ = ["Lending"]

_LENDING = " lending"  # among the attributes of a class; none of a user's is called so


class Lending:
    """What one training lends, all at once, and takes back.

    The lock is held by whoever lends and gives back, and in between by whoever looks.
    """

    def __init__(self, lock: threading.RLock, values: Set[Any]) -> None:
        self.things: Sequence[Any] = ()  # modules and optimisers that are lent
        self._values = values  # their numbers are newer elsewhere meanwhile
        self._lock = lock
        self._refresh: Callable[[], None] | None = None
        self._classes: dict[type, type] = {}

    def class_of(self, kind: type) -> type:
        """Derive the class that objects of a class have while they are lent; some cannot be."""
        found = self._classes.get(kind)
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
                    **{_LENDING: self},
                ),
            )
            self._classes[kind] = found
        return found

    def call_in(self) -> None:
        """Get what other trainings have of the values: their models may share parameters only."""
        for lender in _lenders.valuerefs():
            other = lender()
            if other is None or other is self or self._values.isdisjoint(other._values):
                continue
            refresh = other._refresh
            if refresh is not None:  # another thread may have been quicker
                refresh()

    def lend(self, things: Sequence[Any], refresh: Callable[[], None]) -> None:
        """Lend objects; `refresh` brings the numbers up to date, and gives all of them back."""
        self._refresh = refresh
        _lenders[id(self)] = self
        for thing in things:
            object.__setattr__(thing, "__class__", self.class_of(_kind(thing)))
        self.things = things

    def give_back(self) -> None:
        """Make all lent objects what they were."""
        things, self.things = self.things, ()
        for thing in things:
            _give_back(thing)
        self._refresh = None  # whose training is freed at once
        _lenders.pop(id(self), None)

    def call_back(self, thing: Any) -> None:
        """Get the numbers for somebody who looks at an object."""
        with self._lock:
            if self._refresh is not None:
                self._refresh()
            _give_back(thing)  # Ctrl-C may have come when only some were lent or given back


_lenders: weakref.WeakValueDictionary[int, Lending] = weakref.WeakValueDictionary()


def _kind(thing: Any) -> type:
    """The class of an object when it is not lent."""
    kind = type(thing)
    return kind.__bases__[0] if _LENDING in vars(kind) else kind


def _give_back(thing: Any) -> None:
    if _LENDING in vars(type(thing)):
        object.__setattr__(thing, "__class__", _kind(thing))


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
    lending: Lending | None = vars(type(thing)).get(_LENDING)
    if lending is not None:  # another thread may have been quicker
        lending.call_back(thing)
