"""The arguments of a compiled function: their names, how they are nested, and their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, signature
from typing import Any

from ..containers.frames import array_of, is_frame
from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..tree import is_array
from .statics import Static
from .trace.structure import Key, describe

__all__ = ["Arguments", "parameter_names"]


class Arguments:
    """Takes arguments apart: `names` are those that are given by position, in order."""

    def __init__(self, names: Iterable[str], batch: frozenset[str], static: frozenset[str]) -> None:
        self.names = tuple(names)
        self.batch = batch
        self.static = static

    def name(self, position: int) -> str:
        """Give the name of an argument that is given by position."""
        return self.names[position] if position < len(self.names) else f"argument {position}"

    def describe(self, name: str, argument: Any, leaves: list[list[Any]]) -> Key:
        """Take an argument apart; one that shapes the program has no numbers."""
        if name in self.static:
            try:
                hash(argument)
            except TypeError:
                raise ArgumentTypeError(
                    f"{name} is {argument!r} and named in static: expected something that can be "
                    "hashed; give a tuple instead of a list"
                ) from None
            return ("static", Static(argument))
        found: list[Any] = []
        leaves.append(found)
        if name not in self.batch:
            return describe(argument, found, name)
        if not is_array(argument) and hasattr(argument, "__array__"):  # a frame, a tensor
            argument = array_of(argument) if is_frame(type(argument)) else argument.__array__()
        if hasattr(argument, "ndim") and argument.ndim > 0 and argument.dtype != object:
            if hasattr(argument, "mask") or argument.dtype.kind not in "biuf":
                describe(argument, [], name)  # raises
            found.append(argument)
            shape = tuple(argument.shape[1:])
            return ("batch", ("array", shape) if shape else 0, True)
        try:
            samples = list(argument)
        except TypeError:
            raise ArgumentTypeError(
                f"{name} is {argument!r}: expected one entry for each sample, as it is named in "
                "batch"
            ) from None
        return ("batch", _sample_key(name, samples, found), False)


def _sample_key(name: str, samples: list[Any], found: list[Any]) -> Key:
    key: Key = None
    for number, sample in enumerate(samples):
        one: list[Any] = []
        own = describe(sample, one, name)
        if number == 0:
            key = own
        elif own != key:
            raise ShapeError(
                f"{name}[{number}] is nested in another way than {name}[0]: all samples must "
                "be alike"
            )
        found.append(one)
    return key


def parameter_names(function: Callable[..., Any], named: frozenset[str]) -> list[str]:
    """List the parameters that arguments are given to by position."""
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    kinds = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in kinds]
    known = [p.name for p in parameters if p.kind is not Parameter.VAR_POSITIONAL]
    open_ended = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters)
    for name in sorted(named):
        if name not in known and not open_ended:
            raise ArgumentError(
                f"batch or static names {name!r}, and {getattr(function, '__name__', 'the function')} "
                f"has the parameters {', '.join(known) or 'none'}: name one of them"
            )
    return names
