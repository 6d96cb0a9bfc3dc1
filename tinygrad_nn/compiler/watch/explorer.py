"""Following what a function can reach from the names in its code, and noting how it is."""

from __future__ import annotations

import builtins
import os
import sys
from array import array
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from contextvars import ContextVar
from functools import partial
from operator import attrgetter
from types import (
    BuiltinMethodType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
)
from typing import Any
from weakref import ref

from ...scalar.contexts import State
from ...scalar.operation import Op
from ...scalar.switch import Switch
from ...scalar.value import Value
from ...tree import is_array
from .alike import ATOMS
from .checks import Cell, Check, Numbers
from .contents import Array, Contents, Raw, parts_of
from .generators import Generators, is_generator
from .harmless import draws_nothing
from .namespaces import Namespaces
from .ours import is_users_class, is_users_function, is_users_module
from .reads import Reads, reads_of

__all__ = ["LARGEST", "Explorer"]

LARGEST = 1000  # numbers that are compared one by one
_CONTAINERS = (list, dict, set, deque, array, bytearray, memoryview, MappingProxyType, ContextVar)
_VIEWS: Any = type({}.keys()), type({}.values()), type({}.items())
_OF_FUNCTIONS = "__code__", "__defaults__", "__kwdefaults__"
_OF_PARTIALS = "func", "args", "keywords"
_OF_ENVIRONMENT = frozenset({"environ", "environb", "getenv", "getenvb"})


class Explorer(Namespaces):
    """Grows by the names that code reads: what these lead to is noted before the code runs.

    Of objects those attributes count whose names occur in the code, of whatever object; with
    `touched` also what the code only writes. Random generators that all threads have in common are
    noted at once, if they are to be.
    """

    def __init__(self, touched: bool = False, shared: bool = True) -> None:
        super().__init__()
        self.of_twins: list[Check] = []  # of objects that are there for the recording only
        self.generators = Generators(shared)
        self.refusal = ""  # why something cannot be watched
        self.values: list[Value] = []
        self.numbers: tuple[list[float], list[float]] = [], []  # their data and grad
        self.functions: dict[int, list[FunctionType]] = {}  # by the id of their code
        self._ran: dict[int, CodeType] = {}
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
        with self.adding_to(self.of_twins if twin else self.checks):
            if but is None:
                self.look(thing, path)
            else:
                self._met[id(thing)] = thing
                self.add_object(thing, path, frozenset(but))

    def add_code(self, code: CodeType, space: dict[str, Any]) -> None:
        """Note what code reads that is about to run for the first time."""
        reads = self.reads_of(code)
        self._ran[id(code)] = code
        self._written |= reads.written
        for function in self.functions.get(id(code), ()):
            self._open(function, reads.frees)
        self._any_attribute = self._any_attribute or reads.any_attribute
        self.add_names(space, space, reads.globals, "")
        known = vars(builtins)
        own = [n for n in reads.globals if n not in space and not _is_pythons(known.get(n))]
        self.add_names(known, known, own, "")
        self.add_names(sys.modules, sys.modules, reads.modules, "")
        if not _OF_ENVIRONMENT.isdisjoint(reads.attributes):
            self.look(os.environ, "os.environ")
        # And the method itself, by all names that a class has for it.
        attributes = reads.attributes | {code.co_name} | self.aliases.get(id(code), set())
        self.read_attributes(attributes, reads.asked, reads.any_attribute)

    def draws_nothing(self) -> bool:
        """Tell whether what ran can reach no generator that all threads have in common."""
        reads = map(self.reads_of, self._ran.values())
        return draws_nothing(self._met.values(), reads, self._attributes)

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
            with self.adding_to(into):
                self._look(thing, path, count)
            self._waiting.popleft()

    def _look(self, thing: Any, path: str, count: list[int]) -> None:
        kind = type(thing)
        if isinstance(thing, Value):
            self._add_values((thing,))
        elif kind is FunctionType:
            self._add_function(thing)
            if thing.__dict__ or is_users_function(thing):
                self.add_object(thing, path)
        elif isinstance(thing, (tuple, frozenset, *_CONTAINERS)):
            self._add_container(thing, path, count)
        elif isinstance(thing, ModuleType):
            if is_users_module(thing):
                self.add_object(thing, path)
        elif isinstance(thing, type):
            if any(map(is_users_class, thing.__mro__)):
                self.add_object(thing, path)
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
            self.add_given(thing, _OF_PARTIALS, path)
            inner = thing.func, thing.args, thing.keywords
        elif isinstance(thing, ref):
            inner = (thing(),)
        elif isinstance(thing, _VIEWS):
            inner = (thing.mapping,)
        elif type(type(thing)).__module__ == "_ctypes":
            self._into.append(Raw(thing, path))
        elif isinstance(thing, attrgetter):
            self.read_attributes(part for path in thing.__reduce__()[1] for part in path.split("."))
        elif isinstance(thing, Op):
            inner = thing.compute, thing.partials
        elif isinstance(thing, staticmethod | classmethod):
            inner = (thing.__func__,)
        elif isinstance(thing, property):
            inner = (thing.fget,)
        elif _is_wrapper(thing):
            inner = (thing.__wrapped__,)
        else:
            self.add_object(thing, path)
        for part in inner:
            self.look(part, path)

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
        with self.adding_to(self.checks):
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
        self.add_given(function, names, function.__name__)
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
            self.add_object(thing, path)

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


def _is_wrapper(thing: Any) -> bool:
    own = getattr(thing, "__dict__", None)
    return isinstance(own, dict) and "__wrapped__" in own and not is_users_class(type(thing))


def _is_pythons(thing: Any) -> bool:
    """Tell whether a builtin is Python's own, which nobody replaces."""
    return getattr(thing, "__module__", None) in ("builtins", "_io")
