"""Following what a function can reach from the names in its code, and noting how it is."""

from __future__ import annotations

import builtins
import os
import sys
from array import array
from collections import ChainMap, UserDict, UserList, UserString, deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from functools import partial
from operator import attrgetter
from types import (
    BuiltinMethodType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary, ref

from ...scalar.contexts import State
from ...scalar.operation import Op
from ...scalar.switch import Switch
from ...scalar.value import Value
from ...tree import is_array
from .alike import ATOMS, is_plain
from .checks import MISSING, Attributes, Cell, Check, Names, Numbers, Slots
from .contents import Array, Contents, Raw, parts_of
from .generators import Generators, is_generator
from .ours import is_ours, is_users_class, is_users_function, is_users_module
from .reads import Reads, reads_of

__all__ = ["LARGEST", "Explorer"]

LARGEST = 1000  # numbers that are compared one by one
_CONTAINERS = (list, dict, set, deque, array, bytearray, memoryview, MappingProxyType, ContextVar)
_KEPT: dict[type, str] = {
    **dict.fromkeys((UserDict, UserList, UserString, WeakSet), "data"),
    **dict.fromkeys((WeakKeyDictionary, WeakValueDictionary), "data"),
    ChainMap: "maps",
    Enum: "_value_",
    type(os.environ): "_data",
}
_VIEWS: Any = type({}.keys()), type({}.values()), type({}.items())
_OF_FUNCTIONS = "__code__", "__defaults__", "__kwdefaults__"
_OF_PARTIALS = "func", "args", "keywords"
_OF_ENVIRONMENT = frozenset({"environ", "environb", "getenv", "getenvb"})


@dataclass(frozen=True, slots=True)
class _Object:
    """An object whose attributes are looked at: those that are read, or every one but some."""

    thing: Any
    path: str
    every: bool
    but: frozenset[str]
    into: list[Check]


class Explorer:
    """Grows by the names that code reads: what these lead to is noted before the code runs.

    Of objects those attributes count whose names occur in the code, of whatever object; with
    `touched` also what the code only writes.
    """

    def __init__(self, touched: bool = False) -> None:
        self.checks: list[Check] = []
        self.of_twins: list[Check] = []  # of objects that are there for the recording only
        self.generators = Generators()
        self.refusal = ""  # why something cannot be watched
        self.values: list[Value] = []
        self.numbers: tuple[list[float], list[float]] = [], []  # their data and grad
        self.functions: dict[int, list[FunctionType]] = {}  # by the id of their code
        self._ran: dict[int, CodeType] = {}
        self._attributes: set[str] = set()
        self._asked: set[str] = set()  # those that objects need not have
        self._written: set[str] = set()
        self._any_attribute = False
        self._names: dict[int, Names] = {}
        self._slots: dict[int, Slots] = {}
        self._inherited: dict[tuple[type, str, bool], Any] = {}
        self._objects: list[_Object] = []
        self._bases: dict[int, type] = {}  # classes whose bases are looked at
        self._every: set[int] = set()  # those of which all attributes count
        self._into = self.checks  # where checks are added
        self._waiting: deque[tuple[Any, str, list[int], list[Check]]] = deque()
        self._touched = touched
        self._met: dict[int, Any] = {}  # alive, so that an id stays its own

    def reads_of(self, code: CodeType) -> Reads:
        """List the names in code that count."""
        return reads_of(code, self._touched)

    def add_root(
        self, thing: Any, path: str, *, twin: bool = False, but: Collection[str] | None = None
    ) -> None:
        """Look at what a function is given; with `but`, at all attributes of it but these."""
        with self._adding_to(self.of_twins if twin else self.checks):
            if but is None:
                self.look(thing, path)
            else:
                self._met[id(thing)] = thing
                self._add_object(thing, path, frozenset(but))

    def add_code(self, code: CodeType, space: dict[str, Any]) -> None:
        """Note what code reads that is about to run for the first time."""
        reads = self.reads_of(code)
        self._ran[id(code)] = code
        self._written |= reads.written
        for function in self.functions.get(id(code), ()):
            self._open(function, reads.frees)
        self._any_attribute = self._any_attribute or reads.any_attribute
        self._add_names(space, space, reads.globals, "")
        known = vars(builtins)
        own = [n for n in reads.globals if n not in space and not _is_pythons(known.get(n))]
        self._add_names(known, known, own, "")
        self._add_names(sys.modules, sys.modules, reads.modules, "")
        if not _OF_ENVIRONMENT.isdisjoint(reads.attributes):
            self.look(os.environ, "os.environ")
        attributes = reads.attributes | {code.co_name}  # and the method itself
        self._read_attributes(attributes, reads.asks, reads.any_attribute)

    def _read_attributes(
        self, names: Iterable[str], asks: bool = False, any_attribute: bool = False
    ) -> None:
        """Note that attributes are read, of whatever object, or `asks` whether there are such."""
        new = set(names) - (self._asked if asks else self._attributes)
        self._attributes |= new
        if asks:
            self._asked |= new
        if new or any_attribute:
            for known in tuple(self._objects):
                with self._adding_to(known.into):
                    self._add_attributes(known, new)

    def numbers_read(self, others: Iterable[Value] = ()) -> list[Numbers]:
        """Check the numbers of Values, if any code that ran reads numbers of Values."""
        if not {"data", "grad"} & (self._attributes | self._written):
            return []
        known = set(self.values)
        self._add_values(value for value in others if value not in known)
        return [
            Numbers(attribute, self.values, numbers)
            for attribute, numbers in zip(("data", "grad"), self.numbers, strict=True)
            if attribute in self._attributes | self._written and self.values
        ]

    def functions_near(self) -> Iterator[FunctionType]:
        """List the functions that were met, and those of all classes that were."""
        for many in self.functions.values():
            yield from many
        kinds = {t if isinstance(t, type) else type(t): None for t in self._met.values()}
        for base in dict.fromkeys(base for kind in kinds for base in kind.__mro__):
            if is_users_class(base):
                for found in vars(base).values():
                    inner = found.fget if isinstance(found, property) else found
                    inner = getattr(inner, "__func__", inner)
                    if isinstance(inner, FunctionType):
                        yield inner

    def looks_at_all(self, thing: Any) -> bool:
        """Tell whether all attributes of a thing count."""
        return id(thing) in self._every

    @contextmanager
    def _adding_to(self, checks: list[Check]) -> Iterator[None]:
        """Add checks to these inside; classes and functions are no one's, as copies share them."""
        outside, self._into = self._into, checks
        try:
            yield
        finally:
            self._into = outside

    # ---- namespaces ----------------------------------------------------------------------

    def _add_names(self, owner: Any, space: Any, names: Iterable[str], path: str) -> None:
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

    def _add_given(self, thing: Any, names: Iterable[str], path: str) -> None:
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
                self._add_given(thing, ("__class__", "__dict__"), path)
        by_others = len(kind.__mro__) > len(users) + 1  # whose code reads unseen, as `__call__`
        for base in users:
            if id(base) not in self._bases:
                self._bases[id(base)] = base
                with self._adding_to(self.checks):
                    self._add_given(base, ("__bases__",), base.__name__)
                    if by_others:
                        self._add_names(base, vars(base), (), f"{base.__name__}.")
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
            counted = [n for n in names if n in space or n in self._asked]
            self._add_names(space, space, counted, f"{path}.")
            return
        if isinstance(thing, type):
            for name in names:
                self._add_class(thing, name)
                self._add_class(type(thing), name)
            return
        if isinstance(own, dict):
            every = self._any_attribute or known.every
            mine = [n for n in own if n in names or (every and self._may_count(thing, n))]
            self._add_names(own, own, [n for n in mine if n not in known.but], f"{path}.")
            if every:
                names_in = self._names[id(own)]
                names_in.others = self._written if not known.but else known.but
                names_in.every = self._any_attribute
        for name in names:
            if name in known.but or (isinstance(own, dict) and name in own):
                continue
            attribute = self._add_class(type(thing), name)
            if isinstance(attribute, MemberDescriptorType | GetSetDescriptorType):
                self._add_slot(thing, name, f"{path}.")
            elif isinstance(own, dict) and (attribute is not MISSING or name in self._asked):
                self._add_names(own, own, (name,), f"{path}.")

    def _may_count(self, thing: Any, name: str) -> bool:
        """Tell whether an attribute of which no code speaks may count, for code of ours."""
        if name in self._attributes or self._any_attribute:
            return True
        users = is_users_class(type(thing)) and is_plain(vars(thing)[name])
        return name not in self._written and not users

    def _add_class(self, kind: type, name: str) -> Any:
        """Note an attribute of a class, if the user defined it, and give it."""
        asked = name in self._asked
        found = self._inherited.get((kind, name, asked))
        if found is None:
            order = kind.__mro__
            having = [base for base in order if name in vars(base)]
            found = vars(having[0])[name] if having and is_users_class(having[0]) else MISSING
            # Those before do not have it, and may get it; `super` goes on to those that have it.
            last = order.index(having[0]) if having else len(order) * asked
            with self._adding_to(self.checks):
                for base in (*order[:last], *having):
                    if is_users_class(base):
                        self._add_names(base, vars(base), (name,), f"{base.__name__}.")
            self._inherited[kind, name, asked] = found
        return found

    # ---- things ------------------------------------------------------------------------------

    def look(self, thing: Any, path: str, count: list[int] | None = None) -> None:
        """Note how a thing is, and what it leads to, one after the other: chains may be long."""
        if type(thing) in ATOMS or id(thing) in self._met:
            return
        self._met[id(thing)] = thing
        self._waiting.append((thing, path, count or [0], self._into))
        if len(self._waiting) > 1:
            return
        while self._waiting:
            thing, path, count, into = self._waiting[0]
            with self._adding_to(into):
                self._look(thing, path, count)
            self._waiting.popleft()

    def _look(self, thing: Any, path: str, count: list[int]) -> None:
        kind = type(thing)
        if isinstance(thing, Value):
            self._add_values((thing,))
        elif kind is FunctionType:
            self._add_function(thing)
            if thing.__dict__ or is_users_function(thing):
                self._add_object(thing, path)
        elif isinstance(thing, (tuple, frozenset, *_CONTAINERS)):
            self._add_container(thing, path, count)
        elif isinstance(thing, ModuleType):
            if is_users_module(thing):
                self._add_object(thing, path)
        elif isinstance(thing, type):
            if any(map(is_users_class, thing.__mro__)):
                self._add_object(thing, path)
        elif isinstance(thing, State | Switch):
            return  # it says how we record, and changes with that
        elif is_generator(thing):
            self.generators.add(path, thing)
        elif is_array(thing):
            self._add_array(thing, path)
        elif hasattr(kind, "__array__") and not hasattr(kind, "tobytes"):
            self._refuse(path, f"of type {kind.__name__}, which cannot be compared")
        elif hasattr(kind, "__next__") and not hasattr(thing, "__dict__"):
            self._refuse(path, "an iterator, which gives something else each time")
        else:
            self._add_other(thing, path)

    def _add_other(self, thing: Any, path: str) -> None:
        """Note what is around a function, or else an object."""
        inner: tuple[Any, ...] = ()
        if isinstance(thing, BuiltinMethodType):  # as rng.random, seen.append
            inner = () if isinstance(thing.__self__, ModuleType) else (thing.__self__,)
        elif isinstance(thing, MethodType):
            self.look(thing.__self__, "self")
            inner = (thing.__func__,)
        elif isinstance(thing, partial):
            self._add_given(thing, _OF_PARTIALS, path)
            inner = thing.func, thing.args, thing.keywords
        elif isinstance(thing, ref):
            inner = (thing(),)
        elif isinstance(thing, _VIEWS):
            inner = (thing.mapping,)
        elif type(type(thing)).__module__ == "_ctypes":
            self._into.append(Raw(thing, path))
        elif isinstance(thing, attrgetter):
            self._read_attributes(
                part for path in thing.__reduce__()[1] for part in path.split(".")
            )
        elif isinstance(thing, Op):
            inner = thing.compute, thing.partials
        elif isinstance(thing, staticmethod | classmethod):
            inner = (thing.__func__,)
        elif isinstance(thing, property):
            inner = (thing.fget,)
        elif "__wrapped__" in getattr(thing, "__dict__", ()) and not is_users_class(type(thing)):
            inner = (thing.__wrapped__,)
        else:
            self._add_object(thing, path)
        for part in inner:
            self.look(part, path)

    def _add_object(self, thing: Any, path: str, but: frozenset[str] | None = None) -> None:
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
            self._add_names(vars(thing), vars(thing), (kept,), f"{path}.")

    def _add_values(self, values: Iterable[Value]) -> None:
        known = [value for value in values if not value.is_symbolic]
        self.values += known
        self.numbers[0].extend([value.data for value in known])
        self.numbers[1].extend([value.grad for value in known])

    def _add_function(self, function: FunctionType) -> None:
        code = function.__code__
        self.functions.setdefault(id(code), []).append(function)
        if not is_users_function(function):  # it may call the user's
            for cell in function.__closure__ or ():
                inside = Cell(cell, "").value
                if not isinstance(inside, set):  # of what is at work, as in `reprlib`
                    self.look(inside, function.__name__)
        elif id(code) in self._ran:
            self._open(function, self.reads_of(code).frees)

    def _open(self, function: FunctionType, frees: frozenset[str]) -> None:
        """Note the closure and the defaults of a function that runs."""
        with self._adding_to(self.checks):
            self._add_closure(function, frees)

    def _add_closure(self, function: FunctionType, frees: frozenset[str]) -> None:
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            if name in frees and id(cell) not in self._met:
                self._met[id(cell)] = cell
                check = Cell(cell, name)
                self._into.append(check)
                self.look(check.value, name)
        # Defaults that come to a function that had none make no call another.
        names = [name for name in _OF_FUNCTIONS if getattr(function, name) is not None]
        self._add_given(function, names, function.__name__)
        for default in (function.__defaults__, function.__kwdefaults__):
            self.look(default, f"a default of {function.__name__}")

    # ---- numbers in bulk -----------------------------------------------------------------

    def _add_container(self, thing: Any, path: str, count: list[int]) -> None:
        parts = parts_of(thing)
        kinds = set(map(type, parts))
        if isinstance(thing, _CONTAINERS):
            if kinds & ATOMS:
                count[0] += sum(type(part) in ATOMS for part in parts)
                if count[0] > LARGEST:
                    self._refuse(path, f"which has more than {LARGEST} numbers")
            self._into.append(Contents(thing, path))
        if isinstance(thing, dict | MappingProxyType):
            for key in thing:
                self.look(key, path)
        if kinds and all(issubclass(kind, Value) for kind in kinds):
            self._add_values(parts)
        elif not kinds <= ATOMS:
            places = thing if isinstance(thing, dict) else range(len(parts))
            for place, part in zip(places, parts, strict=True):
                self.look(part, f"{path}[{place!r}]", count)
        if type(thing).__module__ != "builtins":
            self._add_object(thing, path)

    def _add_array(self, thing: Any, path: str) -> None:
        if thing.size > LARGEST:
            self._refuse(path, f"which has more than {LARGEST} numbers")
        elif thing.dtype == object:
            self._into.append(Contents(thing, path))
            for part in thing.ravel().tolist():
                self.look(part, path)
        else:
            self._into.append(Array(thing, path))

    def _refuse(self, path: str, why: str) -> None:
        self.refusal = self.refusal or f"{path}, {why}"


def _is_pythons(thing: Any) -> bool:
    """Tell whether a builtin is Python's own, which nobody replaces."""
    return getattr(thing, "__module__", None) in ("builtins", "_io")
