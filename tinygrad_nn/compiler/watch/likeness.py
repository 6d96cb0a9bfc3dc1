"""What a function depends on as a few bytes: the same where another process has the like of it."""

from __future__ import annotations

import builtins
import hashlib
import sys
from abc import ABC
from array import array
from collections import OrderedDict, deque, namedtuple
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from enum import Enum
from functools import partial
from operator import attrgetter, itemgetter
from types import (
    BuiltinFunctionType,
    CellType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, Generic, Protocol

from ...scalar import ops
from ...scalar.operation import Op
from ...scalar.value import Value
from ...tree import is_array
from .alike import ATOMS
from .checks import MISSING, Attributes, Cell, Check, Names, Numbers, Slots
from .contents import Array, Contents, parts_of
from .digest import digest_of, methods_of
from .explorer import Explorer
from .generators import is_generator
from .ours import is_ours, is_users_class, is_users_function, is_users_module

__all__ = ["Likeness", "Unlike"]

_OURS = __name__.partition(".")[0]
_CONTAINERS = (list, dict, set, deque, array, bytearray, memoryview, MappingProxyType, ContextVar)
_FIELD = type(vars(namedtuple("_Row", "field"))["field"])  # of named tuples
# Classes that keep nothing in their objects but what is described.
_BARE = frozenset({object, tuple, frozenset, OrderedDict, ABC, Generic, Protocol, *_CONTAINERS})


class Unlike(Exception):  # noqa: N818  # it is no error: the function is recorded
    """Something cannot be compared with another of its kind."""


class Likeness:
    """Describes what an explorer has found, by a walk that is the same in every process.

    Whatever has an identity gets a number when it is met; `values` are the Values that were.
    """

    def __init__(self, explorer: Explorer, spaces: Iterable[dict[str, Any]]) -> None:
        self.values: list[Value] = []
        self._explorer = explorer
        self._checks: dict[tuple[type, int], Check] = {}
        for check in explorer.checks:
            self._checks[type(check), id(check.subject)] = check
        self._spaces = {id(space): space for space in spaces}
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []
        self._hash = hashlib.sha256()

    def of(self, roots: Sequence[Any]) -> bytes:
        """Describe everything that was found from some roots; `Unlike` if that is not all."""
        for root in roots:
            self._add(root)
        for numbers in self._explorer.numbers_read():
            self._add_numbers(numbers)
        for space in (vars(builtins), sys.modules):
            self._add_names(space)
        if any(check.is_useful for check in self._checks.values()):
            raise Unlike("something was found on another way")
        return self._hash.digest()

    # ---- writing -----------------------------------------------------------------------------

    def _write(self, *tokens: object) -> None:
        self._hash.update(repr(tokens).encode())

    def _is_new(self, thing: Any) -> bool:
        """Write the number of a thing, and tell whether it has been met for the first time."""
        number = self._numbers.get(id(thing))
        new = number is None
        if number is None:
            number = self._numbers[id(thing)] = len(self._numbers)
            self._alive.append(thing)  # so that an id stays its own
        self._write("number", number)
        return new

    def _check(self, kind: type, subject: Any) -> Any:
        """Take a check, which is then described."""
        return self._checks.pop((kind, id(subject)), None)

    def _add_names(self, subject: Any) -> None:
        for kind in (Names, Slots):
            check = self._check(kind, subject)
            if check is None:
                continue
            self._write(kind.__name__, check.others is None)
            for name in sorted(check.values):
                self._write(name)
                self._add(check.values[name])

    def _add_numbers(self, check: Numbers) -> None:
        found = []
        for value, number in zip(check.values, check.then, strict=True):
            if id(value) not in self._numbers:
                raise Unlike("a Value was found on another way")
            found.append((self._numbers[id(value)], number.hex()))
        self._write(check.path, sorted(set(found)))

    # ---- things ------------------------------------------------------------------------------

    def _add(self, thing: Any) -> None:
        kind = type(thing)
        if thing is MISSING:
            self._write("missing")
        elif kind in ATOMS:
            self._write(kind.__name__, thing.hex() if kind is float else repr(thing))
        elif isinstance(thing, Value):
            self._add_values([thing])
        elif _is_ours(thing):
            self._write("ours", *_is_ours(thing))
        elif kind is FunctionType:
            self._add_function(thing)
        elif isinstance(thing, Op):
            if not any(row is thing for row in vars(ops).values()):
                raise Unlike("an operation of the user's own")
            self._write("op", thing.name)
        elif isinstance(thing, (tuple, frozenset, *_CONTAINERS)):
            self._add_container(thing)
        elif isinstance(thing, ModuleType):
            self._write("module", thing.__name__)
            if is_users_module(thing) and self._is_new(thing):
                self._add_names(vars(thing))
        elif isinstance(thing, type):
            self._add_class(thing)
        elif is_generator(thing):
            self._write("generator", kind.__name__)  # whoever draws from one is refused
        elif is_array(thing):
            self._add_array(thing)
        elif hasattr(kind, "dtype") and hasattr(kind, "tobytes"):  # a number of NumPy's
            self._write(*_name(kind), thing.dtype.str, thing.tobytes())
        else:
            self._add_other(thing)

    def _add_values(self, values: Sequence[Value]) -> None:
        """Describe Values by their numbers: there may be many, as the weights of a layer."""
        found = []
        for value in values:
            number = self._numbers.get(id(value))
            if number is None:
                if type(value) is not Value or not value.is_leaf:
                    raise Unlike("a Value that was computed: its graph counts")
                number = self._numbers[id(value)] = len(self._numbers)
                self.values.append(value)  # and so alive
            found.append(number)
        self._write("Values", found)

    def _add_function(self, function: FunctionType) -> None:
        space, code = function.__globals__, function.__code__
        users = is_users_function(function)
        self._write("function", _home(space.get("__name__")), code.co_qualname)
        if not self._is_new(function):
            return
        if users:
            self._write(digest_of(code))
        for cell in function.__closure__ or ():
            self._add_cell(cell, users)
        self._check(Attributes, function)
        named = function.__kwdefaults__
        self._check(Contents, named)
        if users:
            self._add_all(*(named or ()), *(function.__defaults__ or ()), *(named or {}).values())
        self._add_names(vars(function))
        if id(space) in self._spaces and self._is_new(space):
            self._add_names(space)

    def _add_cell(self, cell: CellType, users: bool) -> None:
        check = self._check(Cell, cell)
        if check is not None:
            self._write("cell")
            self._add(check.value)
        elif not users:  # code of ours reads it
            self._write("cell")
            try:
                self._add(cell.cell_contents)
            except ValueError:
                raise Unlike("a variable that is not set yet") from None

    def _add_container(self, thing: Any) -> None:
        self._write("container", *_name(type(thing)))
        if not self._is_new(thing):
            return
        check = self._check(Contents, thing)
        if check is None and isinstance(thing, _CONTAINERS):
            raise Unlike("a container was not looked at")
        parts = parts_of(thing) if check is None else check.then
        if isinstance(thing, set | frozenset):
            if not set(map(type, parts)) <= ATOMS:
                raise Unlike("a set of things is in no order")
            parts = sorted(parts, key=repr)
        self._write(len(parts))
        if set(map(type, parts)) == {Value}:
            self._add_values(parts)
        else:
            for part in parts:
                self._add(part)
        if type(thing).__module__ != "builtins":
            self._add_object(thing)

    def _add_class(self, kind: type) -> None:
        self._write("class", *_name(kind))
        if self._is_new(kind):
            for base in (kind, type(kind)):
                for one in base.__mro__:
                    self._write(*_name(one))
                    self._check(Attributes, one)
                    if is_users_class(one):
                        self._write(methods_of(one))
                    self._add_names(one)

    def _add_array(self, thing: Any) -> None:
        self._write("array", *_name(type(thing)), thing.dtype.str, thing.shape)
        if not self._is_new(thing):
            return
        if thing.dtype == object:
            self._check(Contents, thing)
            for part in thing.ravel().tolist():
                self._add(part)
        else:
            self._check(Array, thing)
            self._write(thing.tobytes())

    def _add_other(self, thing: Any) -> None:
        kind = type(thing)
        self._write("thing", *_name(kind))
        if isinstance(thing, MethodType):
            self._add_all(thing.__self__, thing.__func__)
        elif isinstance(thing, partial):
            self._check(Attributes, thing)
            self._add_all(thing.func, thing.args, thing.keywords)
            self._add_names(vars(thing))
        elif isinstance(thing, (attrgetter, itemgetter, _FIELD)):
            self._write(thing.__reduce__()[1])
        elif isinstance(thing, staticmethod | classmethod):
            self._add(thing.__func__)
        elif isinstance(thing, property):
            self._add(thing.fget)
        elif isinstance(thing, MemberDescriptorType | GetSetDescriptorType):
            self._write(thing.__name__)
        elif isinstance(thing, BuiltinFunctionType) and not isinstance(
            thing.__self__, ModuleType | None
        ):
            self._write(thing.__name__)
            self._add(thing.__self__)
        elif _is_named(thing):
            self._write(thing.__module__, getattr(thing, "__qualname__", thing.__name__))
        elif "__wrapped__" in getattr(thing, "__dict__", ()):
            if self._is_new(thing):
                self._write(getattr(thing, "_options", None))  # of what compile gives
                self._add(thing.__wrapped__)
        elif isinstance(thing, Enum):
            if self._is_new(thing):
                self._check(Attributes, thing)
                self._write(thing.name)
                self._add(thing.value)
                self._add_class(kind)
                self._add_names(vars(thing))
        elif self._is_new(thing):
            self._add_object(thing)

    def _add_all(self, *things: Any) -> None:
        for thing in things:
            self._add(thing)

    def _add_object(self, thing: Any) -> None:
        """Describe an object by the attributes that were looked at; all that counts are those."""
        kind = type(thing)
        self._check(Attributes, thing)
        self._add_class(kind)
        own = getattr(thing, "__dict__", None)
        if own is not None:
            self._add_names(own)
        self._add_names(thing)
        looked_at = self._explorer.looks_at_all(thing)
        for base in kind.__mro__:
            if is_users_class(base) or base in _BARE:
                continue
            if not (is_ours(base) and looked_at):
                raise Unlike(f"an object of {base.__name__}")


def _home(module: Any) -> str:
    """Give the name of a module; that of the main one is another in a worker."""
    return "__main__" if module == "__mp_main__" else str(module)


def _name(kind: type) -> tuple[str, str]:
    return _home(kind.__module__), kind.__qualname__


def _is_ours(thing: Any) -> tuple[str, str] | tuple[()]:
    """Give the name of a function of ours, natively compiled or not, that has nothing inside."""
    if type(thing) is FunctionType and not thing.__closure__:
        module, name = thing.__globals__.get("__name__"), thing.__code__.co_qualname
    elif isinstance(thing, BuiltinFunctionType):
        module, name = thing.__module__, thing.__name__
    else:
        return ()
    return (str(module), name) if str(module).partition(".")[0] == _OURS else ()


def _is_named(thing: Any) -> bool:
    """Tell whether a thing is a function that is not written in Python, or not by the user."""
    name = getattr(thing, "__name__", None)
    module = getattr(thing, "__module__", None)
    if not isinstance(name, str) or not callable(thing) or hasattr(thing, "__wrapped__"):
        return False
    trusted = str(module).partition(".")[0] in ("numpy", "scipy")
    return trusted or isinstance(thing, BuiltinFunctionType)
