"""What was found outside, and whether it is still so: one class for each way of keeping things."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import CellType, FunctionType
from typing import Any
from weakref import ref

from ...scalar.value import Value
from .alike import has_symbols, is_plain, is_same, same_atom
from .facts import MISSING, Asked, Content, Fact, Given, HasSize, Item

__all__ = ["MISSING", "Attributes", "Cell", "Check", "Names", "Numbers", "Slots"]


class Check(ABC):
    """One thing that a program depends on."""

    path = ""  # how the user reaches it
    owner: Any = None  # whose namespace it is

    @property
    def subject(self) -> Any:
        """What is looked at."""
        return self.owner

    is_of_values = False  # whether it is of nothing but Values

    @abstractmethod
    def same(self) -> bool:
        """Tell whether it is as it was."""

    @abstractmethod
    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""

    @abstractmethod
    def restore(self) -> None:
        """Make it what it was."""

    @abstractmethod
    def renew(self) -> None:
        """Take it as it is."""

    @property
    def is_useful(self) -> bool:
        """Whether it can change: what is set anew at every recording is not looked at."""
        return True

    def facts(self) -> list[Fact]:
        """List what is to be true."""
        return [Asked(self.same)]


class Names(Check):
    """Names in the namespace of a module, a class or an object: what they stand for."""

    def __init__(self, owner: Any, space: Mapping[str, Any], path: str) -> None:
        self.owner = owner  # kept alive: so its id stays its own
        self.path = path
        self.values: dict[str, Any] = {}
        self.others: Collection[str] | None = None  # which may come, if not all may
        self.every = False  # even numbers of which no code speaks
        self._space = space

    def now(self, name: str) -> Any:
        """What a name stands for."""
        return self._space.get(name, MISSING)

    def same(self) -> bool:
        """Tell whether it is as it was."""
        known = self.values
        if self.others is not None and len(self._space) != len(known) and self._more():
            return False
        return all(is_same(self.now(name), value) for name, value in known.items())

    def _more(self) -> list[str]:
        """List the names that have come."""
        others = self._space if self.others is None else self.others
        new = [n for n in self._space if n not in self.values and n not in others]
        return [n for n in new if self.every or not is_plain(self._space[n])]

    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""
        return [
            (self.path + name, value, now)
            for name, value in [*self.values.items(), *((n, MISSING) for n in self._more())]
            if not is_same(now := self.now(name), value)
        ]

    def restore(self) -> None:
        """Make it what it was."""
        for name, value in self.values.items():
            if self.now(name) is not value:
                self._put(name, value)

    def renew(self) -> None:
        """Take it as it is."""
        now = {name: self.now(name) for name in self.values}
        self.values = {name: value for name, value in now.items() if not has_symbols(value)}

    @property
    def is_useful(self) -> bool:
        """Whether it can change."""
        return bool(self.values) or self.others is not None

    def _put(self, name: str, value: Any) -> None:
        if not isinstance(self._space, dict):
            setattr(self.owner, name, value)
        elif value is MISSING:
            del self._space[name]
        else:
            self._space[name] = value

    def facts(self) -> list[Fact]:
        """List what is to be true."""
        space = self._space
        size = [] if self.others is None else [HasSize(space, len(space))]
        return [*size, *[Item(space, name, value) for name, value in self.values.items()]]


class Attributes(Names):
    """Attributes that Python gives: the code of a function, the class of an object."""

    def __init__(self, owner: Any, names: Iterable[str], path: str) -> None:
        super().__init__(None, {}, path)
        self._owner: Callable[[], Any] = partial(_itself, owner)
        self._lasts = isinstance(owner, FunctionType | type | partial)
        if not self._lasts:
            with suppress(TypeError):
                self._owner = ref(owner)  # a model is not kept alive
        self.values = {name: self.now(name) for name in names}

    @property
    def subject(self) -> Any:
        """What is looked at; None if it has gone."""
        return self._owner()

    def now(self, name: str) -> Any:
        """What a name stands for; what has gone stays as it was."""
        thing = self.subject
        return self.values.get(name, MISSING) if thing is None else getattr(thing, name, MISSING)

    def _put(self, name: str, value: Any) -> None:
        if value is MISSING:
            delattr(self.subject, name)
        else:
            setattr(self.subject, name, value)

    def facts(self) -> list[Fact]:
        """List what is to be true."""
        owner = self.subject if self._lasts else self._owner
        return [Given(owner, name, value, not self._lasts) for name, value in self.values.items()]


class Slots(Attributes):
    """Attributes that an object keeps in slots."""

    def __init__(self, owner: Any, path: str) -> None:
        super().__init__(owner, (), path)

    def facts(self) -> list[Fact]:
        """List what is to be true."""
        return [Asked(self.same)]


class Cell(Check):
    """A variable in a closure."""

    def __init__(self, cell: CellType, path: str) -> None:
        self.path = path
        self._cell = cell
        self.value = self._now()

    @property
    def subject(self) -> Any:
        """What is looked at."""
        return self._cell

    def _now(self) -> Any:
        try:
            return self._cell.cell_contents
        except ValueError:
            return MISSING

    def same(self) -> bool:
        """Tell whether it is as it was."""
        return is_same(self._now(), self.value)

    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""
        return [] if self.same() else [(self.path, self.value, self._now())]

    def restore(self) -> None:
        """Make it what it was."""
        if self.value is not MISSING:
            self._cell.cell_contents = self.value

    def renew(self) -> None:
        """Take it as it is."""
        self.value = self._now()

    @property
    def is_useful(self) -> bool:
        """Whether it can change."""
        return not has_symbols(self.value)

    def facts(self) -> list[Fact]:
        """List what is to be true."""
        return super().facts() if self.value is MISSING else [Content(self._cell, self.value)]


class Numbers(Check):
    """The numbers of Values that are read as numbers, through `data` or `grad`."""

    def __init__(self, attribute: str, values: Sequence[Value], then: Sequence[float]) -> None:
        self.path = f".{attribute} of a Value"
        self._attribute = attribute
        self.values = values
        self.then = list(then)

    def _now(self) -> list[float]:
        return [getattr(value, self._attribute) for value in self.values]

    def same(self) -> bool:
        """Tell whether it is as it was."""
        return all(map(same_atom, self._now(), self.then))

    def changes(self) -> list[tuple[str, Any, Any]]:
        """List what changed, as it was, and as it is."""
        return [] if self.same() else [(self.path, self.then, self._now())]

    def restore(self) -> None:
        """Make it what it was."""
        for value, number in zip(self.values, self.then, strict=True):
            if not same_atom(getattr(value, self._attribute), number):
                setattr(value, self._attribute, number)

    def renew(self) -> None:
        """Take it as it is."""
        self.then = self._now()


def _itself(owner: Any) -> Any:
    return owner
