"""What names stand for: in modules, classes and objects, whose attributes are read by name."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections import ChainMap, UserDict, UserList, UserString
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from types import (
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    ModuleType,
)
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary

from .alike import is_plain
from .checks import MISSING, Attributes, Check, Names, Slots
from .ours import is_ours, is_users_class

__all__ = ["Namespaces"]

_KEPT: dict[type, str] = {
    **dict.fromkeys((UserDict, UserList, UserString, WeakSet), "data"),
    **dict.fromkeys((WeakKeyDictionary, WeakValueDictionary), "data"),
    ChainMap: "maps",
    Enum: "_value_",
    type(os.environ): "_data",
}


@dataclass(frozen=True, slots=True)
class _Object:
    """An object whose attributes are looked at: those that are read, or every one but some."""

    thing: Any
    path: str
    every: bool
    but: frozenset[str]
    into: list[Check]


class Namespaces(ABC):
    """Notes what names stand for, as far as code reads them; what they lead to is looked at.

    Of objects those attributes count whose names occur in the code, of whatever object.
    """

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self._attributes: set[str] = set()
        self._asked: set[str] = set()  # those that objects need not have
        self._written: set[str] = set()
        self._any_attribute = False
        self._names: dict[int, Names] = {}
        self._slots: dict[int, Slots] = {}
        self._inherited: dict[tuple[type, str, bool], Any] = {}
        self._hooked: dict[type, bool] = {}  # of classes, whether they answer for what is not there
        self._objects: list[_Object] = []
        self._bases: dict[int, type] = {}  # classes whose bases are looked at
        self._every: set[int] = set()  # those of which all attributes count
        self._into = self.checks  # where checks are added
        self.aliases: dict[int, set[str]] = {}  # other names of methods, by the id of their code

    @abstractmethod
    def look(self, thing: Any, path: str) -> None:
        """Note how a thing is, and what it leads to."""

    def looks_at_all(self, thing: Any) -> bool:
        """Tell whether all attributes of a thing count."""
        return id(thing) in self._every

    @contextmanager
    def adding_to(self, checks: list[Check]) -> Iterator[None]:
        """Add checks to these inside; classes and functions are no one's, as copies share them."""
        outside, self._into = self._into, checks
        try:
            yield
        finally:
            self._into = outside

    def read_attributes(
        self, names: Iterable[str], asked: Iterable[str] = (), any_attribute: bool = False
    ) -> None:
        """Note that attributes are read, of whatever object; of some it is `asked` if there are such."""
        new = (set(names) - self._attributes) | (set(asked) - self._asked)
        self._attributes |= new
        self._asked.update(asked)
        if new or any_attribute:
            for known in tuple(self._objects):
                with self.adding_to(known.into):
                    self._add_attributes(known, new)

    def add_names(self, owner: Any, space: Any, names: Iterable[str], path: str) -> None:
        """Note what some names of a namespace stand for, or that there are none."""
        known = self._names.get(id(owner))
        if known is None:
            known = self._names[id(owner)] = Names(owner, space, path)
            self._into.append(known)
        self._add_to(known, names)

    def _add_slot(self, thing: Any, name: str, path: str) -> None:
        known = self._slots.get(id(thing))
        if known is None:
            known = self._slots[id(thing)] = Slots(thing, path)
            self._into.append(known)
        self._add_to(known, (name,))

    def add_given(self, thing: Any, names: Iterable[str], path: str) -> None:
        """Note attributes that Python gives, as far as it gives the same each time."""
        same = [n for n in names if getattr(thing, n, MISSING) is getattr(thing, n, None)]
        if same:
            self._into.append(Attributes(thing, same, f"{path}."))

    def _add_kind(self, thing: Any, path: str) -> None:
        """Note the class of a thing, and the bases of that: all may be replaced."""
        kind = thing if isinstance(thing, type) else type(thing)
        users = [base for base in kind.__mro__ if is_users_class(base)]
        if not isinstance(thing, type | ModuleType | FunctionType):
            own = getattr(thing, "__dict__", None)
            if users or isinstance(own, dict):
                self.add_given(thing, ("__class__", "__dict__"), path)
        for base in users:
            if id(base) not in self._bases:
                self._bases[id(base)] = base
                for name, part in vars(base).items():
                    code = getattr(part, "__code__", None)
                    if isinstance(code, CodeType) and code.co_name != name:
                        self.aliases.setdefault(id(code), set()).add(name)
                with self.adding_to(self.checks):
                    self.add_given(base, ("__bases__",), base.__name__)
                    self.add_names(base, vars(base), (), f"{base.__name__}.")
                    # What comes to a class may hide what was found, or be called unseen.
                    self._names[id(base)].others = frozenset(vars(base))

    def _add_to(self, known: Names, names: Iterable[str]) -> None:
        for name in names:
            if name not in known.values:
                value = known.values[name] = known.now(name)
                if value is not MISSING:
                    self.look(value, known.path + name)

    def _add_attributes(self, known: _Object, names: Iterable[str]) -> None:
        thing, path = known.thing, known.path
        own = getattr(thing, "__dict__", None)
        if isinstance(thing, ModuleType):
            space = vars(thing)
            hooked = "__getattr__" in space  # it answers for what is not there, and may come
            counted = [n for n in names if n in space or n in self._asked or hooked]
            hook = ["__getattr__"] * hooked
            self.add_names(space, space, [*counted, *hook], f"{path}.")
            return
        if isinstance(thing, type):
            every = is_users_class(
                type(thing)
            )  # which may give what the class itself does not have
            for name in names:
                self._add_class(thing, name, every)
                self._add_class(type(thing), name)
            return
        hooked = self._has_hook(type(thing))
        if isinstance(own, dict):
            every = self._any_attribute or known.every
            mine = [n for n in own if n in names or (every and self._may_count(thing, n))]
            self.add_names(own, own, [n for n in mine if n not in known.but], f"{path}.")
            if every:
                names_in = self._names[id(own)]
                names_in.others = self._written if not known.but else known.but
                names_in.every = self._any_attribute
        for name in names:
            if name in known.but or (isinstance(own, dict) and name in own):
                continue
            attribute = self._add_class(type(thing), name, hooked)
            if isinstance(attribute, MemberDescriptorType | GetSetDescriptorType):
                self._add_slot(thing, name, f"{path}.")
            elif isinstance(own, dict) and (
                attribute is not MISSING or hooked or name in self._asked
            ):
                self.add_names(own, own, (name,), f"{path}.")

    def _has_hook(self, kind: type) -> bool:
        """Tell whether a class of the user's answers for attributes that are not there."""
        found = self._hooked.get(kind)
        if found is None:
            having = [base for base in kind.__mro__ if "__getattr__" in vars(base)]
            found = self._hooked[kind] = any(map(is_users_class, having))
        return found

    def _may_count(self, thing: Any, name: str) -> bool:
        """Tell whether an attribute of which no code speaks may count, for code of ours."""
        if name in self._attributes or self._any_attribute:
            return True
        users = is_users_class(type(thing)) and is_plain(vars(thing)[name])
        return name not in self._written and not users

    def _add_class(self, kind: type, name: str, every: bool = False) -> Any:
        """Note an attribute of a class, if the user defined it, or `every` that may be, and give it."""
        asked = every or name in self._asked
        found = self._inherited.get((kind, name, asked))
        if found is None:
            order = kind.__mro__
            having = [base for base in order if name in vars(base)]
            found = vars(having[0])[name] if having and is_users_class(having[0]) else MISSING
            # Those before do not have it, and may get it; `super` goes on to those that have it.
            last = order.index(having[0]) if having else len(order) * asked
            with self.adding_to(self.checks):
                for base in (*order[:last], *having):
                    if is_users_class(base):
                        self.add_names(base, vars(base), (name,), f"{base.__name__}.")
            self._inherited[kind, name, asked] = found
        return found

    def add_object(self, thing: Any, path: str, but: frozenset[str] | None = None) -> None:
        """Note the attributes of an object that are read; with `but`, all of it but these."""
        # Code of ours is not looked at: what it computes with may be any attribute.
        every = but is not None or (callable(thing) and is_ours(type(thing)))
        known = _Object(thing, path, every, but or frozenset(), self._into)
        self._objects.append(known)
        if every:
            self._every.add(id(thing))
        self._add_kind(thing, path)
        self._add_attributes(known, self._attributes)
        kept = next((name for kind, name in _KEPT.items() if isinstance(thing, kind)), None)
        if kept is not None:  # by code of Python's, which is not looked at
            self.add_names(vars(thing), vars(thing), (kept,), f"{path}.")
