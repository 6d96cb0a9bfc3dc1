"""The entry of a function that is called as it is: with plain numbers, as anybody would."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType
from typing import Any

from ...tree import Key
from ..entries.source import Source, Unfit
from ..entries.takes import is_static, same
from ..entries.written import Builtin, Entry
from ..whole import LARGEST
from .eager import Eager, plainly

__all__ = ["direct"]

_NOT_GIVEN = object()
_IS_OURS = re.compile(r"c\d+|args|named|result|type|float|Exception")  # a name in lines


def direct(
    function: Callable[..., Any], eager: Eager, key: Key, positional: int, is_coded: bool
) -> Entry | None:
    """Make it for arguments nested as the key says; None if they are more than numbers.

    What fails is called in the general way. Machine code looks at numbers if there `is_coded` anything.
    """
    writer = _Writer(function, eager, key, positional)
    try:
        quick = writer.any_numbers()
    except Unfit:
        return None
    if positional != len(key):
        return Entry(lambda args, kwargs: quick(*args, **kwargs))
    joined = writer.quickest(is_coded)
    return Entry(lambda args, kwargs: NotImplemented if kwargs else quick(*args), quick, joined)


class _Writer:
    def __init__(
        self, function: Callable[..., Any], eager: Eager, key: Key, positional: int
    ) -> None:
        self._function = function
        self._eager = eager
        self._positional = positional
        self._by_name = tuple([name for name, _ in key[positional:]])
        self._parameters = _parameters(function)
        self._keys = [*key[:positional], *[own for _, own in key[positional:]]]

    def quickest(self, is_coded: bool) -> Callable[[Builtin], Builtin] | None:
        """Choose what takes floats; None if there is nothing quicker."""
        if is_coded and not any(map(is_static, self._keys)):
            return cache(self.floats_in_code)
        return cache(self.floats) if len(self._parameters) >= len(self._keys) > 0 else None

    def any_numbers(self) -> Builtin:
        """Write what takes integers too."""
        source = Source()
        names = [source.variable() for _ in self._keys]
        positional, by_name = self._positional, self._by_name
        parameters = [*[f"{name}=None" for name in names[:positional]], "*others"]
        parameters += ["**named"] * bool(by_name)
        with source.block(f"def entry({', '.join(parameters)}):"):
            source.refuse("others")
            if by_name:
                source.refuse(f"tuple(named) != {source.bind(by_name)}")
                source.line(f"{', '.join(names[positional:])}, = named.values()")
            for own, name in zip(self._keys, names, strict=True):
                if is_static(own):
                    source.refuse(f"not ({same(source, own[1], name)})")
                elif own == 0:
                    _take(source, name)
                else:
                    raise Unfit
            self._call(source, names)
        return source.function("entry")

    def floats(self, others: Builtin) -> Builtin:
        """Write what takes floats alone, and leaves all other calls to others.

        It has the function's name and parameters, so that Python's errors are the same.
        """
        source = Source()
        bind = source.bind
        names, count = self._parameters, len(self._keys)
        optional = len(names) - len(self._function.__defaults__ or ())
        terms = [f"{name} is {bind(_NOT_GIVEN)}" for name in names[count:]]
        for own, name in zip(self._keys, names, strict=False):
            is_as_known = same(source, own[1], name) if is_static(own) else f"type({name}) is float"
            terms.append(is_as_known)
        parameters = [*names[:optional], *[f"{n}={bind(_NOT_GIVEN)}" for n in names[optional:]]]
        with source.block(f"def entry({', '.join(parameters)}):"):
            with source.block(f"if {' and '.join(terms)}:"):
                self._call(source, names[:count])
            given = f"{bind(_given)}({bind(names)}, ({', '.join(names)},))"
            source.line(f"args, named = {given}")
            source.line(f"return {bind(others)}(*args, **named)")
        made: Any = source.function("entry")
        made.__qualname__ = self._function.__qualname__
        return made  # type: ignore[no-any-return]  # a function

    def floats_in_code(self, others: Builtin) -> Builtin:
        """Make the same of machine code."""
        from ..entries.making import direct

        def failed(*numbers: float) -> Any:
            return self._eager([[number] for number in numbers])

        return direct(self._function, len(self._keys), plainly, failed, others)

    def _call(self, source: Source, names: Sequence[str]) -> None:
        """Write the call of the function, and what becomes of its result."""
        bind, positional = source.bind, self._positional
        numbers = [f"[{n}]" for own, n in zip(self._keys, names, strict=True) if own == 0]
        pairs = zip(self._by_name, names[positional:], strict=True)
        given = [*names[:positional], *[f"{of}={name}" for of, name in pairs]]
        with source.block("try:"):
            source.line(f"result = {bind(self._function)}({', '.join(given)})")
            with source.block("if type(result) is float:"):
                source.line("return result")
            source.line(f"return {bind(plainly)}(result)")
        with source.block("except Exception:"):
            source.line(f"return {bind(self._eager)}([{', '.join(numbers)}])")


def _take(source: Source, name: str) -> None:
    """Look at a number, which is given as it is."""
    with source.block(f"if type({name}) is not float:"):
        source.refuse(f"type({name}) is not int or not {-LARGEST} <= {name} <= {LARGEST}")


def _given(names: Sequence[str], arguments: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """Part the arguments that were given: by position as far as there is no gap, and by name."""
    first = next((n for n, one in enumerate(arguments) if one is _NOT_GIVEN), len(arguments))
    rest = zip(names[first:], arguments[first:], strict=True)
    return arguments[:first], {name: one for name, one in rest if one is not _NOT_GIVEN}


def _parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """Name the parameters of a function; none where some are none that lines can be written of."""
    if not isinstance(function, FunctionType):
        return ()
    code = function.__code__
    if code.co_flags & (CO_VARARGS | CO_VARKEYWORDS) or code.co_kwonlyargcount:
        return ()
    names = code.co_varnames[: code.co_argcount]
    is_odd = code.co_posonlyargcount or any(map(_IS_OURS.fullmatch, names))
    return () if is_odd else names
