"""What has many things in it, compared one by one."""

from __future__ import annotations

from collections import deque
from contextvars import ContextVar
from operator import is_
from types import MappingProxyType
from typing import Any

from ...scalar.value import Value
from ...tree import is_array
from .alike import has_symbols, is_same
from .checks import Check
from .facts import Fact, Parts

__all__ = ["Array", "Contents", "Raw", "parts_of"]


class Contents(Check):
    """What a list, a dict, a set or the like has in it."""

    def __init__(self, container: Any, path: str) -> None:
        self.path = path
        self._container = container
        self.renew()

    @property
    def subject(self) -> Any:
        """What is looked at."""
        return self._container

    def _now(self) -> list[Any]:
        container = self._container
        names = container if isinstance(container, dict | MappingProxyType) else ()
        return [*names, *parts_of(container)]

    def same(self) -> bool:
        """Tell whether it is as it was."""
        now, then = self._now(), self.then
        if len(now) != len(then):
            return False
        return all(map(is_, now, then)) or all(map(is_same, now, then))

    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""
        return [] if self.same() else [(self.path, self.then, self._now())]

    def facts(self) -> list[Fact]:
        """List what is to be true."""
        container, then = self._container, tuple(self.then)
        if isinstance(container, dict):
            half = len(then) // 2
            names, values = then[:half], then[half:]
            return [Parts(container, names), Parts(container, values, are_values=True)]
        if isinstance(container, list | deque):
            return [Parts(container, then)]
        return super().facts()

    def restore(self) -> None:
        """Make it what it was."""
        container, then = self._container, self.then
        if self.same():
            return
        if isinstance(container, list):
            container[:] = then
            return
        if is_array(container):
            container.flat = then
        elif isinstance(container, ContextVar):
            container.set(then[0])
        elif isinstance(container, dict | set | deque | bytearray):
            container.clear()
            self._fill(container)
        elif not isinstance(container, MappingProxyType):
            for place, part in enumerate(then):
                container[place] = part

    def _fill(self, container: Any) -> None:
        half = len(self.then) // 2
        if isinstance(container, dict):
            container.update(zip(self.then[:half], self.then[half:], strict=True))
        elif isinstance(container, set):
            container.update(self.then)
        else:
            container.extend(self.then)

    def renew(self) -> None:
        """Take it as it is."""
        self.then = self._now()
        self.is_of_values = set(map(type, self.then)) == {Value}

    @property
    def is_useful(self) -> bool:
        """Whether it can change."""
        return not has_symbols(self.then)


class Array(Check):
    """The numbers of an array."""

    def __init__(self, array: Any, path: str) -> None:
        self.path = path
        self._array = array
        self.renew()

    @property
    def subject(self) -> Any:
        """What is looked at."""
        return self._array

    def same(self) -> bool:
        """Tell whether it is as it was."""
        array = self._array
        alike = array.shape == self._shape and array.dtype == self._dtype
        return alike and array.tobytes() == self._bytes  # type: ignore[no-any-return]  # it is one

    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""
        return [] if self.same() else [(self.path, self._bytes, self._array.tobytes())]

    def restore(self) -> None:
        """Make it what it was."""
        if not self.same():
            self._array[...] = self._copy

    def renew(self) -> None:
        """Take it as it is."""
        self._copy = self._array.copy()
        self._shape, self._dtype = self._array.shape, self._array.dtype
        self._bytes = self._array.tobytes()


class Raw(Check):
    """What is in memory that C knows too."""

    def __init__(self, thing: Any, path: str) -> None:
        self.path = path
        self.owner = thing
        self.renew()

    def same(self) -> bool:
        """Tell whether it is as it was."""
        return bytes(self.owner) == self._bytes

    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""
        return [] if self.same() else [(self.path, self._bytes, bytes(self.owner))]

    def restore(self) -> None:
        """Make it what it was."""
        memoryview(self.owner).cast("B")[:] = self._bytes

    def renew(self) -> None:
        """Take it as it is."""
        self._bytes = bytes(self.owner)


def parts_of(container: Any) -> list[Any]:
    """List what is in a list, a dict, an array or the like."""
    if isinstance(container, dict | MappingProxyType):
        return list(container.values())
    if isinstance(container, ContextVar):
        return [container.get(None)]
    return list(container.flat if is_array(container) else container)
