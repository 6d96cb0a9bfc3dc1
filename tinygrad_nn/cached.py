"""Properties that are computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

__all__ = ["cached_property"]

T = TypeVar("T")


class cached_property(Generic[T]):  # noqa: N801  # as that of Python
    """A property that is computed at its first use, and kept in the object.

    That of Python 3.11 holds a lock meanwhile, one for all objects: other threads wait for it,
    and a process that is forked by one of them waits for ever.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, thing: None, owner: type) -> cached_property[T]: ...
    @overload
    def __get__(self, thing: object, owner: type) -> T: ...
    def __get__(self, thing: object, owner: type) -> Any:
        if thing is None:
            return self
        known = vars(thing)
        found = known.get(self._name, self)
        if found is self:
            found = known[self._name] = self._function(thing)
        return found
