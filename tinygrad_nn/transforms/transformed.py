"""What transforms give: called like functions, and pickled as what makes them again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from operator import attrgetter
from types import FunctionType, MethodType
from typing import Any

from ..errors import ArgumentTypeError

__all__ = ["Transformed", "name_to_pickle", "transformed"]

Function = Callable[..., Any]

_WHOLE = ("cloudpickle", "copy", "dill", "joblib")  # who need no name


class Transformed:
    """A function made of another by a transform, which is named, given some more arguments.

    Python looks for ``__call__`` in the class, where a slot says where it is in the object: a call
    goes there with no function of the class between.
    """

    __slots__ = ("__call__", "__dict__", "__weakref__", "given", "transform")
    __call__: Function

    def __init__(self, call: Function, transform: str, given: tuple[Any, ...]) -> None:
        self.__call__ = call
        self.transform = transform
        self.given = given

    @property
    def function(self) -> Function:
        """The function that it was made of."""
        found: Function = vars(self)["__wrapped__"]
        return found

    @property
    def _options(self) -> tuple[Any, ...]:
        """What tells it from others that are made of the same function."""
        return self.transform, *self.given

    def __get__(self, instance: Any, owner: type) -> Any:
        """Bind it to an instance, as a method."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> str | tuple[Any, ...]:
        """Pickle it by name if it has one, as where it decorates; else what it is made of."""
        name = name_to_pickle(self, self.function)
        return name or (_again, (self.transform, self.function, *self.given))

    def __copy__(self) -> Transformed:
        return self

    def __deepcopy__(self, memo: Any) -> Transformed:
        return self  # as functions are

    def __repr__(self) -> str:
        given = "".join(f", {argument!r}" for argument in self.given if argument != 0)
        return f"<{self.transform}({getattr(self, '__name__', 'function')}{given})>"


def transformed(f: Function, call: Function, transform: str, *given: Any) -> Transformed:
    """Give what a transform gives, with the names of the function that it is made of."""
    made = Transformed(call, transform, given)
    if type(f) is not FunctionType:
        update_wrapper(made, f, updated=())
        return made
    own = vars(made)  # as `functools.wraps` does, in less time
    own.update(f.__dict__)
    own["__module__"] = f.__module__
    own["__name__"] = f.__name__
    own["__qualname__"] = f.__qualname__
    own["__doc__"] = f.__doc__
    own["__annotations__"] = f.__annotations__
    own["__wrapped__"] = f
    return made


def name_to_pickle(made: Any, f: Function) -> str:
    """Give the name that leads to what is made of a function, or nothing where the function has one.

    What has neither is refused, but for who takes code along.
    """
    name: str = getattr(made, "__qualname__", "")
    try:
        if attrgetter(name)(sys.modules[made.__module__]) is made:
            return name
    except (AttributeError, KeyError):
        pass
    if type(f) is not FunctionType or "<" not in f.__qualname__:
        return ""
    frame = sys._getframe(2)
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] in _WHOLE:
            return ""
        frame = frame.f_back
    raise ArgumentTypeError(
        f"{made!r} cannot be pickled, as no name of a module leads to {f.__qualname__}: define it with "
        "def, at the top of a module, or pickle it with cloudpickle"
    )


def _again(transform: str, *given: Any) -> Any:
    """Make what was pickled."""
    return getattr(import_module("tinygrad_nn"), transform)(*given)
